"""The commands about risk: assess the controls, explain an order."""

# ruff: noqa: PLC0415

import json
import sys
from pathlib import Path
from typing import Any, Final

from fillpath.cli_table import FAILED, OK, SETTINGS, Chosen, Command, Option


def _selfassess(chosen: Chosen) -> int:
    from fillpath.app_risk import self_assessment
    from fillpath.settings import load_settings

    rows = self_assessment(load_settings(chosen.settings), chosen.evidence)
    gaps = [row.id for row in rows if row.is_gap]
    if chosen.json:
        _print_json([{**_plain(row), "gap": row.is_gap} for row in rows])
    else:
        _show_assessment(rows)
    if not gaps:
        return OK
    sys.stderr.write(f"fillpath: nothing shows these controls refusing: {', '.join(gaps)}\n")
    return FAILED


def _show_assessment(rows: list[Any]) -> None:
    from rich.table import Table

    table = Table("id", "control", "tests", "last pass", "limits in force", "why")
    for row in rows:
        waits = f"\nwaits: {row.waits_for}" if row.waits_for else ""
        last = f"{row.last}\n{row.at}\n{row.commit}" if row.at else row.last
        limits = "\n".join(f"{_last_words(key)} {value}" for key, value in row.limits.items())
        tests = f"{len(row.refuses)} refuse\n{len(row.passes)} pass"
        table.add_row(row.id, row.title + waits, tests, last, limits or "fixed", row.rationale)
    _print_table(table)


def _last_words(key: str) -> str:
    return key.removeprefix("risk.")


def _explain(chosen: Chosen) -> int:
    from fillpath.app_risk import explanation
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    told = explanation(
        settings, chosen.order, journal=chosen.journal or "", account=chosen.account or ""
    )
    if told is None:
        sys.stderr.write(f"fillpath: the journal knows no order and no signal {chosen.order!r}\n")
        return FAILED
    if chosen.json:
        _print_json(_plain(told))
    else:
        _show_explanation(told)
    return OK


def _show_explanation(told: Any) -> None:
    from rich.markup import escape
    from rich.table import Table

    from fillpath.core.units import iso, moment

    _print_table(f"{told.name}: {told.symbol}, signal {told.signal_id} of {told.strategy_name}")
    for judgement in told.judgements:
        what = f"{judgement.reason}: {judgement.text}" if judgement.reason else judgement.risk
        table = Table(
            "control",
            "code",
            "verdict",
            "limits in force",
            "what it said",
            title=escape(
                f"{iso(moment(judgement.at))} {judgement.stage} {judgement.outcome} "
                f"{judgement.order_id} {what}"
            ),
            title_justify="left",
        )
        for said in judgement.controls:
            limits = "\n".join(f"{_last_words(key)} {value}" for key, value in said.limits.items())
            words = (said.id, said.code, said.verdict, limits, said.text or said.title)
            table.add_row(*map(escape, words))
        _print_table(table)


def _plain(row: Any) -> Any:
    import msgspec

    return msgspec.to_builtins(row)


def _print_json(told: Any) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


def _print_table(told: Any) -> None:
    """Print for a terminal, and whole rows where the output goes into a file."""
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 200).print(told, highlight=False)


_JSON: Final = Option("--json", "print one JSON value", {"action": "store_true"})
COMMANDS: Final = (
    Command(
        ("risk", "selfassess"),
        "show each control with its tests, their last result, the limits in force and the reason; "
        "exit code 1 when nothing shows one refusing",
        (
            Option(
                "--evidence",
                "file that a test run has left (default: that of the clone at hand)",
                {"type": Path, "metavar": "PATH"},
            ),
            SETTINGS,
            _JSON,
        ),
        _selfassess,
    ),
    Command(
        ("risk", "explain"),
        "show which controls judged an order or a signal, and which did not and why; needs only "
        "the journal, with or without a running engine",
        (
            Option("order", "id of an order, of its parent, or of a signal", {"metavar": "ORDER"}),
            Option(
                "--journal",
                "another journal: a file or postgresql://... (default: that of the account)",
                {"metavar": "JOURNAL"},
            ),
            Option("--account", "account of a fleet (default: the only one)", {"metavar": "NAME"}),
            SETTINGS,
            _JSON,
        ),
        _explain,
    ),
)
