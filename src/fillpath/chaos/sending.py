"""What must hold of every order at the moment at which its bytes leave, and of every cancel."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

from fillpath.chaos.venue import Venue
from fillpath.chaos.witness import Witness
from fillpath.core.models import Order, OrderSide, OrderType
from fillpath.core.units import NANOSECONDS, quantity_decimal

Report = Callable[[int, str], None]


class Change(NamedTuple):
    """A change of an order that works.

    Args:
        broker_order_id: the broker's name of the order.
        quantity: shares of the whole order.
    """

    broker_order_id: str
    quantity: Decimal


Leaving = Order | Change | str
"""What leaves the engine: an order, a change of one, or the broker's name of one to be cancelled."""

APPROVAL_NS: Final = 5 * NANOSECONDS
"""How old an approval may be when the order leaves."""
SLACK_NS: Final = 12 * NANOSECONDS
"""How late a first slice may leave, and how wrong a clock may be at a restart, taken together."""
PROTECT: Final = "protect"
KILL_SECONDS: Final = 1.0
"""Seconds after a kill within which the last order must have left."""


class Situation(Protocol):
    """What the moment of sending depends on, beside journal and venue."""

    def clock(self) -> int:
        """Return nanoseconds by the engine's own clock."""
        ...

    def true_now(self) -> int:
        """Return true nanoseconds UTC."""
        ...

    def closed_for(self) -> int:
        """Return nanoseconds since the close by the engine's own clock, 0 while it is open."""
        ...

    def killed_for(self) -> float | None:
        """Return seconds since a person stopped trading, None while it is allowed."""
        ...


class SendChecks:
    """Judge what is about to leave the engine.

    Args:
        witness: what is durable.
        venue: the truth.
        situation: the rest.
        report: takes the number of a broken invariant and what was found.
    """

    def __init__(
        self, witness: Witness, venue: Venue, situation: Situation, report: Report
    ) -> None:
        self.checks: Counter[int] = Counter()
        self._witness = witness
        self._venue = venue
        self._situation = situation
        self._report = report
        self._left: set[str] = set()
        self._started: dict[str, tuple[int, int]] = {}

    def __call__(self, leaving: Leaving) -> None:
        """Check an order, or the change or cancel of a broker's order."""
        if isinstance(leaving, Change):
            self._changed(leaving)
            return
        if isinstance(leaving, str):
            text = f"the cancel of {leaving} is not in the synced journal"
            self._expect(7, leaving in self._witness.cancels, text)
            return
        self._durable(leaving)
        self._allowed(leaving)
        self._alone(leaving)
        self._in_time(leaving)
        self._left.add(leaving.order_id)

    def _changed(self, change: Change) -> None:
        intent = self._witness.amends.get(change)
        text = f"the change {change} is not in the synced journal"
        self._expect(7, intent is not None, text)
        log = None if intent is None else self._witness.orders.get(intent.order_id)
        if log is None or change.quantity <= quantity_decimal(log.ticket.quantity):
            return
        state = self._witness.desk.state
        text = f"{intent} leaves though the journal has the kill: {state.killed}"
        self._expect(12, not state.killed, text)
        shut = state.closed or state.holds or state.quarantined.get(log.ticket.symbol)
        self._expect(13, not shut, f"{intent} leaves though it may not: {shut}")

    def _expect(self, number: int, holds: object, text: str) -> None:
        self.checks[number] += 1
        if not holds:
            self._report(number, text)

    def _durable(self, order: Order) -> None:
        name = order.order_id
        log = self._witness.orders.get(name)
        self._expect(7, log is not None, f"{name} leaves, its intent is not in the synced journal")
        again = name in self._left or self._venue.submissions[name] > 0
        self._expect(7, not again, f"{name} leaves a second time")
        numbers = [order.quantity, order.limit_price, order.stop_price]
        sane = all(n is None or (n.is_finite() and n > 0) for n in numbers)
        self._expect(24, sane, f"{name} carries {numbers}")
        if log is not None:
            group = log.ticket.group
            text = f"{name} leaves in group {order.oca_group!r}, the journal has {group!r}"
            self._expect(7, order.oca_group == group, text)
            age = self._situation.clock() - log.decided_at
            text = f"{name} leaves {age / NANOSECONDS:.3f} s after its approval"
            self._expect(11, age <= APPROVAL_NS, text)

    def _allowed(self, order: Order) -> None:
        state = self._witness.desk.state
        text = f"{order.order_id} leaves though the journal has the kill: {state.killed}"
        self._expect(12, not state.killed, text)
        log = self._witness.orders.get(order.order_id)
        if log is not None:
            mine = (log.ticket.strategy_name, log.ticket.symbol)
            stops = [one for one in state.latches if not (one.exits and log.reduces)]
            latched = [one for one in stops if one.covers(*mine)]
            self._expect(12, not latched, f"{order.order_id} leaves though {latched} are set")
        since = self._situation.killed_for()
        text = f"{order.order_id} leaves {since} s after the kill"
        self._expect(34, since is None or since <= KILL_SECONDS, text)
        after = self._situation.closed_for()
        self._expect(
            13, after <= APPROVAL_NS, f"{order.order_id} leaves {after} ns after the close"
        )
        shut = state.closed or state.holds or state.quarantined.get(order.symbol)
        self._expect(13, not shut, f"{order.order_id} leaves though it may not: {shut}")

    def _alone(self, order: Order) -> None:
        """No order of the same strategy works on the other side; stops and targets wait there.

        What gives up a position waits for no cancel that was asked for: a stop at the broker would
        not, and for as long as nobody confirms it the position would have no bound. Should the two
        meet, what is held afterwards is under its stop again. Every other order waits.
        """
        other = order.side.opposite
        gives_up = order.metadata.get("route") == PROTECT
        known = self._witness.desk.state.orders
        leaving = {name for name, one in known.items() if gives_up and one.cancel_asked_at}
        crossing = [
            o.order_id
            for o in self._venue.working()
            if (o.symbol, o.side, o.strategy_name) == (order.symbol, other, order.strategy_name)
            and o.order_id not in leaving
            and _can_meet(o, order)
        ]
        self._expect(9, not crossing, f"{order.order_id} meets {crossing} of its own strategy")

    def _in_time(self, order: Order) -> None:
        """Slices of a schedule keep their distance by true time, whatever clocks say."""
        number = order.metadata.get("twap_slice")
        if number is None or order.parent_order_id is None:
            return
        now = self._situation.true_now()
        first = self._started.setdefault(order.parent_order_id, (number, now))
        # The first one may have left as late as the next one was due.
        intervals = number - first[0] - 1
        apart = intervals * order.metadata["twap_interval_seconds"] * NANOSECONDS
        text = f"{order.order_id} leaves {(now - first[1]) / NANOSECONDS:.3f} s after the first"
        self._expect(27, now - first[1] >= apart - SLACK_NS, text)


def _can_meet(one: Order, other: Order) -> bool:
    """Return whether two orders of opposite sides could trade with each other."""
    if PROTECT not in {one.metadata.get("route"), other.metadata.get("route")}:
        return True
    if OrderType.STOP in {one.order_type, other.order_type}:
        return False  # it waits for its price
    buy, sell = (one, other) if one.side is OrderSide.BUY else (other, one)
    if buy.limit_price is None or sell.limit_price is None:
        return True
    return buy.limit_price >= sell.limit_price


__all__ = ["APPROVAL_NS", "KILL_SECONDS", "Change", "Leaving", "SendChecks", "Situation"]
