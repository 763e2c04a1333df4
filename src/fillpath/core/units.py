"""Exact numbers: Decimal for people, scaled integers for the hot path.

Inside events, commands and the desk every amount is an exact integer:

* a price counts 1e-8 of the account currency per share (``PRICE_SCALE``),
* a quantity counts 1e-6 shares (``QUANTITY_SCALE``),
* money counts 1e-14 of the account currency (``MONEY_SCALE``), so that price times quantity is
  money without any rounding,
* a ratio counts 1e-8 (``RATIO_SCALE``), so 5 % is 5_000_000,
* time counts nanoseconds since 1970-01-01 UTC.

Public models show Decimal and aware UTC datetimes; the functions here convert, exactly or not at
all. Conversions are cached because the same prices and sizes come back all day.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from operator import index
from typing import Final, SupportsIndex

from fillpath.core.errors import ModelError

PRICE_SCALE: Final = 10**8
QUANTITY_SCALE: Final = 10**6
MONEY_SCALE: Final = PRICE_SCALE * QUANTITY_SCALE
RATIO_SCALE: Final = 10**8
BPS: Final = 10_000
NANOSECONDS: Final = 10**9
DAY_NS: Final = 86_400 * NANOSECONDS
ACCOUNT_CURRENCY: Final = "USD"
"""What every account counts in: it trades US equities, and a broker that says another is refused."""

Number = int | float | str | Decimal

_PRICE_DIGITS: Final = 8
_QUANTITY_DIGITS: Final = 6
_MONEY_DIGITS: Final = 14
_RATIO_DIGITS: Final = 8
_CACHE: Final = 1 << 16
_EXACT: Final = Context(prec=100)
"""Our own precision, so that no other library's setting can round our amounts."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS: Final = 86_400


def exact(value: object, field: str) -> Decimal:
    """Return ``value`` as a finite Decimal; floats go through their shortest text.

    Raises:
        ModelError: not a number, NaN or infinite.
    """
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, bool) or not isinstance(value, int | float | str | SupportsIndex):
        raise ModelError(f"{field} must be a number, got {value!r}")
    elif not isinstance(value, int | float | str):
        number = Decimal(index(value))  # a whole number of numpy and its like
    else:
        try:
            number = Decimal(float.__repr__(value) if isinstance(value, float) else value)
        except InvalidOperation:
            raise ModelError(f"{field} must be a number, got {value!r}") from None
    if not number.is_finite():
        raise ModelError(f"{field} must be finite, got {value!r}")
    return number


def positive(value: object, field: str) -> Decimal:
    """Return ``value`` as a Decimal above zero.

    Raises:
        ModelError: not a finite number above zero.
    """
    number = value if type(value) is Decimal and value.is_finite() else exact(value, field)
    if number <= 0:
        raise ModelError(f"{field} must be above 0, got {value!r}")
    return number


def not_negative(value: object, field: str) -> Decimal:
    """Return ``value`` as a Decimal of zero or more.

    Raises:
        ModelError: not a finite number, or below zero.
    """
    number = value if type(value) is Decimal and value.is_finite() else exact(value, field)
    if number < 0:
        raise ModelError(f"{field} must be 0 or more, got {value!r}")
    return number


def _scaled(value: Decimal, digits: int, field: str) -> int:
    shifted = value.scaleb(digits, _EXACT)
    whole = int(shifted)
    if whole != shifted:
        raise ModelError(f"{field} may have at most {digits} decimals, got {value}")
    return whole


def _plain(value: int, digits: int) -> Decimal:
    whole, rest = divmod(value, 10**digits)
    return Decimal(value).scaleb(-digits, _EXACT).normalize(_EXACT) if rest else Decimal(whole)


@lru_cache(maxsize=_CACHE)
def price_units(value: Decimal) -> int:
    """Return a price as an integer of 1e-8; more than 8 decimals raise ModelError."""
    return _scaled(value, _PRICE_DIGITS, "a price")


@lru_cache(maxsize=_CACHE)
def quantity_units(value: Decimal) -> int:
    """Return a quantity as an integer of 1e-6 shares; more than 6 decimals raise ModelError."""
    return _scaled(value, _QUANTITY_DIGITS, "a quantity")


@lru_cache(maxsize=_CACHE)
def money_units(value: Decimal) -> int:
    """Return money as an integer of 1e-14; more than 14 decimals raise ModelError."""
    return _scaled(value, _MONEY_DIGITS, "an amount of money")


@lru_cache(maxsize=_CACHE)
def ratio_units(value: Decimal) -> int:
    """Return a ratio (1 = 100 %) as an integer of 1e-8; finer ratios raise ModelError."""
    return _scaled(value, _RATIO_DIGITS, "a ratio")


def percent_units(value: Decimal) -> int:
    """Return a percentage (5 = 5 %) as a ratio of 1e-8."""
    return ratio_units(value.scaleb(-2))


@lru_cache(maxsize=_CACHE)
def price_decimal(value: int) -> Decimal:
    """Return the Decimal price behind an integer of 1e-8, without trailing zeros."""
    return _plain(value, _PRICE_DIGITS)


@lru_cache(maxsize=_CACHE)
def quantity_decimal(value: int) -> Decimal:
    """Return the Decimal quantity behind an integer of 1e-6 shares."""
    return _plain(value, _QUANTITY_DIGITS)


def money_decimal(value: int) -> Decimal:
    """Return the Decimal amount behind an integer of 1e-14."""
    return _plain(value, _MONEY_DIGITS)


def ratio_decimal(value: int) -> Decimal:
    """Return the Decimal ratio behind an integer of 1e-8."""
    return _plain(value, _RATIO_DIGITS)


def aware(value: object, field: str) -> datetime:
    """Return an aware datetime in UTC.

    Raises:
        ModelError: not a datetime, or without a time zone.
    """
    if not isinstance(value, datetime):
        raise ModelError(f"{field} must be an aware datetime, got {value!r}")
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None or value.utcoffset() is None:
        raise ModelError(f"{field} must carry a time zone, got {value.isoformat()}")
    return value.astimezone(UTC)


def nanoseconds(value: datetime) -> int:
    """Return an aware datetime as nanoseconds since 1970 UTC."""
    since = value - _EPOCH
    # A timedelta holds whole microseconds, so nothing is lost; dividing it would take longer.
    seconds = since.days * _DAY_SECONDS + since.seconds
    return (seconds * 1_000_000 + since.microseconds) * 1_000


@lru_cache(maxsize=1 << 10)
def moment(value: int) -> datetime:
    """Return nanoseconds since 1970 UTC as a datetime, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=value // 1_000)


def moments(since: Iterable[timedelta]) -> list[datetime]:
    """Return the moments that lie so long after 1970 UTC."""
    return [_EPOCH + passed for passed in since]


def iso(value: datetime) -> str:
    """Return an aware UTC datetime as ISO 8601 text with ``Z``."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
