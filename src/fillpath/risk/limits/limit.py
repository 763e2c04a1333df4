"""What one limit is: its range, its unit, what it means, and the exact integer behind it.

A group of limits is a frozen dataclass whose fields are made here. The settings file, its
variables and the reference page are made from the same fields, so a limit is written down once.
The exact integer is called like the limit without ``_pct`` or ``_bps`` (a ratio of 1e-8), with
``_ns`` instead of a time unit, or with ``_units`` behind it (see ``core/units.py``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from fillpath.core.errors import ModelError
from fillpath.core.units import (
    NANOSECONDS,
    exact,
    money_units,
    percent_units,
    price_units,
    quantity_units,
    ratio_units,
)

_LIMIT: Final = "limit"
SAME: Final = object()
"""In place of a live default: the limit does not depend on whether orders are real."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The description of one limit.

    Args:
        kind: Decimal, int, bool, str or the enumeration of its words.
        default: where nothing real is at risk: simulated broker, replay, stub.
        live: where orders go to a real broker; ``SAME`` when there is no difference.
        meaning: what it does; says what 0 or null switches off.
        unit: unit of a number.
        low: least number.
        high: greatest number.
        optional: whether None is a value, which the meaning explains.
        scale: turns a number into its exact integer.
        into: field that takes that integer.
        quote_ages: simulated, the default is this many times the age at which a quote gets too old.
    """

    kind: type
    default: object
    meaning: str
    live: object = SAME
    unit: str = ""
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    optional: bool = False
    scale: Callable[[Decimal], int] | None = None
    into: str = ""
    quote_ages: int = 0

    @property
    def by_mode(self) -> bool:
        """Return whether the default depends on the mode."""
        return self.live is not SAME

    def checked(self, value: object, name: str) -> object:
        """Return the value in its own type.

        Raises:
            ModelError: it is of another kind, or out of its range.
        """
        if value is None and self.optional:
            return None
        if self.kind is Decimal:
            number = exact(value, name)
            if not self.low <= number <= self.high:
                raise ModelError(f"{name} must be from {self.low} to {self.high}, got {number}")
            return number
        if self.kind is int:
            return self._whole(value, name)
        if issubclass(self.kind, StrEnum):
            return self._word(value, name)
        if type(value) is not self.kind:
            allowed = "True or False" if self.kind is bool else "text"
            raise ModelError(f"{name} must be {allowed}, got {value!r}")
        return value

    def _whole(self, value: object, name: str) -> int:
        # type() and not isinstance(): True is an int too.
        if type(value) is not int or not self.low <= value <= self.high:
            raise ModelError(
                f"{name} must be a whole number from {self.low} to {self.high}, got {value!r}"
            )
        return value

    def _word(self, value: object, name: str) -> object:
        words: list[str] = [str(member) for member in self.kind]  # type: ignore[attr-defined]
        if value not in words:
            raise ModelError(f"{name} must be one of {', '.join(words)}, got {value!r}")
        return self.kind(value)


class LimitGroup:
    """Checks every limit of a dataclass and derives the exact integers."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Check every limit and derive the exact integers."""
        for name, limit in limits_of(type(self)):
            value = limit.checked(getattr(self, name), name)
            object.__setattr__(self, name, value)
            if limit.scale is not None:
                units = limit.scale(value) if isinstance(value, Decimal) else None
                object.__setattr__(self, limit.into, units)


def limits_of(group: type) -> Iterator[tuple[str, Limit]]:
    """Yield the name and the description of every limit of a group."""
    for item in fields(group):
        if _LIMIT in item.metadata:
            yield item.name, item.metadata[_LIMIT]


def parts_of(group: type) -> Iterator[tuple[str, type["LimitGroup"]]]:
    """Yield the name and the kind of every group inside a group."""
    for item in fields(group):
        kind: object = item.default_factory
        if isinstance(kind, type) and issubclass(kind, LimitGroup):
            yield item.name, kind


def derived() -> Any:
    """Return a field for an exact integer, which cannot be set by hand."""
    return field(init=False, repr=False, compare=False)


