"""The coverage floors fail a run that leaves a decision, or too much of the rest, uncovered."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.coverage_floors import decision_files, main

CHOOSING = "def choose(yes):\n    if yes:\n        answer = 1\n    return 0\n"
REST = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
ALL = "choosing.choose(True); choosing.choose(False); rest.one(); rest.two()"


def covered(folder: Path, calls: str) -> int:
    """Run these calls on a small package under coverage; return the exit code of the floors."""
    package = folder / "small"
    package.mkdir()
    (package / "choosing.py").write_text(CHOOSING)
    (package / "rest.py").write_text(REST)
    (folder / "use.py").write_text(f"from small import choosing, rest\n{calls}\n")
    options = ["--branch", "--source=small", "--data-file=.coverage", "--rcfile=/dev/null"]
    run = [sys.executable, "-m", "coverage", "run", *options, "use.py"]
    subprocess.run(run, cwd=folder, check=True, env={"PYTHONPATH": str(folder)})
    return main(folder / ".coverage", ["small.choosing"], folder)


def test_a_run_that_covers_everything_passes_in_silence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = covered(tmp_path, ALL)

    assert code == 0
    assert capsys.readouterr() == ("", "")


def test_a_single_branch_of_a_decision_left_out_fails(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = covered(tmp_path, "choosing.choose(True); rest.one(); rest.two()")

    assert code == 1
    assert "decision modules: 83.3 % covered, 100 % needed" in capsys.readouterr().err


def test_a_decision_that_no_test_imports_fails(tmp_path: Path) -> None:
    assert covered(tmp_path, "rest.one(); rest.two()") == 1


def test_too_little_of_the_rest_fails(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = covered(tmp_path, "choosing.choose(True); choosing.choose(False); rest.one()")

    assert code == 1
    assert "all other modules: 75.0 % covered, 90 % needed" in capsys.readouterr().err


def test_a_package_of_decisions_counts_with_all_below_it(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()

    assert decision_files(["core", "execution.sizing"], tmp_path) == [
        f"{tmp_path}/core/*",
        f"{tmp_path}/execution/sizing.py",
    ]
