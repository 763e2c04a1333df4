"""What stands is told at once, and again each minute, until a person answers (control A-14)."""

import pytest

from fillpath.core.units import NANOSECONDS
from fillpath.risk.paging import Matters, Page

STOP = {"latch KILL_SWITCH trading": "trading is off: losing"}
DOUBT = {"doubt a/1": "nobody knows what became of a/1 in AAPL"}
START = 1_700_000_000 * NANOSECONDS


def at(second: float) -> int:
    return START + round(second * NANOSECONDS)


def told(pages: list[Page]) -> list[tuple[str, int]]:
    return [(page.name, page.times) for page in pages]


@pytest.mark.control("A-14", "refuses")
def test_what_stands_is_told_at_once() -> None:
    (page,) = Matters().look(STOP, at(0))

    assert page == Page("latch KILL_SWITCH trading", "trading is off: losing", at(0), 1)


@pytest.mark.control("A-14", "refuses")
@pytest.mark.control("A-14", "passes")
@pytest.mark.parametrize(
    ("second", "times"),
    [(59.999999999, []), (60, [2]), (60.000000001, [2]), (-1, [2])],
    ids=["just before", "a minute later", "after it", "a clock that went back"],
)
def test_what_nobody_answers_is_told_again_each_minute(second: float, times: list[int]) -> None:
    matters = Matters()
    matters.look(STOP, at(0))

    assert [page.times for page in matters.look(STOP, at(second))] == times


@pytest.mark.control("A-14", "passes")
def test_what_was_answered_is_told_no_more() -> None:
    matters = Matters()
    matters.look(STOP | DOUBT, at(0))
    answered = matters.answer("doubt a/1", "ann")

    assert answered == ["doubt a/1"]
    assert matters.open["doubt a/1"].answered_by == "ann"
    assert told(matters.look(STOP | DOUBT, at(60))) == [("latch KILL_SWITCH trading", 2)]
    assert matters.unanswered() == STOP


@pytest.mark.control("A-14", "passes")
def test_everything_can_be_answered_at_once_and_only_once() -> None:
    matters = Matters()
    matters.look(STOP | DOUBT, at(0))
    first = matters.answer("all", "ann")
    second = matters.answer("all", "bob")

    assert (first, second) == ([*STOP, *DOUBT], [])
    assert {matter.answered_by for matter in matters.open.values()} == {"ann"}


@pytest.mark.control("A-14", "refuses")
def test_what_comes_back_is_a_new_matter() -> None:
    matters = Matters()
    matters.look(STOP, at(0))
    matters.answer("all", "ann")
    matters.look({}, at(1))

    assert told(matters.look(STOP, at(2))) == [("latch KILL_SWITCH trading", 1)]
    assert matters.open["latch KILL_SWITCH trading"].since == at(2)


@pytest.mark.control("A-14", "refuses")
@pytest.mark.parametrize(("second", "expected"), [(4.999999999, []), (5, [1]), (64.9, [1])])
def test_a_page_that_reached_nobody_is_tried_again_after_seconds(
    second: float, expected: list[int]
) -> None:
    matters = Matters()
    matters.missed(matters.look(STOP, at(0)))

    assert [page.times for page in matters.look(STOP, at(second))] == expected


@pytest.mark.control("A-14", "passes")
def test_a_page_that_came_through_at_last_is_followed_a_minute_later() -> None:
    matters = Matters()
    matters.missed(matters.look(STOP, at(0)))
    matters.look(STOP, at(5))

    assert matters.look(STOP, at(10)) == []
    assert told(matters.look(STOP, at(65))) == [("latch KILL_SWITCH trading", 2)]


def test_a_matter_is_told_in_its_newest_words() -> None:
    matters = Matters()
    matters.look({"hold CLOCK": "by 1 s"}, at(0))

    assert [page.text for page in matters.look({"hold CLOCK": "by 2 s"}, at(60))] == ["by 2 s"]


def test_where_nothing_stands_nobody_is_told() -> None:
    assert Matters().look({}, at(0)) == []
