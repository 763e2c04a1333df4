"""Executions in every number and shape: each told once, and only what can be."""

from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.events import CommissionReported, OrderFilled
from fillpath.core.models import OrderSide
from fillpath.ibkr.executions import Book, Unreadable, family
from tests.unit.ibkr.executed import (
    AT,
    ORDER,
    ROOT,
    charge,
    corrected,
    execution,
    filled,
    money,
    price,
    tell,
)


class TestFamilies:
    @pytest.mark.parametrize(
        ("name", "root", "number"),
        [
            ("0000e0d5.5f5bd4ad.01.01", "0000e0d5.5f5bd4ad.01", 0),
            ("0000e0d5.5f5bd4ad.01.02", "0000e0d5.5f5bd4ad.01", 1),
            ("0000e0d5.5f5bd4ad.01.11", "0000e0d5.5f5bd4ad.01", 10),
            ("0000e0d5.5f5bd4ad.02.01", "0000e0d5.5f5bd4ad.02", 0),
            ("a.00", "a", 0),
            ("F-123", "F-123", 0),
            ("U+1.x", "U+1.x", 0),
            ("a.", "a.", 0),
            (".01", ".01", 0),
            ("a.٢", "a.٢", 0),
            ("", "", 0),
        ],
    )
    def test_corrections_share_all_but_the_last_part(
        self, name: str, root: str, number: int
    ) -> None:
        assert family(name) == (root, number)


class TestExecutions:
    def test_an_execution_is_a_fill(self) -> None:
        assert tell(Book(), execution()) == [filled()]

    @pytest.mark.fault("F-62")
    def test_the_same_execution_is_told_once(self) -> None:
        book = Book()

        told = tell(book, execution(), execution(), execution(request=4, cumulative=Decimal(100)))

        assert told == [filled()]
        assert book.filled(ORDER) == 100

    def test_a_sale_is_a_sale_and_a_slice_knows_its_parent(self) -> None:
        (told,) = Book().executed(execution(side="SLD"), ORDER, AT, "trend/sig-1")

        assert isinstance(told, OrderFilled)
        assert (told.side, told.parent_id) == (OrderSide.SELL, "trend/sig-1")

    def test_a_share_class_is_written_our_way(self) -> None:
        (told,) = tell(Book(), execution(symbol="BRK B"))

        assert isinstance(told, OrderFilled)
        assert told.symbol == "BRK.B"

    def test_an_execution_without_a_time_was_traded_when_it_was_heard(self) -> None:
        (told,) = Book().executed(execution(traded_at=None), ORDER, AT + 5)

        assert isinstance(told, OrderFilled)
        assert told.traded_at == AT + 5

    def test_the_order_that_an_execution_was_booked_under_stays(self) -> None:
        book = Book()
        tell(book, execution())

        book.executed(execution(f"{ROOT}.02", 60), "external:7", AT)

        assert book.order_of(f"{ROOT}.02") == ORDER
        assert book.filled("external:7") == 0

    def test_a_price_finer_than_ours_is_rounded_and_booked(self) -> None:
        (told,) = tell(Book(), execution(price="150.123456785"))

        assert isinstance(told, OrderFilled)
        assert told.price == price("150.12345678")

    @pytest.mark.fault("F-78")
    def test_a_fraction_of_a_share_is_kept(self) -> None:
        book = Book()

        assert tell(book, execution(quantity="0.1234")) == [filled("0.1234")]
        assert book.filled(ORDER) == Decimal("0.1234")


class TestCorrections:
    @pytest.mark.fault("F-63")
    def test_a_correction_replaces_what_it_corrects(self) -> None:
        book = Book()

        told = tell(book, execution(), execution(f"{ROOT}.02", 60, price="150.5"))

        assert told == [filled(), corrected(1, 60, "150.5")]
        assert book.filled(ORDER) == 60
        assert book.average_price(ORDER) == Decimal("150.5")

    @pytest.mark.fault("F-64")
    def test_a_bust_takes_all_of_it_back(self) -> None:
        book = Book()

        told = tell(book, execution(), charge(), execution(f"{ROOT}.02", 0, price=None))

        assert told[-1] == corrected(1, 0)
        assert book.filled(ORDER) == 0
        assert book.average_price(ORDER) is None
        assert book.fills() == []

    def test_a_correction_whose_original_was_never_seen_is_told_as_both(self) -> None:
        told = tell(Book(), execution(f"{ROOT}.03", 60))

        assert told == [filled(60), corrected(2, 60)]

    def test_a_bust_whose_original_was_never_seen_undoes_what_an_earlier_life_booked(self) -> None:
        assert tell(Book(), execution(f"{ROOT}.02", 0)) == [corrected(1, 0)]

    def test_what_was_corrected_before_it_came_tells_nothing_more(self) -> None:
        book = Book()
        tell(book, execution(f"{ROOT}.02", 60))

        assert tell(book, execution()) == []
        assert book.filled(ORDER) == 60

    def test_a_correction_of_a_correction_counts_and_an_older_one_does_not(self) -> None:
        book = Book()

        told = tell(
            book,
            execution(),
            execution(f"{ROOT}.03", 20),
            execution(f"{ROOT}.02", 60),
            execution(f"{ROOT}.03", 20),
        )

        assert told == [filled(), corrected(2, 20)]


