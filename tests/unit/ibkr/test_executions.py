"""Executions in every order, number and shape: the same fills, each told once."""

from decimal import Decimal
from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.events import CommissionReported, FillCorrected, OrderFilled
from fillpath.core.models import Fill, OrderSide
from fillpath.core.units import money_units, price_units, quantity_units
from fillpath.ibkr.executions import Book, Told, Unreadable, family
from fillpath.ibkr.heard import Charged, Executed

AT: Final = 1_795_000_000_000_000_000
ORDER: Final = "trend/sig-1#1"
ROOT: Final = "0000e0d5.5f5bd4ad.01"


def shares(number: object) -> int:
    return quantity_units(Decimal(str(number)))


def price(number: object) -> int:
    return price_units(Decimal(str(number)))


def money(number: object) -> int:
    return money_units(Decimal(str(number)))


def execution(name: str = f"{ROOT}.01", quantity: object = 100, **more: Any) -> Executed:
    size = None if quantity is None else Decimal(str(quantity))
    given_price = more.pop("price", "150.25")
    fields: dict[str, Any] = {
        "request": -1,
        "order_id": 7,
        "client_id": 1,
        "perm_id": 99,
        "order_ref": ORDER,
        "account": "DU1",
        "con_id": 265598,
        "symbol": "AAPL",
        "side": "BOT",
        "traded_at": AT,
    }
    paid = None if given_price is None else Decimal(given_price)
    return Executed(exec_id=name, shares=size, price=paid, **(fields | more))


def charge(name: str = f"{ROOT}.01", amount: str | None = "1.05", currency: str = "USD") -> Charged:
    return Charged(name, None if amount is None else Decimal(amount), currency)


def filled(quantity: object = 100, paid: object = "150.25", cost: object = 0) -> OrderFilled:
    return OrderFilled(
        AT, ORDER, ROOT, "AAPL", OrderSide.BUY, shares(quantity), price(paid), AT, money(cost)
    )


def corrected(
    revision: int, quantity: object, paid: object = "150.25", cost: object = 0
) -> FillCorrected:
    words = "corrected" if quantity else "undone"
    return FillCorrected(
        AT,
        ORDER,
        ROOT,
        revision,
        shares(quantity),
        price(paid) if quantity else 0,
        money(cost),
        f"{words} by {ROOT}.{revision + 1:02}",
    )


def tell(book: Book, *heard: Executed | Charged) -> list[Told]:
    """Return everything that the book tells about what was heard, in this order."""
    told: list[Told] = []
    for news in heard:
        match news:
            case Executed():
                told += book.executed(news, ORDER, AT)
            case Charged():
                told += book.charged(news, AT)
    return told


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


# Every order of arrival.

NEWS: Final[dict[str, list[Executed | Charged]]] = {
    "three parts with their costs": [
        execution("a.01", 60),
        execution("b.01", 30),
        execution("c.01", 10),
        charge("a.01", "1"),
        charge("b.01", "2"),
    ],
    "two corrections and their costs": [
        execution("a.01", 100),
        execution("a.02", 60, price="151"),
        execution("a.03", 80, price="149"),
        charge("a.01", "1"),
        charge("a.02", "0.6"),
        charge("a.03", "0.8"),
    ],
    "a bust with costs": [
        execution("a.01", 100),
        charge("a.01", "1"),
        execution("a.02", 0, price=None),
        execution("b.01", 5),
        charge("b.01", None),
        charge("b.01", "0.5"),
    ],
    "a bust that is taken back": [
        execution("a.01", 100),
        execution("a.02", 0),
        execution("a.03", 100, price="150"),
        charge("a.03", "1"),
    ],
    "everything twice": [
        execution("a.01", 60),
        execution("a.01", 60),
        execution("a.02", 50),
        charge("a.02", "3"),
        charge("a.02", "3"),
        charge("a.01", "4"),
    ],
}


def folded(told: list[Told]) -> dict[str, tuple[int, int, int, int]]:
    """Return what a listener ends with who takes each fact once and the highest revision."""
    fills: dict[str, tuple[int, int, int, int]] = {}
    for fact in told:
        match fact:
            case OrderFilled():
                assert fact.fill_id not in fills, "told twice"
                fills[fact.fill_id] = (0, fact.quantity, fact.price, fact.commission)
            case FillCorrected():
                assert fact.revision > fills.get(fact.fill_id, (-1,))[0], "told twice"
                fills[fact.fill_id] = (fact.revision, fact.quantity, fact.price, fact.commission)
            case CommissionReported():
                revision, quantity, paid, before = fills[fact.fill_id]
                assert revision == fact.revision, "about a revision that was told"
                assert before != fact.commission, "told twice"
                fills[fact.fill_id] = (revision, quantity, paid, fact.commission)
            case Unreadable():
                raise AssertionError(fact)
    return fills


def ends(heard: tuple[Executed | Charged, ...]) -> tuple[dict[str, Any], list[Fill], Decimal]:
    book = Book()
    told = folded(tell(book, *heard))
    return told, book.fills(), book.filled(ORDER)


@pytest.mark.fault("F-65", "F-63", "F-64")
@pytest.mark.parametrize("story", NEWS)
def test_every_order_of_arrival_ends_in_the_same_fills(story: str) -> None:
    first = ends(tuple(NEWS[story]))

    different = [order for order in permutations(NEWS[story]) if ends(order) != first]

    assert different == []


@pytest.mark.fault("F-65")
@given(st.data())
def test_whatever_comes_in_whatever_order_ends_in_the_same_fills(data: st.DataObject) -> None:
    names = st.tuples(st.sampled_from("abc"), st.integers(1, 4))
    sizes = data.draw(st.dictionaries(names, st.integers(0, 100), min_size=1, max_size=8))
    costs = data.draw(st.dictionaries(names, st.integers(-5, 5), max_size=8))
    heard: list[Executed | Charged] = [
        execution(f"{root}.{number:02}", size if number > 1 else size + 1, price=f"10{number}")
        for (root, number), size in sizes.items()
    ]
    heard += [charge(f"{root}.{number:02}", f"{cost}.5") for (root, number), cost in costs.items()]
    heard += data.draw(st.lists(st.sampled_from(heard), max_size=4))

    assert ends(tuple(data.draw(st.permutations(heard)))) == ends(tuple(heard))
