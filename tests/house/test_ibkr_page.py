"""The page about Interactive Brokers is what its tables and the marks on the tests say."""

import re

import pytest

from fillpath.core.destinations import KINDS
from fillpath.ibkr.codes import ROWS
from fillpath.ibkr.statuses import STATUSES
from tests.house.project import ROOT
from tools.make_ibkr import FIRST_FAULT, LAST_FAULT, PAGE, page


def without_results(text: str) -> list[str]:
    """Return the rows, those of the faults without their last column."""
    return [re.sub(r"^(\| F-.*\|)[^|]*\|$", r"\1", row) for row in text.splitlines()]


def test_the_page_is_what_the_tables_and_the_marks_say() -> None:
    assert without_results(PAGE.read_text(encoding="utf-8")) == without_results(page({}))


def test_the_page_names_every_code_status_destination_and_fault() -> None:
    text = (ROOT / "docs" / "reference" / "ibkr.md").read_text(encoding="utf-8")

    assert [
        row.first for row in ROWS if not re.search(rf"^\| {row.first}\b", text, re.MULTILINE)
    ] == []
    assert [word for word in (*STATUSES, *KINDS) if f"`{word}`" not in text] == []
    faults = [f"F-{number:02}" for number in range(FIRST_FAULT, LAST_FAULT + 1)]
    assert [fault for fault in faults if f"| {fault} |" not in text] == []


@pytest.mark.parametrize("title", ["Codes", "Statuses", "Orders", "Destinations", "Auctions"])
def test_the_page_has_a_part_for_each_table(title: str) -> None:
    assert f"\n## {title}\n" in PAGE.read_text(encoding="utf-8")
