"""What an order would do to the margin: the question trades nothing, the tighter answer counts."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from fillpath.core.capabilities import MarginAnswer
from fillpath.core.errors import Unavailable
from fillpath.ibkr.heard import MarginShown
from fillpath.ibkr.margins import asking, is_whole, margin_answer
from fillpath.ibkr.numbers import told_amount
from fillpath.ibkr.words import LONGEST_REFERENCE
from tests.unit.ibkr.scene import form

SHOWN = MarginShown(
    order_id=1,
    init_before=Decimal(20_000),
    init_change=Decimal(7_500),
    maint_before=Decimal(10_000),
    maint_change=Decimal(3_750),
    equity_before=Decimal(100_000),
    equity_after=Decimal(99_999),
)


def test_the_question_is_marked_and_linked_to_nothing() -> None:
    linked = replace(
        form(), oca_group="g", oca_type=2, parent_id=3, algo="Twap", algo_params=(("a", "b"),)
    )

    asked = asking(linked)

    assert asked == replace(form(), what_if=True, order_ref="what-if order-1")
    assert not linked.what_if


def test_the_longest_reference_still_fits() -> None:
    asked = asking(replace(form(), order_ref="x" * LONGEST_REFERENCE))

    assert len(asked.order_ref) == LONGEST_REFERENCE
    assert asked.order_ref.startswith("what-if x")


def test_the_margin_to_open_counts_where_it_is_the_tighter() -> None:
    assert margin_answer(SHOWN) == MarginAnswer(change=Decimal(7_500), excess=Decimal(79_999))


def test_the_margin_to_hold_counts_where_it_is_the_tighter() -> None:
    tight = replace(SHOWN, maint_before=Decimal(95_000))

    assert margin_answer(tight) == MarginAnswer(change=Decimal(3_750), excess=Decimal(4_999))


def test_margin_that_is_freed_hides_no_other_that_grows() -> None:
    freed = replace(SHOWN, init_change=Decimal(-1), init_before=Decimal(99_999))

    assert margin_answer(freed) == MarginAnswer(change=Decimal(3_750), excess=Decimal(89_999))


def test_rounding_errors_of_the_vendor_never_make_room() -> None:
    noisy = replace(
        SHOWN,
        init_change=Decimal("7500.000000000000002"),
        equity_after=Decimal("99999.009999999999993"),
    )

    answer = margin_answer(noisy)

    assert answer == MarginAnswer(change=Decimal("7500.01"), excess=Decimal("79999.00"))


@pytest.mark.parametrize(
    "name", sorted(set(MarginShown.__struct_fields__) - {"order_id", "warning"})
)
def test_without_one_of_the_amounts_it_is_no_answer(name: str) -> None:
    missing = replace(SHOWN, **{name: None})

    assert is_whole(SHOWN)
    assert not is_whole(missing)
    with pytest.raises(Unavailable, match="cannot be"):
        margin_answer(missing)


def test_an_amount_that_no_account_has_is_none() -> None:
    with pytest.raises(Unavailable, match="cannot be"):
        margin_answer(replace(SHOWN, equity_before=Decimal(10) ** 15))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("7500.25", Decimal("7500.25")),
        ("0.22574690000000002e5", Decimal("22574.690000000002")),
        ("-2.789999999993597", Decimal("-2.789999999993597")),
        ("", None),
        ("1.7976931348623157E308", None),
        ("1.7976931348623157e+308", None),
        ("NaN", None),
        ("N/A", None),
    ],
)
def test_an_amount_is_exact_or_none(text: str, amount: Decimal | None) -> None:
    assert told_amount(text) == amount
