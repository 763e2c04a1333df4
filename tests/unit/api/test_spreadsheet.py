"""A file for a spreadsheet has every row, and nothing in it is a formula."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.api.spreadsheet import FORMULA, cells_of, columns_of, lines_of, paged, whole
from fillpath.core.errors import Unavailable
from fillpath.core.listings import Page
from fillpath.core.rows import OrderRow
from fillpath.testing.builders import START
from fillpath.testing.rows import a_decision_row, an_order_row


async def content(response: Any) -> str:
    chunks = [chunk async for chunk in response.body_iterator]
    return b"".join(chunks).decode()


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_every_page_is_in_the_file() -> None:
    rows = [an_order_row(order_id=f"o{number}") for number in range(5)]
    asked: list[str] = []

    async def following(limit: int, after: str) -> Page[Any]:
        assert limit == 1_000
        asked.append(after)
        start = int(after or 0)
        return Page(rows[start : start + 2], str(start + 2) if start + 2 < len(rows) else "")

    found = read(await content(await paged(OrderRow, "orders", following)))

    assert [row["order_id"] for row in found] == ["o0", "o1", "o2", "o3", "o4"]
    assert asked == ["", "2", "4"]


async def test_tables_that_are_away_are_an_error_and_no_file() -> None:
    async def following(_limit: int, _after: str) -> Page[Any]:
        raise Unavailable("away")

    with pytest.raises(Unavailable):
        await paged(OrderRow, "orders", following)


async def test_a_file_has_the_columns_of_its_rows() -> None:
    response = whole(OrderRow, "orders", [an_order_row(submitted_at=START)])

    (row,) = read(await content(response))

    assert list(row) == columns_of(OrderRow)
    assert row["submitted_at"].endswith("Z")
    assert row["closed_at"] == ""
    assert response.headers["content-disposition"] == 'attachment; filename="orders.csv"'


@given(st.text(), st.sampled_from(FORMULA))
@pytest.mark.fault("F-100")
def test_no_text_is_a_formula(text: str, first: str) -> None:
    row = an_order_row(reason=first + text)

    cell = cells_of(row)[columns_of(OrderRow).index("reason")]

    assert cell == f"'{first}{text}"


def test_a_negative_number_stays_a_number() -> None:
    row = an_order_row(commission=Decimal("-0.10"))

    assert cells_of(row)[columns_of(OrderRow).index("commission")] == "-0.10"


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_text_comes_back_as_it_was(text: str) -> None:
    lines = lines_of([["x", text]])

    ((_, found),) = list(csv.reader(io.StringIO(lines.decode(), newline="")))
    assert found == text


def test_what_has_parts_is_told_as_one_text() -> None:
    row = a_decision_row(risk_reasons=("one", "two"), sizing={"cap": Decimal(5)})

    cells = dict(zip(columns_of(type(row)), cells_of(row), strict=True))

    assert cells["risk_reasons"] == '["one","two"]'
    assert cells["sizing"] == '{"cap":"5"}'
