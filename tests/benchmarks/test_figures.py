"""Figures are drawn from samples, medians from several of them."""

import pytest

from benchmarks.figures import Figure, Sample, spread

SAMPLE = Sample(
    work="held",
    system="ours",
    orders=100,
    fills=300,
    quotes=1_000,
    seconds=2.0,
    process_seconds=3.0,
    max_rss_mb=64.0,
)


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        (Figure.ORDERS_PER_SECOND, 50.0),
        (Figure.QUOTES_PER_SECOND, 500.0),
        (Figure.FILLS_PER_SECOND, 150.0),
        (Figure.SECONDS, 2.0),
        (Figure.PROCESS_SECONDS, 3.0),
        (Figure.MEMORY_MB, 64.0),
    ],
)
def test_a_figure_is_read_off_a_sample(figure: Figure, value: float) -> None:
    assert figure.of(SAMPLE) == value


def test_one_slow_run_does_not_move_the_median() -> None:
    found = spread([3.0, 1.0, 2.0, 900.0, 2.5])

    assert (found.median, found.low, found.high, found.runs) == (2.5, 1.0, 900.0, 5)


def test_an_even_number_of_runs_has_the_middle_between_two() -> None:
    assert spread([1.0, 2.0]).median == 1.5
