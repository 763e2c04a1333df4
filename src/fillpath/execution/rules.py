"""The desk's rules as plain data, so that a journal carries the rules that it was written under."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from fillpath.core.errors import ModelError
from fillpath.execution.policy import DeskPolicy, QualityPolicy, RouterPolicy, SizingPolicy
from fillpath.risk.limits import RiskLimits
from fillpath.risk.limits.tightening import loosened, tightened

Rules = SizingPolicy | RouterPolicy | QualityPolicy | RiskLimits

_ROWS_SHOWN: Final = 5
_SIZED: Final = ("max_position_pct", "cash_reserve_pct", "stop_loss_pct")
"""Limits that sizing keeps too, so that risk has nothing to cut."""
_PARTS: Mapping[str, type[Rules]] = {
    "sizing": SizingPolicy,
    "router": RouterPolicy,
    "quality": QualityPolicy,
    "risk": RiskLimits,
}


def written_rules(policy: DeskPolicy) -> dict[str, Any]:
    """Return every knob of a policy, in words and exact text; equal policies give equal data."""
    rules: dict[str, Any] = {name: _knobs(getattr(policy, name)) for name in _PARTS}
    rules["max_signal_age_seconds"] = _plain(policy.max_signal_age_seconds)
    rules["adv_required"] = policy.adv_required
    rules["stop_keeper"] = _plain(policy.stop_keeper)
    rules["amends_stops"] = policy.amends_stops
    rules["late_commissions"] = policy.late_commissions
    if policy.destinations:  # rules of a broker without any keep the hash that they had
        rules["destinations"] = sorted(policy.destinations)
    return rules


def rules_read(rules: Mapping[str, Any]) -> DeskPolicy:
    """Return the policy that ``written_rules`` wrote.

    Raises:
        ModelError: a knob is unknown to this version, or out of its range.
    """
    try:
        parts: dict[str, Any] = {name: _read(kind, rules[name]) for name, kind in _PARTS.items()}
        rest = {name: value for name, value in rules.items() if name not in _PARTS}
        return DeskPolicy(**parts, **rest)
    except (KeyError, TypeError) as error:
        raise ModelError(f"rules must be those of this version: {error}") from error


def rules_hash(policy: DeskPolicy) -> str:
    """Return a SHA-256 over every rule; equal rules give the same hash."""
    text = json.dumps(written_rules(policy), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def loosened_rules(before: DeskPolicy, after: DeskPolicy) -> list[str]:
    """Return each rule that lets through what was refused before, as ``name old -> new``."""
    looser = loosened(before.risk, after.risk)
    if after.signal_age_ns > before.signal_age_ns:
        ages = (before.max_signal_age_seconds, after.max_signal_age_seconds)
        looser.append(f"max_signal_age_seconds {_plain(ages[0])} -> {_plain(ages[1])}")
    if before.adv_required and not after.adv_required:
        looser.append("adv_required true -> false")
    return looser


def tightened_rules(policy: DeskPolicy, changes: Mapping[str, str]) -> DeskPolicy:
    """Return rules with some limits tightened; sizing that followed a limit follows it still.

    Args:
        policy: the rules in force.
        changes: texts by name, such as ``risk.size.basket_pct``, as a person typed them.

    Raises:
        ModelError: something would get looser, cannot be, or changes nothing.
    """
    before, after = policy.risk, tightened(policy.risk, changes)
    followed: dict[str, Any] = {
        name: getattr(after, name)
        for name in _SIZED
        if getattr(policy.sizing, name) == getattr(before, name)
    }
    return replace(policy, risk=after, sizing=replace(policy.sizing, **followed))


def limits_hash(policy: DeskPolicy) -> str:
    """Return a hash of every limit of risk; equal limits give the same one."""
    text = json.dumps(_knobs(policy.risk), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def changed_rules(before: DeskPolicy, after: DeskPolicy) -> list[str]:
    """Return each knob that differs, as ``part.knob old -> new``, for a person to read."""
    old, new = _flat(written_rules(before)), _flat(written_rules(after))
    return [_change(name, old[name], new[name]) for name in old if old[name] != new[name]]


def _change(name: str, old: Any, new: Any) -> str:
    if not isinstance(old, tuple):
        return f"{name} {old} -> {new}"
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    rows = [f"-{' '.join(row)}" for row in gone] + [f"+{' '.join(row)}" for row in come]
    more = f" and {len(rows) - _ROWS_SHOWN} more" * (len(rows) > _ROWS_SHOWN)
    return f"{name} {', '.join(rows[:_ROWS_SHOWN])}{more}"


def _flat(rules: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in rules.items():
        if isinstance(value, Mapping):
            flat.update({f"{name}.{knob}": item for knob, item in _flat(value).items()})
        else:
            flat[name] = value
    return flat


def _knobs(part: object) -> dict[str, Any]:
    assert is_dataclass(part), "rules are dataclasses"
    return {knob.name: _plain(getattr(part, knob.name)) for knob in fields(part) if knob.init}


def _plain(value: object) -> Any:
    if is_dataclass(value):
        return _knobs(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.value if isinstance(value, Enum) else value


def _read(kind: type[Any], rules: Mapping[str, Any]) -> Any:
    """Return a part of the rules; a group that an older version did not know has its defaults."""
    parts: dict[str, Any] = dict(rules)
    for group in fields(kind):
        made: Any = group.default_factory
        if isinstance(made, type) and group.name in rules:
            parts[group.name] = _read(made, rules[group.name])
    return kind(**parts)
