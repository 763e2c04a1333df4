"""Splits adjust positions, stops and shares of strategies, once."""

import pytest

from tests.unit.execution.desk.scene import Scene, a_holding, money, price, shares


def long(quantity: int = 100) -> Scene:
    """Return a desk that bought at 150, with its stop at 147."""
    scene = Scene()
    scene.signal(quantity=quantity)
    scene.trade("trend/sig-1", "150")
    return scene


@pytest.mark.parametrize(
    ("new", "old", "quantity", "stop"),
    [
        pytest.param(7, 1, "700", "21", id="seven for one"),
        pytest.param(1, 20, "5", "2940", id="one for twenty"),
        pytest.param(3, 2, "150", "98", id="three for two"),
    ],
)
def test_a_split_adjusts_position_stop_and_shares(
    new: int, old: int, quantity: str, stop: str
) -> None:
    scene = long()

    answer = scene.split(new, old)

    book = scene.desk.state.book
    assert answer == []
    assert book.holdings["AAPL"].quantity == shares(quantity)
    assert book.holdings["AAPL"].stop == price(stop)
    assert book.by_strategy == {("trend", "AAPL"): shares(quantity)}


def test_a_split_changes_neither_cash_nor_cost() -> None:
    scene = long()
    cash = scene.desk.state.book.cash

    scene.split(7, 1)

    book = scene.desk.state.book
    assert (book.cash, book.holdings["AAPL"].cost) == (cash, money(15_000))


def test_a_split_is_applied_once() -> None:
    scene = long()
    scene.split(7, 1)

    answer = scene.split(7, 1)

    assert answer == []
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(700)


def test_a_later_split_is_another_one() -> None:
    scene = long()
    scene.split(7, 1)
    scene.sleep(86_400)

    scene.split(2, 1)

    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(1_400)


def test_a_split_of_another_symbol_changes_nothing() -> None:
    scene = long()

    scene.split(7, 1, "MSFT")

    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(100)


def test_other_symbols_keep_their_shares() -> None:
    scene = Scene(positions=(a_holding(100), a_holding(10, symbol="MSFT")))

    scene.split(7, 1)

    assert scene.desk.state.book.by_strategy == {
        ("trend", "AAPL"): shares(700),
        ("trend", "MSFT"): shares(10),
    }


def test_a_fraction_of_a_share_is_kept() -> None:
    scene = long(10)

    answer = scene.split(1, 20)

    assert answer.alarms == []
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares("0.5")


def test_what_is_below_the_smallest_unit_is_alarmed() -> None:
    scene = long()

    answer = scene.split(1, 3)

    assert answer.alarms == ["SPLIT_REMAINDER"]
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares("33.333333")


def test_a_position_without_a_stop_gets_none() -> None:
    scene = Scene(positions=(a_holding(100),))

    scene.split(7, 1)

    assert scene.desk.state.book.holdings["AAPL"].stop is None


def test_a_short_is_split_like_a_long() -> None:
    scene = Scene(positions=(a_holding(-100),))

    scene.split(7, 1)

    book = scene.desk.state.book
    assert book.holdings["AAPL"].quantity == shares(-700)
    assert book.by_strategy == {("trend", "AAPL"): shares(-700)}


def test_the_shares_of_all_still_add_up_when_they_divide() -> None:
    scene = Scene(positions=(a_holding(60), a_holding(40, strategy="other")))

    scene.split(1, 20)

    book = scene.desk.state.book
    assert sum(book.by_strategy.values()) == book.holdings["AAPL"].quantity == shares(5)


def test_the_shares_of_all_still_add_up_when_they_do_not_divide() -> None:
    scene = Scene(positions=(a_holding(50), a_holding(50, strategy="other")))

    scene.split(1, 3)

    book = scene.desk.state.book
    assert sum(book.by_strategy.values()) == book.holdings["AAPL"].quantity


def test_a_remainder_is_dropped_towards_zero_on_both_sides() -> None:
    scene = Scene(positions=(a_holding(-100),))

    scene.split(1, 3)

    assert scene.desk.state.book.holdings["AAPL"].quantity == shares("-33.333333")


def test_a_position_that_is_split_away_is_gone() -> None:
    scene = Scene(positions=(a_holding("0.000001"),))

    scene.split(1, 20)

    assert scene.desk.state.book.holdings == {}


@pytest.mark.fault("F-78")
def test_a_fraction_of_a_share_is_kept_and_reported_and_never_ordered() -> None:
    scene = Scene(positions=(a_holding("10.5"),))

    answer = scene.signal("FLAT")
    scene.trade("trend/sig-1")

    assert [ticket.quantity for ticket in answer.placed] == [shares(10)]
    assert answer.decision.flags == ("FRACTIONAL_RESIDUE",)
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares("0.5")
    assert scene.signal("FLAT").outcomes == ["REFUSED BELOW_LOT"]
