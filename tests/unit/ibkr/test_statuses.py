"""Every status that a gateway tells means what the specification's table says."""

from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.models import OrderStatus
from fillpath.ibkr.statuses import ROWS, STATUSES, Claim, Known, nothing_sent, standing

S: Final = OrderStatus
WORDS: Final = [row.word for row in ROWS]
ENDS: Final = {S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED}


def known(executed: int = 0, **more: bool) -> Known:
    return Known(quantity=Decimal(100), executed=Decimal(executed), **more)


# Written from the specification, not from the table: the status, what is known, what follows.
CASES: Final = [
    ("ApiPending", known(), {"status": S.SUBMITTED, "in_doubt": True}),
    ("PendingSubmit", known(), {"status": S.SUBMITTED, "in_doubt": True}),
    ("ApiPending", known(accepted=True), {"status": S.SUBMITTED}),
    ("PendingSubmit", known(accepted=True), {"status": S.SUBMITTED}),
    ("PendingSubmit", known(30, accepted=True), {"status": S.PARTIALLY_FILLED}),
    ("PreSubmitted", known(), {"status": S.SUBMITTED, "held": "PreSubmitted"}),
    ("PreSubmitted", known(30), {"status": S.PARTIALLY_FILLED, "held": "PreSubmitted"}),
    ("PreSubmitted", known(100), {"status": S.FILLED}),
    ("Submitted", known(), {"status": S.SUBMITTED}),
    ("Submitted", known(30), {"status": S.PARTIALLY_FILLED}),
    ("Submitted", known(100), {"status": S.FILLED}),
    ("PendingCancel", known(), {"cancel_requested": True}),
    ("PendingCancel", known(30), {"cancel_requested": True}),
    ("Cancelled", known(accepted=True), {"in_doubt": True, "look_up": True}),
    ("ApiCancelled", known(accepted=True), {"in_doubt": True, "look_up": True}),
    ("Cancelled", known(accepted=True, looked_up=True), {"status": S.CANCELLED}),
    ("ApiCancelled", known(accepted=True, looked_up=True), {"status": S.CANCELLED}),
    ("Cancelled", known(30, looked_up=True), {"status": S.CANCELLED}),
    ("Cancelled", known(100), {"status": S.FILLED}),
    ("Cancelled", known(looked_up=True), {"status": S.REJECTED}),
    ("Cancelled", known(refused=True, looked_up=True), {"status": S.REJECTED}),
    ("Cancelled", known(cancel_asked=True, looked_up=True), {"status": S.CANCELLED}),
    (
        "Cancelled",
        known(cancel_asked=True, refused=True, looked_up=True),
        {"status": S.REJECTED},
    ),
    ("Cancelled", known(30, refused=True, looked_up=True), {"status": S.CANCELLED}),
    ("Cancelled", known(accepted=True, refused=True, looked_up=True), {"status": S.CANCELLED}),
    ("Filled", known(100), {"status": S.FILLED}),
    ("Filled", known(110), {"status": S.FILLED}),
    ("Filled", known(60), {"status": S.PARTIALLY_FILLED, "look_up": True}),
    ("Filled", known(), {"status": S.SUBMITTED, "look_up": True}),
    ("Inactive", known(), {"status": S.SUBMITTED, "held": "Inactive"}),
    ("Inactive", known(30), {"status": S.PARTIALLY_FILLED, "held": "Inactive"}),
    ("Inactive", known(100), {"status": S.FILLED}),
    ("Inactive", known(refused=True), {"in_doubt": True, "look_up": True}),
    ("Inactive", known(refused=True, looked_up=True), {"status": S.REJECTED}),
    ("Inactive", known(30, refused=True), {"in_doubt": True, "look_up": True}),
    ("Inactive", known(30, refused=True, looked_up=True), {"status": S.CANCELLED}),
    ("Inactive", known(100, refused=True), {"status": S.FILLED}),
    ("ValidationError", known(), {}),
    ("ApiUpdate", known(30), {}),
    ("Unknown", known(), {"in_doubt": True, "look_up": True, "page": True}),
    ("", known(), {"in_doubt": True, "look_up": True, "page": True}),
    ("submitted", known(100), {"in_doubt": True, "look_up": True, "page": True}),
]
NOTHING: Final[dict[str, Any]] = {
    "status": None,
    "in_doubt": False,
    "cancel_requested": False,
    "held": "",
    "look_up": False,
    "page": False,
}


@pytest.mark.parametrize(("word", "facts", "follows"), CASES)
def test_a_status_means_what_the_specification_says(
    word: str, facts: Known, follows: dict[str, Any]
) -> None:
    found = standing(word, facts)

    assert {name: getattr(found, name) for name in NOTHING} == NOTHING | follows


# Written from the specification, not from the table.
CLAIMS: Final = {
    "ApiPending": Claim.SENT,
    "PendingSubmit": Claim.SENT,
    "PreSubmitted": Claim.HELD,
    "Submitted": Claim.WORKING,
    "PendingCancel": Claim.CANCELLING,
    "Cancelled": Claim.ENDED,
    "ApiCancelled": Claim.ENDED,
    "Filled": Claim.FILLED,
    "Inactive": Claim.INACTIVE,
    "ValidationError": Claim.LOCAL,
    "ApiUpdate": Claim.LOCAL,
}


@pytest.mark.parametrize("word", [*WORDS, *CLAIMS])
def test_every_row_is_one_that_the_specification_has(word: str) -> None:
    assert STATUSES[word].claim is CLAIMS[word]
    assert STATUSES[word].text
    assert standing(word, known()).claim is CLAIMS[word]


def test_every_row_is_in_a_case() -> None:
    assert {word for word, _, _ in CASES} >= set(WORDS)


def test_what_was_written_down_and_not_sent_is_pending() -> None:
    assert nothing_sent().status is S.PENDING


@pytest.mark.fault("F-74")
@pytest.mark.parametrize("word", ["PreSubmitted", "Submitted", "Inactive"])
def test_an_order_held_for_shares_to_borrow_says_so(word: str) -> None:
    found = standing(word, known(), why_held="locate")

    assert (found.status, found.held) == (S.SUBMITTED, "locate")


@pytest.mark.parametrize("word", [w for w in WORDS if w not in {"Cancelled", "ApiCancelled"}])
def test_a_size_beyond_the_executions_asks_for_them_and_is_not_believed(word: str) -> None:
    found = standing(word, known(30, accepted=True), reported=Decimal(60))

    assert found.look_up
    assert found.status in {None, S.PARTIALLY_FILLED}


def test_an_older_size_asks_for_nothing() -> None:
    assert not standing("Submitted", known(30), reported=Decimal(10)).look_up


FACTS: Final = st.builds(
    Known,
    quantity=st.just(Decimal(100)),
    executed=st.integers(0, 120).map(Decimal),
    accepted=st.booleans(),
    cancel_asked=st.booleans(),
    refused=st.booleans(),
    looked_up=st.booleans(),
)


@given(word=st.sampled_from([*WORDS, "Revived"]), facts=FACTS, reported=st.integers(0, 200))
def test_no_status_ends_an_order_against_its_executions(
    word: str, facts: Known, reported: int
) -> None:
    found = standing(word, facts, Decimal(reported))

    if found.status is S.FILLED:
        assert facts.executed >= facts.quantity
    if found.status in {S.CANCELLED, S.REJECTED}:
        assert facts.looked_up
        assert facts.executed < facts.quantity
    if found.status is S.REJECTED:
        assert facts.executed == 0
    if found.status is None or found.status not in ENDS:
        assert found.status in {None, S.SUBMITTED, S.PARTIALLY_FILLED}
