"""What a strategy declares of itself: the data it needs and the parameters it can be given.

Both are plain class attributes, ``needs`` and ``parameters``, and a strategy may have neither. The
parameters are keyword arguments of its ``__init__``, each with a default, so that a sweep, a command
line and a program all set them in the same way.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from msgspec import Struct

from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.models import Bar

Value = int | Decimal
"""What a parameter is set to; a switch is 0 or 1."""

DAY: Final = timedelta(days=1)
SHORTEST_SESSION: Final = timedelta(hours=3)
_FRIDAY: Final = 4


class Needs(Struct, frozen=True, kw_only=True):
    """The data that a strategy needs.

    Args:
        bar_length: length of its bars, above 0; a day stands for a bar of a whole session. None
            when it reads no bars.
        quotes: whether it reads every quote.
        history: bars of a symbol before it can say anything, 0 or more.
        symbols: what it trades; empty when it takes any symbol that it is shown.

    Raises:
        ModelError: a field is not as described here.
    """

    bar_length: timedelta | None = None
    quotes: bool = False
    history: int = 0
    symbols: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the length and the history."""
        if self.bar_length is not None and self.bar_length <= timedelta(0):
            raise ModelError(f"bar_length must be above 0, got {self.bar_length}")
        if self.history < 0:
            raise ModelError(f"history must be 0 or more, got {self.history}")

    def takes(self, bar: Bar) -> bool:
        """Return whether a bar is one of those that are needed."""
        if self.bar_length is None or (self.symbols and bar.symbol not in self.symbols):
            return False
        length = bar.ts_end - bar.ts
        return length >= SHORTEST_SESSION if self.bar_length == DAY else length == self.bar_length


class Parameter(Struct, frozen=True, kw_only=True):
    """One parameter of a strategy.

    Args:
        name: the keyword argument that sets it.
        default: what it is when nobody says; its type, int or Decimal, is the parameter's.
        low: least value.
        high: greatest value.
        unit: what it is counted in, such as ``bars`` or ``%``; empty for a bare number.
        meaning: one sentence without a full stop.

    Raises:
        ConfigError: the default is not from ``low`` to ``high``.
    """

    name: str
    default: Value
    low: Value
    high: Value
    unit: str = ""
    meaning: str = ""

    def __post_init__(self) -> None:
        """Refuse a default that could not be given."""
        self.read(self.default)

    def read(self, given: object) -> Value:
        """Return a value in the parameter's type; it may be a text.

        Raises:
            ConfigError: it is no such number, or not from ``low`` to ``high``.
        """
        try:
            number = Decimal(str(given))
        except InvalidOperation:
            number = Decimal("NaN")
        whole = isinstance(self.default, int)
        if not number.is_finite() or (whole and number != number.to_integral_value()):
            raise ConfigError(f"{self.name} must be {self.allowed}, got {given!r}")
        if not self.low <= number <= self.high:
            raise ConfigError(f"{self.name} must be {self.allowed}, got {given!r}")
        return int(number) if whole else number

    @property
    def allowed(self) -> str:
        """Return what it may be, in words."""
        kind = "a whole number" if isinstance(self.default, int) else "a number"
        unit = f" {self.unit}" if self.unit else ""
        return f"{kind} from {self.low} to {self.high}{unit}"


def parameters_of(strategy: object) -> tuple[Parameter, ...]:
    """Return the parameters that a strategy, or its class, declares; empty when it declares none."""
    return tuple(getattr(strategy, "parameters", ()))


def needs_of(strategy: object) -> Needs:
    """Return the data that a strategy, or its class, declares to need.

    What declares nothing is taken to need what it has methods for.
    """
    declared = getattr(strategy, "needs", None)
    if isinstance(declared, Needs):
        return declared
    minute = timedelta(minutes=1) if hasattr(strategy, "on_bar") else None
    return Needs(bar_length=minute, quotes=hasattr(strategy, "on_quote"))


def read_parameters(
    parameters: Iterable[Parameter], given: Mapping[str, object]
) -> dict[str, Value]:
    """Return the value of every parameter: what is given, and the defaults of the others.

    Raises:
        ConfigError: a name is not declared, or a value is not allowed.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            raise ConfigError(f"there is no parameter {name!r}; there are: {names}")
    return {name: known[name].read(given.get(name, known[name].default)) for name in known}


def weekdays(first: date, last: date) -> int:
    """Return the weekdays after one day until another: where nobody knows the holidays, they count.

    A model then looks older than it is, never younger.
    """
    days = (first + timedelta(days=ahead) for ahead in range(1, (last - first).days + 1))
    return sum(day.weekday() <= _FRIDAY for day in days)


__all__ = [
    "DAY",
    "Needs",
    "Parameter",
    "Value",
    "needs_of",
    "parameters_of",
    "read_parameters",
    "weekdays",
]
