"""Each signal has one story, with all that was decided, sent and paid for it."""

from decimal import Decimal

from fillpath.core.units import moment
from fillpath.reports.result import RunResult
from fillpath.reports.stories import Story, stories
from tests.unit.reports.builders import (
    OPEN,
    a_closed_order,
    a_decision,
    a_fill,
    a_measurement,
    a_result,
    a_ticket,
)


def _told(result: RunResult) -> list[Story]:
    return stories(result, 100)


def test_an_order_tells_what_bound_its_size_and_what_it_paid() -> None:
    (story,) = _told(a_result(a_decision(), a_closed_order(), a_fill(), a_measurement()))

    assert story.outcome == "ordered"
    assert [(limit.name, limit.bound) for limit in story.limits] == [
        ("KELLY", False),
        ("POSITION_CAP", True),
    ]
    assert [round(limit.share, 2) for limit in story.limits] == [1.0, 0.93]
    assert story.children[0].quality is not None
    assert story.filled == 100
    assert story.ended_at == moment(OPEN + 2 * 10**9)


def test_a_refusal_tells_its_reason_and_sent_nothing() -> None:
    (story,) = _told(a_result(a_decision(outcome="REFUSED", reason="NO_EDGE", sizing={})))

    assert story.outcome == "refused"
    assert story.children == []
    assert story.limits == []
    assert story.filled == Decimal(0)
    assert story.ended_at == moment(OPEN)


def test_a_hold_that_became_an_order_is_one_story() -> None:
    held = a_decision(outcome="HELD", reason="STALE_QUOTE")

    (story,) = _told(a_result(held, a_decision(), a_closed_order()))

    assert story.outcome == "ordered"
    assert [event.reason for event in story.events] == ["STALE_QUOTE"]


def test_a_hold_that_nothing_ended_stays_held() -> None:
    (story,) = _told(a_result(a_decision(outcome="HELD", reason="STALE_QUOTE")))

    assert story.outcome == "held"


def test_slices_belong_to_the_story_of_their_parent() -> None:
    slices = [
        a_closed_order(a_ticket(order_id=f"trend/s1#{n}", slice_number=n, slice_count=2))
        for n in (1, 2)
    ]
    released = a_decision(stage="SLICE", order_id="trend/s1#1")

    (story,) = _told(a_result(a_decision(), released, *slices))

    assert [child.order.slice for child in story.children] == [1, 2]
    assert [event.stage for event in story.events] == ["SLICE"]


def test_a_second_signal_of_the_same_name_is_a_story_of_its_own() -> None:
    again = a_decision(outcome="REFUSED", reason="DUPLICATE")

    first, second = _told(a_result(a_decision(), again, a_closed_order()))

    assert (first.outcome, second.outcome) == ("ordered", "refused")
    assert second.children == []


def test_limits_that_allow_nothing_are_shown_as_nothing() -> None:
    (story,) = _told(a_result(a_decision(sizing={"CASH": 0}, bound="CASH")))

    assert [limit.share for limit in story.limits] == [0.0]


def test_only_so_many_stories_are_told_and_each_of_them_whole() -> None:
    decisions = [
        a_decision(signal_id=name, outcome=outcome)
        for outcome in ("HELD", "ORDERED")
        for name in ("a", "b", "c")
    ]
    orders = [a_closed_order(a_ticket(order_id=name, signal_id=name)) for name in ("a", "c")]

    told = stories(a_result(*decisions, *orders), 2)

    assert [story.decision.signal_id for story in told] == ["a", "b"]
    assert [len(story.events) for story in told] == [1, 1]
    assert [len(story.children) for story in told] == [1, 0]
