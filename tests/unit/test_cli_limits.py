"""The limits of risk from a terminal: what is in force, and how to tighten it."""

import json
from pathlib import Path

import pytest

from fillpath import cli
from fillpath.settings import RISK_FILE
from tests.unit.test_cli_service import Engine, engine, said, settings

Capture = pytest.CaptureFixture[str]
__all__ = ["engine", "settings"]  # pytest finds its fixtures here


@pytest.mark.usefixtures("engine")
def test_the_limits_of_a_running_engine_are_shown(settings: Path, capsys: Capture) -> None:
    settings.with_name(RISK_FILE).write_text("max_positions: 7\n")

    code = said(settings, "risk", "limits")

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0].startswith("rules rules, in force since 2026-03-02T14:30:00Z")
    assert "risk.max_position_pct 5" in lines
    assert "risk.max_positions 20   (settings: 7)" in lines


def test_without_an_engine_those_of_the_settings_are_shown(settings: Path, capsys: Capture) -> None:
    code = said(settings, "risk", "limits")

    told = capsys.readouterr()
    assert code == 3
    assert "these are the limits of the settings" in told.err
    assert "risk.rates.repeated_count 20" in told.out.splitlines()


def test_limits_can_be_read_by_a_program(settings: Path, capsys: Capture) -> None:
    said(settings, "risk", "limits", "--json")

    assert json.loads(capsys.readouterr().out)["limits"]["risk.allow_short"] == "true"


@pytest.mark.control("C-52", "passes")
def test_limits_are_tightened_by_a_word(engine: Engine, settings: Path, capsys: Capture) -> None:
    code = said(
        settings,
        *("risk", "tighten", "risk.max_position_pct=3", "risk.price.collar_other_pct = 2"),
        *("--reason", "a wild morning"),
    )
    tightened = capsys.readouterr().out.splitlines()
    said(settings, "risk", "limits")

    assert code == 0
    assert tightened[:2] == ["risk.max_position_pct 5 -> 3", "risk.price.collar_other_pct 3 -> 2"]
    assert tightened[2].startswith("in force now, rules ")
    assert "because: a wild morning" in capsys.readouterr().out
    assert engine.room.live.desk.policy.risk.max_position_pct == 3


@pytest.mark.control("C-52", "refuses")
@pytest.mark.fault("F-108")
def test_what_would_loosen_is_refused_by_name(
    engine: Engine, settings: Path, capsys: Capture
) -> None:
    code = said(settings, "risk", "tighten", "risk.max_positions=21", "--reason", "more")

    assert code == 2
    assert "may loosen limits: risk.max_positions 20 -> 21" in capsys.readouterr().err
    assert engine.room.live.desk.policy.risk.max_positions == 20


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["risk.max_positions", "--reason", "x"], "a change must be NAME=VALUE"),
        (["risk.max_positions=3"], "the following arguments are required: --reason"),
    ],
)
def test_a_command_that_is_not_whole_is_refused(
    settings: Path, capsys: Capture, words: list[str], text: str
) -> None:
    code = cli.main(["risk", "tighten", *words, "--settings", str(settings)])

    assert code == 2
    assert text in capsys.readouterr().err
