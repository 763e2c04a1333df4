"""A live session that was recorded, decided once more: the same decisions, orders and fills."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.backtest.replay import Replay, ReplayInputs, ReplayPlan, SessionTimes
from fillpath.backtest.rerun import Agreement, rerun
from fillpath.backtest.sim_clock import SimClock
from fillpath.core.commands import CancelOrder, Decision, PlaceOrder
from fillpath.core.units import moment, nanoseconds, quantity_units
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.files.recording import RecordedQuotes, read_recording
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.desk import Desk
from fillpath.execution.recovery import recover
from fillpath.reports.recorder import RunRecorder
from fillpath.scheduling.calendar import session_number
from fillpath.service.latch import KillLatch
from fillpath.service.live import Live, LiveParts
from fillpath.service.means import MeanMarket
from fillpath.service.opening import open_account
from fillpath.service.recording import QuoteRecorder
from fillpath.testing.builders import START, START_NS
from tests.sim.recording import OPEN as TAPED
from tests.sim.recording import POLICY, a_tape, some_signals

SYMBOLS = ["AAA", "BBB", "CCC"]
SECONDS = 1_200
OPEN, DAY = START_NS, START.date()
LATER = OPEN - TAPED
CLOSE = OPEN + SECONDS * 10**9
VOLUME = 100_000
SIMULATION = SimulationPolicy(profile=FillProfile.QUOTES, cash=Decimal(1_000_000))


class OneDay:
    """A market that is open on the day of the recording."""

    def closes_at(self, at: int) -> int | None:
        return CLOSE if OPEN <= at < CLOSE else None

    def next_change(self, at: int) -> int | None:
        return CLOSE if at < CLOSE else None

    def day(self, at: int) -> int:
        return session_number(DAY) if self.closes_at(at) else 0


class PlayedClock(SimClock):
    """A clock that is moved, on a machine whose own clock agrees."""

    def drift(self) -> int:
        return 0


class LiveDay:
    """A live account on a market that is played, with everything recorded.

    Args:
        folder: where the recording goes.
        seed: of market and signals.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        taped = [a_tape(seed * 10 + n, name) for n, name in enumerate(SYMBOLS)]
        self.tapes = {tape.symbol: replace(tape, ts=tape.ts + LATER) for tape in taped}
        self.signals = [
            replace(one, timestamp=moment(nanoseconds(one.timestamp or START) + LATER))
            for one in some_signals(seed, SYMBOLS)
        ]
        self.journal = MemoryJournal()
        self.clock, self.feed = PlayedClock(), MemoryFeed()
        self.clock.move(OPEN)
        for name in SYMBOLS[:2]:
            self.feed.set_adv(name, VOLUME)
        self.recorder = QuoteRecorder(self.feed, self.clock, folder)
        broker = SimulatedBroker(self.feed, self.clock, SIMULATION)
        self.live = Live(
            LiveParts(
                account="SIM",
                policy=POLICY,
                policy_hash="rules",
                version="1",
                journal=self.journal,
                broker=broker,
                matching=broker,
                market=self.feed,
                clock=self.clock,
                hours=OneDay(),
                latch=KillLatch(folder),
                page=lambda _: None,
            )
        )

    async def play(self) -> "LiveDay":
        """Play the whole day, a turn at each moment at which something happens."""
        quotes = sorted(
            (int(at), name, row)
            for name, tape in self.tapes.items()
            for row, at in enumerate(tape.ts)
        )
        waiting = [(nanoseconds(one.timestamp or START), one) for one in self.signals]
        self._show(quotes, OPEN)
        await open_account(self.live)
        await self.live.turn()
        while True:
            moments = [queue[0][0] for queue in (quotes, waiting) if queue]
            due = self.live.timers.next_due()
            at = min([*moments, *([] if due is None else [due])], default=CLOSE)
            self.clock.move(min(at, CLOSE))
            self._show(quotes, at)
            while waiting and waiting[0][0] <= at:
                self.live.offer([waiting.pop(0)[1]])
            await self.live.turn()
            if at >= CLOSE:
                break
        await self.recorder.write()
        return self

    def _show(self, quotes: list[tuple[int, str, int]], at: int) -> None:
        while quotes and quotes[0][0] <= at:
            _, name, row = quotes.pop(0)
            self.feed.set_quote(self.tapes[name].quote(row))

    @property
    def quotes(self) -> list[RecordedQuotes]:
        """What was recorded of the market."""
        return read_recording((self.folder / "quotes").iterdir())

    @property
    def records(self) -> list[Any]:
        """The journal."""
        return list(self.journal.records())


