"""The command that shows the housekeeping of an engine, and does a job by hand."""

# ruff: noqa: PLC0415

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

from fillpath.cli_engine import ACCOUNT, ask_engine
from fillpath.cli_table import FAILED, OK, SETTINGS, Chosen, Command, Option
from fillpath.runtime.printing import printable

LONGEST_JOB_SECONDS: Final = 3_600.0
NEVER: Final = "never"


def _jobs(chosen: Chosen) -> int:
    if chosen.name is not None:
        return _run(chosen)
    rows = ask_engine(chosen, {"do": "jobs"})["jobs"]
    if chosen.json:
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
    else:
        _show(rows)
    return OK


def _run(chosen: Chosen) -> int:
    """Do one job now; the exit code says whether it did what it should."""
    request = {"do": "run_job", "name": chosen.name}
    row = ask_engine(chosen, request, LONGEST_JOB_SECONDS)["job"]
    if chosen.json:
        sys.stdout.write(json.dumps(row, indent=1) + "\n")
    else:
        sys.stdout.write(f"{row['name']} {_ended(row)}: {row['result']}\n")
    return OK if row["succeeded"] else FAILED


def _show(rows: list[Mapping[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("job", "when", "last run", "result", "next run", box=None, pad_edge=False)
    for row in rows:
        result = row["result"] if row["runs"] else ""
        shown = f"{_ended(row)}: {result}" if result else ""
        table.add_row(
            row["name"],
            row["schedule"],
            _time(row["last_started_at"]),
            Text("running" if row["running"] else printable(shown)),
            _time(row["next_due"]),
        )
    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)


def _ended(row: Mapping[str, Any]) -> str:
    return "done" if row["succeeded"] else f"failed {row['failures']} times"


def _time(told: str | None) -> str:
    """Return a time to the second, UTC."""
    return NEVER if told is None else f"{told[:19].replace('T', ' ')}Z"


COMMANDS: Final = (
    Command(
        ("jobs",),
        "show the housekeeping of the engine: last run, result and next run; or do one job now",
        (
            Option(
                "name",
                "the job to do now; its result is waited for (default: show all)",
                {"nargs": "?", "default": None, "metavar": "JOB"},
            ),
            Option("--json", "print JSON instead of a table", {"action": "store_true"}),
            ACCOUNT,
            SETTINGS,
        ),
        _jobs,
    ),
)
