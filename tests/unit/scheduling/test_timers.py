"""Timers fire once, in order, and forget what was cleared."""

from fillpath.core.ports import Timers
from fillpath.scheduling.timers import TimerHeap


def a_heap(*timers: tuple[str, int]) -> TimerHeap:
    heap = TimerHeap()
    for timer_id, due in timers:
        heap.set(timer_id, due, "IBM")
    return heap


def test_it_is_the_port_that_the_engine_knows() -> None:
    timers: Timers = TimerHeap()

    assert timers.next_due() is None
    assert timers.pop_due(10**18) == []


def test_due_timers_come_earliest_first_and_once() -> None:
    heap = a_heap(("late", 30), ("early", 10), ("later", 40))

    fired = heap.pop_due(30)

    assert fired == [("early", 10, "IBM"), ("late", 30, "IBM")]
    assert heap.pop_due(30) == []
    assert (len(heap), heap.next_due()) == (1, 40)


def test_equal_times_keep_the_order_of_setting() -> None:
    heap = a_heap(("b", 10), ("a", 10), ("c", 10))

    assert [timer_id for timer_id, _, _ in heap.pop_due(10)] == ["b", "a", "c"]


def test_setting_again_moves_a_timer_behind_its_equals() -> None:
    heap = a_heap(("a", 10), ("b", 20))

    heap.set("a", 20, "AIG")

    assert heap.next_due() == 20
    assert heap.pop_due(20) == [("b", 20, "IBM"), ("a", 20, "AIG")]


def test_a_cleared_timer_never_fires() -> None:
    heap = a_heap(("a", 10), ("b", 20))

    heap.clear("a")
    heap.clear("never set")

    assert heap.next_due() == 20
    assert heap.pop_due(99) == [("b", 20, "IBM")]


def test_a_cleared_timer_that_is_set_again_fires_at_its_new_time() -> None:
    heap = a_heap(("a", 10))

    heap.clear("a")
    heap.set("a", 30, "IBM")

    assert heap.pop_due(10) == []
    assert heap.pop_due(30) == [("a", 30, "IBM")]


def test_forgotten_entries_do_not_pile_up() -> None:
    heap = a_heap(("kept", 10**9))

    for due in range(10_000):
        heap.set("moved", due, "IBM")
        heap.set("cleared", due, "IBM")
        heap.clear("cleared")

    assert len(heap) == 2
    assert len(heap._heap) < 200  # noqa: SLF001  # the bound is the promise
    assert heap.pop_due(10**9) == [("moved", 9_999, "IBM"), ("kept", 10**9, "IBM")]


def test_upcoming_timers_are_told_without_the_forgotten_ones() -> None:
    timers = TimerHeap()
    for name, due in (("a", 3), ("b", 1), ("c", 2), ("d", 9)):
        timers.set(name, due, name.upper())
    timers.clear("c")

    assert sorted(timers.upcoming(3)) == [(1, "B"), (3, "A")]
    assert len(timers) == 3
