"""Cancels are never late, orders never too many, and nothing that waits is lost track of."""

from hypothesis import given
from hypothesis import strategies as st

from fillpath.ibkr.pacing import SLICE, Lane, Pacing

SENDING = st.lists(
    st.tuples(st.sampled_from(Lane), st.integers(1, 4), st.integers(0, SLICE // 4)), max_size=120
)


def paced(messages: int = 40, others: int = 25) -> Pacing[str]:
    return Pacing(messages, others)


def taken(pacing: Pacing[str], now: int) -> list[str]:
    items: list[str] = []
    while (item := pacing.take(now)) is not None:
        items.append(item)
    return items


def test_what_fits_is_written_at_once_and_in_order() -> None:
    pacing = paced()
    for name in "abc":
        pacing.add(Lane.ORDER, name)

    assert taken(pacing, 0) == ["a", "b", "c"]
    assert len(pacing) == 0
    assert pacing.due() is None


def test_no_more_than_a_fifth_of_the_limit_leaves_in_a_fifth_of_a_second() -> None:
    pacing = paced(others=10)
    for name in "abc":
        pacing.add(Lane.ORDER, name)

    assert taken(pacing, 0) == ["a", "b"]
    assert pacing.due() == SLICE
    assert taken(pacing, SLICE - 1) == []
    assert taken(pacing, SLICE) == ["c"]


def test_a_cancel_passes_every_order_that_waits() -> None:
    pacing = paced(messages=15, others=10)
    for name in "abc":
        pacing.add(Lane.ORDER, name)
    taken(pacing, 0)
    pacing.add(Lane.CANCEL, "cancel")

    assert taken(pacing, 0) == ["cancel"]


def test_orders_pass_questions_that_wait() -> None:
    pacing = paced(others=5)
    pacing.add(Lane.QUESTION, "question")
    pacing.add(Lane.ORDER, "order")

    assert taken(pacing, 0) == ["order"]


def test_a_bracket_that_waits_for_room_is_not_passed_by_small_questions() -> None:
    pacing = paced(others=20)
    pacing.add(Lane.ORDER, "first", 2)
    pacing.add(Lane.ORDER, "bracket", 3)
    pacing.add(Lane.QUESTION, "question")

    assert taken(pacing, 0) == ["first"]
    assert pacing.due() == SLICE
    assert taken(pacing, SLICE) == ["bracket", "question"]


def test_what_is_larger_than_the_limit_goes_alone() -> None:
    pacing = paced(others=10)
    pacing.add(Lane.ORDER, "large", 5)
    pacing.add(Lane.ORDER, "next")

    assert taken(pacing, 0) == ["large"]
    assert pacing.due() == SLICE
    assert taken(pacing, SLICE) == ["next"]


def test_forty_cancels_are_out_within_a_second_after_the_busiest_moment() -> None:
    pacing = paced()
    for number in range(200):
        pacing.add(Lane.ORDER, f"order {number}")
    sent = taken(pacing, 0)
    pacing.drop(Lane.ORDER, Lane.QUESTION)
    for number in range(40):
        pacing.add(Lane.CANCEL, f"cancel {number}")

    out = [len(taken(pacing, 1 + at * SLICE)) for at in range(6)]

    assert len(sent) == 5
    assert out == [3, 8, 8, 8, 8, 5]


def test_dropping_lanes_gives_back_what_waits_with_cancels_first() -> None:
    pacing = paced()
    pacing.add(Lane.QUESTION, "question")
    pacing.add(Lane.ORDER, "order")
    pacing.add(Lane.CANCEL, "cancel")

    assert pacing.drop(Lane.ORDER) == ["order"]
    assert pacing.drop(*Lane) == ["cancel", "question"]
    assert taken(pacing, 0) == []


def test_nothing_leaves_during_a_pause() -> None:
    pacing = paced()
    pacing.add(Lane.CANCEL, "cancel")
    pacing.pause(5)
    pacing.pause(3)

    assert taken(pacing, 4) == []
    assert pacing.due() == 5
    assert taken(pacing, 5) == ["cancel"]


@given(SENDING)
def test_whatever_is_asked_no_fifth_of_a_second_holds_more_than_the_limits_and_all_leaves(
    sending: list[tuple[Lane, int, int]],
) -> None:
    pacing: Pacing[tuple[Lane, int]] = Pacing(50, 30)
    written: list[tuple[int, Lane, int]] = []
    now = 0
    for lane, messages, pause in sending:
        pacing.add(lane, (lane, messages), messages)
        now += pause
        while (item := pacing.take(now)) is not None:
            written.append((now, *item))
    while (due := pacing.due()) is not None:
        assert due > now
        now = due
        while (item := pacing.take(now)) is not None:
            written.append((now, *item))

    assert len(written) == len(sending)
    for end, _, _ in written:
        fifth = [one for one in written if end - SLICE < one[0] <= end]
        assert sum(messages for _, _, messages in fifth) <= 10
        others = [messages for _, lane, messages in fifth if lane is not Lane.CANCEL]
        assert sum(others) <= 6
