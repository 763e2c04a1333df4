"""The wrong account, mode, port or clock is said in words, and nothing is sent to it."""

import pytest

from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.verifying import Objection, chosen_account, clock_objection

ACCOUNTS = [
    pytest.param(("DU1",), "", True, "DU1", id="the only one, paper"),
    pytest.param(("U1",), "", False, "U1", id="the only one, live"),
    pytest.param(("DU1", "DU2"), "DU2", True, "DU2", id="the one that was named"),
    pytest.param(("DU1", "U2"), "U2", False, "U2", id="a live one beside a paper one"),
]
OBJECTIONS = [
    pytest.param(("DU1",), "DU2", True, "WRONG_ACCOUNT", id="not of this login"),
    pytest.param(("DU1", "DU2"), "", True, "WRONG_ACCOUNT", id="several, none named"),
    pytest.param((), "", True, "WRONG_ACCOUNT", id="none at all"),
    pytest.param(("U1",), "", True, "WRONG_MODE", id="live in paper mode"),
    pytest.param(("DU1", "U2"), "DU1", True, "WRONG_MODE", id="a live one beside it"),
    pytest.param(("DU1",), "DU1", False, "WRONG_MODE", id="paper in live mode"),
]


@pytest.mark.parametrize(("accounts", "wanted", "paper", "chosen"), ACCOUNTS)
def test_the_account_that_was_meant_is_chosen(
    accounts: tuple[str, ...],
    wanted: str,
    paper: bool,  # noqa: FBT001  # a column of the table
    chosen: str,
) -> None:
    assert chosen_account(accounts, wanted, paper_trading=paper) == chosen


@pytest.mark.parametrize(("accounts", "wanted", "paper", "code"), OBJECTIONS)
def test_an_account_that_was_not_meant_is_objected_to(
    accounts: tuple[str, ...],
    wanted: str,
    paper: bool,  # noqa: FBT001  # a column of the table
    code: str,
) -> None:
    found = chosen_account(accounts, wanted, paper_trading=paper)

    assert isinstance(found, Objection)
    assert found.code == code


def after(seconds: float) -> int:
    return 1_780_000_000 * NANOSECONDS + round(seconds * NANOSECONDS)


@pytest.mark.parametrize(
    ("asked", "heard"),
    [(0, 0.1), (0.9, 1.0), (2.9, 3.0), (-2.1, -2.0), (-1, 30)],
)
def test_a_clock_that_may_be_right_is_not_objected_to(asked: float, heard: float) -> None:
    assert clock_objection(after(0), after(asked), after(heard), 2) is None


@pytest.mark.parametrize(
    ("asked", "heard", "words"),
    [(3.5, 3.6, "at least 2.5 s ahead of"), (-2.6, -2.5, "at least 2.5 s behind")],
)
def test_a_clock_that_must_be_wrong_is_objected_to(asked: float, heard: float, words: str) -> None:
    found = clock_objection(after(0), after(asked), after(heard), 2)

    assert found is not None
    assert words in found.text