class TestOddities:
    @pytest.mark.parametrize(
        ("odd", "words"),
        [
            ({"quantity": None}, "shares must be from 0 to 1000000000, got None"),
            ({"quantity": "NaN"}, "shares must be from 0 to 1000000000, got NaN"),
            ({"quantity": "Infinity"}, "shares must be from 0 to 1000000000, got Infinity"),
            ({"quantity": -5}, "shares must be from 0 to 1000000000, got -5"),
            ({"quantity": "1000000001"}, "shares must be from 0 to 1000000000, got 1000000001"),
            ({"quantity": "0.1234567"}, "a quantity may have at most 6 decimals, got 0.1234567"),
            (
                {"quantity": 0},
                f"shares must be above 0 in {ROOT}.01, which corrects nothing, got 0",
            ),
            ({"price": None}, "price must be from 0.00000001 to 1000000000, got None"),
            ({"price": "NaN"}, "price must be from 0.00000001 to 1000000000, got NaN"),
            ({"price": "-Infinity"}, "price must be from 0.00000001 to 1000000000, got -Infinity"),
            ({"price": "0"}, "price must be from 0.00000001 to 1000000000, got 0"),
            ({"price": "-1"}, "price must be from 0.00000001 to 1000000000, got -1"),
            ({"price": "1E+10"}, "price must be from 0.00000001 to 1000000000, got 1E+10"),
            ({"side": "HELD"}, "side must be one of BUY, BOT, SELL, SLD, SSHORT, got 'HELD'"),
            ({"symbol": ""}, "symbol must be a ticker of A-Z 0-9 . - or a space, got ''"),
        ],
    )
    def test_an_execution_that_cannot_be_booked_is_said(
        self, odd: dict[str, Any], words: str
    ) -> None:
        book = Book()

        told = tell(book, execution(**odd))

        assert told == [Unreadable(ORDER, f"{ROOT}.01", words)]
        assert book.fills() == []
        assert tell(book, execution()) == [filled()]

    def test_the_same_name_for_two_executions_keeps_the_first(self) -> None:
        book = Book()
        tell(book, execution())

        (told,) = tell(book, execution(quantity=60))

        assert told == Unreadable(
            ORDER,
            f"{ROOT}.01",
            f"{ROOT}.01 must stay what it was, 100 at 150.25, got 60 at 150.25",
        )
        assert book.filled(ORDER) == 100

    def test_a_correction_of_another_share_or_side_is_none(self) -> None:
        book = Book()
        tell(book, execution())

        told = tell(
            book,
            execution(f"{ROOT}.02", symbol="MSFT"),
            execution(f"{ROOT}.02", side="SLD"),
        )

        assert [getattr(odd, "reason", "") for odd in told] == [
            f"{ROOT}.02 must be of AAPL BUY, got MSFT BUY",
            f"{ROOT}.02 must be of AAPL BUY, got AAPL SELL",
        ]
        assert book.filled(ORDER) == 100


