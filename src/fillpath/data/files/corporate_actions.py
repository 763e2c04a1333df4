"""Splits and dividends from a list of corporate actions; everything else is counted, and left alone."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct, field

from fillpath.core.errors import ModelError
from fillpath.core.models import check_symbol
from fillpath.core.units import price_units
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.listing import RowFault, read_listing
from fillpath.data.files.split import Dividend, Split

NEEDED: Final = ("symbol", "ex_date", "kind", "new_shares_per_old")
VALUE: Final = "value_per_share_usd"
"""Needed by the rows that pay."""
_SPLIT: Final = "split"
UNSURE: Final = "cash_or_spinoff"
"""What a price adjustment is known by where nobody wrote down whether it was cash."""
PAYING: Final = frozenset({"dividend", UNSURE})
_RATIO_LIMIT: Final = 10_000
_PAID_LIMIT: Final = 1_000_000

Key = tuple[str, date]
Dated = TypeVar("Dated", Split, Dividend)


class CorporateActions(Struct, frozen=True):
    """What a list of corporate actions held.

    Args:
        splits: oldest first, then by symbol.
        dividends: oldest first, then by symbol; those of one symbol and day as one.
        unsure: which of them may have been shares of another company, by symbol and day.
        ignored: rows of other kinds, such as renames, by kind.
    """

    splits: tuple[Split, ...] = ()
    dividends: tuple[Dividend, ...] = ()
    unsure: frozenset[tuple[str, date]] = frozenset()
    ignored: dict[str, int] = field(default_factory=dict)


def load_corporate_actions(path: Path, *, report: BadRowReport) -> CorporateActions:
    """Read a CSV file with the columns of ``NEEDED``, and ``VALUE`` where it has dividends.

    Rows of kind ``split`` and of the kinds in ``PAYING`` take effect. ``new_shares_per_old`` is read
    exactly as written: 0.05 is 1 for 20, 1.0027 is 10027 for 10000. So is ``value_per_share_usd``,
    the cash for each share that was held at the close before.

    Raises:
        DataError: a bad row that the report does not skip, or a file that cannot be read.
    """
    splits: dict[Key, Split] = {}
    paid: dict[Key, int] = {}
    unsure: set[Key] = set()
    ignored: Counter[str] = Counter()
    for number, cells in read_listing(path, NEEDED, (VALUE,)):
        try:
            if cells["kind"] == _SPLIT:
                _add(splits, _split(cells))
            elif cells["kind"] in PAYING:
                key, per_share = _key(cells), _per_share(cells)
                paid[key] = paid.get(key, 0) + per_share
                unsure.update([key] if cells["kind"] == UNSURE else ())
            else:
                ignored[cells["kind"] or "unknown"] += 1
        except RowFault as err:
            report.add(str(path), number, err.kind, str(err))
    return CorporateActions(
        _ordered(splits.values()),
        _ordered(Dividend(*key, per_share) for key, per_share in paid.items()),
        frozenset(unsure),
        dict(sorted(ignored.items())),
    )


def _ordered(rows: Iterable[Dated]) -> tuple[Dated, ...]:
    return tuple(sorted(rows, key=lambda row: (row.ex_date, row.symbol)))


def _add(splits: dict[tuple[str, date], Split], split: Split) -> None:
    key = (split.symbol, split.ex_date)
    if key in splits:
        raise RowFault("duplicate", f"{split.symbol} has two splits on {split.ex_date}")
    splits[key] = split


def _split(cells: dict[str, str]) -> Split:
    key = _key(cells)
    ratio = _ratio(cells["new_shares_per_old"])
    return Split(*key, ratio.numerator, ratio.denominator)


def _key(cells: dict[str, str]) -> Key:
    try:
        symbol = check_symbol(cells["symbol"])
        ex_date = date.fromisoformat(cells["ex_date"])
    except ModelError as err:
        raise RowFault("wrong_symbol", str(err)) from err
    except ValueError as err:
        raise RowFault(
            "wrong_type", f"ex_date must be a day such as 2014-06-09, got {cells['ex_date']!r}"
        ) from err
    return symbol, ex_date


def _per_share(cells: dict[str, str]) -> int:
    kind, text = cells["kind"], cells[VALUE]
    try:
        number = Decimal(text)
    except InvalidOperation as err:
        raise RowFault(
            "wrong_type", f"{VALUE} of a row of kind {kind} must be a number, got {text!r}"
        ) from err
    if not number.is_finite() or not 0 < number <= _PAID_LIMIT:
        raise RowFault(
            "out_of_range", f"{VALUE} must be above 0 and at most {_PAID_LIMIT}, got {text}"
        )
    try:
        return price_units(number)
    except ModelError as err:
        raise RowFault("out_of_range", f"{VALUE} must have at most 8 decimals, got {text}") from err


def _ratio(text: str) -> Fraction:
    try:
        number = Decimal(text)
    except InvalidOperation as err:
        raise RowFault("wrong_type", f"new_shares_per_old must be a number, got {text!r}") from err
    if not number.is_finite() or not Decimal(1) / _RATIO_LIMIT <= number <= _RATIO_LIMIT:
        raise RowFault(
            "out_of_range",
            f"new_shares_per_old must be from 0.0001 to {_RATIO_LIMIT}, got {text}",
        )
    return Fraction(number)


__all__ = ["NEEDED", "CorporateActions", "Dividend", "Split", "load_corporate_actions"]
