"""Quotes of Interactive Brokers reach the engine only while they can be believed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.markets import TradingStatusSeen
from fillpath.core.reports import VolatilitySeen
from fillpath.core.units import price_units
from fillpath.data.feeds.ibkr_feed import FeedHealth, IBKRMarketFeed
from fillpath.ibkr.heard import Ticked
from fillpath.ibkr.states import State
from fillpath.ibkr.ticking import ASK, BID, BID_SIZE, HALTED, LAST, SHORTABLE_SHARES
from tests.unit.data.ibkr.feed_scene import FIRST, NONE, Scene, quoted


class TestQuotes:
    async def test_both_sides_reach_engine_and_bus(self) -> None:
        scene = await quoted()

        assert scene.sides() == FIRST
        assert [quote.bid_price for quote in scene.published] == [Decimal("149.99")]

    async def test_a_volume_reaches_engine_and_bus(self) -> None:
        scene = Scene()
        scene.feed.set_adv("AAPL", 5_000_000)

        assert await scene.feed.get_adv("AAPL") == Decimal(5_000_000)
        assert scene.volumes == {"AAPL": Decimal(5_000_000)}

    async def test_one_side_alone_is_not_shown(self) -> None:
        scene = await Scene().up("AAPL")
        scene.connection.tick("AAPL", BID, "149.99", "300")
        await scene.settle()

        assert scene.sides() is None
        assert scene.published == []

    async def test_an_unchanged_quote_is_dated_anew_no_oftener_than_told(self) -> None:
        scene = await quoted()
        scene.connection.tick("AAPL", LAST, "150.00", "10")
        await scene.settle()
        scene.clock.advance("0.5")
        scene.connection.tick("AAPL", LAST, "150.00", "10")
        await scene.settle()

        assert len(scene.published) == 2
        assert scene.feed.view("AAPL").quote_at == scene.clock.nanoseconds() - 500_000_000

    async def test_a_changed_quote_is_shown_at_once(self) -> None:
        scene = await quoted()
        scene.connection.tick("AAPL", BID_SIZE, size="100")
        await scene.settle()

        assert scene.published[-1].bid_size == Decimal(100)

    async def test_values_that_come_together_are_one_quote(self) -> None:
        scene = await quoted()
        scene.connection.quote("AAPL", "150.09", "150.11")
        await scene.settle()

        assert [quote.mid_price for quote in scene.published] == [Decimal(150), Decimal("150.10")]

    async def test_a_value_of_an_unknown_subscription_is_left_alone(self) -> None:
        scene = await quoted()
        scene.connection.hear(Ticked(999, BID, price=Decimal(1), size=Decimal(1)))
        await scene.settle()

        assert scene.sides() == FIRST

    async def test_values_that_overtake_the_answer_are_not_lost(self) -> None:
        scene = Scene()
        scene.feed.follow("AAPL")
        scene.connection.while_streaming = (
            Ticked(1, 1, price=Decimal("149.99"), size=Decimal(1)),
            Ticked(1, 2, price=Decimal("150.01"), size=Decimal(1)),
            Ticked(1, 49, size=Decimal(0)),
        )
        await scene.connection.come_up()
        await scene.serve()

        assert scene.sides() == FIRST

    async def test_without_a_gateway_an_unknown_quote_is_unavailable(self) -> None:
        scene = Scene()

        with pytest.raises(Unavailable, match="the test has not connected it"):
            await scene.feed.get_quote("AAPL")


class TestFollowing:
    async def test_a_symbol_is_subscribed_by_the_number_of_its_contract(self) -> None:
        scene = await Scene().up("AAPL")

        form, ticks = scene.connection.written("stream")[0]
        assert (form.symbol, form.con_id, form.exchange, ticks) == ("AAPL", 265598, "SMART", "236")

    async def test_only_live_data_is_asked_for(self) -> None:
        scene = await Scene().up("AAPL")

        assert scene.connection.written("data_kind") == [1]

    async def test_who_asks_for_a_market_gets_it_followed(self) -> None:
        scene = await Scene().up()
        scene.feed.view("MSFT")
        scene.feed.view("MSFT")
        scene.feed.watch("NVDA")
        await scene.serve()

        assert set(scene.connection.streams) == {"MSFT", "NVDA"}
        assert len(scene.connection.written("stream")) == 2

    async def test_what_the_engine_holds_is_followed(self) -> None:
        scene = await Scene().up()
        scene.engine.used = {"AAPL"}
        scene.feed.look()
        scene.feed.look()
        await scene.serve()

        assert scene.feed.followed == ("AAPL",)

    async def test_more_symbols_than_lines_are_refused_aloud(self) -> None:
        scene = await Scene(lines=1).up("AAPL")
        scene.feed.follow("MSFT")
        scene.feed.follow("NVDA")

        assert scene.told.codes == ["FEED_LINES"]
        assert "MSFT gets none" in scene.told.notices[0].text

    async def test_a_position_takes_the_line_of_who_merely_asked(self) -> None:
        scene = await quoted(lines=1)
        scene.engine.used = {"MSFT"}
        scene.feed.look()
        await scene.serve()

        assert scene.feed.followed == ("MSFT",)
        assert scene.sides("AAPL") == NONE
        assert len(scene.connection.written("stop_stream")) == 1

    async def test_a_symbol_that_nobody_knows_is_refused_and_keeps_back_no_other(self) -> None:
        scene = await Scene().up("ZZZZ", "AAPL")

        assert scene.told.codes == ["FEED_REFUSED"]
        assert set(scene.connection.streams) == {"AAPL"}
        assert scene.feed.health() == FeedHealth(
            connected=True,
            symbols=2,
            quoted=0,
            refused={"ZZZZ": "200: No security definition has been found"},
        )

    async def test_a_look_up_without_an_answer_keeps_back_no_other(self) -> None:
        scene = Scene()
        scene.connection.contracts["SLOW"] = Unavailable("no answer")
        await scene.up("SLOW", "AAPL")

        assert set(scene.connection.streams) == {"AAPL"}

    async def test_a_symbol_dropped_while_it_is_subscribed_ends_at_once(self) -> None:
        scene = Scene(lines=1, hold_seconds=0)
        scene.feed.follow("AAPL")
        scene.feed.view("MSFT")
        await scene.up()

        assert set(scene.connection.streams) == {"MSFT"}

    async def test_nothing_is_written_while_the_line_is_down(self) -> None:
        scene = Scene()
        scene.feed.follow("AAPL")
        await scene.serve()

        assert scene.connection.wrote == []

    async def test_what_could_not_be_written_is_written_later(self) -> None:
        scene = await Scene().up()
        scene.connection.choked = True
        scene.feed.follow("AAPL")
        await scene.serve()
        scene.connection.choked = False
        await scene.serve()

        assert set(scene.connection.streams) == {"AAPL"}


class TestFacts:
    async def test_a_symbol_trades_a_moment_after_its_first_quote(self) -> None:
        scene = await Scene().up("AAPL")
        scene.connection.tick("AAPL", BID, "149.99", "300")
        scene.connection.tick("AAPL", ASK, "150.01", "300")
        await scene.settle()
        before = (scene.status(), scene.sides())
        scene.clock.advance(1)
        scene.feed.look()

        assert before == ("", None)
        assert (scene.status(), scene.sides()) == ("TRADING", FIRST)

    async def test_whether_a_symbol_trades_is_known_before_its_quote_is_acted_on(self) -> None:
        scene = await Scene().up("AAPL")
        known: list[str] = []
        scene.feed.subscribe(lambda _: known.append(scene.status()))
        scene.connection.quote("AAPL")
        await scene.settle()

        assert known == ["TRADING"]

    @pytest.mark.fault("F-85")
    async def test_a_halt_is_told_at_once(self) -> None:
        scene = await quoted()
        scene.connection.tick("AAPL", HALTED, size="1")
        await scene.settle()

        assert scene.status() == "HALTED"
        assert scene.sides() == NONE

    async def test_nothing_is_told_twice(self) -> None:
        scene = await quoted()
        told = len(scene.engine.facts)
        scene.clock.advance(1)
        scene.feed.look()

        assert len(scene.engine.facts) == told

    async def test_fewer_shares_to_borrow_are_told_at_once_and_more_later(self) -> None:
        scene = await quoted()
        scene.connection.tick("AAPL", SHORTABLE_SHARES, size="1000")
        await scene.settle()
        first = len(scene.engine.facts)
        scene.connection.tick("AAPL", SHORTABLE_SHARES, size="2000")
        await scene.settle()
        second = len(scene.engine.facts)
        scene.connection.tick("AAPL", SHORTABLE_SHARES, size="500")
        await scene.settle()
        third = len(scene.engine.facts)

        assert (second - first, third - second) == (0, 1)

    async def test_what_fell_yesterday_is_restricted_today(self) -> None:
        scene = await quoted()
        scene.feed.restrict(["AAPL"])
        scene.feed.look()
        fact = scene.engine.facts[-1]

        assert isinstance(fact, TradingStatusSeen)
        assert fact.short_restricted

    async def test_without_an_engine_nobody_is_told(self) -> None:
        scene = Scene()
        feed = IBKRMarketFeed(scene.connection, scene.clock)
        feed.follow("AAPL")
        await scene.connection.come_up()
        await feed.serve()
        scene.connection.quote("AAPL")
        feed.set_adv("AAPL", 1)
        await scene.settle()
        feed.look()

        assert scene.engine.facts == []
        assert feed.view("AAPL").bid is not None

    async def test_the_volatility_index_is_told_and_lost(self) -> None:
        scene = await Scene(volatility=True).up()
        scene.connection.tick("VIX", LAST, "17.25", "0")
        await scene.settle()
        scene.connection.go_down()
        await scene.settle()

        values = [fact.value for fact in scene.engine.facts if isinstance(fact, VolatilitySeen)]
        assert values == [price_units(Decimal("17.25")), None]
        assert scene.feed.last_quote("VIX") is None
        assert scene.connection.written("stream")[0][0].exchange == "CBOE"

    async def test_an_index_that_is_known_is_not_subscribed_anew(self) -> None:
        scene = await Scene(volatility=True).up()
        scene.connection.tick("VIX", LAST, "17.25", "0")
        scene.connection.say(2104)
        scene.clock.advance(5)
        scene.feed.look()

        assert scene.connection.written("stop_stream") == []


class TestSilence:
    async def test_silence_in_an_open_market_is_told_once(self) -> None:
        scene = await quoted()
        for _ in range(3):
            scene.clock.advance(16)
            scene.feed.look()

        assert scene.told.codes == ["FEED_SILENT"]

    async def test_a_feed_that_never_said_a_word_is_told_too(self) -> None:
        scene = await Scene().up("AAPL")
        scene.clock.advance(31)
        scene.feed.look()

        assert scene.told.codes == ["FEED_SILENT"]

    async def test_a_closed_market_may_be_silent(self) -> None:
        scene = await quoted()
        scene.engine.open = False
        scene.clock.advance(3_600)
        scene.feed.look()

        assert scene.told.codes == []

    async def test_a_word_ends_the_silence(self) -> None:
        scene = await quoted()
        scene.clock.advance(31)
        scene.feed.look()
        scene.connection.quote("AAPL")
        scene.clock.advance(31)
        scene.feed.look()

        assert scene.told.codes == ["FEED_SILENT", "FEED_SILENT"]


@asynccontextmanager
async def running(scene: Scene) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(scene.feed.run())
        yield
        task.cancel()


async def until(holds: Any) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110  # the loop gets on in between
            await asyncio.sleep(0)


class TestRunning:
    async def test_it_connects_and_subscribes_what_comes_later(self) -> None:
        scene = Scene(look_seconds=0.01)
        async with running(scene):
            await until(lambda: scene.connection.state is State.TRADING)
            scene.feed.follow("AAPL")
            await until(lambda: "AAPL" in scene.connection.streams)

        assert scene.connection.stopped == 1
        assert scene.told.codes == []

    @pytest.mark.fault("F-53")
    async def test_a_gateway_that_refuses_is_told_and_waited_for(self) -> None:
        scene = Scene(look_seconds=0.01)
        scene.connection.refused_at_start = "client id 3 is in use"
        scene.feed.follow("AAPL")  # which nobody can subscribe, and nobody spins for
        async with running(scene):
            await until(lambda: scene.told.codes)

        assert scene.told.notices[0].text == "client id 3 is in use"
