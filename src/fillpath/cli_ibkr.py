"""The commands about Interactive Brokers: walk through the set-up, and probe a paper account."""

# ruff: noqa: PLC0415

import sys
from pathlib import Path
from typing import Any, Final

from fillpath.cli_table import FAILED, OK, SETTINGS, Chosen, Command, Option, amount

NOT_WANTED: Final = 3


def show_finding(finding: Any) -> None:
    """Print what was found about one thing."""
    mark = "ok  " if finding.healthy else "FAIL"
    sys.stdout.write(f"{mark} {finding.name}: {finding.detail}\n")
    if not finding.healthy:
        sys.stdout.write(f"     remedy: {finding.remedy}\n")
    sys.stdout.flush()


def examine(settings: Path | None, symbol: str) -> int:
    """Walk through the way to the broker; return how many problems there are."""
    import asyncio

    from fillpath.app_ibkr_doctor import Examination, examine_ibkr
    from fillpath.settings import load_settings

    async def walk() -> int:
        bad = 0
        async for finding in examine_ibkr(Examination(load_settings(settings), symbol)):
            show_finding(finding)
            bad += not finding.healthy
        return bad

    return asyncio.run(walk())


def _probe(chosen: Chosen) -> int:
    import asyncio

    from fillpath.app_probe import Request, probe, write_report
    from fillpath.settings import load_settings

    def confirm(plan: str) -> bool:
        sys.stdout.write(f"{plan}\n")
        sys.stdout.flush()
        return bool(chosen.yes) or input("send them? type yes: ").strip().lower() == "yes"

    def say(sentence: str) -> None:
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()

    settings = load_settings(chosen.settings)
    request = Request(
        settings=settings, symbol=chosen.symbol, confirm=confirm, say=say, price=chosen.price
    )
    report = asyncio.run(probe(request))
    if report is None:
        sys.stdout.write("nothing was sent\n")
        return NOT_WANTED
    data, page = write_report(report, chosen.out)
    sys.stdout.write(f"the report is in {page} and {data}\n")
    refuted = [one.name for one in report.results if one.verdict == "REFUTED"]
    if report.left:
        sys.stdout.write(f"LEFT, end it by hand: {', '.join(report.left)}\n")
    return FAILED if refuted or report.left else OK


SYMBOL: Final = Option(
    "--symbol",
    "ticker that is asked about (default AAPL)",
    {"metavar": "SYMBOL", "default": "AAPL"},
)
COMMANDS: Final = (
    Command(
        ("probe", "ibkr"),
        "confirm on a paper account what is believed about Interactive Brokers, with orders that do "
        "not trade and one share; asks before it sends, writes a report; exit code 1 when a belief "
        "is refuted, 3 when nothing was to be sent",
        (
            SETTINGS,
            SYMBOL,
            Option(
                "--price",
                "about what a share costs, dollars (default: the gateway is asked)",
                {"type": amount, "metavar": "PRICE"},
            ),
            Option("--yes", "send without asking", {"action": "store_true"}),
            Option(
                "--out",
                "folder of the report (default: this one)",
                {"type": Path, "metavar": "PATH", "default": Path()},
            ),
        ),
        _probe,
    ),
)
