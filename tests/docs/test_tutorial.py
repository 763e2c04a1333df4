"""The tutorial works as printed, the examples run, and what the how-to names exists."""

import json
import re
import runpy
import sys
from pathlib import Path

import pytest

from fillpath import cli

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
HOW_TO = (ROOT / "docs" / "how-to" / "replay.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
MOST_LINES = 90


@pytest.fixture
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder that has the examples, as a clone has them."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def _commands(page: str) -> list[list[str]]:
    blocks = re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)
    return [line[2:].split() for block in blocks for line in block.splitlines()]


def _do(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert words[:2] == ["python3", "dev.py"]
    verb, *rest = words[2:]
    if verb == "python":
        monkeypatch.setattr(sys, "argv", rest)
        runpy.run_path(rest[0], run_name="__main__")
        return
    arguments = rest if verb == "run" else [verb, *rest]
    assert cli.main(arguments) == 0


def test_every_command_of_the_tutorial_works_in_its_order(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in _commands(TUTORIAL):
        _do(words, monkeypatch)

    printed = capsys.readouterr().out
    assert (somewhere / "fillpath-demo" / "report.html").exists()
    assert (somewhere / "my-run" / "report.html").exists()
    assert "blind: MISSING_STATISTICS" in printed
    assert "size rows of the routing table are skipped" in printed


def test_the_recording_becomes_what_the_tutorial_says(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del somewhere
    write, *_ = [words for words in _commands(TUTORIAL) if "examples/write_recording.py" in words]
    replay, *_ = [words for words in _commands(TUTORIAL) if "--json" in words]

    _do(write, monkeypatch)
    capsys.readouterr()
    _do(replay, monkeypatch)

    told = json.loads(capsys.readouterr().out)
    became = {row["signal_id"]: (row["route"], row["quantity"]) for row in told["orders"]}
    assert became == {
        "first": ("default", "33"),
        "sure": ("urgent", "20"),
        "patient": ("wide", "50"),
    }
    assert told["signals"]["refused"] == {"MISSING_STATISTICS": 1}
    assert [row["signal_id"] for row in told["orders"] if row["filled_quantity"] == "0"] == [
        "patient"
    ]


def test_the_strategy_of_the_tutorial_trades(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del somewhere
    commands = _commands(TUTORIAL)
    write, *_ = [words for words in commands if "examples/write_recording.py" in words]
    breakout, *_ = [words for words in commands if "examples.breakout:Breakout" in words]

    _do(write, monkeypatch)
    _do([*breakout, "--json"], monkeypatch)

    told = json.loads(capsys.readouterr().out)
    assert {row["strategy_name"] for row in told["orders"]} == {"breakout"}
    assert told["fills"]


@pytest.mark.parametrize("name", ["size_and_route", "measure_quality"])
def test_examples_that_stand_alone_run(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")

    assert capsys.readouterr().out


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short_and_says_how_to_run_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= MOST_LINES
    assert "\nRun it: python3 dev.py " in text


def test_the_options_of_the_how_to_exist() -> None:
    replay = next(command for command in cli.COMMANDS if command.words == ("replay",))

    named = set(re.findall(r"`(--[a-z-]+)", HOW_TO))
    assert named <= {option.name for option in replay.options}


def test_the_settings_of_the_how_to_exist() -> None:
    reference = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    sections = {text.split("\n", 1)[0]: text for text in reference.split("\n## ")[1:]}

    named = re.findall(r"`(execution|risk|router)\.([a-z_]+)`", HOW_TO)
    assert named
    assert all(f"| `{key}` |" in sections[section] for section, key in named)


@pytest.mark.parametrize(
    "reason", sorted(set(re.findall(r"\| `([A-Z_]{5,})` \|", HOW_TO)) | {"NO_EDGE"})
)
def test_the_reasons_of_the_how_to_are_the_engines(reason: str) -> None:
    sources = (ROOT / "src" / "fillpath" / "execution").rglob("*.py")

    assert any(f'"{reason}"' in path.read_text(encoding="utf-8") for path in sources)


@pytest.mark.parametrize(
    ("page", "link"),
    [
        *[("tutorial.md", link) for link in re.findall(r"\]\(([^)#]+)\)", TUTORIAL)],
        *[("how-to/replay.md", link) for link in re.findall(r"\]\(([^)#]+)\)", HOW_TO)],
    ],
)
def test_every_link_leads_somewhere(page: str, link: str) -> None:
    assert (ROOT / "docs" / page).parent.joinpath(link).exists()
