"""The mean mid of five minutes: what stood counts for as long as it stood (control C-12)."""

from pathlib import Path

import pytest

from fillpath.core.units import NANOSECONDS
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.service.means import PARTS, MeanMarket
from fillpath.testing.builders import SYMBOL, a_quote
from tests.unit.execution.desk.scene import price
from tests.unit.service.test_live import opened

START = 1_700_000_100 * NANOSECONDS


class Market:
    """A feed, seen with its means; seconds count from a whole part on."""

    def __init__(self) -> None:
        self.feed = MemoryFeed()
        self.seen = MeanMarket(self.feed)

    def quote(self, second: float, mid: int) -> None:
        self.feed.set_quote(a_quote(str(mid - 1), str(mid + 1)))
        self.moved(second)

    def moved(self, second: float) -> None:
        self.seen.moved(SYMBOL, START + round(second * NANOSECONDS))

    @property
    def mean(self) -> int:
        return self.seen.view(SYMBOL).mean


@pytest.mark.control("C-12", "passes")
@pytest.mark.parametrize(
    ("quotes", "mean"),
    [
        pytest.param([(0, 100)], "100", id="the first"),
        pytest.param([(0, 100), (1, 104)], "104", id="the last of a part of five seconds"),
        pytest.param([(0, 100), (5, 104)], "102", id="two parts"),
        pytest.param([(0, 100), (15, 104)], "101", id="what stood counts while it stood"),
        pytest.param([(0, 100), (295, 160)], "101", id="a whole window"),
        pytest.param([(0, 100), (300, 160)], "101", id="what stood before it counts in it"),
        pytest.param([(0, 100), (5, 160), (600, 160)], "160", id="long ago counts no more"),
        pytest.param([(10, 100), (5, 104)], "104", id="a clock that went back"),
    ],
)
def test_the_mean_is_weighed_by_time(quotes: list[tuple[float, int]], mean: str) -> None:
    market = Market()
    for second, mid in quotes:
        market.quote(second, mid)

    assert market.mean == price(mean)


@pytest.mark.parametrize(("bid", "ask"), [(None, "101"), ("99", None), ("101", "99")])
def test_a_quote_that_is_none_is_left_out(bid: str | None, ask: str | None) -> None:
    market = Market()
    market.quote(0, 100)
    market.feed.set_quote(a_quote(bid, ask))
    market.moved(50)

    assert market.mean == price(100)


def test_a_symbol_without_a_quote_has_no_mean() -> None:
    market = Market()
    market.moved(0)

    assert market.mean == 0
    assert market.seen.mark(SYMBOL) is None
    assert market.seen.values({}) == (0, 0)


def test_what_is_kept_is_bounded() -> None:
    market = Market()
    for second in range(0, 4_000, 3):
        market.quote(second, 100 + second % 7)

    assert len(market.seen._tracks[SYMBOL].parts) == PARTS  # noqa: SLF001  # its bound is the point
    assert price(100) < market.mean < price(106)


async def test_a_live_engine_decides_with_the_mean(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.tick(150, "151.99", "152.01")
    room.live.offer([room.signal()])
    await room.live.turn()

    (decision,) = room.live.tally.decisions.values()
    assert decision.market is not None
    assert decision.market.mean == price("152")
