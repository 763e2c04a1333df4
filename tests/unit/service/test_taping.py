"""The tape: what costs are measured by is kept, conflated, and never at the engine's expense."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.events import OrderFilled
from fillpath.core.models import OrderSide, Quote
from fillpath.core.units import NANOSECONDS
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.desk.state import DeskState, OrderState, ParentState
from fillpath.service import taping
from fillpath.service.taping import AFTER_NS, PERIOD_NS, RESTING_NS, Tape, wanted_of
from fillpath.testing.builders import START, SYMBOL, a_ticket
from tests.unit.service.account_room import HandClock, in_virtual_time

FAST = {SYMBOL: PERIOD_NS}


class Kept:
    """A database that takes quotes, or not."""

    def __init__(self) -> None:
        self.quotes: list[Quote] = []
        self.away = False

    async def save(self, quotes: Sequence[Quote]) -> None:
        if self.away:
            raise Unavailable("the database is away")
        self.quotes += quotes

    @property
    def told(self) -> list[tuple[float, str]]:
        """Return (seconds from the start, bid) of what was kept."""
        return [
            ((quote.ts - START).total_seconds(), f"{quote.bid_price}")
            for quote in self.quotes
            if quote.ts is not None
        ]


class Scene:
    def __init__(self) -> None:
        self.clock = HandClock(START)
        self.feed = MemoryFeed()
        self.kept = Kept()
        self.tape = Tape(self.feed, self.clock, self.kept.save)

    def quote(self, bid: str, symbol: str = SYMBOL) -> None:
        self.feed.set_quote(Quote(symbol, Decimal(bid), Decimal(bid) + 1, ts=self.clock.now()))

    def wait(self, milliseconds: int) -> None:
        self.clock.advance(Decimal(milliseconds) / 1_000)

    def written(self) -> list[tuple[float, str]]:
        asyncio.run(self.tape.write())
        return self.kept.told


def test_a_symbol_that_nobody_trades_leaves_nothing() -> None:
    scene = Scene()
    scene.quote("100")
    scene.tape.follow({"MSFT": PERIOD_NS})

    scene.quote("101")

    assert scene.written() == []


def test_what_held_when_it_began_is_kept_with_its_time() -> None:
    scene = Scene()
    scene.quote("100")
    scene.wait(200)

    scene.tape.follow(FAST)

    assert scene.written() == [(0, "100")]


def test_what_has_held_for_long_held_a_second_ago() -> None:
    scene = Scene()
    scene.quote("100")
    scene.wait(5_000)

    scene.tape.follow(FAST)

    assert scene.written() == [(4, "100")]


def test_a_quote_that_is_too_old_to_be_believed_is_not_kept() -> None:
    scene = Scene()
    scene.quote("100")
    scene.wait(60_001)

    scene.tape.follow(FAST)
    scene.tape.look()

    assert scene.written() == []


def test_a_change_after_a_pause_is_kept_at_once() -> None:
    scene = Scene()
    scene.quote("100")
    scene.tape.follow(FAST)
    scene.wait(150)

    scene.quote("101")

    assert scene.written() == [(0, "100"), (0.15, "101")]


def test_of_many_changes_the_last_of_each_tenth_of_a_second_is_kept() -> None:
    scene = Scene()
    scene.quote("100")
    scene.tape.follow(FAST)
    for bid in range(101, 131):
        scene.wait(10)
        scene.quote(f"{bid}")
        scene.tape.look()

    assert scene.written() == [(0, "100"), (0.1, "110"), (0.2, "120"), (0.3, "130")]


def test_the_same_prices_again_are_not_kept_twice() -> None:
    scene = Scene()
    scene.quote("100")
    scene.tape.follow(FAST)
    for _ in range(5):
        scene.wait(1_000)
        scene.quote("100")

    assert scene.written() == [(0, "100")]


def test_what_waits_when_a_symbol_is_let_go_is_kept() -> None:
    scene = Scene()
    scene.quote("100")
    scene.tape.follow(FAST)
    scene.wait(50)
    scene.quote("101")

    scene.tape.follow({})
    scene.wait(1_000)
    scene.quote("102")

    assert scene.written() == [(0, "100"), (0.05, "101")]


def test_what_still_holds_is_said_again_so_that_a_hole_is_a_hole() -> None:
    scene = Scene()
    scene.quote("100")
    scene.tape.follow(FAST)
    for _ in range(7):
        scene.wait(10_000)
        scene.tape.look()

    assert scene.written() == [(second, "100") for second in (0, 10, 20, 30, 40, 50)]


def test_a_quote_without_a_time_has_that_of_the_clock() -> None:
    scene = Scene()
    scene.tape.follow(FAST)
    scene.wait(500)

    scene.feed.set_quote(Quote(SYMBOL, Decimal(1), Decimal(2)))
    scene.wait(20_000)
    scene.tape.look()

    assert scene.written() == [(0.5, "1")]


def test_a_resting_stop_is_followed_less_closely() -> None:
    scene = Scene()
    scene.quote("100")
    scene.tape.follow({SYMBOL: RESTING_NS})
    for bid in range(101, 131):
        scene.wait(100)
        scene.quote(f"{bid}")
        scene.tape.look()

    assert scene.written() == [(0, "100"), (1, "110"), (2, "120"), (3, "130")]


def test_quotes_wait_for_a_database_that_is_away() -> None:
    scene = Scene()
    scene.quote("100")
    scene.tape.follow(FAST)
    scene.kept.away = True
    first = scene.written()
    lagging = scene.tape.part()

    scene.kept.away = False

    assert first == []
    assert (lagging.detail, lagging.lag, lagging.healthy) == ("the database is away", 1, True)
    assert scene.written() == [(0, "100")]
    assert scene.tape.part().detail == "1 quotes kept, 0 dropped"


def test_it_says_up_to_when_everything_is_stored() -> None:
    scene = Scene()
    scene.quote("100")
    scene.tape.follow(FAST)
    scene.kept.away = True
    scene.written()
    before = scene.tape.through
    scene.kept.away = False
    scene.wait(500)

    scene.written()

    assert before == 0
    assert scene.tape.through == scene.clock.nanoseconds() - RESTING_NS


def test_more_than_can_wait_is_dropped_oldest_first_counted_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(taping, "MOST_WAITING", 3)
    scene = Scene()
    scene.quote("100")
    scene.tape.follow(FAST)
    for bid in range(101, 105):
        scene.wait(200)
        scene.quote(f"{bid}")
    dropping = scene.tape.part()
    scene.wait(61_000)

    assert (dropping.healthy, scene.tape.dropped) == (False, 2)
    assert scene.tape.part().healthy
    assert [bid for _, bid in scene.written()] == ["102", "103", "104"]


def test_a_batch_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(taping, "BATCH", 2)
    scene = Scene()
    scene.quote("100")
    scene.tape.follow(FAST)
    for bid in range(101, 105):
        scene.wait(200)
        scene.quote(f"{bid}")

    assert len(scene.written()) == 5
    assert scene.tape.stored == 5


def test_it_runs_until_cancelled_and_writes_what_is_left() -> None:
    scene = Scene()
    scene.quote("100")

    async def scenario() -> None:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(scene.tape.run(lambda: FAST))
            await asyncio.sleep(1.05)
            scene.wait(200)
            scene.quote("101")
            task.cancel()

    in_virtual_time(scenario)

    assert scene.kept.told == [(0, "100"), (0.2, "101")]


def an_order(symbol: str, *, protects: bool = False) -> OrderState:
    ticket = a_ticket(symbol=symbol)
    return OrderState(ticket, 0, 1, 1, None, reduces=False, protects=protects)


def test_symbols_with_orders_and_schedules_are_wanted() -> None:
    state = DeskState()
    slow = an_order("B", protects=True)
    state.orders = {"a": an_order("A", protects=True), "b": an_order("B"), "c": slow}
    state.parents = {"p": ParentState(a_ticket(symbol="P"), None, None, reduces=False)}  # type: ignore[arg-type]  # nobody looks

    assert wanted_of(state, [], 0) == {"A": RESTING_NS, "B": PERIOD_NS, "P": PERIOD_NS}


def a_filled(symbol: str, at: int) -> OrderFilled:
    return OrderFilled(at, "o", "x", symbol, OrderSide.BUY, 1, 1, at)


def test_a_symbol_is_wanted_until_a_little_after_five_minutes_after_its_last_fill() -> None:
    filled = [a_filled("NEW", 1_000 * NANOSECONDS), a_filled("OLD", 0)]

    early = wanted_of(DeskState(), filled, AFTER_NS)
    late = wanted_of(DeskState(), filled, AFTER_NS + 1)

    assert early == {"NEW": PERIOD_NS, "OLD": PERIOD_NS}
    assert late == {"NEW": PERIOD_NS}
