"""A whole run, with workers that pretend: from the command line to the closing table."""

import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import machine, ours, run
from benchmarks.figures import Figure
from benchmarks.goals import Goal, Ratio
from benchmarks.peers import Absent, System
from benchmarks.plan import Wanted
from benchmarks.works import EVERYONE
from tests.benchmarks.builders import a_job, a_system, a_work, a_worker

GOAL = Goal(
    key="S1",
    title="orders/s over the peer",
    measure=Ratio(Figure.ORDERS_PER_SECOND, "held", "nautilus-pre"),
    floor=2.5,
    goal=5.0,
    moonshot=7.0,
)
WANTED = Wanted((a_work(),), (GOAL,))


def report(folder: Path, systems: list[System | Absent]) -> tuple[str, dict[str, object]]:
    console = Console(width=150, record=True, quiet=False, file=(folder / "out").open("w"))
    scope = run.Scope(WANTED, systems, folder / "inputs", rounds=2, quick=False)
    values = run.bench(console, scope)
    console.file.close()
    return console.export_text(), values


def test_a_run_ends_in_a_verdict_on_the_ratio(tmp_path: Path) -> None:
    fast = a_worker(tmp_path, name="fast.py", seconds=0.5)
    slow = a_worker(tmp_path, name="slow.py", seconds=2.0)

    text, values = report(
        tmp_path, [a_system(fast), a_system(slow, name="nautilus-pre", version="2.0.0rc7")]
    )

    assert "floor met, goal not met" in text
    assert "4.00" in text
    assert "2.0.0rc7" in text
    assert str(fast) in text
    assert values["goals"] == [
        {
            "key": "S1",
            "title": "orders/s over the peer",
            "value": 4.0,
            "floor": 2.5,
            "goal": 5.0,
            "verdict": "floor met, goal not met",
        }
    ]
    assert len(json.loads(json.dumps(values))["samples"]) == 4


def test_a_peer_that_cannot_be_installed_is_said_to_be_not_measured(tmp_path: Path) -> None:
    fast = a_worker(tmp_path, name="fast.py")

    text, values = report(tmp_path, [a_system(fast), Absent("nautilus-pre", "no wheel here")])

    assert "held: nautilus-pre not measured here: no wheel here" in text
    assert "not measured here: nautilus-pre on held: no wheel here" in " ".join(text.split())
    assert values["not_measured"] == [
        {"work": "held", "system": "nautilus-pre", "reason": "no wheel here"}
    ]


def test_a_run_where_nobody_can_run_has_no_numbers(tmp_path: Path) -> None:
    systems: list[System | Absent] = [Absent("fillpath", "gone"), Absent("nautilus-pre", "gone")]

    text, values = report(tmp_path, systems)

    assert "held: fillpath not measured here: gone" in text
    assert values["samples"] == []


def test_an_unknown_word_is_refused_before_anything_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run.main(["--only", "nonsense"])

    assert code == 2
    assert "--only got 'nonsense'" in capsys.readouterr().err


@pytest.mark.parametrize("rounds", ["0", "-1", "many"])
def test_rounds_must_be_a_number_of_at_least_one(
    rounds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run.main(["--rounds", rounds])

    assert "--rounds" in capsys.readouterr().err


def test_the_command_line_writes_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found: list[System | Absent] = [a_system(a_worker(tmp_path))]
    found += [Absent(name, "no wheel here") for name in EVERYONE[1:]]
    monkeypatch.setattr(run, "systems_of", lambda _: found)
    target = tmp_path / "report.json"

    code = run.main(["--only", "import", "--rounds", "1", "--json", str(target)])

    assert code == 0
    assert json.loads(target.read_text("utf-8"))["commands"][0][2:] == ["json.tool", "fillpath"]
    assert "import: import in a fresh process" in capsys.readouterr().out


def test_inputs_are_removed_unless_they_shall_be_kept(tmp_path: Path) -> None:
    with run.folder(None) as temporary, run.folder(tmp_path / "kept") as kept:
        assert temporary.exists()

    assert not temporary.exists()
    assert kept == tmp_path / "kept"


def test_workers_can_measure_by_the_processor_and_start_up_works_cannot() -> None:
    measured = a_job(command=("python", "worker.py", "held", "--inputs", "folder"))
    started = a_job(command=("python", "-m", "fillpath", "--help"))

    assert run.by_clock(measured, "processor").command[-2:] == ["--clock", "processor"]
    assert run.by_clock(started, "processor") == started


def test_a_run_of_our_own_works_installs_no_peer() -> None:
    systems = run.systems_of(Wanted((a_work(systems=("fillpath",)),), ()))

    assert [system.name for system in systems] == ["fillpath"]


def test_fillpath_without_its_worker_is_absent(tmp_path: Path) -> None:
    found = ours.ourselves(tmp_path / "fillpath_worker.py")

    assert isinstance(found, Absent)
    assert found.reason.endswith("fillpath_worker.py is not there")


def test_fillpath_runs_in_the_interpreter_that_runs_the_bench(tmp_path: Path) -> None:
    found = ours.ourselves(a_worker(tmp_path))

    assert isinstance(found, System)
    assert found.python == Path(sys.executable)


def test_the_machine_names_its_processor_and_load() -> None:
    here = machine.look()

    assert here.processor
    assert here.cores >= 1
    assert len(here.load) == 3


def test_interpreters_are_found_on_the_path_and_in_version_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, version in (("path", "3.12.4"), ("pyenv/versions/3.13.9/bin", "3.13.9")):
        pretend(tmp_path / folder / "python3", version)
    pretend(tmp_path / "path" / "python3.9", "3.9.1")
    (tmp_path / "path" / "python3.14").write_text("#!/bin/sh\nexit 1\n", "utf-8")
    (tmp_path / "path" / "python3.14").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:{tmp_path / 'gone'}")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("HOME", str(tmp_path))

    versions = [str(found) for found in machine.interpreters()]

    assert versions[:1] == ["3.13.9"]
    assert "3.12.4" in versions
    assert "3.9.1" not in versions


def pretend(program: Path, version: str) -> None:
    """Write a program that answers as a Python of this version would."""
    program.parent.mkdir(parents=True, exist_ok=True)
    answer = f"{version.replace('.', '|')}|final|/base|/base|{program}"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n", "utf-8")
    program.chmod(0o755)


def test_an_environment_is_not_taken_for_an_interpreter(tmp_path: Path) -> None:
    program = tmp_path / "python3.12"
    program.write_text("#!/bin/sh\necho '3|12|4|final|/venv|/base|x'\n", "utf-8")
    program.chmod(0o755)

    assert machine.ask(program) is None
