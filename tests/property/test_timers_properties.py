"""The heap of timers behaves like the plainest possible list of timers."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fillpath.scheduling.timers import TimerHeap

NAMES = st.sampled_from([f"timer-{number}" for number in range(8)])


class TimerLife(RuleBasedStateMachine):
    """Sets, moves, clears and fires timers at random beside a dictionary that remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.heap = TimerHeap()
        self.model: dict[str, int] = {}  # in the order of setting

    @rule(name=NAMES, due=st.integers(0, 30))
    def set_timer(self, name: str, due: int) -> None:
        self.heap.set(name, due, name.upper())
        self.model.pop(name, None)
        self.model[name] = due

    @rule(name=NAMES)
    def clear_timer(self, name: str) -> None:
        self.heap.clear(name)
        self.model.pop(name, None)

    @rule(name=NAMES, times=st.integers(1, 200))
    def move_often(self, name: str, times: int) -> None:
        for due in range(times):
            self.set_timer(name, due)

    @rule(now=st.integers(-1, 30))
    def fire(self, now: int) -> None:
        due = sorted((at for at in self.model.items() if at[1] <= now), key=lambda item: item[1])

        fired = self.heap.pop_due(now)

        assert fired == [(name, at, name.upper()) for name, at in due]
        for name, _ in due:
            del self.model[name]

    @invariant()
    def the_next_is_the_earliest(self) -> None:
        assert self.heap.next_due() == min(self.model.values(), default=None)
        assert len(self.heap) == len(self.model)


TestTimerLife = TimerLife.TestCase
