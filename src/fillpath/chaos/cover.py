"""A dumb second opinion on protection: is what was filled under a live stop, or an alarm up?

It counts by itself, from durable records alone: what each strategy holds by the executions, what is
under a stop by the broker's acceptances, changes and fills, and which alarms were raised by their
words. Where strangers trade in a symbol, whose shares they took is no arithmetic but a rule of the
desk; there the desk's own shares are asked for. What is on its way counts as covered for as long as
the engine waits for its confirmation, plus some seconds for the turn that tells a person.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from fillpath.chaos.ledger import Entry
from fillpath.chaos.witness import OrderLog, Step, Witness
from fillpath.core.commands import AmendOrder, ClearLevel, PlaceOrder, RaiseAlarm, WatchLevel
from fillpath.core.events import (
    AccountOpened,
    EngineStarted,
    LevelReached,
    OrderFilled,
    SplitApplied,
)
from fillpath.core.models import OrderSide, OrderType
from fillpath.core.units import price_decimal, quantity_decimal
from fillpath.risk.limits.account import StopKeeper

COVERED: Final = 47
EXITS: Final = 10
PATIENCE: Final = 11
"""Idle seconds: a change may be asked for and then a larger one, each confirmed within five."""
VERY_LONG: Final = 100
"""Idle seconds: the same while the broker refuses, or loses, what is asked of it."""
LONG: Final = 70
"""Idle seconds: the longest pause between two tries, and a little."""
PROTECT: Final = "protect"
Key = tuple[str, str]
Expect = Callable[[int, object, str], None]

_SAID: Final = re.compile(r"(?:[\d.]+ )?(\S+) of (no strategy|\S+) (?:are|is) ")
_TICKS: Final = Decimal("0.03")


class Owned(Struct):
    """What one strategy holds in one symbol, by its executions.

    Args:
        shares: signed.
        cost: what they cost on average, signed; None where that cannot be told any more.
    """

    shares: Decimal = Decimal(0)
    cost: Decimal | None = Decimal(0)


class Gap(Struct):
    """A position that is not under a stop.

    Args:
        life: number of the engine's start in which it began.
        seconds: for how long the engine was idle and no alarm was up meanwhile.
        idle: for how long the engine was idle in all.
        free: for how long it was, and nothing stood in the way.
        text: what is missing.
    """

    life: int
    seconds: int = 0
    idle: int = 0
    free: int = 0
    text: str = ""


class Cover:
    """Follow what is held and what protects it.

    Args:
        witness: what is durable.
        expect: counts a check and reports it when it does not hold.
    """

    def __init__(self, witness: Witness, expect: Expect) -> None:
        self.owned: dict[Key, Owned] = {}
        self.alarms: set[Key] = set()
        self.gaps: dict[Key, Gap] = {}
        self._witness = witness
        self._expect = expect
        self._owners: dict[str, tuple[Key, OrderLog | None]] = {}
        self._own: dict[str, OrderLog] = {}
        self._watches: dict[str, WatchLevel] = {}
        self._strange: set[str] = set()
        self._odd: set[Key] = set()
        self._splits: set[tuple[str, int]] = set()
        self._safe: dict[Key, Decimal] = {}
        self._orphans: dict[str, int] = {}
        self._life = 0

    @property
    def keeper(self) -> StopKeeper:
        """Return who keeps the stops by the rules in force."""
        return self._witness.desk.policy.stop_keeper

    def belongs(self, record: OrderFilled) -> None:
        """Note whose execution this is; call it before the ledger books it."""
        log = self._witness.orders.get(record.order_id)
        if log is None:
            self._strange.add(record.symbol)
            self._owners[record.fill_id] = ("", record.symbol), None
            return
        key = (log.ticket.strategy_name, record.symbol)
        self._owners[record.fill_id] = key, log
        if log.overfill or record.quantity + log.filled > max(log.ticket.quantity, log.most):
            self._odd.add(key)

    def moved(self, entry: Entry, was: Entry | None) -> None:
        """Book what the ledger books: an execution, or what became of one that it ``was``."""
        change = entry.shares if was is None else entry.shares - was.shares
        key, log = self._owners[entry.name]
        own = self.owned.setdefault(key, Owned())
        before = own.shares
        own.shares += change
        if was is not None:
            self._odd.add(key)
        self._priced(own, before, change, entry.price)
        sure = key[1] not in self._strange and key not in self._odd
        if log is not None and log.reduces and sure and not self._out_of_reach(log):
            text = f"{entry.name} turns {before} {key[1]} of {key[0]} into {own.shares}"
            self._expect(EXITS, before * own.shares >= 0, text)
        if not own.shares:
            self._odd.discard(key)

    def _out_of_reach(self, log: OrderLog) -> bool:
        """Return whether nobody could make an exit smaller that its group was filled before.

        Its acceptance was never heard, so it has no name by which to change or cancel it.
        """
        family = [one for one in self._witness.orders.values() if one is not log and one.fills]
        group = log.ticket.group
        return not log.broker_order_id and any(
            group and one.ticket.group == group for one in family
        )

    def _priced(self, own: Owned, before: Decimal, change: Decimal, price: Decimal) -> None:
        if not own.shares:
            own.cost = Decimal(0)
        elif own.cost is None or before * own.shares < 0:
            own.cost = own.shares * price if before * own.shares < 0 else None
        elif before * change >= 0:
            own.cost += change * price
        else:
            own.cost = own.cost * own.shares / before

    def took(self, step: Step) -> None:
        """Follow a durable record, then look at every position."""
        record = step.record
        if isinstance(record, PlaceOrder):
            self._placed(record)
        elif isinstance(record, SplitApplied):
            self._split(record)
        elif isinstance(record, AccountOpened):
            self._strange.update(position.symbol for position in record.positions)
        elif isinstance(record, LevelReached):
            self._watches.pop(record.watch_id, None)
        elif isinstance(record, EngineStarted):
            self._life += 1
        for command in step.commands:
            self._said(command)
        if self.keeper is not StopKeeper.NONE and not isinstance(record, AmendOrder):
            self._look()

    def second(self, *, idle: bool) -> None:
        """Let a second pass in which the engine was idle, or was not."""
        for key, gap in self.gaps.items():
            gap.idle += idle
            gap.seconds = 0 if key in self.alarms else gap.seconds + idle
            text = f"{key[1]} of {key[0]}: {gap.text}, for {gap.seconds} s, and nobody is told"
            self._expect(COVERED, gap.seconds <= PATIENCE, text)
            gap.free = 0 if self._hindered(key) else gap.free + idle
            text = (
                f"{key[1]} of {key[0]}: {gap.text} for {gap.free} s, and nothing stands in the way"
            )
            self._expect(COVERED, gap.free <= VERY_LONG, text)
        self._left(idle=idle)

    def _hindered(self, key: Key) -> bool:
        """Return whether something keeps a stop from being placed or changed."""
        state = self._witness.desk.state
        unpaid = key in state.guards and state.guards[key].level == 0
        shut = state.closed or state.latches or state.holds or key[1] in state.quarantined
        return bool(shut or unpaid or key[1] in state.doubts.values())

    def _left(self, *, idle: bool) -> None:
        """Nothing works for long for a position that is not held any more."""
        works = [name for name, log in self._own.items() if not log.status.is_terminal]
        needed = self._needed() if works else {}
        for name in works:
            ticket = self._own[name].ticket
            held = needed.get((ticket.strategy_name, ticket.symbol))
            since = self._orphans[name] = 0 if held else self._orphans.get(name, 0) + idle
            self._expect(COVERED, since <= LONG, f"{name} works for {since} s, and nothing is held")

    def healed(self) -> None:
        """Once nothing stands in the way, an alarm is no excuse; nor is anything left to work."""
        if self.keeper is StopKeeper.NONE:
            return
        state, needed = self._witness.desk.state, self._needed()
        self._safe = {key: held for key, held in needed.items() if key not in self.gaps}
        for key, gap in self.gaps.items():
            shut = key[1] in state.quarantined or state.latches or state.holds
            unpaid = state.guards[key].level == 0 if key in state.guards else False
            text = (
                f"{key[1]} of {key[0]}: {gap.text} for {gap.idle} s, and nothing stands in the way"
            )
            self._expect(COVERED, gap.idle <= LONG or shut or unpaid, text)

    def closed(self) -> None:
        """The close ends no stop of what is held over night."""
        needed = self._needed() if self.keeper is StopKeeper.BROKER else {}
        for key, held in self._safe.items():
            if needed.get(key) == held:
                gap = self.gaps.get(key)
                text = "" if gap is None else gap.text
                self._expect(COVERED, gap is None, f"{key[1]} of {key[0]} after the close: {text}")

    def leaving(self, log: OrderLog) -> None:
        """Nothing is added while an alarm is up, or a position that lost its stop is forgotten."""
        if log.reduces:
            return
        order_id = log.ticket.order_id
        bare = [key for key in self.alarms if key[1] == log.ticket.symbol]
        self._expect(COVERED, not bare, f"{order_id} leaves though {bare} is not protected")
        forgotten = [
            gap.text
            for key, gap in self.gaps.items()
            if gap.life < self._life and key not in self.alarms and not self._under_way(key)
        ]
        self._expect(COVERED, not forgotten, f"{order_id} leaves before {forgotten} is mended")

    def _placed(self, intent: PlaceOrder) -> None:
        ticket = intent.ticket
        log = self._witness.orders[ticket.order_id]
        key = (ticket.strategy_name, ticket.symbol)
        if ticket.route == PROTECT:
            self._check_exit(log, key)
            self._own[ticket.order_id] = log
            return
        works = [s for s in self._stops_of(key) if s.broker_order_id]
        if log.reduces and works and self.keeper is StopKeeper.BROKER:
            self._linked(log, works)

    def _linked(self, log: OrderLog, stops: list[OrderLog]) -> None:
        """An exit and a target are linked with the newest stop; one before it has been used up."""
        group = stops[-1].ticket.group
        text = f"{log.ticket.order_id} is in group {log.ticket.group!r}, its stop in {group!r}"
        self._expect(EXITS, log.ticket.group == group, text)

    def _check_exit(self, log: OrderLog, key: Key) -> None:
        """A protective order closes what is held, and no more."""
        ticket = log.ticket
        held = self._needed().get(key, Decimal(0))
        closes = held * ticket.side.sign < 0
        size = quantity_decimal(ticket.quantity)
        stops = self._stops_of(key)
        if ticket.order_type is OrderType.LIMIT and stops:
            self._linked(log, stops)
        text = f"{ticket.order_id} would {ticket.side} {size} of {held} {key[1]} held by {key[0]}"
        self._expect(EXITS, closes and size <= abs(held), text)

    def _split(self, record: SplitApplied) -> None:
        if (record.symbol, record.at) in self._splits:
            return
        self._splits.add((record.symbol, record.at))
        for key, own in self.owned.items():
            if key[1] == record.symbol and own.shares:
                own.shares = own.shares * record.new_shares / record.old_shares
                if own.shares != int(own.shares):
                    self._strange.add(record.symbol)  # how rests are shared is the desk's rule

    def _said(self, command: Any) -> None:
        if isinstance(command, WatchLevel):
            self._watches[command.watch_id] = command
        elif isinstance(command, ClearLevel):
            self._watches.pop(command.watch_id, None)
        elif isinstance(command, RaiseAlarm) and command.code in {"UNPROTECTED", "PROTECTED"}:
            found = _SAID.match(command.text)
            assert found is not None, f"{command.text!r} names a position"
            symbol, strategy = found.groups()
            key = ("" if strategy == "no strategy" else strategy, symbol)
            (self.alarms.add if command.code == "UNPROTECTED" else self.alarms.discard)(key)

    def _needed(self) -> dict[Key, Decimal]:
        """Return what has to be under a stop: what a strategy holds, less what others took of it."""
        needed = {
            key: own.shares
            for key, own in self.owned.items()
            if own.shares and key[0] and key[1] not in self._strange
        }
        book = self._witness.desk.state.book.by_strategy
        for symbol in self._strange:
            taken = quantity_decimal(book.get(("", symbol), 0))
            for key in sorted(k for k in book if k[1] == symbol and k[0]):
                held = quantity_decimal(book[key])
                if held * taken < 0:
                    off = min(abs(held), abs(taken)) * (1 if taken > 0 else -1)
                    held, taken = held + off, taken - off
                needed[key] = held
        return needed

    def _stops_of(self, key: Key) -> list[OrderLog]:
        return [
            log
            for log in self._own.values()
            if (log.ticket.strategy_name, log.ticket.symbol) == key
            and log.ticket.order_type is OrderType.STOP
            and not log.status.is_terminal
        ]

    def _look(self) -> None:
        """Compare what is held with what is under a stop."""
        if self._witness.desk.state.latches:
            self._safe.clear()  # it cancels stops, and there may be no time to place them again
        gaps: dict[Key, Gap] = {}
        for key, held in self._needed().items():
            why = self._missing(key, held)
            self._expect(COVERED, why is None or held, "")
            if why:
                gap = gaps[key] = self.gaps.get(key) or Gap(self._life)
                gap.text = why
        self.gaps = gaps

    def _missing(self, key: Key, held: Decimal) -> str | None:
        if not held:
            return None
        if self.keeper is StopKeeper.ENGINE:
            return self._unwatched(key, held)
        live = Decimal(0)
        for log in self._stops_of(key):
            if log.broker_order_id and log.ticket.side.sign * held < 0:
                live += quantity_decimal(log.working)
                wrong = self._misplaced(key, log)
                if wrong:
                    return wrong
        return None if live >= abs(held) else f"{live} of {held} is under a stop"

    def _unwatched(self, key: Key, held: Decimal) -> str | None:
        watch = self._watches.get(f"{key[0]}/{key[1]}")
        low = held > 0
        if watch is not None and (watch.low if low else watch.high) is not None:
            return None
        side = OrderSide.SELL if low else OrderSide.BUY
        closing = sum(
            log.working
            for log in self._witness.orders.values()
            if (log.ticket.strategy_name, log.ticket.symbol) == key and log.ticket.side is side
        )
        enough = quantity_decimal(closing) >= abs(held) or self._stops_of(key)
        return None if enough else f"nobody watches the price of {held}"

    def _misplaced(self, key: Key, log: OrderLog) -> str:
        """Return what is wrong with the level of a stop, by the average of the own fills."""
        own = self.owned.get(key)
        level = log.ticket.stop
        sure = own is not None and own.cost and key not in self._odd and key[1] not in self._strange
        if not sure or own is None or own.cost is None or level is None or log.filled:
            return ""
        policy = self._witness.desk.policy
        part = Decimal(str(policy.sizing.stop_loss_pct)) / 100
        sign = 1 if own.shares > 0 else -1
        meant = own.cost / own.shares * (1 - sign * part)
        off = (price_decimal(level) - meant) * sign
        looser = off < -_TICKS
        tighter = off > _TICKS and policy.risk.protection.trailing is None
        if looser or tighter:
            return f"the stop {log.ticket.order_id} is at {price_decimal(level)}, meant is {meant}"
        return ""

    def _under_way(self, key: Key) -> bool:
        return any(not log.broker_order_id or log.asked for log in self._stops_of(key))


__all__ = ["Cover", "Gap", "Owned"]
