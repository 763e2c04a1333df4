"""What an order does to the price, by the figures of the published tables."""

from decimal import Decimal
from itertools import pairwise

import pytest

from fillpath.execution.impact import (
    Stock,
    almgren_2005,
    mean_square_root_impact,
    permanent_impact,
    square_root_impact,
    temporary_impact,
)

IBM = Stock(
    volume=Decimal(6_561_000), outstanding=Decimal(1_728_000_000), volatility=Decimal("0.0157")
)
DRI = Stock(
    volume=Decimal(1_929_000), outstanding=Decimal(168_000_000), volatility=Decimal("0.0226")
)
TENTH = Decimal("0.1")
BPS = Decimal(10_000)


def at(value: Decimal, places: str) -> Decimal:
    return value.quantize(Decimal(places))


@pytest.mark.parametrize(
    ("stock", "turnover", "in_sigma", "permanent"),
    [(IBM, "263.374", "0.1265", "19.860"), (DRI, "87.092", "0.0959", "21.679")],
    ids=["IBM", "DRI"],
)
def test_the_permanent_impact_is_that_of_the_published_table(
    stock: Stock, turnover: str, in_sigma: str, permanent: str
) -> None:
    cost = almgren_2005(stock, TENTH, TENTH)

    assert at(stock.outstanding / stock.volume, "0.001") == Decimal(turnover)
    assert at(permanent_impact(stock, TENTH), "0.0001") == Decimal(in_sigma)
    assert at(cost.permanent * BPS, "0.001") == Decimal(permanent)


@pytest.mark.parametrize(
    ("stock", "days", "temporary", "realised"),
    [
        (IBM, "0.1", "22.29", "32.22"),
        (IBM, "0.2", "14.71", "24.64"),
        (IBM, "0.5", "8.49", "18.42"),
        (DRI, "0.1", "32.09", "42.93"),
        (DRI, "0.2", "21.17", "32.01"),
        (DRI, "0.5", "12.22", "23.06"),
    ],
)
def test_temporary_and_realised_impact_are_those_of_the_published_table(
    stock: Stock, days: str, temporary: str, realised: str
) -> None:
    cost = almgren_2005(stock, TENTH, Decimal(days))

    assert at(cost.temporary * BPS, "0.01") == Decimal(temporary)
    assert at(cost.realised * BPS, "0.01") == Decimal(realised)


def test_a_latency_is_no_duration_of_an_order() -> None:
    latency = Decimal("0.075") / 23_400  # 75 ms of a session of 6.5 hours

    cost = almgren_2005(IBM, TENTH, latency)

    assert at(cost.temporary * BPS, "1") == Decimal(11_084)


def test_nothing_traded_costs_nothing() -> None:
    assert temporary_impact(Decimal(0), TENTH) == 0
    assert almgren_2005(IBM, Decimal(0), TENTH).realised == 0


def test_the_square_root_law_pays_two_thirds_of_its_peak_on_average() -> None:
    peak = square_root_impact(Decimal(1), Decimal("0.02"), Decimal("0.01"))

    mean = mean_square_root_impact(Decimal(1), Decimal("0.02"), Decimal(0), Decimal("0.01"))

    assert peak == Decimal("0.002")
    assert at(mean * 3, "1e-20") == at(peak * 2, "1e-20")


def test_what_an_order_pays_does_not_depend_on_its_parts() -> None:
    ends = [Decimal(0), Decimal("0.003"), Decimal("0.004"), Decimal("0.01")]
    law = Decimal(1), Decimal("0.02")

    parts = sum(mean_square_root_impact(*law, a, b) * (b - a) for a, b in pairwise(ends))

    whole = mean_square_root_impact(*law, ends[0], ends[-1]) * ends[-1]
    assert at(Decimal(parts), "1e-30") == at(whole, "1e-30")
