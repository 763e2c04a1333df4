"""How numbers and times are shown to people: the only place where they are rounded."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

NOTHING: Final = "-"
KEPT: Final = "kept: "
_CENT: Final = Decimal("0.01")
_SECOND_MS: Final = 1_000
_MINUTE_MS: Final = 60_000
_LARGE: Final = ((10**9, "bn"), (10**6, "M"))


def bps(value: Decimal | float | None) -> str:
    """Return basis points with two decimals and a sign, ``+3.33``."""
    if value is None:
        return NOTHING
    shown = f"{value:+.2f}"
    return "0.00" if shown in {"+0.00", "-0.00"} else shown


def share(value: Decimal | float | None) -> str:
    """Return a ratio as percent with one decimal, ``97.5 %``."""
    return NOTHING if value is None else f"{value * 100:.1f} %"


def money(value: Decimal | float | None) -> str:
    """Return an amount with two decimals and thousands, ``1,234.50``."""
    if value is None:
        return NOTHING
    shown = f"{value:,.2f}"
    return "0.00" if shown == "-0.00" else shown


def compact(value: Decimal | float | None) -> str:
    """Return an amount that fits a narrow place: ``99,950.25``, ``381.10 M``, ``12.00 bn``."""
    if value is None:
        return NOTHING
    for size, name in _LARGE:
        if abs(float(value)) >= 10 * size:
            return f"{float(value) / size:,.2f} {name}"
    return money(value)


def price(value: Decimal | None) -> str:
    """Return a price with at least two decimals and at most four, ``150.00``, ``0.1234``."""
    if value is None:
        return NOTHING
    cents = value.quantize(_CENT, rounding=ROUND_HALF_EVEN)
    return f"{cents:,}" if cents == value else f"{value:,.4f}".rstrip("0")


def shares(value: Decimal | float | None) -> str:
    """Return a quantity with thousands and no needless decimals, ``1,200``."""
    if value is None:
        return NOTHING
    shown = f"{value:,.6f}"
    return shown.rstrip("0").rstrip(".")


def whole(value: Decimal) -> str:
    """Return a quantity rounded down to whole shares, ``357,462``."""
    return f"{int(value):,}"


def duration(milliseconds: Decimal | float | None) -> str:
    """Return a time span in the unit that fits: ``250 ms``, ``1.25 s``, ``4 min 0 s``."""
    if milliseconds is None:
        return NOTHING
    if milliseconds < _SECOND_MS:
        return f"{milliseconds:.0f} ms"
    if milliseconds < _MINUTE_MS:
        return f"{float(milliseconds) / _SECOND_MS:.2f} s"
    minutes, rest = divmod(round(milliseconds / _SECOND_MS), 60)
    return f"{minutes} min {rest} s"


def bad_rows(reason: str, count: int) -> str:
    """Return one sentence on rows that were skipped, or kept although something was wrong."""
    kept = reason.removeprefix(KEPT)
    if kept == "rounded":
        return f"{count:,} rows had finer digits: prices were rounded to 8 decimals, sizes to 6"
    if kept != reason:
        return f"{count:,} rows were kept although they are {kept}"
    return f"{count:,} rows were skipped: {reason}"


def clock(value: datetime | None) -> str:
    """Return a moment to the millisecond in UTC, ``2013-10-07 13:30:00.250``."""
    if value is None:
        return NOTHING
    return value.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
