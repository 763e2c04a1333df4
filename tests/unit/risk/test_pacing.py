"""A broker gets so many messages in a second, and cancels find room among them."""

import pytest

from fillpath.core.units import NANOSECONDS
from fillpath.risk.limits import RateLimits
from fillpath.risk.pacing import MOST_MESSAGES, MessageBudget

RATES = RateLimits(messages_per_second=5, cancel_reserve_per_second=2)


def sent(budget: MessageBudget, *moments: int) -> list[str]:
    """Return what was said of entries at these moments, empty where they left."""
    said = [budget.order(moment, RATES, exits=False) for moment in moments]
    return ["" if refusal is None else refusal.code for refusal in said]


@pytest.mark.control("C-23", "refuses")
def test_entries_leave_the_reserve_alone() -> None:
    budget = MessageBudget()

    assert sent(budget, 1, 2, 3, 4) == ["", "", "", "MESSAGE_RATE"]


@pytest.mark.control("C-23", "refuses")
def test_the_refusal_says_how_many_left() -> None:
    budget = MessageBudget()
    sent(budget, 1, 2, 3)

    refusal = budget.order(4, RATES, exits=False)

    assert refusal is not None
    assert refusal.text == "3 messages left within a second, an entry may be one of 3"


@pytest.mark.control("C-23", "passes")
def test_a_second_later_there_is_room_and_not_a_moment_before() -> None:
    budget = MessageBudget()
    sent(budget, 0, 5, 6)

    assert sent(budget, NANOSECONDS - 1, NANOSECONDS, NANOSECONDS + 1) == [
        "MESSAGE_RATE",
        "",
        "MESSAGE_RATE",
    ]


@pytest.mark.control("C-23", "passes")
def test_an_exit_leaves_whatever_left_before() -> None:
    budget = MessageBudget()
    sent(budget, 1, 2, 3)

    said = [budget.order(moment, RATES, exits=True) for moment in range(4, 20)]

    assert said == [None] * 16


@pytest.mark.control("C-23", "refuses")
def test_cancels_and_exits_are_counted() -> None:
    budget = MessageBudget()
    budget.count(1)
    budget.count(1)
    budget.order(1, RATES, exits=True)

    assert sent(budget, 2) == ["MESSAGE_RATE"]


@pytest.mark.control("C-23", "refuses")
def test_a_reserve_of_everything_leaves_entries_nothing() -> None:
    rates = RateLimits(messages_per_second=5, cancel_reserve_per_second=9)

    assert MessageBudget().order(1, rates, exits=False) is not None


def test_what_is_refused_is_not_counted() -> None:
    budget = MessageBudget()
    sent(budget, 0, 1, 2, 3, 4, 5)

    assert sent(budget, NANOSECONDS + 2, NANOSECONDS + 2, NANOSECONDS + 2) == ["", "", ""]


@pytest.mark.control("C-23", "refuses")
def test_a_clock_that_steps_back_gives_no_room() -> None:
    budget = MessageBudget()
    sent(budget, 10 * NANOSECONDS, 10 * NANOSECONDS, 10 * NANOSECONDS)

    assert sent(budget, 5) == ["MESSAGE_RATE"]


def test_what_is_remembered_is_bounded_by_the_highest_limit() -> None:
    budget = MessageBudget()
    for _ in range(MOST_MESSAGES + 50):
        budget.count(1)
    most = RateLimits(messages_per_second=1_000, cancel_reserve_per_second=0)

    assert budget.order(2, most, exits=False) is not None
