"""A plugin that writes down how the tests of controls went, when, and on which commit.

``fillpath risk selfassess`` reads the file. A narrow run changes only what it ran.
"""

import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest

from fillpath.core.units import iso
from fillpath.runtime.clock import SystemClock

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / ".tools" / "control-results.json"
WORST: Final = ("passed", "skipped", "failed")

_found: dict[str, str] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the reports of marked tests say so, also those of another process."""
    for item in items:
        if item.get_closest_marker("control") is not None:
            item.user_properties.append(("control", True))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the worst result of each marked test over its parameters and phases."""
    if not any(name == "control" for name, _ in report.user_properties):
        return
    if report.when != "call" and report.outcome == "passed":
        return
    name = report.nodeid.partition("[")[0]
    _found[name] = max(_found.get(name, "passed"), report.outcome, key=WORST.index)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the file once, in the process that has heard every report."""
    if _found and not hasattr(session.config, "workerinput"):
        keep(RESULTS, _found, SystemClock().now(), commit())


def keep(path: Path, found: dict[str, str], at: datetime, on: str) -> None:
    """Replace what is known of these tests, and leave what is known of others."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, outcome in found.items():
        known[name] = {"outcome": outcome, "at": iso(at), "commit": on}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")


def commit() -> str:
    """Return the commit of the working copy, with a plus where files differ from it."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    heads = [
        subprocess.run([git, *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout
        for words in (
            ("rev-parse", "--short=12", "HEAD"),
            ("status", "--porcelain", "--untracked-files=no"),
        )
    ]
    head = heads[0].strip()
    return head + ("+" if heads[1].strip() else "") if head else "unknown"
