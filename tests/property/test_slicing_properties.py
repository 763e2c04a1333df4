"""What slicing promises for every size, lot, count and every order of bad luck."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.execution.slicing import (
    Schedule,
    catch_up,
    due,
    end_of,
    new_schedule,
    release,
    skip,
    twap_slices,
)

quantities = st.integers(1, 10**15)
lots = st.sampled_from([1, 7, 100, 10**6, 10**8])
counts = st.integers(1, 50)


class Step(NamedTuple):
    """What happens at one grid point: missed or not, and how much of the sent part is filled."""

    missed: bool
    filled_percent: int
    cancel_confirmed: bool


steps = st.builds(Step, st.booleans(), st.integers(0, 100), st.booleans())
days = st.lists(steps, min_size=50, max_size=50)


@pytest.mark.fault("F-95")
@given(quantity=quantities, lot=lots, count=counts)
def test_slices_sum_exactly_and_none_is_empty(quantity: int, lot: int, count: int) -> None:
    sizes = twap_slices(quantity, lot, count)

    assert sum(sizes) == quantity
    assert min(sizes) > 0
    assert len(sizes) == max(1, min(count, quantity // lot))


@pytest.mark.fault("F-95")
@given(quantity=quantities, lot=lots, count=counts)
def test_slices_differ_by_one_lot_at_most_and_the_odd_part_is_last(
    quantity: int, lot: int, count: int
) -> None:
    *front, last = twap_slices(quantity, lot, count)
    whole_last = last - quantity % lot if front else last
    whole = [*front, whole_last]

    assert all(size % lot == 0 for size in front)
    assert whole == sorted(whole, reverse=True)
    assert max(whole) - min(whole) <= lot


def walk(schedule: Schedule, lot: int, day: list[Step]) -> list[Schedule]:
    """Live through a day in which fills never go beyond what was sent."""
    seen = [schedule]
    filled = working = 0
    for k in range(len(schedule.sizes)):
        step = day[k]
        if step.missed:
            schedule = skip(schedule, k, lot)
        else:
            working = 0 if step.cancel_confirmed else working
            schedule, quantity = release(schedule, k, filled, working)
            assert filled + working + quantity <= max(schedule.released, filled + working)
            working += quantity
        done = working * step.filled_percent // 100
        filled += done
        working -= done
        seen.append(schedule)
    assert filled + working <= sum(schedule.sizes)
    return seen


@pytest.mark.fault("F-95")
@given(quantity=quantities, lot=lots, count=counts, day=days)
def test_planned_and_unplaced_always_sum_to_the_whole(
    quantity: int, lot: int, count: int, day: list[Step]
) -> None:
    sizes = twap_slices(quantity, lot, count)

    for schedule in walk(new_schedule(0, 60, sizes), lot, day):
        assert sum(schedule.planned) + schedule.unplaced == quantity


@pytest.mark.fault("F-97")
@given(quantity=quantities, lot=lots, count=counts, day=days)
def test_no_slice_ever_grows_above_twice_its_size(
    quantity: int, lot: int, count: int, day: list[Step]
) -> None:
    sizes = twap_slices(quantity, lot, count)

    for schedule in walk(new_schedule(0, 60, sizes), lot, day):
        for planned, size in zip(schedule.planned, sizes, strict=True):
            assert 0 <= planned <= 2 * size


@given(quantity=quantities, lot=lots, count=counts, day=days)
def test_what_is_released_is_what_was_planned_for_the_slices_not_missed(
    quantity: int, lot: int, count: int, day: list[Step]
) -> None:
    schedule = walk(new_schedule(0, 60, twap_slices(quantity, lot, count)), lot, day)[-1]

    assert schedule.released == sum(schedule.planned)
    assert schedule.released + schedule.unplaced == quantity


@given(quantity=quantities, lot=lots, count=counts, missed=st.integers(0, 49))
def test_nothing_is_unplaced_while_a_slice_left_has_room_for_a_lot(
    quantity: int, lot: int, count: int, missed: int
) -> None:
    sizes = twap_slices(quantity, lot, count)
    missed = min(missed, len(sizes))
    schedule = new_schedule(0, 60, sizes)
    for k in range(missed):
        schedule = skip(schedule, k, lot)

    rooms = [2 * size - planned for size, planned in zip(sizes, schedule.planned, strict=True)]
    assert schedule.unplaced == 0 or all(room < lot for room in rooms[missed:])


@given(each=st.integers(1, 10**6), lot=lots, count=st.integers(2, 50))
def test_a_missed_slice_is_shared_evenly(each: int, lot: int, count: int) -> None:
    schedule = skip(new_schedule(0, 60, (each * lot,) * count), 0, lot)

    left = schedule.planned[1:]
    assert max(left) - min(left) <= lot
    assert list(left) == sorted(left, reverse=True)


@pytest.mark.fault("F-97")
@given(
    start=st.integers(0, 10**18),
    interval=st.integers(1, 10**12),
    count=counts,
    late=st.integers(0, 10**14),
)
def test_at_most_one_slice_is_left_to_release_at_any_moment(
    start: int, interval: int, count: int, late: int
) -> None:
    schedule = new_schedule(start, interval, (1,) * count)
    at = start + late

    for k in catch_up(schedule, at):
        schedule = skip(schedule, k, 1)

    left = schedule.next_slice
    assert left == count or due(schedule, left) <= at < due(schedule, left) + interval
    assert (left == count) == (at >= end_of(schedule))


@given(filled=st.integers(0, 2_000), working=st.integers(0, 2_000), k=st.integers(0, 4))
def test_filled_working_and_sent_never_exceed_what_was_to_be_released(
    filled: int, working: int, k: int
) -> None:
    schedule = new_schedule(0, 60, (200,) * 5)
    for earlier in range(k):
        schedule, _ = release(schedule, earlier, 0, 0)

    schedule, quantity = release(schedule, k, filled, working)

    assert quantity >= 0
    assert quantity == 0 or filled + working + quantity == schedule.released