def _made(limit: Limit) -> Any:
    return field(default=limit.default, metadata={_LIMIT: limit})


def _number(
    default: str | None, bounds: tuple[str, str], unit: str, meaning: str, **more: Any
) -> Any:
    live = more.pop("live", SAME)
    return _made(
        Limit(
            kind=Decimal,
            default=None if default is None else Decimal(default),
            meaning=meaning,
            live=Decimal(live) if isinstance(live, str) else live,
            unit=unit,
            low=Decimal(bounds[0]),
            high=Decimal(bounds[1]),
            **more,
        )
    )


def percent(
    default: str | None, bounds: tuple[str, str], into: str, meaning: str, **more: Any
) -> Any:
    """Describe a percentage; its exact integer is a ratio of 1e-8.

    Args:
        default: where nothing real is at risk.
        bounds: least and greatest value.
        into: field of the exact integer.
        meaning: what it does.
        more: ``live`` default, ``of`` what the percentage is taken, whether it is ``optional``.
    """
    of = more.pop("of", "")
    unit = f"percent of {of}" if of else "percent"
    return _number(default, bounds, unit, meaning, into=into, scale=percent_units, **more)


def bps(default: str, bounds: tuple[str, str], into: str, meaning: str, **more: Any) -> Any:
    """Describe basis points; their exact integer is a ratio of 1e-8."""
    return _number(default, bounds, "bps", meaning, into=into, scale=_bps_units, **more)


def multiple(default: str, bounds: tuple[str, str], into: str, meaning: str, unit: str) -> Any:
    """Describe how many times something; its exact integer is a ratio of 1e-8."""
    return _number(default, bounds, unit, meaning, into=into, scale=ratio_units)


def level(default: str, bounds: tuple[str, str], into: str, meaning: str, unit: str) -> Any:
    """Describe a price or the level of an index; its exact integer counts 1e-8."""
    return _number(default, bounds, unit, meaning, into=into, scale=price_units)


def money(default: str, bounds: tuple[str, str], into: str, meaning: str) -> Any:
    """Describe an amount in account currency; its exact integer counts 1e-14."""
    return _number(default, bounds, "account currency", meaning, into=into, scale=money_units)


def shares(default: str, bounds: tuple[str, str], into: str, meaning: str, **more: Any) -> Any:
    """Describe a quantity; its exact integer counts 1e-6 shares."""
    return _number(default, bounds, "shares", meaning, into=into, scale=quantity_units, **more)


def seconds(default: str, bounds: tuple[str, str], into: str, meaning: str, **more: Any) -> Any:
    """Describe a time in seconds; its exact integer counts nanoseconds."""
    return _number(default, bounds, "seconds", meaning, into=into, scale=_times(1), **more)


def minutes(default: str, bounds: tuple[str, str], into: str, meaning: str, **more: Any) -> Any:
    """Describe a time in minutes; its exact integer counts nanoseconds."""
    return _number(default, bounds, "minutes", meaning, into=into, scale=_times(60), **more)


def hours(default: str, bounds: tuple[str, str], into: str, meaning: str, **more: Any) -> Any:
    """Describe a time in hours; its exact integer counts nanoseconds."""
    return _number(default, bounds, "hours", meaning, into=into, scale=_times(3_600), **more)


def whole(default: int, bounds: tuple[int, int], unit: str, meaning: str, **more: Any) -> Any:
    """Describe a whole number."""
    low, high = map(Decimal, bounds)
    return _made(
        Limit(kind=int, default=default, meaning=meaning, unit=unit, low=low, high=high, **more)
    )


def choice(default: object, meaning: str, **more: Any) -> Any:
    """Describe a word of an enumeration, a text or a switch."""
    return _made(Limit(kind=type(default), default=default, meaning=meaning, **more))


def _bps_units(value: Decimal) -> int:
    return ratio_units(value.scaleb(-4))


def _times(factor: int) -> Callable[[Decimal], int]:
    return lambda value: int(value * factor * NANOSECONDS)
