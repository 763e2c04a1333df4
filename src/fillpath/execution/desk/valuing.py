"""The market of a symbol with what the account's positions are worth."""

from collections.abc import Mapping

from msgspec.structs import replace

from fillpath.core.events import MarketView
from fillpath.core.holdings import Holding
from fillpath.risk.limits import Sectors


def same_sector(
    sectors: Sectors, holdings: Mapping[str, Holding], symbol: str
) -> dict[str, Holding]:
    """Return what is held in the sector of a symbol; symbols of no known sector are one."""
    by_symbol = sectors.by_symbol
    sector = by_symbol.get(symbol)
    return {name: held for name, held in holdings.items() if by_symbol.get(name) == sector}


def valued(seen: MarketView, values: tuple[int, int], sector: int) -> MarketView:
    """Return a market with the value of longs, of shorts and of the symbol's sector."""
    return replace(seen, long_value=values[0], short_value=values[1], sector_value=sector)
