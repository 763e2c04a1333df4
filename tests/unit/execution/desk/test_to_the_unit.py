"""The book to the last unit: what one unit more or less does, and what nothing leaves alone."""

import pytest

from fillpath.core.models import OrderSide, OrderStatus
from tests.unit.execution.desk.filled import ORDER, filled, order_of
from tests.unit.execution.desk.scene import Scene, a_holding, price, shares

UNIT = "0.000001"
ALL_BUT_ONE = "99.999999"


def bought() -> Scene:
    """Return a desk whose order to buy 100 shares was accepted."""
    scene = Scene()
    scene.signal(quantity=100)
    scene.accept(ORDER)
    return scene


class TestWhatWorks:
    def test_a_fill_of_one_unit_frees_one_unit(self) -> None:
        scene = bought()

        scene.fill(ORDER, UNIT)

        assert scene.desk.state.book.buying == {"AAPL": shares(ALL_BUT_ONE)}

    def test_the_last_unit_of_a_cancelled_order_is_freed(self) -> None:
        scene = bought()
        scene.fill(ORDER, ALL_BUT_ONE)

        scene.cancelled(ORDER)

        assert (scene.desk.state.book.buying, scene.desk.state.book.reserved) == ({}, 0)

    @pytest.mark.parametrize(
        ("quantity", "works"),
        [("39.999999", "60.000001"), (40, 60), ("40.000001", "59.999999")],
    )
    def test_a_correction_by_one_unit_moves_what_works_by_one(
        self, quantity: str, works: str
    ) -> None:
        scene = filled(40)

        scene.correct(ORDER, "x1", quantity)

        book = scene.desk.state.book
        assert book.buying == {"AAPL": shares(works)}
        assert book.reserved == order_of(scene).worst_price * shares(works)

    def test_an_order_that_ended_leaves_the_others_among_what_opens(self) -> None:
        scene = bought()
        scene.signal(quantity=100, strategy_name="other")

        scene.cancelled(ORDER)

        assert scene.desk.state.risk.watched.opening == {"AAPL": 1}


class TestStatus:
    def test_a_bust_told_again_leaves_the_order_working(self) -> None:
        scene = filled(40)
        scene.correct(ORDER, "x1", 0)

        scene.correct(ORDER, "x1", 0, revision=2)

        assert order_of(scene).status is OrderStatus.SUBMITTED

    def test_an_order_that_was_executed_in_full_ends_though_nothing_of_it_stands(self) -> None:
        scene = filled(40)
        scene.correct(ORDER, "x1", 0, revision=2)

        answer = scene.correct(ORDER, "x1", 100, revision=1)

        assert [(c.status, c.filled) for c in answer.closed] == [(OrderStatus.CANCELLED, 0)]


class TestWhoseTheyAre:
    def test_a_purchase_beside_an_unclaimed_short_leaves_it_alone(self) -> None:
        scene = Scene(positions=(a_holding(10), a_holding(-5, strategy="")))
        scene.signal(quantity=5)

        scene.trade(ORDER)

        assert scene.desk.state.book.by_strategy == {
            ("trend", "AAPL"): shares(15),
            ("", "AAPL"): shares(-5),
        }

    def test_what_nobody_claims_turns_over_as_a_whole(self) -> None:
        scene = Scene(positions=(a_holding(10, strategy=""),))

        scene.fill("external:1", 15, side=OrderSide.SELL)

        assert scene.desk.state.book.by_strategy == {("", "AAPL"): shares(-5)}

    def test_one_unit_bought_back_comes_off_the_unclaimed_short(self) -> None:
        scene = Scene(positions=(a_holding(-10, strategy=""),))
        scene.signal("FLAT")
        scene.accept(ORDER)

        scene.fill(ORDER, UNIT)

        assert scene.desk.state.book.by_strategy == {("", "AAPL"): shares("-9.999999")}

    @pytest.mark.parametrize(("held", "kept"), [(1, 2), (-1, -2)])
    def test_a_split_of_one_unit_keeps_its_side(self, held: int, kept: int) -> None:
        scene = Scene(positions=(a_holding(f"{held / 10**6:f}"),))

        scene.split(2, 1)

        assert scene.desk.state.book.by_strategy == {("trend", "AAPL"): kept}


def test_one_unit_that_is_held_has_a_stop() -> None:
    scene = bought()

    scene.fill(ORDER, UNIT, "150")

    assert scene.desk.state.book.holdings["AAPL"].stop == price(147)
