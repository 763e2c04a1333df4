"""A plugin that writes down how the tests of faults went, for the table in the docs."""

import json
from pathlib import Path
from typing import Final

import pytest

RESULTS: Final = Path(__file__).resolve().parents[1] / ".tools" / "fault-results.json"
WORST: Final = ("passed", "skipped", "failed")

_found: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the worst result of each test over its parameters and phases."""
    if report.when != "call" and report.outcome == "passed":
        return
    name = report.nodeid.partition("[")[0]
    _found[name] = max(_found.get(name, "passed"), report.outcome, key=WORST.index)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the file once, in the process that has heard every report."""
    if not hasattr(session.config, "workerinput"):
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(_found, indent=1), encoding="utf-8")
