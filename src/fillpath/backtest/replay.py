"""The replay: the very engine on recorded quotes under simulated time, as fast as it goes.

Between two moments that matter nothing is computed; see ``agenda.py`` for what matters.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from fillpath.backtest.agenda import Agenda, Occasion
from fillpath.backtest.happenings import fact_of, happenings, new_fact, timed
from fillpath.backtest.moments import Moments
from fillpath.backtest.reaching import Bands, nearest
from fillpath.backtest.sim_clock import SimClock, whole
from fillpath.backtest.tape_market import TapeMarket
from fillpath.core.commands import PlaceOrder
from fillpath.core.errors import JournalDiverged
from fillpath.core.events import (
    AccountOpened,
    DividendPaid,
    EngineStarted,
    Event,
    OpeningPosition,
    ReferenceSeen,
    SessionClosed,
    SessionOpened,
)
from fillpath.core.models import Position, Signal
from fillpath.core.ports import Journal
from fillpath.core.units import (
    money_decimal,
    money_units,
    nanoseconds,
    price_decimal,
    price_units,
    quantity_units,
)
from fillpath.data.files.split import Dividend, Split
from fillpath.data.files.tape import QuoteTape
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
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
from fillpath.reports.recorder import RunRecorder
from fillpath.runtime.memory import calm_collector
from fillpath.scheduling.calendar import session_number
from fillpath.scheduling.timers import TimerHeap

NEVER: Final = 1 << 63
PROGRESS_STEP: Final = 1_000
FORESEEN: Final = 512
"""Moments that the market is prepared for at once."""
WORTHWHILE: Final = 16
"""Fewer moments are quicker to look up one by one."""


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


class ReplayInputs(Struct, frozen=True, kw_only=True):
    """Everything a replay runs on, loaded and checked.

    Args:
        tapes: quotes by symbol.
        sessions: trading days, oldest first.
        signals: ready-made signals with time and id, oldest first.
        adv: average daily volume in quantity units for a symbol on a day.
        splits: stock splits.
        dividends: cash for shares held.
        prior_close: the last close before a day, in shares of that day, price units.
    """

    tapes: Mapping[str, QuoteTape]
    sessions: tuple[SessionTimes, ...] = ()
    signals: Sequence[Signal] = ()
    adv: Callable[[str, date], int | None] = lambda _symbol, _day: None
    splits: tuple[Split, ...] = ()
    dividends: tuple[Dividend, ...] = ()
    prior_close: Callable[[str, date], int | None] = lambda _symbol, _day: None


class ReplayPlan(Struct, frozen=True, kw_only=True):
    """How a replay runs.

    Args:
        policy: the desk's rules.
        simulation: the simulated broker's rules, opening cash and positions.
        account: account name.
        policy_hash: hash of the settings behind the policies.
        version: fillpath version, for the journal.
    """

    policy: DeskPolicy = field(default_factory=DeskPolicy)
    simulation: SimulationPolicy = field(default_factory=SimulationPolicy)
    account: str = "SIM"
    policy_hash: str = ""
    version: str = ""


class AccountState(Struct, frozen=True):
    """The account at a moment of a replay, account currency."""

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
        self, inputs: ReplayInputs, plan: ReplayPlan, journal: Journal, recorder: RunRecorder
    ) -> None:
        self._inputs = inputs
        self._plan = plan
        self._journal = journal
        self._recorder = recorder
        self.clock = SimClock()
        self.market = TapeMarket(inputs.tapes.values())
        self.broker = SimulatedBroker(self.market, self.clock, plan.simulation)
        self.timers = TimerHeap()
        self.desk = Desk(plan.policy)
        self.engine = Engine(
            self.desk,
            EnginePorts(
                broker=self.broker,
                journal=journal,
                market=self.market,
                timers=self.timers,
                recorder=recorder,
                clock=self.clock,
            ),
        )
        self._agenda = Agenda()
        self._foreseen_to = -1
        self._delayed = plan.simulation.profile is FillProfile.REALISTIC
        self._arrivals: set[int] = set()
        self._happenings = happenings(
            (session.day for session in inputs.sessions),
            inputs.splits,
            (paid for paid in inputs.dividends if paid.symbol in inputs.tapes),
        )
        self.paid: list[DividendPaid] = []

    async def run(
        self,
        shows: Sequence[Moments] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Run from the first moment to the last, or on from where the journal ends.

        Args:
            shows: what a strategy is shown, beside the ready-made signals.
            progress: called now and then with (moments done, moments in all).

        Raises:
            JournalDiverged: the journal was written under other rules, or its decisions differ.
        """
        done_at = await self._start()
        for show in shows:
            show.skip_to(done_at)
        self._fill_agenda(done_at)
        signals = self._unseen_signals(done_at)
        with calm_collector():
            await self._loop(signals, shows, progress or _silent)
        self._journal.commit()

    async def _start(self) -> int:
        """Open the account, or recover it; return the moment up to which all is done."""
        plan = self._plan
        first = next(iter(self._journal.records()), None)
        if first is None:
            await self._open_account()
            return -1
        if not isinstance(first, AccountOpened) or first.policy_hash != plan.policy_hash:
            raise JournalDiverged(
                "the journal was written under other settings or for other inputs; go on with "
                "those, or start a new one"
            )
        recovery = recover(self._journal.records(), self.desk, self.engine.follow, self._seen)
        state = self.desk.state
        self._move(recovery.last_at)
        self.engine.continue_after(recovery.records)
        self.broker.restore(
            account_cash(state),
            account_positions(state),
            working_orders(state),
            self._recorder.fills,
            count=recovery.placed,
        )
        self.engine.offer(EngineStarted(recovery.last_at, plan.policy_hash, plan.version))
        await self.engine.settle()
        await self.engine.resume(recovery.outstanding)
        self._after_turn()
        waits = {order.ticket.symbol for order in state.orders.values()}
        waits.update(symbol for _, symbol in state.guards)
        for symbol in sorted(waits):
            self._seek_crossing(symbol)
        return recovery.last_at

    def _seen(self, record: Event | PlaceOrder) -> None:
        if isinstance(record, DividendPaid):
            self.paid.append(record)
        self.engine.seen(record)

    async def _open_account(self) -> None:
        plan = self._plan
        first = min((s.open_at for s in self._inputs.sessions), default=0)
        self._move(first)
        positions = tuple(
            OpeningPosition(
                position.symbol,
                quantity_units(position.quantity),
                quantity_units(position.quantity)
                * price_units(position.average_price or Decimal(0)),
                position.strategy_name,
            )
            for position in await self.broker.get_positions()
        )
        cash = money_units((await self.broker.get_portfolio()).cash)
        self.engine.offer(
            AccountOpened(
                self.clock.nanoseconds(),
                plan.account,
                cash,
                positions,
                plan.policy_hash,
                plan.version,
            )
        )
        await self.engine.settle()

    def _fill_agenda(self, done_at: int) -> None:
        for session in self._inputs.sessions:
            if session.open_at >= done_at:
                self._agenda.add(session.open_at, Occasion.OPEN, session.day.isoformat())
            elif session.close_at >= done_at:
                self._set_volumes(session.day)
            if session.close_at >= done_at:
                self._agenda.add(session.close_at, Occasion.CLOSE)

    def _unseen_signals(self, done_at: int) -> list[tuple[int, Signal]]:
        """Return what is still to come; of the last moment, what the desk has not seen yet."""
        seen = self.desk.state.seen
        timed = [(time_of(signal), signal) for signal in self._inputs.signals]
        if timed and timed[0][0] > done_at:
            return timed
        return [
            (at, signal)
            for at, signal in timed
            if at > done_at
            or (at == done_at and (signal.strategy_name, signal.signal_id) not in seen)
        ]

    async def _loop(
        self,
        signals: list[tuple[int, Signal]],
        shows: Sequence[Moments],
        progress: Callable[[int, int], None],
    ) -> None:
        engine = self.engine
        signal_count = len(signals)
        total = signal_count + sum(show.total for show in shows)
        taken = shown = told = 0
        while True:
            signal_at = signals[taken][0] if taken < signal_count else NEVER
            at, occasion, show = self._next(signal_at, shows)
            if at == NEVER:
                break
            if at > self._foreseen_to:
                self._foresee(signals[taken : taken + FORESEEN])
            self._move(at)
            if occasion is Occasion.SIGNAL:
                engine.offer(signals[taken][1])
                taken += 1
            elif show is not None:
                others = [other.at for other in shows if other is not show]
                until = min(signal_at, self._foreseen_to + 1, *others)
                shown += self._show(show, until, told + PROGRESS_STEP - taken - shown)
            else:
                self._handle(occasion)
            waiting = engine.turn()
            if waiting:
                await engine.settle(waiting)
            self._after_turn()
            if taken + shown >= told + PROGRESS_STEP:
                told = taken + shown
                progress(told, total)
        progress(total, total)

    def _next(
        self, signal_at: int, shows: Sequence[Moments]
    ) -> tuple[int, Occasion, Moments | None]:
        """Return the next moment and its kind; the kind decides among equal moments."""
        at, occasion, shown = signal_at, Occasion.SIGNAL, None
        due = self.timers.next_due()
        if due is not None and due <= at:
            at, occasion = due, Occasion.TIMER
        for show in shows:
            if show.at <= at and show.at != NEVER and (show.at < at or shown is None):
                at, occasion, shown = show.at, Occasion.SHOW, show
        entry = self._agenda.peek()
        if entry is not None and (entry.at < at or (entry.at == at and entry.occasion < occasion)):
            return entry.at, Occasion(entry.occasion), None
        return at, occasion, shown

    def _foresee(self, signals: list[tuple[int, Signal]]) -> None:
        """Prepare the market for the next moments that are sure to come: signals and timers."""
        timers = self.timers.upcoming(signals[-1][0] if signals else NEVER)
        if not signals:
            timers = sorted(timers)[:FORESEEN]
        moments = sorted({at for at, _ in timers}.union(at for at, _ in signals))
        self._foreseen_to = moments[-1] if moments else NEVER
        if len(moments) >= WORTHWHILE:
            symbols = {symbol for _, symbol in timers}.union(self.desk.state.book.holdings)
            symbols.update(signal.symbol for _, signal in signals)
            self.market.foresee([whole(at) for at in moments], sorted(symbols))

    def _move(self, at: int) -> None:
        self.market.now = self.clock.move(at)

    def _show(self, show: Moments, until: int, most: int) -> int:
        """Show one moment, and on while nobody answers and nothing else is due; return how many.

        Where nothing was offered a turn would do nothing, so that none is run in between.
        """
        due, entry = self.timers.next_due(), self._agenda.peek()
        until = min(until, due or NEVER, NEVER if entry is None else entry.at)
        answers, count = show.show_next(), 1
        market, move, show_next = self.market, self.clock.move, show.show_next
        while not answers and (at := show.at) < until and count < most:
            market.now = move(at)
            answers = show_next()
            count += 1
        for signal in answers:
            self.engine.offer(signal)
        return count

    def _handle(self, occasion: Occasion) -> None:
        """Let happen what is neither a ready-made signal nor shown."""
        if occasion is Occasion.TIMER:
            self.engine.fire_timers()
        else:
            self._occur(occasion)

    def _occur(self, occasion: Occasion) -> None:
        """Let the next entry of the agenda happen."""
        entry = self._agenda.pop()
        if occasion is Occasion.CROSSING:
            self.engine.touched.add(entry.symbol)
            self.broker.on_market(entry.symbol)
            self.engine.market_moved(entry.symbol)
        elif occasion is Occasion.ARRIVAL:
            self._arrivals.discard(entry.at)
            self.engine.touched.update(self.broker.on_time())
        elif occasion is Occasion.WATCHED:
            self.engine.quote_came(entry.symbol)
        elif occasion is Occasion.OPEN:
            self._open_session(date.fromisoformat(entry.symbol))
        else:
            self.broker.expire_day_orders()
            self.engine.offer(SessionClosed(self.clock.nanoseconds()))

    def _open_session(self, day: date) -> None:
        self._journal.commit()  # the day before is never lost
        at = self.clock.nanoseconds()
        closes_at = next((s.close_at for s in self._inputs.sessions if s.day == day), 0)
        self.engine.offer(SessionOpened(at, closes_at, session_number(day)))
        for effective_at, happening in timed(self._happenings.get(day, ()), at):
            if not new_fact(happening, self.desk, effective_at):
                continue  # recovered from the journal; the broker was restored after it
            fact = fact_of(happening, self.broker, effective_at)
            self.engine.offer(fact)
            if isinstance(fact, DividendPaid):
                self.paid.append(fact)
            else:  # the desk hears of a split before it hears what that has cancelled
                self.broker.apply_split(fact.symbol, fact.new_shares, fact.old_shares)
        for symbol in self.market.cursors:
            close = self._inputs.prior_close(symbol, day)
            if close is not None:
                self.engine.offer(ReferenceSeen(at, symbol, prior_close=close))
        self._set_volumes(day)
        self.engine.touched.update(self.broker.open_session(at, closes_at))

    def _set_volumes(self, day: date) -> None:
        for symbol, cursor in self.market.cursors.items():
            cursor.set_adv(self._inputs.adv(symbol, day))

    def _after_turn(self) -> None:
        """Look up when the market next reaches what rests or is watched."""
        touched = self.engine.touched
        if touched:
            if self.broker.works or self._agenda.watches_crossings or self.engine.levels:
                for symbol in sorted(touched):
                    self._seek_crossing(symbol)
            touched.clear()
        if self._delayed:
            self._seek_arrival()
        watched = self.market.watched
        if watched:
            for symbol in sorted(set(watched)):
                at = self.market.next_usable(symbol)
                if at is not None:
                    self._agenda.add(at, Occasion.WATCHED, symbol)
            watched.clear()

    def _seek_arrival(self) -> None:
        """Put the next message that arrives at the market on the agenda, once."""
        due = self.broker.next_due()
        if due is not None and due not in self._arrivals:
            self._arrivals.add(due)
            self._agenda.add(due, Occasion.ARRIVAL)

    def _seek_crossing(self, symbol: str) -> None:
        bands = self._bands(symbol)
        if any(price is not None for price in bands):
            self._agenda.set_crossing(symbol, self.market.next_reaching(symbol, bands))
        elif self._agenda.has_crossing(symbol):
            self._agenda.set_crossing(symbol, None)

    def _bands(self, symbol: str) -> Bands:
        """Return the nearest prices at which something rests or is waited for."""
        buy, sell = self.broker.resting_band(symbol)
        buy_stop, sell_stop = self.broker.stop_band(symbol)
        watched = Bands(*self.engine.levels.bands(symbol))
        bands = nearest(Bands(sell_stop, sell, buy, buy_stop), watched)
        return nearest(bands, Bands(*self.broker.queue_band(symbol))) if self._delayed else bands

    def account(self) -> AccountState:
        """Return the account as the desk sees it now, valued at the last marks."""
        state = self.desk.state
        longs, shorts = self.market.values(state.book.holdings)
        marked = tuple(self._marked(p) for p in account_positions(state))
        equity = money_decimal(state.book.cash + longs - shorts)
        return AccountState(account_cash(state), equity, marked)

    def _marked(self, position: Position) -> Position:
        mark = self.market.mark(position.symbol)
        return replace(position, market_price=None if mark is None else price_decimal(mark))


def time_of(signal: Signal) -> int:
    """Return when a recorded signal was sent, nanoseconds UTC."""
    assert signal.timestamp is not None, "recorded signals carry their time"
    return nanoseconds(signal.timestamp)


def _silent(_done: int, _total: int) -> None:
    return
