"""The collar over a period: what own trading makes of a price, at the boundary and beside it."""

from typing import Any

import pytest

from fillpath.core.units import NANOSECONDS
from fillpath.risk.checks.prices import check_period_collar
from fillpath.risk.limits import PriceLimits, RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection
from fillpath.risk.walking import (
    PARTS,
    Traded,
    Walks,
    walk_ended,
    walk_filled,
    walk_ordered,
    walked,
)
from tests.unit.risk.markets import NOW, after, asking, units

WINDOW = 300 * NANOSECONDS
DEFAULTS = RiskLimits()
START = NOW - NOW % WINDOW


def done(
    quantity: int = 100,
    price: str = "100",
    mid: str = "100",
    *,
    after_start: float = 0,
    **names: Any,
) -> Traded:
    """Return an order or an execution in AAPL."""
    at = START + round(after_start * NANOSECONDS)
    name = names.get("name", "a/1")
    return Traded(at, WINDOW, "AAPL", name, quantity, units(price), units(mid))


def asked(walks: Walks, after_start: float = 0, limits: RiskLimits = DEFAULTS) -> Objection | None:
    """Return what is held against an order at a moment."""
    ask = asking(at=START + round(after_start * NANOSECONDS))
    return check_period_collar(ask, RiskMemory(walks=walks), limits)


def code(objection: Objection | None) -> str:
    return "" if objection is None else objection.check


def sums(walks: Walks, after_start: float = 0) -> tuple[int, int]:
    """Return the shares within the window, and their value at prices."""
    quantity, value, _ = walked(walks["AAPL"], START + round(after_start * NANOSECONDS), WINDOW)
    return quantity, value


@pytest.mark.control("C-11", "refuses")
@pytest.mark.control("C-11", "passes")
@pytest.mark.parametrize("act", [walk_ordered, walk_filled], ids=["working", "filled"])
@pytest.mark.parametrize(
    ("price", "expected"),
    [
        pytest.param("102.99", "", id="a tick inside above"),
        pytest.param("103", "", id="at the collar above"),
        pytest.param("103.01", "PERIOD_COLLAR", id="a tick outside above"),
        pytest.param("97.01", "", id="a tick inside below"),
        pytest.param("97", "", id="at the collar below"),
        pytest.param("96.99", "PERIOD_COLLAR", id="a tick outside below"),
        pytest.param("100", "", id="unmoved"),
    ],
)
def test_own_trading_may_walk_a_price_so_far_and_no_further(
    act: Any, price: str, expected: str
) -> None:
    walks: Walks = {}
    act(walks, done(price=price))

    assert code(asked(walks)) == expected


@pytest.mark.control("C-11", "refuses")
def test_the_objection_says_what_the_price_was_walked_to() -> None:
    walks: Walks = {}
    walk_filled(walks, done(price="104"))
    walk_filled(walks, done(price="105"))

    objection = asked(walks)

    assert objection == Objection(
        "PERIOD_COLLAR",
        "own fills and working orders in AAPL come to 104.5 in the mean, more than 3 % away from "
        "the mid before them of 100",
        units("103"),
        units("104.5"),
    )


@pytest.mark.control("C-11", "refuses")
def test_a_price_walked_down_names_the_lower_collar() -> None:
    walks: Walks = {}
    walk_filled(walks, done(price="95"))

    objection = asked(walks)

    assert objection is not None
    assert (objection.limit, objection.value) == (units("97"), units("95"))


@pytest.mark.control("C-11", "refuses")
def test_many_small_steps_are_measured_from_the_first() -> None:
    walks: Walks = {}
    found = []
    for number in range(9):
        price = str(100 + number)
        walk_filled(walks, done(price=price, mid=price, after_start=10 * number))
        found.append(code(asked(walks, 10 * number)))

    assert found == [""] * 7 + ["PERIOD_COLLAR"] * 2


@pytest.mark.control("C-11", "refuses")
@pytest.mark.parametrize("mid", ["0", "-1"])
def test_a_mid_that_is_not_known_is_no_pass(mid: str) -> None:
    walks: Walks = {}
    walk_filled(walks, done(mid="100"))
    walks["AAPL"].parts[0].mid = int(mid)

    assert code(asked(walks)) == "CTRL_11_INPUT"


@pytest.mark.control("C-11", "refuses")
@pytest.mark.control("C-11", "passes")
@pytest.mark.parametrize(
    ("quantity", "price", "expected"), [(1, 2, "PERIOD_COLLAR"), (1, 1, ""), (0, 2, "")]
)
def test_the_smallest_unit_counts_like_any_other(quantity: int, price: int, expected: str) -> None:
    walks: Walks = {}
    walk_filled(walks, Traded(START, WINDOW, "AAPL", "a/1", quantity, price, 1))

    assert code(asked(walks)) == expected


