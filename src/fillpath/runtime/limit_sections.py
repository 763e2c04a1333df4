"""The risk section of the settings, made from the limits, and the limits made from it again."""

from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from pydantic import create_model

from fillpath.risk.limits import RiskLimits
from fillpath.risk.limits.limit import Limit, LimitGroup, limits_of, parts_of
from fillpath.runtime.sections import Number, Section, choice, number, whole


def section_of(group: type[LimitGroup], **more: Any) -> Any:
    """Return a section with the limits of a group as its settings.

    A limit whose default depends on the mode is null until somebody says a number.

    Args:
        group: the limits.
        more: further settings, as pydantic's ``create_model`` takes them.
    """
    content: dict[str, Any] = {name: _setting(limit) for name, limit in limits_of(group)}
    for name, kind in parts_of(group):
        section = section_of(kind)
        content[name] = (section, section())
    summary = (group.__doc__ or "").split("\n\n")[0]
    return create_model(
        f"{group.__name__}Section", __base__=Section, __doc__=summary, **(content | more)
    )


def risk_limits(section: Section, *, live: bool, quote_age: Decimal) -> RiskLimits:
    """Return the limits that a section says.

    Args:
        section: what ``section_of(RiskLimits)`` made.
        live: whether orders go to a real broker; decides where the section says nothing.
        quote_age: seconds that a quote is usable for; simulated, some limits follow it.

    Raises:
        ModelError: a limit is out of its range.
    """
    values = _values(RiskLimits, section, live=live, quote_age=quote_age)
    parts: dict[str, Any] = {
        name: kind(**_values(kind, getattr(section, name), live=live, quote_age=quote_age))
        for name, kind in parts_of(RiskLimits)
    }
    return RiskLimits(**values, **parts)


def _values(
    group: type[LimitGroup], section: Section, *, live: bool, quote_age: Decimal
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, limit in limits_of(group):
        said = getattr(section, name)
        if said is not None or not limit.by_mode:
            values[name] = said
        elif live:
            values[name] = limit.live
        else:
            values[name] = quote_age * limit.quote_ages if limit.quote_ages else limit.default
    return values


def _setting(limit: Limit) -> tuple[Any, Any]:
    default: Any = None if limit.by_mode else limit.default
    kind = _kind(limit)
    if limit.by_mode or limit.optional:
        kind |= None
    if limit.kind is Decimal:
        text = None if default is None else str(default)
        field = number(text, str(limit.low), str(limit.high), limit.unit, limit.meaning)
    elif limit.kind is int:
        field = whole(default, int(limit.low), int(limit.high), limit.unit, limit.meaning)
    else:
        field = choice(str(default) if isinstance(default, StrEnum) else default, limit.meaning)
    return kind, field


def _kind(limit: Limit) -> Any:
    if limit.kind is Decimal:
        return Number
    if issubclass(limit.kind, StrEnum):
        return Literal[tuple(str(word) for word in limit.kind)]
    return limit.kind
