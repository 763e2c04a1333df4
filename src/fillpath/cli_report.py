"""The command that says what trading cost, where and why."""

# ruff: noqa: PLC0415

import sys
from typing import Any, Final

from fillpath.cli_table import FILE, OK, SETTINGS, Chosen, Command, Option


def _report(chosen: Chosen) -> int:
    import asyncio

    from fillpath.app_report import ReportPlan, make_report, moment_of
    from fillpath.settings import load_settings

    plan = ReportPlan(
        account=chosen.account or "",
        since=None if chosen.since is None else moment_of(chosen.since),
        until=None if chosen.until is None else moment_of(chosen.until),
        by=chosen.by,
        html=chosen.html,
        parquet=chosen.parquet,
        csv=chosen.csv,
        json=chosen.json,
    )
    report = asyncio.run(make_report(plan, load_settings(chosen.settings)))
    _show(report)
    return OK


def _show(report: Any) -> None:
    from rich.console import Console

    from fillpath.reports.cost_tables import print_costs

    print_costs(report, Console(width=None if sys.stdout.isatty() else 120, highlight=False))


COMMANDS: Final = (
    Command(
        ("report",),
        "say what trading cost, where and why",
        (
            SETTINGS,
            Option("--account", "whose costs (default: the account of the settings)"),
            Option(
                "--since",
                "only orders released from this day or moment on, as 2026-11-23 (in New York) or "
                "2026-11-23T14:30:00Z",
                {"metavar": "WHEN"},
            ),
            Option(
                "--until", "only orders released before this day or moment", {"metavar": "WHEN"}
            ),
            Option(
                "--by",
                "how the main table is divided: day, week, symbol, strategy, route, hour or size "
                "(default day)",
                {"metavar": "WHAT", "default": "day"},
            ),
            Option("--html", "also write one self-contained page", FILE),
            Option("--parquet", "also write what every order cost as Parquet", FILE),
            Option("--csv", "also write what every order cost as CSV", FILE),
            Option("--json", "also write the report as JSON", FILE),
        ),
        _report,
    ),
)
