"""The table of controls: ids, reason codes and the way from one to the other."""

import pytest

from fillpath.risk.controls import CONTROLS, control_of


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param("KILL_SWITCH", "C-44", id="before a trade it is the latch"),
        pytest.param("IN_DOUBT", "C-46", id="before a trade it is the reservation"),
        pytest.param("MAX_POSITIONS", "C-17", id="a further code of a control"),
        pytest.param("CTRL_15_INPUT", "C-15", id="an operand that it cannot use"),
    ],
)
def test_a_reason_code_leads_to_its_control(code: str, name: str) -> None:
    control = control_of(code)

    assert control is CONTROLS[name]


@pytest.mark.parametrize("code", ["", "NO_SUCH_CODE", "CTRL_99_INPUT", "CTRL_15", "15_INPUT"])
def test_a_code_that_no_control_gives_leads_nowhere(code: str) -> None:
    assert control_of(code) is None


def test_the_chief_code_of_a_control_comes_first() -> None:
    assert CONTROLS["C-17"].code == "POSITION_CAP"
