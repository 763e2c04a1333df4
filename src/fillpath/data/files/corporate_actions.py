"""Stock splits from a list of corporate actions; everything else is counted and left alone."""

from collections import Counter
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from fillpath.core.errors import ModelError
from fillpath.core.models import check_symbol
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.listing import RowFault, read_listing
from fillpath.data.files.split import Split

NEEDED: Final = ("symbol", "ex_date", "kind", "new_shares_per_old")
_SPLIT: Final = "split"
_RATIO_LIMIT: Final = 10_000


class CorporateActions(Struct, frozen=True):
    """What a list of corporate actions held.

    Args:
        splits: oldest first, then by symbol.
        ignored: rows of other kinds, such as dividends and spin-offs, by kind.
    """

    splits: tuple[Split, ...] = ()
    ignored: dict[str, int] = field(default_factory=dict)


def load_corporate_actions(path: Path, *, report: BadRowReport) -> CorporateActions:
    """Read a CSV file with the columns of ``NEEDED``; only rows of kind ``split`` take effect.

    ``new_shares_per_old`` is read exactly as written: 0.05 is 1 for 20, 1.0027 is 10027 for 10000.

    Raises:
        DataError: a bad row that the report does not skip, or a file that cannot be read.
    """
    splits: dict[tuple[str, date], Split] = {}
    ignored: Counter[str] = Counter()
    for number, cells in read_listing(path, NEEDED):
        if cells["kind"] != _SPLIT:
            ignored[cells["kind"] or "unknown"] += 1
            continue
        try:
            _add(splits, _split(cells))
        except RowFault as err:
            report.add(str(path), number, err.kind, str(err))
    ordered = sorted(splits.values(), key=lambda split: (split.ex_date, split.symbol))
    return CorporateActions(tuple(ordered), dict(sorted(ignored.items())))


def _add(splits: dict[tuple[str, date], Split], split: Split) -> None:
    key = (split.symbol, split.ex_date)
    if key in splits:
        raise RowFault("duplicate", f"{split.symbol} has two splits on {split.ex_date}")
    splits[key] = split


def _split(cells: dict[str, str]) -> Split:
    try:
        symbol = check_symbol(cells["symbol"])
        ex_date = date.fromisoformat(cells["ex_date"])
    except ModelError as err:
        raise RowFault("wrong_symbol", str(err)) from err
    except ValueError as err:
        raise RowFault(
            "wrong_type", f"ex_date must be a day such as 2014-06-09, got {cells['ex_date']!r}"
        ) from err
    ratio = _ratio(cells["new_shares_per_old"])
    return Split(symbol, ex_date, ratio.numerator, ratio.denominator)


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


__all__ = ["NEEDED", "CorporateActions", "Split", "load_corporate_actions"]
