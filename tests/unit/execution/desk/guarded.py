"""A desk that keeps its positions under stops, and a broker that says what brokers say."""

from typing import Any

from fillpath.core.commands import AmendOrder, RaiseAlarm, Ticket, WatchLevel
from fillpath.core.events import AmendFailed, LevelReached, OrderAmended, OrderRefused
from fillpath.core.models import OrderType
from fillpath.core.units import Number
from fillpath.execution.desk.guard import Guard
from fillpath.execution.desk.state import OrderState
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import RiskLimits
from fillpath.risk.limits.account import ProtectionLimits, StopKeeper
from fillpath.testing.builders import SYMBOL
from tests.unit.execution.desk.scene import Answer, Scene, price, shares

ENTRY = "trend/sig-1"
TREND = ("trend", SYMBOL)


def keeping(keeper: StopKeeper = StopKeeper.BROKER, **limits: Any) -> DeskPolicy:
    """Return rules under which stops are kept."""
    amends = limits.pop("amends_stops", True)
    risk = RiskLimits(protection=ProtectionLimits(protective_stop=keeper, **limits))
    return DeskPolicy(stop_keeper=keeper, risk=risk, amends_stops=amends)


class Guarded(Scene):
    """A scene whose desk keeps stops."""

    def __init__(self, policy: DeskPolicy | None = None, **changes: Any) -> None:
        super().__init__(policy or keeping(), **changes)

    @property
    def guard(self) -> Guard:
        return self.desk.state.guards[TREND]

    @property
    def stop(self) -> OrderState:
        """The stop that works."""
        return self.desk.state.orders[self.guard.stop]

    @property
    def goal(self) -> OrderState:
        return self.desk.state.orders[self.guard.goal]

    @property
    def stops(self) -> list[Ticket]:
        """Every stop that was ever placed."""
        return [t for t in self.all.placed if t.order_type is OrderType.STOP]

    @property
    def up(self) -> bool:
        """Whether the alarm is up."""
        return bool(self.desk.state.uncovered)

    def enter(self, quantity: int = 100, paid: Number = 150, filled: int | None = None) -> Answer:
        """Buy, and let the broker accept the stop that follows."""
        order_id = self.signal(quantity=quantity).placed[0].order_id
        self.accept(order_id)
        answer = self.fill(order_id, filled, paid)
        for ticket in answer.placed:
            self.accept(ticket.order_id)
        return answer

    def amended(self, order_id: str, quantity: Number, level: Number | None = None) -> Answer:
        stop = None if level is None else price(level)
        return self.tell(OrderAmended(self.at, order_id, shares(quantity), stop, "said"))

    def confirm(self, answer: Answer) -> Answer:
        """Let the broker do what it was asked to change."""
        followed = Answer()
        for amend in answer.of(AmendOrder):
            news = OrderAmended(self.at, amend.order_id, amend.quantity, amend.stop, "asked")
            followed.extend(self.tell(news))
        return followed

    def amend_failed(self, order_id: str) -> Answer:
        return self.tell(AmendFailed(self.at, order_id, "no"))

    def refused(self, order_id: str, code: str = "201") -> Answer:
        return self.tell(OrderRefused(self.at, order_id, code, "not this one"))

    def reach(self, bid: str, ask: str) -> Answer:
        """Let the market come to a price that the desk waits for."""
        self.show(bid, ask)
        watch = self.all.of(WatchLevel)[-1]
        return self.tell(LevelReached(self.at, watch.watch_id, SYMBOL, self.view()))


def amends(answer: Answer) -> list[tuple[int, int]]:
    """Return size in shares and level in cents of each change that is asked for."""
    return [
        (a.quantity // shares(1), (a.stop or 0) // price("0.01")) for a in answer.of(AmendOrder)
    ]


def alarms(answer: Answer) -> list[str]:
    return [a.text for a in answer.of(RaiseAlarm)]
