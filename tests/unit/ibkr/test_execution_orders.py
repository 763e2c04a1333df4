"""Executions, corrections and commissions in every order of arrival: the same fills at the end."""

from decimal import Decimal
from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.events import CommissionReported, FillCorrected, OrderFilled
from fillpath.core.models import Fill
from fillpath.ibkr.executions import Book, Told, Unreadable
from fillpath.ibkr.heard import Charged, Executed
from tests.unit.ibkr.executed import ORDER, charge, execution, tell

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
