"""Which sector each symbol belongs to, for the sector limit."""

from pathlib import Path
from typing import Final

from fillpath.core.errors import ModelError
from fillpath.core.models import check_symbol
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.listing import RowFault, read_listing

NEEDED: Final = ("symbol", "sector")


def load_sectors(path: Path, *, report: BadRowReport) -> dict[str, str]:
    """Read a CSV file with the columns ``symbol, sector`` into a sector for each symbol.

    Raises:
        DataError: a bad row that the report does not skip, or a file that cannot be read.
    """
    sectors: dict[str, str] = {}
    for number, cells in read_listing(path, NEEDED):
        try:
            symbol = _new_symbol(cells, sectors)
        except RowFault as err:
            report.add(str(path), number, err.kind, str(err))
            continue
        sectors[symbol] = cells["sector"]
    return sectors


def _new_symbol(cells: dict[str, str], sectors: dict[str, str]) -> str:
    try:
        symbol = check_symbol(cells["symbol"])
    except ModelError as err:
        raise RowFault("wrong_symbol", str(err)) from err
    if not cells["sector"]:
        raise RowFault("missing", f"the sector of {symbol} is missing")
    if symbol in sectors:
        raise RowFault("duplicate", f"{symbol} comes twice; a symbol has one sector")
    return symbol


__all__ = ["NEEDED", "load_sectors"]
