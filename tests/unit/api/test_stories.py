"""The life of an order is told in the order in which it happened."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from fillpath.api.stories import AFTER, BEFORE, around, events, schedule, told
from fillpath.core.listings import OrderStory
from fillpath.testing.builders import START
from fillpath.testing.rows import (
    a_decision_row,
    a_fill_row,
    a_quality_row,
    a_signal_row,
    an_order_row,
)

SECOND = timedelta(seconds=1)


def story(**changes: Any) -> OrderStory:
    given: dict[str, Any] = {"order": None, "children": [], "fills": [], "decisions": []}
    return OrderStory(**(given | changes))


def test_what_happened_is_told_oldest_first() -> None:
    whole = story(
        order=an_order_row(
            submitted_at=START + SECOND, closed_at=START + 3 * SECOND, reason="done"
        ),
        fills=[a_fill_row(ts=START + 2 * SECOND)],
        decisions=[a_decision_row(ts=START + SECOND)],
        signal=a_signal_row(signal_at=START),
        quality=[a_quality_row(filled_at=START + 3 * SECOND)],
    )

    found = events(whole)

    assert [event.kind for event in found] == [
        "SIGNAL",
        "DECISION",
        "SENT",
        "FILL",
        "END",
        "MEASURED",
    ]
    assert [event.at for event in found] == sorted(event.at for event in found)


def test_an_order_that_works_has_no_end() -> None:
    found = events(story(order=an_order_row(closed_at=None)))

    assert [event.kind for event in found] == ["SENT"]


def test_a_bust_and_a_gain_are_called_so() -> None:
    whole = story(
        fills=[a_fill_row(quantity=Decimal(0), ts=START)],
        quality=[a_quality_row(slippage_bps=Decimal("-2.5"), filled_at=START + SECOND)],
    )

    bust, measured = events(whole)

    assert bust.title == "Fill busted"
    assert measured.text.startswith("gain 2.50 bps")


def test_what_neither_cost_nor_gained_is_called_neither_and_long_waits_are_seconds() -> None:
    whole = story(
        quality=[a_quality_row(slippage_bps=Decimal(0), fill_latency_ms=Decimal(240_001))],
    )

    (measured,) = events(whole)

    assert measured.text.startswith("0.00 bps")
    assert measured.text.endswith("240.0 s from signal to fill")


def test_slices_are_told_in_their_order_and_those_to_come_behind_them() -> None:
    children = [an_order_row(order_id=f"o#{n}", slice=n) for n in (2, 1)]
    whole = story(children=children)

    found = schedule(whole)
    everything = told(whole, None, [], found)

    assert [one.number for one in found] == [1, 2]
    assert len(everything.schedule) == 4


def test_the_market_is_asked_for_around_its_life() -> None:
    whole = story(
        order=an_order_row(symbol="AAPL", submitted_at=START, closed_at=START + SECOND),
        fills=[a_fill_row(ts=START + 2 * SECOND)],
    )

    assert around(whole) == ("AAPL", START - BEFORE, START + 2 * SECOND + AFTER)
    assert around(story()) is None
