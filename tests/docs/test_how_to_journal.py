"""The page about the journal quotes words that the program says, and commands that exist."""

import re

import pytest

from fillpath import cli
from tests.house.project import ROOT

PAGE = (ROOT / "docs" / "how-to" / "journal.md").read_text(encoding="utf-8")
SOURCE = "\n".join(
    re.sub(r'"\s*\n\s*f?"', "", path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "src" / "fillpath" / "data" / "journal").glob("*.py"))
)
QUOTED = [
    quote
    for row in re.findall(r"^\| (`.*?) \|", PAGE, flags=re.MULTILINE)
    for quote in re.findall(r"`(.*?)`", row)
]
COMMANDS = re.findall(r"^fillpath (.*)$", PAGE, flags=re.MULTILINE)


def test_the_page_has_both() -> None:
    assert len(QUOTED) > 10
    assert len(COMMANDS) > 5


@pytest.mark.parametrize("words", QUOTED)
def test_a_message_on_the_page_is_one_that_the_journal_says(words: str) -> None:
    said = re.sub(r"\{[^}]*\}", "1", SOURCE).replace("{named}", "process 1")

    assert words in said or words in said.replace("in use by 1", "in use by process 1")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_on_the_page_is_understood(command: str) -> None:
    chosen = cli.parser().parse_args(command.split())

    assert callable(chosen.act)