@pytest.mark.control("C-11", "passes")
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(299.999999999, "PERIOD_COLLAR"), (300, ""), (301, "")],
)
def test_what_is_older_than_the_window_counts_no_more(seconds: float, expected: str) -> None:
    walks: Walks = {}
    walk_filled(walks, done(price="110"))

    assert code(asked(walks, seconds)) == expected


@pytest.mark.control("C-11", "passes")
def test_after_the_window_it_is_measured_from_the_next_order() -> None:
    walks: Walks = {}
    walk_filled(walks, done(price="100"))
    walk_filled(walks, done(price="110", mid="110", after_start=300))

    assert code(asked(walks, 300)) == ""


@pytest.mark.control("C-11", "passes")
def test_where_nothing_was_done_nothing_is_in_the_way() -> None:
    assert asked({}) is None


@pytest.mark.control("C-11", "refuses")
def test_the_collar_and_the_window_are_settings() -> None:
    walks: Walks = {}
    walk_filled(walks, done(price="101.01"))
    narrow = RiskLimits(price=PriceLimits(period_collar_pct=1))
    brief = RiskLimits(price=PriceLimits(period_collar_pct=1, period_seconds=1))

    assert [code(asked(walks, 2, limits)) for limits in (DEFAULTS, narrow, brief)] == [
        "",
        "PERIOD_COLLAR",
        "",
    ]


def test_what_fills_of_an_order_counts_once_and_at_its_price() -> None:
    walks: Walks = {}
    walk_ordered(walks, done(quantity=100, price="101"))
    walk_filled(walks, done(quantity=40, price="100.5", after_start=10))

    assert sums(walks) == (100, 60 * units("101") + 40 * units("100.5"))


def test_more_filled_than_ordered_counts_whole() -> None:
    walks: Walks = {}
    walk_ordered(walks, done(quantity=100, price="101"))
    walk_filled(walks, done(quantity=140, price="100.5"))

    assert sums(walks) == (140, 140 * units("100.5"))


def test_what_is_left_of_an_ended_order_counts_no_more() -> None:
    walks: Walks = {}
    walk_ordered(walks, done(quantity=100, price="101"))
    walk_filled(walks, done(quantity=40, price="100.5"))
    walk_ended(walks, "AAPL", "a/1")
    walk_ended(walks, "AAPL", "a/1")
    walk_ended(walks, "MSFT", "b/1")

    assert sums(walks) == (40, 40 * units("100.5"))
    assert walks["AAPL"].working == {}


def test_an_order_that_was_sent_before_the_window_counts_by_its_fills_alone() -> None:
    walks: Walks = {}
    walk_ordered(walks, done(quantity=100, price="101"))
    walk_filled(walks, done(quantity=40, price="100.5", after_start=400))
    walk_ended(walks, "AAPL", "a/1")

    assert sums(walks, 400) == (40, 40 * units("100.5"))


def test_what_was_filled_later_counts_when_its_order_is_forgotten() -> None:
    """The order was sent in another part of the window, and took what fills of it along."""
    walks: Walks = {}
    walk_ordered(walks, done(quantity=100, price="101"))
    walk_filled(walks, done(quantity=40, price="100.5", after_start=10))

    assert sums(walks, 299) == (100, 60 * units("101") + 40 * units("100.5"))
    assert sums(walks, 301) == (40, 40 * units("100.5"))
    assert walked(walks["AAPL"], START + 900 * NANOSECONDS, WINDOW) == (0, 0, 0)


def test_a_clock_that_goes_back_opens_no_part_anew() -> None:
    walks: Walks = {}
    walk_filled(walks, done(after_start=100))
    walk_filled(walks, done(after_start=50))

    assert [(part.at, part.quantity) for part in walks["AAPL"].parts] == [
        (START + 100 * NANOSECONDS, 200)
    ]


def test_the_memory_of_a_symbol_is_bounded() -> None:
    walks: Walks = {}
    for second in range(1_000):
        walk_filled(walks, done(after_start=second))

    walk = walks["AAPL"]
    assert len(walk.parts) == PARTS
    assert walk.quantity == sum(part.quantity for part in walk.parts) == 100 * 300
    assert walk.value == walk.quantity * units("100")


def test_the_question_forgets_nothing() -> None:
    walks: Walks = {}
    walk_filled(walks, done(price="110"))
    before = (after("0"), len(walks["AAPL"].parts))
    asked(walks, 900)

    assert (after("0"), len(walks["AAPL"].parts)) == before
    assert code(asked(walks)) == "PERIOD_COLLAR"
