"""The self-assessment says what shows a control, how that went last, and never better than it is."""

import pytest

from fillpath.risk.assessing import NOT_RUN, Assessment, Evidence, assess
from fillpath.risk.controls import CONTROLS

MONDAY = Evidence("passed", "2026-11-16T09:00:00Z", "aaa")
FRIDAY = Evidence("passed", "2026-11-20T09:00:00Z", "bbb")
FAILED = Evidence("failed", "2026-11-21T09:00:00Z", "ccc")
TESTS = {"C-17": {"refuses": ["t::one", "t::two"], "passes": ["t::three"]}}
LIMITS = {"risk.max_position_pct": "5", "risk.max_positions": "20", "other": "1"}


def row(evidence: dict[str, Evidence]) -> Assessment:
    (found,) = assess([CONTROLS["C-17"]], TESTS, evidence, LIMITS)
    return found


def test_a_row_says_what_shows_the_control_and_which_limits_are_in_force() -> None:
    found = row({})

    assert found.id == "C-17"
    assert found.kind == "hard"
    assert found.gates == ("G4",)
    assert found.refuses == ("t::one", "t::two")
    assert found.passes == ("t::three",)
    assert found.limits == {"risk.max_position_pct": "5", "risk.max_positions": "20"}
    assert found.rationale == CONTROLS["C-17"].rationale
    assert found.title == CONTROLS["C-17"].title
    assert not found.is_gap


@pytest.mark.control("P-09", "refuses")
def test_a_control_that_nothing_shows_refusing_is_a_gap() -> None:
    (found,) = assess([CONTROLS["C-18"]], {"C-18": {"passes": ["t::one"]}}, {}, {})

    assert found.is_gap
    assert found.passes == ("t::one",)
    assert found.limits == {}


@pytest.mark.control("P-09", "passes")
def test_a_control_that_passed_everywhere_is_as_old_as_its_oldest_test() -> None:
    found = row({"t::one": FRIDAY, "t::two": MONDAY, "t::three": FRIDAY})

    assert (found.last, found.at, found.commit) == ("passed", MONDAY.at, "aaa")


@pytest.mark.parametrize(
    ("evidence", "last"),
    [
        pytest.param({"t::one": FRIDAY, "t::two": FAILED}, "failed", id="one failed, one unknown"),
        pytest.param({"t::one": FRIDAY, "t::two": MONDAY}, NOT_RUN, id="one unknown"),
        pytest.param({}, NOT_RUN, id="all unknown"),
        pytest.param(
            {"t::one": FRIDAY, "t::two": Evidence("skipped", "", ""), "t::three": MONDAY},
            "skipped",
            id="one skipped",
        ),
    ],
)
def test_a_control_is_as_good_as_its_worst_test(evidence: dict[str, Evidence], last: str) -> None:
    found = row(evidence)

    assert found.last == last


def test_a_control_without_tests_was_not_run() -> None:
    (found,) = assess([CONTROLS["C-18"]], {}, {}, {})

    assert found.last == NOT_RUN
    assert found.at == ""
