"""What the broker itself says of the margin of an order, at the boundary and without an answer."""

import pytest

from fillpath.core.units import MONEY_SCALE
from fillpath.risk.verdicts import Objection
from fillpath.risk.what_if import what_if_objection


@pytest.mark.control("C-53", "passes")
@pytest.mark.parametrize(
    ("change", "headroom"),
    [(999, 1_000), (1_000, 1_000), (0, 0), (0, -5), (-1, -5)],
    ids=["below", "exactly", "none", "none in a deficit", "less in a deficit"],
)
def test_margin_that_is_there_passes(change: int, headroom: int) -> None:
    assert what_if_objection(change, headroom) is None


@pytest.mark.control("C-53", "refuses")
def test_the_smallest_unit_more_needs_a_person() -> None:
    headroom = 1_000 * MONEY_SCALE

    objection = what_if_objection(headroom + 1, headroom)

    assert objection == Objection(
        "WHAT_IF_MARGIN",
        "the broker would want 1000.00000000000001 more margin, 1000 are there",
        headroom,
        headroom + 1,
        0,
        asks=True,
    )


@pytest.mark.control("C-53", "refuses")
@pytest.mark.parametrize(("change", "headroom"), [(1, 0), (1, -1)])
def test_without_headroom_nothing_more_fits(change: int, headroom: int) -> None:
    assert what_if_objection(change, headroom) is not None


@pytest.mark.control("C-53", "refuses")
@pytest.mark.parametrize(
    ("change", "headroom", "missing"),
    [(None, 5, "margin change"), (None, None, "margin change"), (5, None, "margin excess")],
)
def test_no_answer_is_no_pass(change: int | None, headroom: int | None, missing: str) -> None:
    objection = what_if_objection(change, headroom)

    assert objection is not None
    assert (objection.check, objection.allowed, objection.asks) == ("CTRL_53_INPUT", 0, False)
    assert objection.text == f"the broker must tell the {missing} of a what-if"
