"""Nobody asks too often, and who fails waits longer each time (S-12)."""

import pytest

from fillpath.api.auth.rates import FORGOTTEN_NS, MINUTE_NS, MOST_KEYS, Patience, Rates

pytestmark = pytest.mark.security("S-12")

SECOND = 1_000_000_000


def test_a_burst_is_twice_a_second_and_then_it_is_so_many_a_second() -> None:
    rates = Rates(5)

    burst = [rates.wait("maria", 0) for _ in range(11)]
    after = [rates.wait("maria", SECOND) for _ in range(6)]

    assert burst == [0] * 10 + [SECOND // 5]
    assert after == [0] * 5 + [SECOND // 5]


def test_one_who_asks_too_often_costs_nobody_else_anything() -> None:
    rates = Rates(1)

    waits = [rates.wait("flood", 0) for _ in range(100)]

    assert waits[-1] > 0
    assert rates.wait("maria", 0) == 0


def test_a_clock_that_steps_back_gives_nothing_away() -> None:
    rates = Rates(1)
    for _ in range(2):
        rates.wait("maria", 10 * SECOND)

    assert rates.wait("maria", 5 * SECOND) > 0
    assert rates.wait("maria", 10 * SECOND) > 0


def test_only_so_many_are_remembered() -> None:
    rates = Rates(1)

    for number in range(MOST_KEYS + 5):
        rates.wait(str(number), 0)

    assert len(rates._buckets) == MOST_KEYS  # noqa: SLF001  # its bound


def test_five_failures_are_free_then_the_wait_doubles() -> None:
    patience = Patience(5)
    now, waits = 0, []

    for _ in range(5):
        for _ in range(5):
            assert patience.wait("maria", now) == 0
            patience.failed("maria", now)
        waits.append(patience.wait("maria", now))
        now += waits[-1]

    assert waits == [MINUTE_NS * minutes for minutes in (1, 2, 4, 8, 15)]


def test_an_hour_without_a_failure_is_a_new_beginning() -> None:
    patience = Patience(1)
    for _ in range(3):
        patience.failed("maria", 0)

    assert patience.wait("maria", FORGOTTEN_NS + 1) == 0
    patience.failed("maria", FORGOTTEN_NS + 1)
    assert patience.wait("maria", FORGOTTEN_NS + 1) == MINUTE_NS


def test_what_succeeded_is_forgiven() -> None:
    patience = Patience(1)
    patience.failed("maria", 0)
    patience.failed("jan", 0)

    patience.forgiven("maria")
    patience.forgiven("maria")
    patience.forgiven("nobody")
    patience.forgotten("jan")

    assert patience.wait("maria", 0) == patience.wait("jan", 0) == 0


def test_only_so_many_failures_are_remembered() -> None:
    patience = Patience(1)

    for number in range(MOST_KEYS + 5):
        patience.failed(str(number), 0)

    assert len(patience._failures) == MOST_KEYS  # noqa: SLF001  # its bound
