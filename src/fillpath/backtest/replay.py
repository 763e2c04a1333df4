"""The replay: the very engine on recorded quotes under simulated time, as fast as it goes.

Between two moments that matter nothing is computed; see ``agenda.py`` for what matters.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from fillpath.backtest.agenda import Agenda, Occasion
from fillpath.backtest.sim_clock import SimClock
from fillpath.backtest.tape_market import TapeMarket
from fillpath.core.events import AccountOpened, EngineStarted, SessionClosed, SplitApplied
from fillpath.core.models import Bar, Position, Signal
from fillpath.core.ports import Journal, Recorder
from fillpath.core.units import money_decimal, money_units, nanoseconds, price_decimal
from fillpath.data.files.quotes import QuoteTape
from fillpath.execution.broker.fill_model import SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.desk import Desk
from fillpath.execution.engine import Engine, EnginePorts
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.recovery import (
    account_cash,
    account_positions,
    recover,
    working_orders,
)
from fillpath.scheduling.timers import TimerHeap

NEVER: Final = 1 << 63
PROGRESS_STEP: Final = 2_000


class SessionTimes(Struct, frozen=True):
    """One trading day of the recording, in nanoseconds UTC.

    Args:
        day: the date in New York.
        open_at: before anything of the day happens.
        close_at: after everything of the day happened.
    """

    day: date
    open_at: int
    close_at: int


class Split(Struct, frozen=True):
    """A stock split that takes effect before the open of a day."""

    symbol: str
    day: date
    new_shares: int
    old_shares: int


class SignalSource(Protocol):
    """A strategy as the replay sees it: what it wants to be shown, and what it answers."""

    def on_bar(self, bar: Bar) -> Iterable[Signal]:
        """Return signals for a bar that has just ended."""
        ...


class ReplayInputs(Struct, frozen=True, kw_only=True):
    """Everything a replay runs on, loaded and checked.

    Args:
        tapes: quotes by symbol.
        sessions: trading days, oldest first.
        signals: ready-made signals with time and id, oldest first.
        bars: bars for the strategy, by end time.
        adv: average daily volume in quantity units for a symbol on a day.
        splits: stock splits.
    """

    tapes: Mapping[str, QuoteTape]
    sessions: tuple[SessionTimes, ...] = ()
    signals: tuple[Signal, ...] = ()
    bars: tuple[Bar, ...] = ()
    adv: Callable[[str, date], int | None] = lambda _symbol, _day: None
    splits: tuple[Split, ...] = ()


class ReplayPlan(Struct, frozen=True, kw_only=True):
    """How a replay runs.

    Args:
        policy: the desk's rules.
        simulation: the simulated broker's rules.
        cash: opening cash.
        account: account name.
        policy_hash: hash of the settings behind the policies.
        version: fillpath version, for the journal.
    """

    policy: DeskPolicy = field(default_factory=DeskPolicy)
    simulation: SimulationPolicy = field(default_factory=SimulationPolicy)
    cash: Decimal = Decimal(100_000)
    account: str = "SIM"
    policy_hash: str = ""
    version: str = ""


class AccountState(Struct, frozen=True):
    """The account at the end of a replay."""

    cash: Decimal
    equity: Decimal
    positions: tuple[Position, ...]


class Replay:
    """One run of the engine over recorded quotes.

    Args:
        inputs: what it runs on.
        plan: how.
        journal: fresh, or of an interrupted run, which is then continued.
        recorder: takes what happens.
    """

    def __init__(
        self, inputs: ReplayInputs, plan: ReplayPlan, journal: Journal, recorder: Recorder
    ) -> None:
        self._inputs = inputs
        self._plan = plan
        self._journal = journal
        self.clock = SimClock()
        self.market = TapeMarket(inputs.tapes.values())
        self.broker = SimulatedBroker(self.market, self.clock, plan.simulation)
        self.timers = TimerHeap()
        self._recorder = recorder
        self.desk = Desk(plan.policy)
        ports = EnginePorts(
            broker=self.broker,
            journal=journal,
            market=self.market,
            timers=self.timers,
            recorder=recorder,
            clock=self.clock,
        )
        self.engine = Engine(self.desk, ports)
        self._agenda = Agenda()
        self._strategy: SignalSource | None = None
        self._splits = _by_day(inputs.splits)

    async def run(
        self,
        strategy: SignalSource | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Run from the first moment to the last, or on from where the journal ends.

        Args:
            strategy: is shown the bars and answers with signals.
            progress: called now and then with (signals done, signals in all).
        """
        self._strategy = strategy
        resumed_at = await self._start()
        self._fill_agenda(resumed_at)
        signals = self._unseen_signals()
        await self._loop(signals, progress or _silent)
        self._journal.commit()

    async def _start(self) -> int:
        """Open the account, or recover it; return the moment up to which all is done."""
        recovery = recover(self._journal.records(), self.desk, self.engine.follow)
        plan = self._plan
        if not recovery.records:
            first = min((s.open_at for s in self._inputs.sessions), default=0)
            self.clock.move(first)
            cash = money_units(plan.cash)
            opened = AccountOpened(first, plan.account, cash, (), plan.policy_hash, plan.version)
            self.engine.offer(opened)
            await self.engine.settle()
            return -1
        self._move(recovery.last_at)
        self.engine.continue_after(recovery.records)
        state = self.desk.state
        fills = getattr(self._recorder, "fills", ())
        self.broker.restore(
            account_cash(state), account_positions(state), working_orders(state), fills
        )
        self.engine.offer(EngineStarted(recovery.last_at, plan.policy_hash, plan.version))
        await self.engine.settle()
        await self.engine.resume(recovery.outstanding)
        self._after_turn()
        for symbol in {order.ticket.symbol for order in state.orders.values()}:
            self._seek_crossing(symbol)
        return recovery.last_at

    def _fill_agenda(self, done: int) -> None:
        for session in self._inputs.sessions:
            if session.open_at >= done:
                self._agenda.add(session.open_at, Occasion.OPEN, session.day.isoformat())
            elif session.close_at >= done:
                self._set_volumes(session.day)
            if session.close_at >= done:
                self._agenda.add(session.close_at, Occasion.CLOSE)
        if self._strategy is not None:
            for number, bar in enumerate(self._inputs.bars):
                end = nanoseconds(bar.ts_end)
                if end > done:
                    self._agenda.add(end, Occasion.BAR, str(number))

    def _unseen_signals(self) -> list[tuple[int, Signal]]:
        seen = self.desk.state.seen
        timed = []
        for signal in self._inputs.signals:
            assert signal.timestamp is not None, "recorded signals carry their time"
            if (signal.strategy_name, signal.signal_id) not in seen:
                timed.append((nanoseconds(signal.timestamp), signal))
        return timed

    async def _loop(
        self, signals: list[tuple[int, Signal]], progress: Callable[[int, int], None]
    ) -> None:
        engine = self.engine
        total = len(signals)
        done = 0
        while True:
            signal_at = signals[done][0] if done < total else NEVER
            at, occasion = self._next(signal_at)
            if at == NEVER:
                break
            self._move(at)
            if occasion is Occasion.SIGNAL:
                engine.offer(signals[done][1])
                done += 1
                if done % PROGRESS_STEP == 0:
                    progress(done, total)
            elif occasion is Occasion.TIMER:
                engine.fire_timers()
            else:
                self._handle_entry()
            await engine.settle()
            self._after_turn()
        progress(done, total)

    def _next(self, signal_at: int) -> tuple[int, Occasion]:
        """Return the next moment and its kind; the kind decides among equal moments."""
        at, occasion = signal_at, Occasion.SIGNAL
        due = self.timers.next_due()
        if due is not None and due <= at:
            at, occasion = due, Occasion.TIMER
        entry = self._agenda.peek()
        if entry is not None and (entry.at < at or (entry.at == at and entry.occasion < occasion)):
            at, occasion = entry.at, Occasion(entry.occasion)
        return at, occasion

    def _move(self, at: int) -> None:
        self.clock.move(at)
        self.market.now = self.clock.nanoseconds()

    def _handle_entry(self) -> None:
        entry = self._agenda.pop()
        occasion = Occasion(entry.occasion)
        if occasion is Occasion.CROSSING:
            self.engine.touched.add(entry.symbol)
            self.broker.on_market(entry.symbol)
        elif occasion is Occasion.WATCHED:
            self.engine.quote_came(entry.symbol)
        elif occasion is Occasion.BAR:
            self._show_bar(int(entry.symbol))
        elif occasion is Occasion.OPEN:
            self._open_session(date.fromisoformat(entry.symbol))
        else:
            self.broker.expire_day_orders()
            self.engine.offer(SessionClosed(self.clock.nanoseconds()))

    def _show_bar(self, number: int) -> None:
        assert self._strategy is not None, "bars are on the agenda for a strategy only"
        for signal in self._strategy.on_bar(self._inputs.bars[number]):
            self.engine.offer(signal)

    def _open_session(self, day: date) -> None:
        at = self.clock.nanoseconds()
        for split in self._splits.get(day, ()):
            if self.desk.state.splits.get(split.symbol) == at:
                continue  # recovered from the journal, the broker was restored after it
            self.broker.apply_split(split.symbol, split.new_shares, split.old_shares)
            self.engine.offer(SplitApplied(at, split.symbol, split.new_shares, split.old_shares))
        self._set_volumes(day)

    def _set_volumes(self, day: date) -> None:
        for symbol, cursor in self.market.cursors.items():
            cursor.set_adv(self._inputs.adv(symbol, day))

    def _after_turn(self) -> None:
        """Look up when the market next reaches what rests or is watched."""
        touched = self.engine.touched
        if touched:
            for symbol in touched:
                self._seek_crossing(symbol)
            touched.clear()
        watched = self.market.watched
        if watched:
            for symbol in sorted(set(watched)):
                at = self.market.next_usable(symbol) if symbol in self.market.cursors else None
                if at is not None:
                    self._agenda.add(at, Occasion.WATCHED, symbol)
            watched.clear()

    def _seek_crossing(self, symbol: str) -> None:
        buy, sell = self.broker.resting_band(symbol)
        if buy is None and sell is None:
            if self._agenda.has_crossing(symbol):
                self._agenda.set_crossing(symbol, None)
            return
        self._agenda.set_crossing(symbol, self.market.next_crossing(symbol, buy, sell))

    def account(self) -> AccountState:
        """Return the account as the desk sees it now, valued at the last marks."""
        state = self.desk.state
        longs, shorts = self.market.values(state.book.holdings)
        cash = account_cash(state)
        marked = tuple(self._marked(p) for p in account_positions(state))
        equity = money_decimal(state.book.cash + longs - shorts)
        return AccountState(cash, equity, marked)

    def _marked(self, position: Position) -> Position:
        mark = self.market.mark(position.symbol)
        return replace(position, market_price=None if mark is None else price_decimal(mark))


def _silent(_done: int, _total: int) -> None:
    return


def _by_day(splits: Iterable[Split]) -> dict[date, list[Split]]:
    days: dict[date, list[Split]] = {}
    for split in splits:
        days.setdefault(split.day, []).append(split)
    return days
