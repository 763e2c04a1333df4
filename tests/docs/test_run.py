"""What the page about running the engine says: its commands, settings, states and holds exist."""

import re
from pathlib import Path

import pytest
import yaml

from fillpath.cli import parser
from fillpath.execution.reconciling import JOURNAL_BEHIND
from fillpath.service.guards import CLOCK, SAFE_HOLD
from fillpath.service.reconcile import RECONCILING
from fillpath.service.status import State
from fillpath.settings import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
RUN = (ROOT / "docs" / "how-to" / "run.md").read_text(encoding="utf-8")
TOPOLOGY = (ROOT / "docs" / "explanation" / "topology.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    fillpath ([^#\n]+)", RUN, flags=re.MULTILINE)
SNIPPETS = re.findall(r"```yaml\n(.*?)```", RUN + TOPOLOGY, flags=re.DOTALL)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_understood(command: str) -> None:
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]

    assert parser().parse_args(words).act


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_every_setting_exists(snippet: str) -> None:
    named = {(part, key) for part, keys in yaml.safe_load(snippet).items() for key in keys}

    assert named <= set(CATALOGUE.knobs)


def test_every_state_is_explained() -> None:
    assert [state for state in State if f"`{state}`" not in RUN] == []


@pytest.mark.parametrize("hold", [CLOCK, SAFE_HOLD, RECONCILING, JOURNAL_BEHIND])
def test_every_hold_is_explained(hold: str) -> None:
    assert f"| `{hold}` |" in RUN
