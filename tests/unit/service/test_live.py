"""One turn at a time: gather, settle, make durable, and only then tell anybody."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.core.errors import JournalError
from fillpath.core.events import (
    KillSwitchCleared,
    KillSwitchSet,
    OrderAccepted,
    OrderExpired,
    OrderFilled,
    OrderRefused,
    SessionClosed,
    SessionOpened,
)
from fillpath.core.markets import TradingStatusSeen
from fillpath.core.models import OrderSide
from fillpath.core.units import NANOSECONDS
from fillpath.service.latch import KillLatch, Latch, Scope
from fillpath.service.live import LONGEST_SLEEP
from fillpath.service.opening import open_account
from fillpath.testing.builders import START_NS, SYMBOL, an_order
from tests.unit.service.account_room import OutsideBroker, Room, in_virtual_time


class OneSession:
    """A market that is open from one moment to another."""

    number = 0

    def __init__(self, opens: int, closes: int) -> None:
        self._opens, self._closes = opens, closes

    def closes_at(self, at: int) -> int | None:
        return self._closes if self._opens <= at < self._closes else None

    def next_change(self, at: int) -> int | None:
        return next((moment for moment in (self._opens, self._closes) if at < moment), None)

    def day(self, at: int) -> int:
        return self.number if self.closes_at(at) else 0


async def opened(folder: Path, **changes: object) -> Room:
    """Return a live account that trades."""
    room = Room(folder, **changes)  # type: ignore[arg-type]  # as the room takes them
    await open_account(room.live)
    return room


async def test_a_signal_is_taken_once_the_journal_has_it_for_good(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    taken = room.live.offer([room.signal()])
    before = taken.done()

    await room.live.turn()

    assert not before
    assert taken.done()
    assert "SignalReceived" in room.words
    assert room.live.desk.state.book.holdings[SYMBOL].quantity == 10_000_000


async def test_a_turn_that_cannot_be_written_tells_whoever_waits(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    taken = room.live.offer([room.signal()])
    room.journal.close()

    with pytest.raises(JournalError):
        await room.live.turn()

    with pytest.raises(JournalError):
        await taken


async def test_the_latch_on_disk_stops_trading_whoever_set_it(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    KillLatch(tmp_path).set(Latch("losing", "ann", START_NS))
    room.live.offer([room.signal()])

    await room.live.turn()

    assert KillSwitchSet(START_NS, "losing", "ann") in room.records
    assert room.live.desk.state.killed == "losing"


@pytest.mark.control("A-16", "refuses")
async def test_nothing_leaves_in_the_turn_that_sees_the_latch(tmp_path: Path) -> None:
    broker = OutsideBroker()
    room = await opened(tmp_path, broker=broker)
    room.live.offer([room.signal()])
    room.latch.set(Latch("losing", "ann", START_NS))

    await room.live.turn()

    assert broker.orders == []
    assert room.words[-2:] == ["KillSwitchSet", "OrderRefused"]


async def test_a_kill_in_the_middle_of_a_turn_stops_the_rest_of_it(tmp_path: Path) -> None:
    broker = OutsideBroker()
    room = await opened(tmp_path, broker=broker)
    broker.on_submit = lambda: room.latch.set(Latch("losing", "ann", START_NS))
    room.live.offer([room.signal("one"), room.signal("two", strategy_name="other")])

    await room.live.turn()

    assert [order.order_id for order in broker.orders] == ["trend/one"]
    assert [r.code for r in room.records if isinstance(r, OrderRefused)] == ["KILL_SWITCH"]


async def test_a_kill_is_journaled_once(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.latch.set(Latch("losing", "ann", START_NS))

    await room.live.turn()
    await room.live.turn()

    assert room.words.count("KillSwitchSet") == 1


@pytest.mark.fault("F-109")
@pytest.mark.control("C-44", "refuses")
async def test_a_latch_that_cannot_be_read_stops_trading(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.latch.path.write_bytes(b"\0")

    await room.live.turn()

    assert room.live.desk.state.killed == "the kill latch cannot be read, which counts as set"


@pytest.mark.fault("F-109")
async def test_a_disk_that_takes_no_latch_stops_nobody_from_killing(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.latch.path = tmp_path / "gone" / "kill.json"

    first = room.live.stop_trading(Latch("losing", "ann", START_NS))
    await room.live.turn()
    again = room.live.stop_trading(Latch("still losing", "ann", START_NS))

    assert (first, again) == (True, False)
    assert KillSwitchSet(START_NS, "losing", "ann") in room.records


async def test_trading_goes_on_once_a_person_said_so(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.latch.set(Latch("losing", "ann", START_NS))
    await room.live.turn()

    room.live.resume_trading("bob")
    await room.live.turn()
    await room.live.turn()

    assert room.records[-1] == KillSwitchCleared(START_NS, "bob")
    assert (room.latch.read(), room.live.desk.state.killed) == (None, "")


async def test_a_kill_while_trading_is_resumed_wins(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.latch.set(Latch("losing", "ann", START_NS))
    await room.live.turn()

    room.live.resume_trading("bob")
    first = room.latch.set(Latch("no, wait", "cid", START_NS))
    await room.live.turn()
    await room.live.turn()

    assert first
    assert room.live.desk.state.killed == "no, wait"


@pytest.mark.control("A-16", "refuses")
async def test_a_part_that_is_stopped_on_disk_is_stopped_alone(tmp_path: Path) -> None:
    broker = OutsideBroker()
    room = await opened(tmp_path, broker=broker)
    room.latch.set(Latch("losing", "ann", START_NS, Scope.STRATEGY, "trend"))
    room.live.offer([room.signal("one"), room.signal("two", strategy_name="other")])

    await room.live.turn()
    await room.live.turn()

    assert [order.order_id for order in broker.orders] == ["other/two"]
    assert room.words.count("KillSwitchSet") == 1


@pytest.mark.control("C-44", "refuses")
async def test_a_part_that_is_stopped_in_the_middle_of_a_turn_sends_no_more(tmp_path: Path) -> None:
    broker = OutsideBroker()
    room = await opened(tmp_path, broker=broker)
    why = Latch("news", "ann", START_NS, Scope.STRATEGY, "other")
    broker.on_submit = lambda: room.latch.set(why)
    room.live.offer([room.signal("one"), room.signal("two", strategy_name="other")])

    await room.live.turn()

    assert [order.order_id for order in broker.orders] == ["trend/one"]
    assert [r.code for r in room.records if isinstance(r, OrderRefused)] == ["KILL_SWITCH"]


@pytest.mark.fault("F-110")
async def test_one_scope_is_resumed_and_the_others_stay(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.latch.set(Latch("losing", "ann", START_NS))
    room.latch.set(Latch("news", "ann", START_NS, Scope.SYMBOL, "AAPL"))
    await room.live.turn()

    room.live.resume_trading("bob")
    await room.live.turn()
    await room.live.turn()

    assert [latch.scope for latch in room.live.desk.state.latches] == [Scope.SYMBOL]
    assert room.latch.stopped("trend", "AAPL") is not None


async def test_sessions_open_and_close_once_and_take_day_orders_with_them(tmp_path: Path) -> None:
    opens, closes = START_NS + NANOSECONDS, START_NS + 2 * NANOSECONDS
    room = await opened(tmp_path, hours=OneSession(opens, closes))
    await room.live.turn()
    room.simulated.submit(an_order(OrderSide.BUY, 1, limit_price=Decimal(1)))
    for _ in range(2):
        room.tick(1)
        await room.live.turn()
        await room.live.turn()

    sessions = [r for r in room.records if isinstance(r, SessionClosed | SessionOpened)]
    assert sessions == [
        SessionClosed(START_NS),
        SessionOpened(opens, closes),
        SessionClosed(closes),
    ]
    assert [type(r) for r in room.records].count(OrderExpired) == 1


async def test_a_session_is_told_where_the_journal_holds_an_older_one(tmp_path: Path) -> None:
    hours = OneSession(START_NS, START_NS + NANOSECONDS)
    hours.number = 9_293
    room = await opened(tmp_path, hours=hours)

    for _ in range(3):
        await room.live.turn()

    sessions = [r for r in room.records if isinstance(r, SessionOpened)]
    assert sessions == [SessionOpened(START_NS, START_NS + NANOSECONDS, 9_293)]


async def test_a_broker_outside_ends_its_day_orders_itself(tmp_path: Path) -> None:
    hours = OneSession(START_NS + NANOSECONDS, START_NS + 2 * NANOSECONDS)
    room = await opened(tmp_path, hours=hours, broker=OutsideBroker())

    await room.live.turn()

    assert room.words.count("SessionClosed") == 1


async def test_what_moved_is_matched_and_wakes_what_waited_for_a_quote(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.tick(bid="150.01", ask="149.99")  # crossed: the signal is held
    room.live.offer([room.signal()])
    await room.live.turn()
    held = dict(room.live.tally.outcomes)

    room.tick(1)
    room.tick(0)
    await room.live.turn()

    assert list(held) == ["PRICE_UNAVAILABLE"]
    assert room.words.count("QuoteSeen") == 1
    assert any(isinstance(record, OrderFilled) for record in room.records)


async def test_timers_fire_when_they_are_due(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.tick(bid="150.01", ask="149.99")
    room.live.offer([room.signal()])
    await room.live.turn()

    room.clock.advance(31)
    await room.live.turn()

    assert "TimerFired" in room.words
    assert room.live.tally.outcomes["EXPIRED_SIGNAL"] == 1


async def test_what_a_broker_says_is_taken_in_the_next_turn(tmp_path: Path) -> None:
    broker = OutsideBroker()
    room = await opened(tmp_path, broker=broker)
    room.live.offer([room.signal()])
    await room.live.turn()

    broker.says(OrderAccepted(START_NS, broker.orders[0].order_id, "B-1"))
    await room.live.turn()

    assert room.words[-1] == "OrderAccepted"


def ran(folder: Path, meanwhile: Callable[[Room], None], after: float) -> tuple[float, Room]:
    """Run a live account in virtual time, do something, and return when it had ended."""
    rooms: list[Room] = []

    async def scenario() -> None:
        room = await opened(folder)
        rooms.append(room)
        async with asyncio.TaskGroup() as group:
            group.create_task(room.live.run())
            await asyncio.sleep(after)
            meanwhile(room)

    return in_virtual_time(scenario), rooms[0]


def test_an_engine_that_is_told_to_finish_takes_what_was_offered_first(tmp_path: Path) -> None:
    def offer_and_finish(room: Room) -> None:
        room.live.offer([room.signal()])
        room.live.finish()

    seconds, room = ran(tmp_path, offer_and_finish, after=10)

    assert seconds == 10
    assert room.live.tally.outcomes == {"ORDERED": 1}


def test_the_latch_is_looked_at_even_when_nothing_happens(tmp_path: Path) -> None:
    found: list[str] = []

    async def scenario() -> None:
        room = await opened(tmp_path)
        async with asyncio.TaskGroup() as group:
            group.create_task(room.live.run())
            await asyncio.sleep(1.01)
            room.latch.set(Latch("losing", "ann", START_NS))
            await asyncio.sleep(LONGEST_SLEEP)
            found.append(room.live.desk.state.killed)
            room.live.finish()

    in_virtual_time(scenario)

    assert found == ["losing"]


def test_an_engine_sleeps_no_longer_than_its_next_timer(tmp_path: Path) -> None:
    turned: list[float] = []

    async def scenario() -> None:
        room = await opened(tmp_path)
        loop = asyncio.get_running_loop()
        room.live.timers.set("hold:nothing", START_NS + NANOSECONDS // 10, SYMBOL)
        async with asyncio.TaskGroup() as group:
            group.create_task(room.live.run())
            for _ in range(2):
                await room.live.turnstile.next_turn()
                turned.append(loop.time())
                room.clock.set(room.clock.now() + timedelta(seconds=0.1))
            room.live.finish()

    in_virtual_time(scenario)

    assert turned == [0, pytest.approx(0.1)]


async def test_a_fact_is_in_the_journal_with_the_next_turn(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.live.learn(TradingStatusSeen(START_NS, SYMBOL, "HALTED"))

    await room.live.turn()

    assert "TradingStatusSeen" in room.words


async def test_what_is_held_is_in_use(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    before = room.live.in_use()
    room.live.offer([room.signal()])
    await room.live.turn()

    assert before == frozenset()
    assert room.live.in_use() == {SYMBOL}


async def test_a_live_engine_says_whether_its_market_is_open(tmp_path: Path) -> None:
    room = await opened(tmp_path, hours=OneSession(START_NS, START_NS + NANOSECONDS))
    before = room.live.is_open()
    room.clock.advance(1)

    assert before
    assert not room.live.is_open()
