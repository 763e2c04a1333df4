"""Numbers as the vendor writes them, exactly, and the many ways in which it leaves one out."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from fillpath.core.units import nanoseconds
from fillpath.ibkr.frames import Garbage

_UNSET_WHOLE: Final = 2**31 - 1
_UNSET: Final = Decimal("1e30")
"""No amount of money or shares is near it; the vendor's words for "unset" are far above it."""
_FORMATS: Final = ("%Y%m%d %H:%M:%S", "%Y%m%d-%H:%M:%S")


def whole(text: str) -> int:
    """Return a whole number; 0 when it was left out.

    Raises:
        Garbage: it is none.
    """
    try:
        return int(text or 0)
    except ValueError:
        raise Garbage(f"{text[:40]!r} is no whole number") from None


def number(text: str) -> Decimal | None:
    """Return an exact number; None when it was left out, is not finite or means "unset".

    Raises:
        Garbage: it is none.
    """
    if not text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise Garbage(f"{text[:40]!r} is no number") from None
    if not found.is_finite() or abs(found) >= _UNSET or found == _UNSET_WHOLE:
        return None
    return found


def told_amount(text: str) -> Decimal | None:
    """Return an amount of money; None where there is none, or words stand in its place."""
    try:
        return number(text)
    except Garbage:
        return None


def price(text: str) -> Decimal | None:
    """Return a price of a share; None for none, which the vendor also spells 0 and -1.

    Raises:
        Garbage: it is no number.
    """
    found = number(text)
    return found if found is not None and found > 0 else None


def exact(value: float) -> Decimal | None:
    """Return a float of the vendor's library as the number that was on the wire."""
    return number(str(int(value)) if value.is_integer() else repr(value))


def traded_at(text: str) -> int | None:
    """Return nanoseconds UTC of a time such as ``20260302 10:00:00 US/Eastern``.

    A time without a zone is the gateway's own, which nobody tells: it cannot be read.
    """
    words = text.split()
    if text.isascii() and text.isdigit() and len(text) == len("1780426801"):
        return int(text) * 10**9
    if len(words) == 1:
        return _moment(text, _FORMATS[1], "UTC")
    if len(words) == len(("day", "time", "zone")):
        return _moment(f"{words[0]} {words[1]}", _FORMATS[0], words[2])
    return None


def _moment(text: str, form: str, zone: str) -> int | None:
    try:
        local = datetime.strptime(text, form).replace(tzinfo=ZoneInfo(zone))
        return nanoseconds(local.astimezone(UTC))
    except (KeyError, ValueError, OverflowError):
        return None


__all__ = ["exact", "number", "price", "told_amount", "traded_at", "whole"]
