"""Random broker news about one order: whatever comes, nothing is lost and no rule is broken."""

from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fillpath.core.models import OrderStatus
from fillpath.execution.lifecycle import NEXT, Fact, advance, fill_path

S = OrderStatus
ORDERED = 100
WORKING = frozenset({S.SUBMITTED, S.PARTIALLY_FILLED})
BACKWARDS = frozenset({Fact.LATE_FILL, Fact.CORRECTED_DOWN, Fact.BUSTED})


class OrderLife(RuleBasedStateMachine):
    """Be the desk that hears about one order, and remember all that really happened."""

    def __init__(self) -> None:
        super().__init__()
        self.status = S.PENDING
        self.path = [S.PENDING]
        self.facts: list[Fact] = []
        self.alarms: list[Fact] = []
        self.filled = 0
        self.executed = 0
        self.undone = 0

    def hear(self, fact: Fact) -> None:
        """Apply one fact as the desk does: move, or raise an alarm and stay."""
        after = advance(self.status, fact)
        if after is None:
            self.alarms.append(fact)
            return
        assert NEXT[self.status, fact] is after
        self.status = after
        self.path.append(after)
        self.facts.append(fact)

    @rule()
    def the_broker_accepts(self) -> None:
        self.hear(Fact.ACCEPTED)

    @rule()
    def the_broker_refuses(self) -> None:
        self.hear(Fact.REJECTED)

    @rule()
    def the_rest_is_cancelled(self) -> None:
        self.hear(Fact.CANCELLED)

    @rule()
    def the_time_is_over(self) -> None:
        self.hear(Fact.EXPIRED)

    @rule(share=st.integers(1, ORDERED))
    @precondition(lambda self: self.filled < ORDERED)
    def an_execution_comes(self, share: int) -> None:
        """At any moment: before the acceptance, after the end, it is real."""
        quantity = min(share, ORDERED - self.filled)
        self.executed += quantity
        self.filled += quantity
        alarms = len(self.alarms)
        for fact in fill_path(self.status, ORDERED, self.filled):
            self.hear(fact)
        assert len(self.alarms) == alarms, "a fill that was still missing always fits"

    @rule()
    @precondition(lambda self: self.filled == ORDERED)
    def more_than_ordered_is_executed(self) -> None:
        """The fill is booked and the status keeps its place; a person is told."""
        before = self.status
        alarms = len(self.alarms)
        self.executed += 1
        self.filled += 1
        for fact in fill_path(before, ORDERED, self.filled):
            self.hear(fact)
        assert self.status is S.FILLED
        assert before is not S.FILLED or len(self.alarms) > alarms

    @rule(left=st.integers(1, ORDERED))
    @precondition(lambda self: self.filled > 1)
    def an_execution_is_corrected_down(self, left: int) -> None:
        remaining = min(left, self.filled - 1, ORDERED - 1)
        self.undone += self.filled - remaining
        self.filled = remaining
        self.hear(Fact.CORRECTED_DOWN)

    @rule()
    @precondition(lambda self: self.filled > 0)
    def every_execution_is_undone(self) -> None:
        self.undone += self.filled
        self.filled = 0
        self.hear(Fact.BUSTED)

    @rule()
    @precondition(lambda self: self.facts)
    def the_last_news_is_told_again(self) -> None:
        """Delivery is at least once; executions are told apart by their ids before this."""
        last = self.facts[-1]
        if last in {Fact.ACCEPTED, Fact.CANCELLED, Fact.REJECTED, Fact.EXPIRED}:
            before = self.status
            self.hear(last)
            assert self.status is before

    @invariant()
    def filled_never_comes_without_submitted(self) -> None:
        assert S.FILLED not in self.path or S.SUBMITTED in self.path[: self.path.index(S.FILLED)]
        assert all(
            before in WORKING
            for before, after in pairwise(self.path)
            if after is S.FILLED and before is not S.FILLED
        )

    @invariant()
    def an_ended_order_moves_only_by_an_explicit_step_back(self) -> None:
        for fact, (before, after) in zip(self.facts, pairwise(self.path), strict=True):
            assert not before.is_terminal or after is before or fact in BACKWARDS

    @invariant()
    def no_execution_is_ever_lost(self) -> None:
        assert self.filled == self.executed - self.undone

    @invariant()
    def the_status_tells_what_is_filled(self) -> None:
        if self.status is S.FILLED:
            assert self.filled >= ORDERED
        if self.status is S.PARTIALLY_FILLED:
            assert 0 < self.filled < ORDERED
        if self.status in {S.PENDING, S.SUBMITTED, S.REJECTED}:
            assert self.filled == 0

    @invariant()
    def a_whole_fill_is_filled(self) -> None:
        if self.filled >= ORDERED:
            assert self.status is S.FILLED

    @invariant()
    def pending_is_never_returned_to(self) -> None:
        assert S.PENDING not in self.path[1:]


TestOrderLife = OrderLife.TestCase
