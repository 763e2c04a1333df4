"""The desk's rules as plain data, so that a journal carries the rules that it was written under."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from fillpath.core.errors import ModelError
from fillpath.execution.policy import DeskPolicy, QualityPolicy, RouterPolicy, SizingPolicy
from fillpath.risk.limits import RiskLimits

Rules = SizingPolicy | RouterPolicy | QualityPolicy | RiskLimits

_ROWS_SHOWN: Final = 5
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
