"""An exit and its stop in any order of news: what works at the broker never sells more than is held.

The broker reduces what is linked and there; an order on its way it does not know. It does what it
is asked before it trades again. Without that no desk could keep the promise: what trades at the very
moment of its arrival cannot be called back.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fillpath.core.commands import AmendOrder, CancelOrder
from fillpath.core.models import OrderSide
from tests.unit.execution.desk.guarded import TREND, Guarded, keeping
from tests.unit.execution.desk.scene import Answer, shares

HELD = 100


class ExitLife(RuleBasedStateMachine):
    """One position, its stop, its exits, and a broker that links what it has."""

    @initialize(amends=st.booleans())
    def a_position_is_under_a_stop(self, *, amends: bool) -> None:
        self.scene = Guarded(keeping(amends_stops=amends))
        self.works: dict[str, int] = {}
        self.coming: list[str] = []
        self.scene.enter(HELD)
        self.works[self.scene.guard.stop] = HELD

    def _take(self, answer: Answer) -> None:
        """Let the broker do what it is asked, and take in what comes of that."""
        self.coming += [ticket.order_id for ticket in answer.placed]
        for command in answer:
            if isinstance(command, CancelOrder) and command.order_id in self.works:
                del self.works[command.order_id]
                self._take(self.scene.cancelled(command.order_id))
            elif isinstance(command, AmendOrder) and command.order_id in self.works:
                order = self.scene.desk.state.orders[command.order_id]
                self.works[command.order_id] = (command.quantity - order.filled) // shares(1)
                self._take(self.scene.confirm(Answer([command])))

    def _fill(self, name: str, quantity: int) -> None:
        """Trade, and reduce what is linked with it and there."""
        self.works[name] -= quantity
        if not self.works[name]:
            del self.works[name]
        told = []
        for other in list(self.works):
            if other == name or not self._linked(name, other):
                continue
            self.works[other] = max(self.works[other] - quantity, 0)
            told.append((other, self.works[other]))
            if not self.works[other]:
                del self.works[other]
        self._take(self.scene.fill(name, quantity, 147))
        for other, left in told:
            order = self.scene.desk.state.orders.get(other)
            if order is None:
                continue
            if left:
                whole = left + order.filled // shares(1)
                self._take(self.scene.amended(other, whole))
            else:
                self._take(self.scene.cancelled(other))

    def _linked(self, one: str, other: str) -> bool:
        tickets = self.scene.tickets
        state = self.scene.desk.state
        groups = [
            (state.orders[name].ticket if name in state.orders else tickets[name]).group
            for name in (one, other)
        ]
        return bool(groups[0]) and groups[0] == groups[1]

    @property
    def held(self) -> int:
        return self.scene.desk.state.book.by_strategy.get(TREND, 0) // shares(1)

    @rule()
    @precondition(lambda self: self.held > 0)
    def the_strategy_leaves(self) -> None:
        self._take(self.scene.signal("FLAT", strength="0.5"))

    @rule(pick=st.integers(0, 9))
    @precondition(lambda self: self.coming)
    def an_order_arrives(self, pick: int) -> None:
        name = self.coming.pop(pick % len(self.coming))
        order = self.scene.desk.state.orders.get(name)
        if order is not None:
            self.works[name] = order.remaining // shares(1)
            self._take(self.scene.accept(name))

    @rule(pick=st.integers(0, 9), quantity=st.integers(1, HELD))
    @precondition(lambda self: self.works)
    def an_order_trades(self, pick: int, quantity: int) -> None:
        names = sorted(self.works)
        name = names[pick % len(names)]
        self._fill(name, min(quantity, self.works[name]))

    @rule()
    def time_passes(self) -> None:
        self._take(self.scene.wait(6))

    @invariant()
    def nothing_that_works_sells_more_than_is_held(self) -> None:
        if not hasattr(self, "works"):
            return
        assert self.held >= 0
        for name, left in self.works.items():
            side = self.scene.desk.state.orders[name].ticket.side
            assert side is OrderSide.SELL
            assert left <= self.held, f"{name} would sell {left} of {self.held}"

    def teardown(self) -> None:
        if hasattr(self, "scene"):
            assert self.scene.fingerprint_of_replay() == self.scene.desk.fingerprint()


TestExitLife = ExitLife.TestCase
TestExitLife.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