class TestCommissions:
    def test_it_follows_its_execution(self) -> None:
        told = tell(Book(), execution(), charge())

        assert told == [filled(), CommissionReported(AT, ORDER, ROOT, money("1.05"))]

    def test_it_comes_before_its_execution(self) -> None:
        assert tell(Book(), charge(), execution()) == [filled(cost="1.05")]

    @pytest.mark.fault("F-75")
    def test_the_same_one_is_told_once(self) -> None:
        told = tell(Book(), execution(), charge(), charge(), charge())

        assert len(told) == 2

    @pytest.mark.fault("F-75")
    @pytest.mark.parametrize("amount", [None, "-1", "-1.0", "NaN", "Infinity", "1.7E+308", "-2E+9"])
    def test_one_that_is_none_leaves_the_fill_and_stays_pending(self, amount: str | None) -> None:
        book = Book()

        told = tell(book, execution(), charge(amount=amount))

        assert told == [filled()]
        assert book.uncharged() == [ROOT]

    @pytest.mark.fault("F-75")
    def test_one_in_another_currency_stays_pending_and_is_said(self) -> None:
        book = Book()

        told = tell(book, execution(), charge(currency="EUR"))

        assert told[1:] == [
            Unreadable(
                ORDER,
                f"{ROOT}.01",
                f"currency of the commission of {ROOT}.01 must be USD, got 'EUR' with 1.05",
                again=False,
            )
        ]
        assert book.uncharged() == [ROOT]

    def test_one_that_never_comes_is_pending(self) -> None:
        book = Book()
        tell(book, execution())

        assert book.uncharged() == [ROOT]

    def test_a_rebate_is_a_commission_below_zero(self) -> None:
        book = Book()

        (_, told) = tell(book, execution(), charge(amount="-0.2"))

        assert told == CommissionReported(AT, ORDER, ROOT, money("-0.2"))
        assert book.uncharged() == []

    def test_a_free_execution_is_charged_with_nothing(self) -> None:
        book = Book()

        assert tell(book, execution(), charge(amount="0")) == [filled()]
        assert book.uncharged() == []

    def test_one_with_the_digits_of_a_float_is_rounded(self) -> None:
        (_, told) = tell(Book(), execution(), charge(amount="1.01234567890123456"))

        assert told == CommissionReported(AT, ORDER, ROOT, money("1.01234567890123"))

    def test_it_changes_with_its_correction(self) -> None:
        told = tell(
            Book(), execution(), charge(), execution(f"{ROOT}.02", 60), charge(f"{ROOT}.02", "0.9")
        )

        assert told[2:] == [
            corrected(1, 60, cost="1.05"),
            CommissionReported(AT, ORDER, ROOT, money("0.9"), 1),
        ]

    def test_the_one_of_an_older_revision_changes_nothing_any_more(self) -> None:
        book = Book()
        tell(book, execution(f"{ROOT}.02", 60), charge(f"{ROOT}.02", "0.9"))

        assert tell(book, charge()) == []

    def test_what_was_undone_costs_only_what_its_own_revision_says(self) -> None:
        told = tell(
            Book(), execution(), charge(), execution(f"{ROOT}.02", 0), charge(f"{ROOT}.02", "0.1")
        )

        assert told[2:] == [
            corrected(1, 0),
            CommissionReported(AT, ORDER, ROOT, money("0.1"), 1),
        ]

    def test_one_of_an_execution_that_never_came_is_told_by_nobody(self) -> None:
        book = Book()

        assert tell(book, charge()) == []
        assert (book.fills(), book.uncharged(), book.order_of(f"{ROOT}.01")) == ([], [], "")


class TestAsking:
    def test_the_average_is_over_all_executions_of_the_order(self) -> None:
        book = Book()
        tell(book, execution("a.01", 100, price="10"), execution("b.01", 50, price="11"))

        assert book.average_price(ORDER) == Decimal("10.33333333")
        assert book.filled(ORDER) == 150

    def test_an_unknown_order_has_nothing(self) -> None:
        book = Book()

        assert book.filled("x") == 0
        assert book.average_price("x") is None
        assert not book.behind("x")
        assert book.order_of("never.01") == ""

    @pytest.mark.fault("F-65")
    def test_a_count_beyond_the_executions_asks_for_them(self) -> None:
        book = Book()
        tell(book, execution("b.01", 40, cumulative=Decimal(100)))

        before = book.behind(ORDER)
        tell(book, execution("a.01", 60, cumulative=Decimal(60)))

        assert (before, book.behind(ORDER)) == (True, False)

    @pytest.mark.parametrize("cumulative", [None, Decimal("NaN"), Decimal("Infinity")])
    def test_a_count_that_is_none_asks_for_nothing(self, cumulative: Decimal | None) -> None:
        book = Book()
        tell(book, execution(cumulative=cumulative))

        assert not book.behind(ORDER)

    def test_a_count_from_before_a_correction_asks_for_nothing(self) -> None:
        book = Book()
        tell(book, execution(cumulative=Decimal(100)), execution(f"{ROOT}.02", 60))

        assert not book.behind(ORDER)

    def test_the_fills_stand_oldest_first_at_their_latest_revision(self) -> None:
        book = Book()
        tell(
            book,
            execution("b.01", 40, traded_at=AT + 10**9),
            execution("a.02", 50, traded_at=AT + 10**10),
            execution("a.01", 60),
            execution("c.01", 9),
            execution("c.02", 0),
            charge("a.02", "2"),
        )

        fills = book.fills()

        assert [(f.fill_id, f.revision) for f in fills] == [("a", 1), ("b", 0)]
        assert [f.quantity for f in fills] == [50, 40]
        assert [f.commission for f in fills] == [2, 0]
        assert fills[0].ts < fills[1].ts
