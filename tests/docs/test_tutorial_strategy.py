"""The tutorial from prices to the broker works as printed: every file, every command, every line shown."""

import json
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shlex import split
from threading import Event, Timer
from typing import Final, NamedTuple

import pytest

from fillpath import cli
from tests.house.project import ROOT
from tests.servers import RedisServer

PAGE: Final = (ROOT / "docs" / "tutorial-strategy.md").read_text(encoding="utf-8")
PATIENCE: Final = 90.0
TRIES: Final = 40
PAUSE: Final = 0.5
ASKING: Final = ("fillpath status", "fillpath strategy running", "fillpath strategy statistics")
RUNNING: Final = ("fillpath run ", "fillpath strategy run ", "fillpath dashboard ")


class Step(NamedTuple):
    """A command of the page, and the lines that are shown below it."""

    command: str
    shown: list[str]


def steps(chapter: str) -> list[Step]:
    """Return the commands of a chapter, in their order."""
    (text,) = [part for part in PAGE.split("\n## ") if part.startswith(chapter)]
    found: list[Step] = []
    for block in re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line[2:], []))
            else:
                found[-1].shown.append(line)
    return found


def files() -> dict[str, str]:
    """Return each file that the page tells to save, by its name."""
    form = r"`([a-z_/]+\.(?:py|yaml|csv))`:\n\n```[a-z]+\n(.*?)```"
    return dict(re.findall(form, PAGE, flags=re.DOTALL))


def save(folder: Path, *names: str, **instead: str) -> None:
    """Save files of the page; ``instead`` replaces words of them."""
    for name in names:
        text = files()[name]
        for word, other in instead.items():
            text = text.replace(word[1:], other)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def check(step: Step, printed: str) -> None:
    """Compare what is shown with what was printed; three dots stand for anything."""
    rest = [" ".join(line.split()) for line in printed.splitlines()]
    for line in step.shown:
        wanted = re.escape(" ".join(line.split())).replace(r"\.\.\.", ".*")
        if wanted == ".*":
            continue
        place = next((n for n, one in enumerate(rest) if re.fullmatch(wanted, one)), None)
        assert place is not None, f"{step.command}: {line!r} is not in\n{printed}"
        rest = rest[place + 1 :]


def meant(word: str) -> list[str]:
    """Return the files that a word with a star means, as a shell does."""
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


def do(step: Step, capsys: pytest.CaptureFixture[str]) -> None:
    """Carry a command out in this process, and check what it prints."""
    program, *words = split(step.command)
    words = [found for word in words for found in meant(word)]
    if program == "python3":
        sys.argv = words
        runpy.run_path(words[0], run_name="__main__")
        code = 0
    elif program == "fillpath":
        code = cli.main(words)
    else:
        code = subprocess.run([program, *words], check=False).returncode  # the page's
    printed = capsys.readouterr()
    check(step, printed.out + printed.err)
    failed = [line for line in step.shown if line.startswith("fillpath: ")]
    assert bool(code) is bool(failed), printed.err


def do_in_time(step: Step, capsys: pytest.CaptureFixture[str]) -> None:
    """Carry a command out until it shows what the programs beside it will have done in a moment."""
    for _ in range(TRIES):
        try:
            do(step, capsys)
        except AssertionError:
            Event().wait(PAUSE)
        else:
            return
    do(step, capsys)


class Started:
    """A command of the page in a terminal of its own.

    Args:
        command: of the page.
    """

    def __init__(self, command: str) -> None:
        program, *words = split(command)
        module = ["-m", "fillpath"] if program == "fillpath" else []
        self.printed = ""
        self.process = subprocess.Popen(  # the page's own
            [sys.executable, *module, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def says(self, text: str) -> str:
        """Wait until it has printed a text, and return everything it printed."""
        assert self.process.stdout is not None, "it is a pipe"
        patience = Timer(PATIENCE, self.process.kill)
        patience.start()
        while text not in self.printed:
            line = self.process.stdout.readline()
            assert line, self.printed
            self.printed += line
        patience.cancel()
        return self.printed

    def interrupt(self) -> None:
        """Press Ctrl-C and wait for its end."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, self.printed + rest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder that has the examples, as a clone has them."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    monkeypatch.setenv("SA_ENGINE__HEALTH_PORT", "0")
    monkeypatch.delitem(sys.modules, "cross", raising=False)
    return tmp_path


@pytest.fixture
def started() -> Iterator[list[Started]]:
    """Keep the programs of a test, and end those that it did not."""
    running: list[Started] = []
    yield running
    for one in running:
        one.process.kill()
        one.process.communicate()


def test_prices_become_a_backtest_a_sweep_and_a_walk_forward(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(folder, "cross.py", "grid.yaml")

    for step in [*steps("1."), *steps("3."), *steps("4.")]:
        do(step, capsys)

    walked = json.loads((folder / "walked" / "run.json").read_text())
    assert len(walked["windows"]) == 3
    assert (folder / "first" / "report.html").exists()


def test_the_strategy_has_about_twenty_lines() -> None:
    assert len([line for line in files()["cross.py"].splitlines() if line]) <= 20


def test_the_paper_run_trades_and_its_day_decided_once_more_is_the_same(
    folder: Path,
    started: list[Started],
    private_redis: Callable[[], RedisServer],
    capsys: pytest.CaptureFixture[str],
) -> None:
    port = str(private_redis().port)
    save(folder, "cross.py", "paper.yaml", _6379=port)
    do(steps("1.")[0], capsys)

    for step in steps("5."):
        if step.command.startswith(RUNNING):
            free = " --port 0" if step.command.startswith("fillpath dashboard") else ""
            started.append(Started(step.command + free))
            (shown,) = step.shown
            shown = shown.replace("6379", port).replace("8765", "...")
            printed = started[-1].says(shown.split("...")[0])
            check(Step(step.command, [shown]), printed)
            continue
        if step.command.startswith("fillpath journal"):
            for one in reversed(started):
                one.interrupt()
        (do_in_time if step.command.startswith(ASKING) else do)(step, capsys)


def test_the_doctor_finds_the_settings_for_interactive_brokers_in_order(
    folder: Path, started: list[Started], capsys: pytest.CaptureFixture[str]
) -> None:
    started.append(gateway := Started("python3 examples/fake_gateway.py 0"))
    port = gateway.says("listening at 127.0.0.1:").strip().rpartition(":")[2]
    names = [name for name in files() if name.startswith("ibkr/")]
    save(folder, *[name for name in names if "settings" not in name])
    save(folder, "ibkr/settings.yaml", _4002=port)

    for step in steps("6."):
        if "fake_gateway" not in step.command:
            do(step, capsys)

    assert len(names) == 4
    assert (folder / "ibkr" / "keys" / "cross.key").stat().st_mode & 0o777 == 0o600
