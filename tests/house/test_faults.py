"""The table of faults in the docs is what the marks on the tests say."""

import re

import pytest

from tests.faults import FAULTS
from tests.house.project import ROOT
from tools.make_faults import PAGE, page, table


def without_results(text: str) -> list[str]:
    """Return the rows without their last column."""
    return [re.sub(r"\|[^|]*\|$", "|", row) for row in text.splitlines()]


def test_the_page_names_every_fault_and_its_tests() -> None:
    assert without_results(PAGE.read_text(encoding="utf-8")) == without_results(page({}))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_shown_or_says_what_it_waits_for(name: str) -> None:
    if FAULTS[name].section in "ABCEG":
        assert table()[name] or FAULTS[name].elsewhere


def test_there_are_as_many_faults_as_the_specification_has() -> None:
    assert list(FAULTS) == [f"F-{number:02}" for number in range(1, 115)]
    assert (ROOT / "docs" / "reference" / "faults.md").exists()
