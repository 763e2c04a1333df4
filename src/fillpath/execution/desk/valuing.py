"""The market of a symbol with what the account's positions are worth."""

from collections.abc import Mapping

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
    return MarketView(
        seen.bid,
        seen.ask,
        seen.bid_size,
        seen.ask_size,
        seen.quote_at,
        seen.adv,
        values[0],
        values[1],
        sector,
        seen.mean,
    )
