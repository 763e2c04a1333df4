"""The commands about risk: assess the controls, explain an order, look at what came after."""

# ruff: noqa: PLC0415

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

from fillpath.cli_engine import ACCOUNT
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


def _statement(chosen: Chosen) -> int:
    from fillpath.app_risk import statement_differences
    from fillpath.settings import load_settings

    found = statement_differences(
        load_settings(chosen.settings),
        chosen.statement,
        chosen.day,
        journal=chosen.journal or "",
        account=chosen.account or "",
    )
    if chosen.json:
        _print_json(_plain(found))
    else:
        for one in found:
            sys.stdout.write(f"{one.code} {one.execution}: {one.text}\n")
    if not chosen.json and not found:
        sys.stdout.write("every row of the statement and of the journal is explained\n")
    return FAILED if found else OK


def _surveillance(chosen: Chosen) -> int:
    from fillpath.app_risk import patterns
    from fillpath.core.units import iso, moment
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    journal, account = chosen.journal or "", chosen.account or ""
    found = patterns(settings, chosen.day, journal=journal, account=account)
    if chosen.json:
        _print_json(_plain(found))
    else:
        for flag in found:
            orders = " ".join(flag.orders)
            said = f"{iso(moment(flag.at))} {flag.pattern:<9} {flag.text}"
            sys.stdout.write(f"{said}\n    {orders}\n")
    if not chosen.json and not found:
        sys.stdout.write("no pattern was found\n")
    return FAILED if found else OK


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be YYYY-MM-DD, got {text!r}") from None


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
_WHERE: Final = (
    Option(
        "--journal",
        "another journal: a file or postgresql://... (default: that of the account)",
        {"metavar": "JOURNAL"},
    ),
    ACCOUNT,
    SETTINGS,
    _JSON,
)
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
            *_WHERE,
        ),
        _explain,
    ),
    Command(
        ("risk", "statement"),
        "compare the broker's statement of a day with the journal, row by row; exit code 1 when "
        "anything is unexplained",
        (
            Option(
                "statement",
                "CSV of executions with symbol, side, quantity, price, commission and execution id, "
                "such as a Flex query of trades",
                {"type": Path, "metavar": "CSV"},
            ),
            Option(
                "--day", "the day in New York", {"type": _day, "metavar": "DAY", "required": True}
            ),
            *_WHERE,
        ),
        _statement,
    ),
    Command(
        ("risk", "surveillance"),
        "look for wash trades, layering and a marked close in the journal; exit code 1 when there is "
        "something to look at",
        (
            Option(
                "--day",
                "only this day in New York (default: the whole journal)",
                {"type": _day, "metavar": "DAY"},
            ),
            *_WHERE,
        ),
        _surveillance,
    ),
)
