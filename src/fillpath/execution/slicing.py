"""In which pieces an order goes: TWAP slices on a fixed grid, exact to the last lot.

Slices are counted from 0 here; ``twap_slice`` in metadata is one more. What is planned over all
slices and what is unplaced always add up to the whole.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace


class Schedule(Struct, frozen=True, array_like=True, gc=False):
    """A sliced order on its grid.

    Args:
        start: nanoseconds UTC of slice 0.
        interval: nanoseconds between slices.
        sizes: scheduled size of each slice, quantity units.
        planned: the same after missed slices were re-spread; 0 for a missed one.
        released: planned quantity of the slices released so far.
        unplaced: missed quantity that found no room on the grid.
        next_slice: the first slice that is neither released nor missed.
    """

    start: int
    interval: int
    sizes: tuple[int, ...]
    planned: tuple[int, ...]
    released: int
    unplaced: int
    next_slice: int


def twap_slices(quantity: int, lot: int, count: int) -> tuple[int, ...]:
    """Return at most ``count`` slices of whole lots that sum to ``quantity``.

    The remainder goes in front, one lot each; what is less than a lot goes on the last slice. With
    fewer lots than ``count`` there are as many slices as lots, and at least one.
    """
    assert quantity > 0, "there is something to slice"
    assert lot > 0, "a lot is something"
    assert count > 0, "there is at least one slice"
    lots, odd = divmod(quantity, lot)
    if lots == 0:
        return (quantity,)
    count = min(count, lots)
    base, extra = divmod(lots, count)
    small = base * lot
    middle = (small,) * (count - extra - 1)
    return (small + lot,) * extra + middle + (small + odd,)


def new_schedule(start: int, interval: int, sizes: tuple[int, ...]) -> Schedule:
    """Return a schedule of which nothing is released yet."""
    assert sizes, "a schedule has at least one slice"
    return Schedule(start, interval, sizes, sizes, 0, 0, 0)


def begun_at(schedule: Schedule, k: int, at: int) -> Schedule:
    """Return the schedule with its grid moved so that slice ``k`` (from 0) is due at ``at``."""
    return replace(schedule, start=at - k * schedule.interval)


def due(schedule: Schedule, k: int) -> int:
    """Return when slice ``k`` (from 0) is to be released, nanoseconds UTC."""
    return schedule.start + k * schedule.interval


def end_of(schedule: Schedule) -> int:
    """Return when the last slice's interval is over, nanoseconds UTC."""
    return schedule.start + len(schedule.sizes) * schedule.interval


def catch_up(schedule: Schedule, at: int) -> range:
    """Return the slices that are missed at ``at``, oldest first.

    A slice is missed once it was not released before the next one is due (for the last: before
    ``end_of``). So at most one slice is left to release now, and nothing is bunched.
    """
    passed = (at - schedule.start) // schedule.interval
    return range(schedule.next_slice, min(passed, len(schedule.sizes)))


def release(schedule: Schedule, k: int, filled: int, working: int) -> tuple[Schedule, int]:
    """Release slice ``k`` and return what it has to send, quantity units, 0 or more.

    That is the planned quantity of all released slices less what is filled and what still works,
    so that whatever earlier slices left unfilled is carried without a limit. An order whose
    cancel is not confirmed still counts as working.
    """
    assert k == schedule.next_slice, "slices are released in their order"
    target = schedule.released + schedule.planned[k]
    after = Schedule(
        schedule.start,
        schedule.interval,
        schedule.sizes,
        schedule.planned,
        target,
        schedule.unplaced,
        k + 1,
    )
    return after, max(0, target - filled - working)


def skip(schedule: Schedule, k: int, lot: int) -> Schedule:
    """Give up slice ``k`` and re-spread its planned quantity evenly over the slices left.

    Whole lots, the remainder in front, no slice above twice its scheduled size; what does not fit
    becomes unplaced.
    """
    assert k == schedule.next_slice, "slices are missed in their order"
    later = range(k + 1, len(schedule.sizes))
    planned = list(schedule.planned)
    rooms = [(2 * schedule.sizes[j] - planned[j]) // lot for j in later]
    given = _spread(planned[k] // lot, rooms)
    for j, lots in zip(later, given, strict=True):
        planned[j] += lots * lot
    left_over = planned[k] - sum(given) * lot
    planned[k] = 0
    return Schedule(
        schedule.start,
        schedule.interval,
        schedule.sizes,
        tuple(planned),
        schedule.released,
        schedule.unplaced + left_over,
        k + 1,
    )


def _spread(lots: int, rooms: Sequence[int]) -> list[int]:
    """Return how many lots each place takes: evenly, in front first, none beyond its room."""
    given = [0] * len(rooms)
    open_places = [place for place, room in enumerate(rooms) if room > 0]
    while lots and open_places:
        share, extra = divmod(lots, len(open_places))
        for order, place in enumerate(open_places):
            part = min(share + (order < extra), rooms[place] - given[place])
            given[place] += part
            lots -= part
        open_places = [place for place in open_places if given[place] < rooms[place]]
    return given


__all__ = [
    "Schedule",
    "begun_at",
    "catch_up",
    "due",
    "end_of",
    "new_schedule",
    "release",
    "skip",
    "twap_slices",
]
