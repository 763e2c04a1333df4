"""The table of controls in the docs is what the table in the code and the marks on the tests say."""

import re
from typing import Final

import pytest

from fillpath.risk.controls import CONTROLS
from tests.house.project import SOURCE
from tools.make_controls import PAGE, SHIPPED, WAYS, page, shipped, table
from tools.marks import marks

MAKE: Final = "run: python3 dev.py python tools/make_controls.py"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), MAKE


def test_the_list_that_the_package_carries_is_up_to_date() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == shipped(), MAKE


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_is_shown_to_refuse(name: str) -> None:
    assert table()[name]["refuses"]


def test_every_mark_names_controls_and_what_it_shows() -> None:
    wrong = [
        (words, test)
        for words, test in marks("control")
        if not words[:-1] or set(words[:-1]) - set(CONTROLS) or words[-1] not in WAYS
    ]

    assert wrong == []


def test_there_are_as_many_controls_as_the_specification_has() -> None:
    numbered = [f"C-{n:02}" for n in range(1, 54)] + [f"A-{n:02}" for n in range(1, 19)]

    assert list(CONTROLS) == [*numbered, *(f"P-{n:02}" for n in range(1, 13))]


@pytest.mark.parametrize("name", CONTROLS)
def test_a_row_is_written_for_people(name: str) -> None:
    control = CONTROLS[name]

    assert control.title[0].islower()
    assert not control.title.endswith(".")
    assert all(re.fullmatch(r"[A-Z][A-Z_]+", code) for code in control.codes)
    assert "|" not in control.title + control.rationale + control.live + control.simulated


def test_a_decision_module_that_is_built_is_named_as_it_is() -> None:
    rooms = {control.decided_in.partition(".")[0] for control in CONTROLS.values()}

    assert [room for room in rooms if not list(SOURCE.glob(f"{room}*"))] == []
