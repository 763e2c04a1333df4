"""What a market view says of the account's values, each in its place."""

from fillpath.core.events import MarketView
from fillpath.core.holdings import Holding
from fillpath.execution.desk.valuing import same_sector, valued
from fillpath.risk.limits import Sectors

HELD = {name: Holding(1, 1) for name in ("AAPL", "MSFT", "XOM", "XYZ")}
SECTORS = Sectors(rows=(("AAPL", "Technology"), ("MSFT", "Technology"), ("XOM", "Energy")))


def test_longs_shorts_and_the_sector_have_places_of_their_own() -> None:
    seen = valued(MarketView(bid=1, ask=2), (30, 20), 10)

    assert (seen.long_value, seen.short_value, seen.sector_value) == (30, 20, 10)
    assert (seen.bid, seen.ask) == (1, 2)


def test_a_sector_is_what_is_held_in_it() -> None:
    assert list(same_sector(SECTORS, HELD, "AAPL")) == ["AAPL", "MSFT"]
    assert list(same_sector(SECTORS, HELD, "ABC")) == ["XYZ"]
