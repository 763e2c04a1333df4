"""Slices, grid, carry and re-spread of a TWAP schedule."""

import pytest

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

START = 1_000
MINUTE = 60
SHARE = 10**6


def a_schedule(*sizes: int) -> Schedule:
    return new_schedule(START, MINUTE, sizes or (200, 200, 200, 200, 200))


SIZES = [
    pytest.param(1_000, 1, 5, (200, 200, 200, 200, 200), id="even"),
    pytest.param(1_003, 1, 5, (201, 201, 201, 200, 200), id="the remainder goes in front"),
    pytest.param(3, 1, 5, (1, 1, 1), id="fewer lots than slices"),
    pytest.param(1, 1, 5, (1,), id="one lot is one slice"),
    pytest.param(1_000, 100, 3, (400, 300, 300), id="whole lots of 100"),
    pytest.param(1_050, 100, 3, (400, 300, 350), id="the odd part goes on the last slice"),
    pytest.param(250, 100, 5, (100, 150), id="two lots and a half"),
    pytest.param(50, 100, 5, (50,), id="less than a lot is one slice"),
    pytest.param(1_000, 1, 1, (1_000,), id="one slice"),
    pytest.param(10_500_000, SHARE, 5, (2 * SHARE,) * 4 + (2_500_000,), id="10.5 shares"),
    pytest.param(10**9 * SHARE, SHARE, 4, (250_000_000 * SHARE,) * 4, id="a thousand million"),
]


@pytest.mark.parametrize(("quantity", "lot", "count", "sizes"), SIZES)
def test_slices_are_whole_lots_and_sum_exactly(
    quantity: int, lot: int, count: int, sizes: tuple[int, ...]
) -> None:
    assert twap_slices(quantity, lot, count) == sizes


@pytest.mark.parametrize(("quantity", "lot", "count"), [(0, 1, 5), (1, 0, 5), (1, 1, 0)])
def test_nothing_cannot_be_sliced(quantity: int, lot: int, count: int) -> None:
    with pytest.raises(AssertionError):
        twap_slices(quantity, lot, count)


def test_a_schedule_without_slices_cannot_be() -> None:
    with pytest.raises(AssertionError):
        new_schedule(START, MINUTE, ())


def test_slices_are_due_at_0_60_120_180_240_seconds() -> None:
    schedule = a_schedule()

    assert [due(schedule, k) - START for k in range(5)] == [0, 60, 120, 180, 240]
    assert end_of(schedule) - START == 300


def test_each_slice_is_what_is_planned_when_all_are_filled_in_time() -> None:
    schedule = a_schedule()
    filled = 0
    sent = []
    for k in range(5):
        schedule, quantity = release(schedule, k, filled, 0)
        sent.append(quantity)
        filled += quantity

    assert sent == [200, 200, 200, 200, 200]
    assert (schedule.released, schedule.next_slice) == (1_000, 5)


def test_what_a_slice_left_unfilled_is_carried_without_a_limit() -> None:
    schedule = a_schedule()
    for k in range(4):
        schedule, _ = release(schedule, k, 0, 0)

    schedule, quantity = release(schedule, 4, 50, 0)

    assert quantity == 950


@pytest.mark.fault("F-93")
def test_what_still_works_is_not_sent_again() -> None:
    schedule, _ = release(a_schedule(), 0, 0, 0)

    _, quantity = release(schedule, 1, filled=50, working=150)

    assert quantity == 200


def test_a_release_is_never_below_zero() -> None:
    _, quantity = release(a_schedule(), 0, filled=150, working=100)

    assert quantity == 0


@pytest.mark.parametrize("k", [0, 2])
def test_slices_are_released_and_missed_in_their_order(k: int) -> None:
    schedule, _ = release(a_schedule(), 0, 0, 0)

    with pytest.raises(AssertionError, match="in their order"):
        release(schedule, k, 0, 0)
    with pytest.raises(AssertionError, match="in their order"):
        skip(schedule, k, 1)


def test_a_missed_slice_is_spread_evenly_over_the_slices_left() -> None:
    schedule = skip(a_schedule(), 0, 1)

    assert schedule.planned == (0, 250, 250, 250, 250)
    assert (schedule.unplaced, schedule.next_slice) == (0, 1)


def test_the_remainder_of_a_re_spread_goes_in_front() -> None:
    schedule, _ = release(a_schedule(), 0, 0, 0)

    schedule = skip(schedule, 1, 1)

    assert schedule.planned == (200, 0, 267, 267, 266)


def test_a_re_spread_is_in_whole_lots() -> None:
    schedule = skip(a_schedule(200, 200, 200, 200, 250), 0, 100)

    assert schedule.planned == (0, 300, 300, 200, 250)


def test_no_slice_grows_above_twice_its_size_and_the_rest_is_unplaced() -> None:
    schedule = a_schedule()
    for k in range(3):
        schedule = skip(schedule, k, 1)

    assert schedule.planned == (0, 0, 0, 400, 400)
    assert schedule.unplaced == 200


def test_a_full_slice_leaves_its_share_to_the_others() -> None:
    schedule = a_schedule(600, 100, 400, 400)

    schedule = skip(schedule, 0, 1)

    assert schedule.planned == (0, 200, 650, 650)
    assert schedule.unplaced == 0


def test_a_missed_last_slice_is_unplaced() -> None:
    schedule = a_schedule(100, 100)
    schedule, _ = release(schedule, 0, 0, 0)

    schedule = skip(schedule, 1, 1)

    assert (schedule.planned, schedule.unplaced) == ((100, 0), 100)


def test_carried_quantity_survives_a_missed_slice() -> None:
    schedule, _ = release(a_schedule(100, 100, 100), 0, 0, 0)
    schedule = skip(schedule, 1, 1)

    _, quantity = release(schedule, 2, 0, 0)

    assert quantity == 300


LATE = [
    pytest.param(START, (), id="on time"),
    pytest.param(START + MINUTE - 1, (), id="late within its own interval"),
    pytest.param(START + MINUTE, (0,), id="the next slice is due"),
    pytest.param(START + 3 * MINUTE + 5, (0, 1, 2), id="three intervals late"),
    pytest.param(START + 5 * MINUTE, (0, 1, 2, 3, 4), id="after the end"),
    pytest.param(START + 500 * MINUTE, (0, 1, 2, 3, 4), id="long after the end"),
    pytest.param(START - 1, (), id="before the start"),
]


@pytest.mark.parametrize(("at", "missed"), LATE)
def test_slices_whose_interval_has_passed_are_missed_and_never_bunched(
    at: int, missed: tuple[int, ...]
) -> None:
    assert tuple(catch_up(a_schedule(), at)) == missed


def test_released_slices_are_not_missed() -> None:
    schedule, _ = release(a_schedule(), 0, 0, 0)

    assert tuple(catch_up(schedule, START + 2 * MINUTE)) == (1,)
