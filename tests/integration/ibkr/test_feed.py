"""Quotes over a real socket: believed only while nothing stands between them and the exchange."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.markets import TradingStatusSeen
from fillpath.core.reports import VolatilitySeen
from fillpath.core.units import quantity_units
from fillpath.testing.gateway import DataKind, Gateway
from tests.integration.ibkr.data_room import FEED_ID, Room

FIRST = (Decimal("149.99"), Decimal("150.01"))
NONE = (None, None)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        running.quote("AAPL", "149.99", "150.01", bid_size=300, ask_size=200, volume=123_400)
        yield running


@pytest.fixture
async def room(gateway: Gateway, tmp_path: Path) -> AsyncIterator[Room]:
    """Yield a room in which AAPL is quoted and trades."""
    room = Room(gateway, tmp_path)
    room.feed.follow("AAPL")
    async with room.running():
        await room.until(lambda: room.sides == FIRST)
        yield room


def requests(gateway: Gateway, symbol: str = "AAPL") -> int:
    """Return how often a symbol was subscribed."""
    asked = [one.instrument for one in gateway.log.requests("reqMktData")]
    return sum(one is not None and one.symbol == symbol for one in asked)


async def test_a_quote_arrives_in_shares_and_moves_with_the_market(
    gateway: Gateway, room: Room
) -> None:
    first = room.feed.last_quote("AAPL")
    gateway.quote("AAPL", "150.00", "150.02", bid_size=100, ask_size=100)
    await room.until(lambda: room.sides == (Decimal("150.00"), Decimal("150.02")))

    assert first is not None
    assert (first.bid_size, first.ask_size, first.volume) == (
        Decimal(300),
        Decimal(200),
        Decimal(123_400),
    )


async def test_the_feed_has_its_own_client_id_and_asks_for_live_data(
    gateway: Gateway, room: Room
) -> None:
    await room.until(lambda: room.feed.health().connected)
    kinds = [each.words for each in gateway.log.requests("reqMarketDataType")]

    assert gateway.clients == [FEED_ID]
    assert [words["type"] for words in kinds] == ["1"]


@pytest.mark.fault("F-79")
async def test_a_side_that_nobody_makes_is_missing(gateway: Gateway, room: Room) -> None:
    gateway.quote("AAPL", "149.99", None, bid_size=300)

    await room.until(lambda: room.sides == (Decimal("149.99"), None))


@pytest.mark.fault("F-48")
async def test_after_1101_all_is_subscribed_anew_and_only_a_fresh_quote_counts(
    gateway: Gateway, room: Room
) -> None:
    await room.until(lambda: room.status == "TRADING")
    gateway.lose_link()
    await room.until(lambda: room.sides == NONE)
    lost = room.status
    gateway.quote("AAPL", "151.00", "151.02", bid_size=1, ask_size=1)
    while_away = room.sides
    gateway.restore_link(kept=False)
    await room.until(lambda: room.sides == (Decimal("151.00"), Decimal("151.02")))
    await room.until(lambda: room.status == "TRADING")

    assert lost == "UNKNOWN"
    assert while_away == NONE
    assert requests(gateway) == 2


@pytest.mark.fault("F-48")
async def test_after_1102_a_quote_from_before_counts_once_it_is_told_anew(
    gateway: Gateway, room: Room
) -> None:
    gateway.lose_link()
    gateway.restore_link()
    await room.until(lambda: room.sides == NONE)
    before = requests(gateway)
    await room.until(lambda: room.sides == FIRST)

    assert (before, requests(gateway)) == (1, 2)


@pytest.mark.fault("F-48")
async def test_after_1102_a_market_that_moves_needs_no_new_subscription(
    gateway: Gateway, room: Room
) -> None:
    gateway.lose_link()
    gateway.restore_link()
    await room.until(lambda: room.sides == NONE)
    gateway.quote("AAPL", "149.98", "150.00", bid_size=300, ask_size=200)

    await room.until(lambda: room.sides == (Decimal("149.98"), Decimal("150.00")))


@pytest.mark.fault("F-48")
async def test_after_a_cut_all_is_subscribed_on_the_new_socket(
    gateway: Gateway, room: Room
) -> None:
    gateway.cut()
    await room.until(lambda: room.sides == NONE)
    await room.until(lambda: room.sides == FIRST)

    assert {"FEED_LOST", "FEED_BACK"} <= set(room.told.codes)


@pytest.mark.parametrize(("broken", "back"), [(2103, 2104), (2105, 2106), (2157, 2158)])
async def test_a_broken_farm_leaves_no_quote_until_it_is_told_anew(
    gateway: Gateway, room: Room, broken: int, back: int
) -> None:
    gateway.error(broken, "Market data farm connection is broken:usfarm")
    await room.until(lambda: room.sides == NONE)
    gateway.error(back, "Market data farm connection is OK:usfarm")
    await room.until(lambda: room.sides == FIRST)

    assert gateway.log.count("cancelMktData") >= 1


@pytest.mark.fault("F-85")
@pytest.mark.parametrize(("kind", "status"), [(1, "HALTED"), (2, "PAUSED")])
async def test_a_halt_and_its_end_are_told(
    gateway: Gateway, room: Room, kind: int, status: str
) -> None:
    gateway.halt("AAPL", kind)
    await room.until(lambda: room.status == status)
    during = room.sides
    gateway.halt("AAPL", 0)
    gateway.quote("AAPL", "140.00", "140.02", bid_size=1, ask_size=1)
    await room.until(lambda: room.status == "TRADING")

    assert during == NONE
    assert room.sides == (Decimal("140.00"), Decimal("140.02"))


@pytest.mark.fault("F-88")
@pytest.mark.parametrize("allowed", [DataKind.NONE, DataKind.DELAYED])
async def test_a_symbol_without_permission_never_has_a_quote(
    gateway: Gateway, room: Room, allowed: DataKind
) -> None:
    gateway.data.allowed["MSFT"] = allowed
    gateway.quote("MSFT", "400.00", "400.02", bid_size=1, ask_size=1)
    room.feed.follow("MSFT")
    await room.until(lambda: room.feed.health().refused)

    facts = [
        fact
        for fact in room.engine.facts
        if isinstance(fact, TradingStatusSeen) and fact.symbol == "MSFT"
    ]
    assert room.feed.last_quote("MSFT") is None
    assert facts[-1].delayed
    assert "FEED_REFUSED" in room.told.codes


@pytest.mark.fault("F-88")
async def test_data_that_stands_still_is_no_quote(gateway: Gateway, room: Room) -> None:
    gateway.data.freeze(frozen=True)
    await room.until(lambda: room.sides == NONE)
    gateway.data.freeze(frozen=False)
    gateway.quote("AAPL", "149.00", "149.02", bid_size=1, ask_size=1)

    await room.until(lambda: room.sides == (Decimal("149.00"), Decimal("149.02")))


async def test_a_competing_login_takes_the_quotes_and_they_come_back(
    gateway: Gateway, room: Room
) -> None:
    gateway.data.compete()
    await room.until(lambda: room.sides == NONE)
    gateway.data.competing = False
    await room.until(lambda: room.sides == FIRST)

    assert "FEED_COMPETING" in room.told.codes


async def test_what_may_be_borrowed_is_told(gateway: Gateway, room: Room) -> None:
    gateway.quote(
        "AAPL", "149.99", "150.01", bid_size=300, ask_size=200, shortable="3", shortable_shares=700
    )

    def told() -> bool:
        return any(
            isinstance(fact, TradingStatusSeen) and fact.shortable == quantity_units(Decimal(700))
            for fact in room.engine.facts
        )

    await room.until(told)


async def test_the_volatility_index_is_told(gateway: Gateway, room: Room) -> None:
    gateway.quote("VIX", None, None, last="17.25")

    await room.until(lambda: any(isinstance(one, VolatilitySeen) for one in room.engine.facts))


async def test_a_symbol_that_the_gateway_does_not_know_is_refused(room: Room) -> None:
    room.feed.follow("ZZZZ")
    await room.until(lambda: "ZZZZ" in room.feed.health().refused)

    assert room.sides == FIRST


@pytest.mark.fault("F-53")
async def test_a_client_id_in_use_leaves_the_feed_down_and_says_so(
    gateway: Gateway, room: Room, tmp_path: Path
) -> None:
    second = Room(gateway, tmp_path)
    second.feed.follow("AAPL")
    async with second.running():
        await second.until(lambda: second.told.codes)

        with pytest.raises(Unavailable):
            await second.feed.get_quote("AAPL")
    assert room.sides == FIRST
