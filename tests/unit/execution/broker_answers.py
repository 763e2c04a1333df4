"""What a broker answers about the orders of a desk scene, and a reconciliation round by round."""

from decimal import Decimal
from typing import Any

from fillpath.core.events import Event
from fillpath.core.models import Fill, Order, OrderSide, OrderStatus, Position
from fillpath.core.translation import order_from
from fillpath.core.units import Number, moment, money_decimal, quantity_decimal
from fillpath.execution.reconciling import BrokerView, Outcome, Reconciler
from fillpath.testing.builders import SYMBOL
from tests.unit.execution.desk.scene import Answer, Scene

SECOND = 10**9


class Rounds:
    """Ask a broker about a scene's account; it agrees with the desk on all that is not said."""

    def __init__(self, scene: Scene, *, checks_account: bool = True) -> None:
        self.scene = scene
        self.reconciler = Reconciler(scene.desk.state, checks_account=checks_account)
        self.executions: list[Fill] = []
        self.open: list[Order] = []
        self.completed: list[Order] = []
        self.cash: Decimal | None = None
        self.positions: dict[str, Decimal] | None = None
        self.told = Answer()

    def shows(self, order_id: str, broker_order_id: str = "B1", **changes: Any) -> Order:
        """Return one of our orders as the broker would show it."""
        order = order_from(self.scene.tickets[order_id], self.scene.at)
        given = {"broker_order_id": broker_order_id, "status": OrderStatus.SUBMITTED}
        return order.changed(**(given | changes))

    def executed(
        self, order_id: str, fill_id: str, quantity: Number, paid: Number = "150", **changes: Any
    ) -> Fill:
        """Return an execution as the broker remembers it."""
        given: dict[str, Any] = {
            "fill_id": fill_id,
            "order_id": order_id,
            "symbol": SYMBOL,
            "side": OrderSide.BUY,
            "quantity": quantity,
            "price": paid,
            "ts": moment(self.scene.at),
        }
        return Fill(**(given | changes))

    def view(self, **changes: Any) -> BrokerView:
        """Return an answer that was asked for now and took a tenth of a second."""
        book = self.scene.desk.state.book
        held = {s: quantity_decimal(h.quantity) for s, h in book.holdings.items()}
        positions = held if self.positions is None else self.positions
        given: dict[str, Any] = {
            "asked_at": self.scene.at + 1,
            "answered_at": self.scene.at + SECOND // 10,
            "executions": tuple(self.executions),
            "open_orders": tuple(self.open),
            "completed_orders": tuple(self.completed),
            "positions": tuple(Position(symbol=s, quantity=q) for s, q in positions.items()),
            "cash": money_decimal(book.cash) if self.cash is None else self.cash,
        }
        return BrokerView(**(given | changes))

    def ask(self, cycles: int = 2, **changes: Any) -> Outcome:
        """Ask once, feed what follows, and let three seconds pass."""
        outcome = self.reconciler.answered(self.view(**changes), cycles)
        self.told = Answer()
        for fact in outcome.facts:
            self.told.extend(self.scene.tell(fact))
        self.scene.sleep(3.2)
        return outcome


def words(outcome: Outcome) -> list[str]:
    """Return the kinds of the facts that follow."""
    return [type(fact).__name__ for fact in outcome.facts]


def codes(outcome: Outcome) -> list[str]:
    """Return what differs, the pending ones with a question mark."""
    return [f"{d.code}?" if d.pending else d.code for d in outcome.differences]


def the(outcome: Outcome, kind: type[Event]) -> Any:
    """Return the only fact of a kind."""
    (fact,) = (fact for fact in outcome.facts if isinstance(fact, kind))
    return fact
