"""Two operators, a clock, a kill switch and restarts: whatever comes, one yes sends one order.

Every entry needs a person. Signals come, prices move, both operators say yes and no to whatever
they remember, right or wrong; the engine is killed and started again from its journal.
"""

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fillpath.core.events import ApprovalDeclined, ApprovalGiven, EngineStarted, Event
from fillpath.core.models import OrderSide
from fillpath.data.codec import decode_group, encode_group
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits
from tests.unit.execution.desk.scene import Answer, Scene

POLICY = DeskPolicy(risk=RiskLimits(autonomy=AutonomyLimits(mode=Autonomy.MANUAL_APPROVAL)))
BUY = OrderSide.BUY
PEOPLE = st.sampled_from(["ann", "bob"])
PICK = st.integers(0, 9)
ENDS = {"ORDERED", "REDUCED", "REFUSED", "EXPIRED"}
QUOTES = st.sampled_from(
    [("149.99", "150.01"), ("149.99", "150.01"), ("158.99", "159.01"), ("149.99", None)]
)


class ApprovalLife(RuleBasedStateMachine):
    """Be the strategies, the operators and the machine that the engine runs on."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene(POLICY)
        self.placed: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.yes: Counter[str] = Counter()
        self.epoch = 1

    def _hear(self, answer: Answer) -> Answer:
        for ticket in answer.placed:
            self.placed[ticket.parent_id] += 1
            if ticket.side is BUY:
                assert self.yes[ticket.parent_id], f"{ticket.order_id} left without a yes"
        for decision in answer.decisions:
            if decision.stage == "SIGNAL" and decision.outcome in ENDS:
                self.ended[decision.order_id or decision.signal_id] += 1
        return answer

    def _tell(self, event: Event) -> Answer:
        return self._hear(self.scene.tell(event))

    def _remembered(self, number: int) -> str:
        """Return an order that an operator may think of, whether it waits or not."""
        names = sorted({*self.scene.desk.state.approvals, *self.scene.desk.state.answered, "x/y"})
        return names[number % len(names)]

    @rule(strategy=st.sampled_from(["trend", "mean"]), leave=st.sampled_from([0, 0, 0, 1]))
    def a_strategy_speaks(self, strategy: str, leave: int) -> None:
        direction = "FLAT" if leave else "LONG"
        quantity = None if leave else 10
        self._hear(self.scene.signal(direction, quantity, strategy_name=strategy))

    @rule(number=PICK, by=PEOPLE)
    def somebody_says_yes(self, number: int, by: str) -> None:
        order_id = self._remembered(number)
        waits = order_id in self.scene.desk.state.approvals
        before = self.placed[order_id]
        self.yes[order_id] += waits

        view = self.scene.view()
        answer = self._tell(ApprovalGiven(self.scene.at, order_id, by, view))

        assert waits or answer.alarms == ["APPROVAL_REFUSED"]
        assert waits or self.placed[order_id] == before

    @rule(number=PICK)
    def both_say_yes_at_once(self, number: int) -> None:
        order_id = self._remembered(number)
        before = self.placed[order_id]
        self.somebody_says_yes(number, "ann")
        self._tell(ApprovalGiven(self.scene.at, order_id, "bob", self.scene.view()))

        assert self.placed[order_id] <= before + 1

    @rule(number=PICK, by=PEOPLE)
    def somebody_says_no(self, number: int, by: str) -> None:
        order_id = self._remembered(number)

        answer = self._tell(ApprovalDeclined(self.scene.at, order_id, by, "no"))

        assert answer.placed == []
        assert order_id not in self.scene.desk.state.approvals

    @rule(quote=QUOTES)
    def the_market_moves(self, quote: tuple[str, Any]) -> None:
        self.scene.show(*quote)

    @rule(seconds=st.sampled_from([1, 60, 600, 899, 900]))
    def time_passes(self, seconds: int) -> None:
        for answer in self.scene.moments(seconds):
            self._hear(answer)

    @rule(seconds=st.sampled_from([60, 900]))
    def time_passes_while_nobody_looks_at_the_timers(self, seconds: int) -> None:
        self.scene.sleep(seconds)

    @rule()
    def the_broker_fills_everything(self) -> None:
        for order_id in list(self.scene.desk.state.orders):
            self._hear(self.scene.trade(order_id))

    @rule()
    def somebody_kills_and_clears(self) -> None:
        self._hear(self.scene.kill())
        assert self.scene.desk.state.approvals == {}
        self._hear(self.scene.clear())

    @rule()
    def the_session_ends_and_begins(self) -> None:
        self._hear(self.scene.close())
        assert self.scene.desk.state.approvals == {}
        self._hear(self.scene.open())

    @rule()
    @precondition(lambda self: len(self.scene.events) > 1)
    def the_engine_dies_and_comes_back(self) -> None:
        """Everything is rebuilt from the journal's bytes, timers too."""
        scene, before = self.scene, self.scene.desk
        records = decode_group(encode_group(0, 1, scene.events)).records
        scene.desk = Desk(POLICY)
        for record in records:
            scene.desk.step(record)  # type: ignore[arg-type]  # a scene journals facts alone
        assert scene.desk.fingerprint() == before.fingerprint()
        self.epoch += 1
        self._tell(EngineStarted(scene.at, "rules", "0", self.epoch))

    @invariant()
    def no_order_is_sent_twice_and_no_signal_ends_twice(self) -> None:
        assert max(self.placed.values(), default=0) <= 1
        assert max(self.ended.values(), default=0) <= 1

    @invariant()
    def whatever_waits_has_its_timer_and_reserves_nothing(self) -> None:
        state = self.scene.desk.state
        for order_id, waiting in state.approvals.items():
            assert self.scene.timers[f"approval:{order_id}"].due == waiting.due
            assert order_id not in state.orders
            assert order_id not in state.held
        assert not {name for name in self.scene.timers if name.startswith("approval:")} - {
            f"approval:{order_id}" for order_id in state.approvals
        }


TestApprovalLife = ApprovalLife.TestCase
