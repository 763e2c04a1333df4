"""What must hold between a run and its variations: its journal, told otherwise, comes to the same.

None of this runs the world again, which would be another run. What the journal holds is told to fresh
desks: with independent reports the other way round, with every side mirrored, with prices tenfold,
under a tighter limit, and after a restart.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace as changed
from decimal import Decimal
from random import Random
from typing import Any, Final, cast

from msgspec.structs import asdict, replace

from fillpath.chaos.witness import OrderLog, Witness
from fillpath.core.commands import Command, Decision, Intent, WatchLevel
from fillpath.core.events import (
    AccountOpened,
    CommissionReported,
    Event,
    MarketView,
    OrderAccepted,
    OrderFilled,
    PolicyAdopted,
    SignalReceived,
)
from fillpath.core.units import Number, exact
from fillpath.data.codec import Record
from fillpath.execution.desk import Desk
from fillpath.execution.desk.book import move_position
from fillpath.execution.desk.state import Book, DeskState
from fillpath.execution.levels import Levels
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.recovery import recover
from fillpath.risk.limits import RiskLimits
from fillpath.risk.limits.account import StopKeeper
from fillpath.scheduling.timers import TimerHeap

ORDER, RESTART, MIRROR, SCALE, TIGHTER = 40, 41, 42, 43, 44
TENFOLD: Final = 10
EVER: Final = 1 << 62
SAMPLED: Final = 0.03
"""Share of the signals that are decided again under a tighter limit."""

Expect = Callable[[int, object, str], None]
Journal = Sequence[tuple[int, Record]]

_REPORTS: Final = (OrderAccepted, OrderFilled, CommissionReported)
_NO_PRICES: Final = frozenset({"bid_size", "ask_size", "quote_at", "adv"})
_SENT: Final = frozenset({"ORDERED", "REDUCED"})


class Relations:
    """Tell a journal otherwise.

    Args:
        expect: counts a check and reports it when it does not hold.
        rng: chance.
    """

    def __init__(self, expect: Expect, rng: Random) -> None:
        self._expect = expect
        self._rng = rng

    def tightened(self, desk: Desk, event: SignalReceived) -> Callable[[list[Command]], None]:
        """Decide a signal under a tighter limit; what is returned takes the decision under this one."""
        if self._rng.random() >= SAMPLED:
            return lambda _commands: None
        policy = changed(desk.policy, risk=_tighter(desk.policy.risk, self._rng))
        other = _desk_of(policy, deepcopy(desk.state))
        allowed = _sent(other.step(event))

        def compare(commands: list[Command]) -> None:
            text = (
                f"{event.signal.signal_id}: a tighter limit allows {allowed}, not {_sent(commands)}"
            )
            self._expect(TIGHTER, allowed <= _sent(commands), text)

        return compare

    def reordered(self, witness: Witness, policy: DeskPolicy) -> None:
        """Swap neighbouring reports that have nothing to do with each other.

        Where stops are kept their names count on, so that later reports would be of other ones.
        """
        facts, swaps = _swapped(witness.journal, witness.orders)
        if not swaps or policy.stop_keeper is not StopKeeper.NONE:
            return
        other = Desk(policy)
        for fact in facts:
            other.step(fact)
        ours, theirs = _ends(witness.desk.state), _ends(other.state)
        self._expect(ORDER, ours == theirs, f"{swaps} reports were swapped: {ours} became {theirs}")

    def mirrored(self, journal: Journal, orders: dict[str, OrderLog]) -> None:
        """Book every execution with its side turned round."""
        plain, other = Book(), Book()
        count = 0
        for _, record in journal:
            if isinstance(record, OrderFilled):
                log = orders.get(record.order_id)
                strategy = "" if log is None else log.ticket.strategy_name
                signed = record.quantity * record.side.sign
                move_position(plain, record.symbol, strategy, signed, record.price)
                move_position(other, record.symbol, strategy, -signed, record.price)
                count += 1
        turned = {name: -held for name, held in other.by_strategy.items()}
        text = f"{plain.by_strategy} mirrored is {other.by_strategy}"
        self._expect(MIRROR, plain.by_strategy == turned and plain.cash == -other.cash, text)
        for symbol, holding in plain.holdings.items():
            there = other.holdings[symbol]
            # What is taken off is rounded down, to one unit of money, on either side.
            close = abs(holding.cost + there.cost) <= count
            text = f"{symbol} cost {holding.cost}, mirrored {there.cost}"
            self._expect(MIRROR, close and holding.quantity == -there.quantity, text)

    def scaled(self, journal: Journal, policy: DeskPolicy) -> None:
        """Let everything up to the first order be worth ten times as much."""
        floor = exact(policy.risk.price_floor, "price_floor") * TENFOLD
        richer = changed(policy, risk=changed(policy.risk, price_floor=floor))
        plain, other = Desk(policy), Desk(richer)
        for _, record in journal:
            if isinstance(record, PolicyAdopted):
                continue
            if isinstance(record, Intent):
                return
            ours = _first(plain.step(record))
            theirs = _first(other.step(_scaled(record)))
            if ours is None and theirs is None:
                continue
            same = ours is not None and theirs is not None and _alike(ours, theirs)
            self._expect(SCALE, same, f"{ours} became {theirs} at ten times the price")

    def restarted(self, journal: Journal, policy: DeskPolicy, live: Any) -> None:
        """A restart now would find every timer and every watch of the running engine."""
        timers, levels = TimerHeap(), Levels()
        heard: dict[str, Callable[[Any], None]] = {
            "SetTimer": lambda c: timers.set(c.timer_id, c.due, c.symbol),
            "ClearTimer": lambda c: timers.clear(c.timer_id),
            "WatchLevel": levels.set,
            "ClearLevel": lambda c: levels.clear(c.watch_id, c.symbol),
        }
        desk = Desk(policy)
        ignore: Callable[[Any], None] = lambda _command: None  # noqa: E731  # too short for a name
        recover(
            (record for _, record in journal),
            desk,
            lambda command: heard.get(type(command).__name__, ignore)(command),
        )
        lost = set(live.timers.upcoming(EVER)) - set(timers.upcoming(EVER))
        self._expect(RESTART, not lost, f"a restart would forget the timers {sorted(lost)}")
        found = _watches(levels)
        lost_watches = [
            watch
            for name, watch in _watches(live.engine.levels).items()
            if found.get(name) != watch
        ]
        self._expect(RESTART, not lost_watches, f"a restart would not watch {lost_watches}")


def _watches(levels: Levels) -> dict[str, WatchLevel]:
    kept = levels._watches.values()  # noqa: SLF001  # an oracle may look behind the door
    return {name: watch for watches in kept for name, watch in watches.items()}


def _desk_of(policy: DeskPolicy, state: DeskState) -> Desk:
    desk = Desk(policy)
    desk.state = state
    desk._adopt(policy)  # noqa: SLF001  # an oracle may look behind the door
    desk._take_timers()  # noqa: SLF001  # likewise
    return desk


def _tighter(limits: RiskLimits, rng: Random) -> RiskLimits:
    """Return the limits with one of them at half its value."""
    size = limits.size
    return rng.choice(
        (
            changed(limits, max_position_pct=_half(limits.max_position_pct)),
            changed(limits, max_turnover_pct=_half(limits.max_turnover_pct)),
            changed(limits, max_net_pct=_half(limits.max_net_pct)),
            changed(limits, max_positions=max(limits.max_positions // 2, 1)),
            changed(limits, cash_reserve_pct=_half(limits.cash_reserve_pct) + 50),
            changed(limits, size=changed(size, max_notional_pct=_half(size.max_notional_pct))),
            changed(limits, size=changed(size, max_parent_adv_pct=_half(size.max_parent_adv_pct))),
        )
    )


def _half(number: Number) -> Decimal:
    return exact(number, "limit") / 2


def _sent(commands: list[Command]) -> int:
    """Return the size of the orders that were decided, quantity units."""
    decided = (c for c in commands if isinstance(c, Decision) and c.stage == "SIGNAL")
    return sum(decision.quantity for decision in decided if decision.outcome in _SENT)


def _first(commands: list[Command]) -> Decision | None:
    found = (c for c in commands if isinstance(c, Decision) and c.outcome in _SENT)
    return next(found, None)


def _alike(one: Decision, other: Decision) -> bool:
    """Return whether two decisions are the same; a price is on the tick, which is finer tenfold."""
    same = (one.symbol, one.side, one.order_id) == (other.symbol, other.side, other.order_id)
    apart = abs(one.quantity - other.quantity)
    return same and apart <= max(one.quantity // 500, 1_000_000)


def _scaled(record: Event) -> Event:
    if isinstance(record, AccountOpened):
        held = tuple(replace(p, cost=p.cost * TENFOLD) for p in record.positions)
        return replace(record, cash=record.cash * TENFOLD, positions=held)
    market = getattr(record, "market", None)
    if not isinstance(market, MarketView):
        return record
    values = {name: value for name, value in asdict(market).items() if name not in _NO_PRICES}
    more = {name: value * TENFOLD for name, value in values.items() if value is not None}
    scaled: Any = record
    return cast("Event", replace(scaled, market=replace(market, **more)))


def _swapped(journal: Journal, orders: dict[str, OrderLog]) -> tuple[list[Event], int]:
    """Return the facts with independent neighbours swapped, and how many were."""
    records = [record for _, record in journal]
    facts: list[Event] = []
    swaps = at = 0
    while at < len(records):
        one, rest = records[at], records[at + 1 : at + 3]
        if isinstance(one, Intent):
            at += 1
        elif len(rest) == 2 and _independent(one, rest, orders):  # one and its next
            facts += _exchanged(one, rest[0])
            swaps, at = swaps + 1, at + 2
        else:
            facts.append(one)
            at += 1
    return facts, swaps


def _exchanged(one: Any, other: Any) -> list[Event]:
    """Return two facts the other way round, each at the moment of the other."""
    return [replace(other, at=one.at), replace(one, at=other.at)]


def _independent(one: Record, rest: Sequence[Record], orders: dict[str, OrderLog]) -> bool:
    """Return whether two reports are of other strategies and symbols, and nothing followed."""
    other, after = rest
    if not isinstance(one, _REPORTS) or not isinstance(other, _REPORTS):
        return False
    mine, theirs = orders.get(one.order_id), orders.get(other.order_id)
    if mine is None or theirs is None or isinstance(after, Intent):
        return False
    apart = mine.ticket.symbol != theirs.ticket.symbol
    return apart and mine.ticket.strategy_name != theirs.ticket.strategy_name


def _ends(state: DeskState) -> tuple[object, ...]:
    """Return how everything stands, without the order in which it came to be so."""
    held = {name: (h.quantity, h.cost) for name, h in state.book.holdings.items()}
    orders = {**state.recent, **state.orders}
    stand = {name: (order.status, order.filled, order.value) for name, order in orders.items()}
    latches = {(latch.key, latch.code) for latch in state.latches}
    guards = {key: (guard.held, guard.level) for key, guard in state.guards.items()}
    return state.book.cash, held, state.book.by_strategy, stand, latches, guards, state.quarantined


__all__ = ["Relations"]
