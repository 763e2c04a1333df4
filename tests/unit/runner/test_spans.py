"""Which interval a moment belongs to."""

from datetime import timedelta

import pytest

from fillpath.runner.spans import spans_of
from fillpath.strategy.bar_making import Span
from fillpath.strategy.declared import DAY
from tests.unit.runner.scene import utc

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "length", "span"),
    [
        ((2026, 11, 24, 14, 29), HOUR, None),
        ((2026, 11, 24, 14, 31), HOUR, ((2026, 11, 24, 14, 30), (2026, 11, 24, 15, 30))),
        ((2026, 11, 24, 20, 45), HOUR, ((2026, 11, 24, 20, 30), (2026, 11, 24, 21))),
        ((2026, 11, 24, 21, 0), HOUR, None),
        ((2026, 11, 26, 15, 0), HOUR, None),  # Thanksgiving
        ((2026, 11, 27, 15, 0), DAY, ((2026, 11, 27, 14, 30), (2026, 11, 27, 18))),  # a half day
    ],
)
def test_bars_of_regular_hours_begin_with_the_open_and_end_with_the_close(
    at: tuple[int, ...], length: timedelta, span: tuple[tuple[int, ...], ...] | None
) -> None:
    wanted: Span | None = None if span is None else (utc(*span[0]), utc(*span[1]))

    assert spans_of(length, "rth")(utc(*at)) == wanted


def test_bars_of_all_hours_are_counted_from_midnight() -> None:
    spans = spans_of(HOUR, "all")

    assert spans(utc(2026, 11, 22, 3, 20)) == (utc(2026, 11, 22, 3), utc(2026, 11, 22, 4))