@pytest.fixture(scope="module", params=[1, 2])
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LiveDay:
    """Return a live day that was recorded."""
    return asyncio.run(LiveDay(tmp_path_factory.mktemp("day"), request.param).play())


def again(day: LiveDay, quotes: Sequence[RecordedQuotes]) -> Agreement:
    """Decide the day once more."""
    return rerun(day.records, (Desk(POLICY), Desk(POLICY)), quotes, MeanMarket)


def backtest(day: LiveDay) -> tuple[list[Any], RunRecorder]:
    """Give what was recorded of the market to the backtest engine; return its journal."""
    (recorded,) = day.quotes
    adv = quantity_units(Decimal(VOLUME))
    inputs = ReplayInputs(
        tapes=recorded.tapes,
        sessions=(SessionTimes(DAY, OPEN, CLOSE),),
        signals=day.signals,
        adv=lambda symbol, _day: adv if symbol in SYMBOLS[:2] else None,
    )
    plan = ReplayPlan(policy=POLICY, simulation=SIMULATION)
    journal, recorder = MemoryJournal(), RunRecorder()
    asyncio.run(Replay(inputs, plan, journal, recorder).run())
    return list(journal.records()), recorder


def orders_of(records: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return every order and cancel with its moment."""
    return [
        (one.at, one.ticket if isinstance(one, PlaceOrder) else one.order_id)
        for one in records
        if isinstance(one, PlaceOrder | CancelOrder)
    ]


def fills_of(records: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return what every execution was."""
    return [
        (one.order_id, one.side, one.quantity, one.price, one.traded_at)
        for one in records
        if type(one).__name__ == "OrderFilled"
    ]


def test_the_recording_of_a_live_day_gives_its_very_decisions(day: LiveDay) -> None:
    found = again(day, day.quotes)

    assert found.difference is found.first_market is None
    assert found.signals == 60
    assert found.decisions >= 60
    assert found.orders == len(orders_of(day.records)) > 30
    assert found.markets > 60


def test_a_backtest_of_the_recorded_quotes_sends_the_orders_of_the_live_day(day: LiveDay) -> None:
    decided: list[Decision] = []
    recover(
        day.records,
        Desk(POLICY),
        lambda one: decided.append(one) if type(one) is Decision else None,
    )

    records, recorder = backtest(day)

    assert orders_of(records) == orders_of(day.records)
    assert fills_of(records) == fills_of(day.records)
    assert [plain(one) for one in recorder.of_kind(Decision)] == [plain(one) for one in decided]


def test_other_quotes_are_found_at_the_first_decision_that_they_change(day: LiveDay) -> None:
    (true,) = day.quotes
    dearer = {
        name: replace(tape, bid=tape.bid + 10**8, ask=tape.ask + 10**8)
        for name, tape in true.tapes.items()
    }

    found = again(day, [RecordedQuotes(true.began, dearer, true.made)])

    assert found.difference is not None
    assert "was" in str(found.difference)
    assert found.first_market is not None
    assert found.first_market.record <= found.difference.record
    assert "the market of SignalReceived bid was" in str(found.first_market)


def test_what_came_before_a_start_is_not_known_after_it(day: LiveDay) -> None:
    (true,) = day.quotes
    nothing = RecordedQuotes(true.began + 1, {}, {})

    found = again(day, [true, nothing])

    assert found.difference is not None
    assert found.first_market is not None
    assert "is None" in str(found.first_market)


def plain(decision: Decision) -> Decision:
    """Return a decision without the market it looked at: a backtest knows no mean of it."""
    return replace(decision, market=None)
