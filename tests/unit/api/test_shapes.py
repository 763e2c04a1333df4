"""The contract says what the structs say, and an answer has every field that it promises."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import Struct

from fillpath.api import answers
from fillpath.api.shapes import meanings_of, shape_of
from fillpath.api.writing import plain, written
from fillpath.core.rows import DecisionRow, MarketRow
from fillpath.testing.rows import a_decision_row

KINDS = [kind for name in answers.__all__ if issubclass(kind := getattr(answers, name), Struct)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_of_an_answer_says_what_it_means(kind: type[Struct]) -> None:
    missing = set(kind.__struct_fields__) - set(meanings_of(kind))

    assert missing <= {"rows"}


def test_a_row_that_leaves_fields_out_of_messages_has_them_all_here() -> None:
    row = a_decision_row(market=MarketRow(bid=Decimal(10)))

    found: Any = plain(row)

    assert set(found) == set(DecisionRow.__struct_fields__)
    assert set(found["market"]) == set(MarketRow.__struct_fields__)
    shape_of(DecisionRow).model_validate_json(written(row))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), '"1000"'),
        (Decimal("1E-8"), '"0.00000001"'),
        (datetime(2026, 1, 2, tzinfo=UTC), '"2026-01-02T00:00:00Z"'),
        (("a", 1, None), '["a",1,null]'),
        ({"a": Decimal(1)}, '{"a":"1"}'),
    ],
)
def test_numbers_are_plain_digits_and_times_end_in_z(value: object, text: str) -> None:
    assert written(value).decode() == text


def test_a_generic_answer_has_a_shape_for_each_kind() -> None:
    one, other = shape_of(answers.Listing[DecisionRow]), shape_of(answers.Listing[MarketRow])

    assert one.__name__ == "ListingDecisionRow"
    assert one is shape_of(answers.Listing[DecisionRow])
    assert one is not other
