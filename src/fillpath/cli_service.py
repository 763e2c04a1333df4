"""The commands of the live engine: run it, ask it, feed it, stop it."""

# ruff: noqa: PLC0415

import getpass
import json
import sys
from pathlib import Path
from typing import Any, Final

from fillpath import cli_ibkr
from fillpath.cli_engine import ACCOUNT, ask_engine, folder_of, standing_in
from fillpath.cli_table import (
    FAILED,
    OK,
    SETTINGS,
    Chosen,
    Command,
    Option,
    UsageError,
    amount,
)
from fillpath.runtime.printing import printable

NOT_TRADING: Final = 3
UNAVAILABLE: Final = 4
"""The broker cannot be traded at, and nothing may stand in for it."""
TAKEN: Final = frozenset({"ORDERED", "REDUCED", "TAKEN", "HELD", "WAITING"})
"""What became of a signal that was not turned away."""
SETTINGS_FILE: Final = "fillpath.yaml"

INITIALISED: Final = """wrote {path}: every setting with its default, unit and range
wrote {limits}: every limit of risk, likewise; it belongs beside {path}
What next
  check   fillpath doctor --settings {path}
  start   fillpath run --settings {path}
  trade   fillpath signal SPY LONG 0.95 --quantity 10 --settings {path}    (from another terminal)
"""


def _run(chosen: Chosen) -> int:
    import asyncio

    from fillpath import app_live, app_start
    from fillpath.app_alerts import delivering
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    if app_live.fleet_accounts(settings):
        accepted = chosen.accept_looser_limits
        with delivering(settings, chosen.settings, settings.engine.accounts):
            asyncio.run(app_live.run_fleet(settings, _page, _say, accepted=accepted))
        return OK

    def started(service: Any) -> None:
        health = service.health_port
        where = f", http://127.0.0.1:{health}/health" if health else ""
        sys.stderr.write(
            f"fillpath: account {service.live.parts.account} ({service.parts.mode}), "
            f"files in {service.parts.folder}{where}; Ctrl-C or SIGTERM stops it cleanly\n"
        )
        if service.parts.notice:
            _say(f"DEGRADED: {service.parts.notice}")

    try:
        with delivering(settings, chosen.settings, app_live.account_name(settings)):
            asyncio.run(app_start.run(settings, _page, started, chosen.accept_looser_limits))
    except app_start.Halted as halted:
        _say(str(halted))
        return UNAVAILABLE
    sys.stderr.write("fillpath: stopped; every record is in the journal\n")
    return OK


def _say(sentence: str) -> None:
    sys.stderr.write(f"fillpath: {sentence}\n")
    sys.stderr.flush()


def _page(alarm: Any) -> None:
    from fillpath.core.units import iso, moment

    order = f" (order {alarm.order_id})" if alarm.order_id else ""
    text = printable(" ".join(str(alarm.text).split()))
    sys.stderr.write(f"ALERT {iso(moment(alarm.at))} {alarm.code}: {text}{order}\n")
    sys.stderr.flush()


def _status(chosen: Chosen) -> int:
    from fillpath.service.status import State, read_status

    told = _told(chosen)
    if chosen.json:
        sys.stdout.write(told.decode() + "\n")
    status = read_status(told)
    if not chosen.json:
        _show(status)
    return OK if status.state is State.TRADING else NOT_TRADING


def _told(chosen: Chosen) -> bytes:
    """Return the status of the running engine, or the word of one that could not start."""
    from fillpath.core.errors import Unavailable
    from fillpath.service.status import State
    from fillpath.service.unavailable import last_word

    try:
        told: str = ask_engine(chosen, {"do": "status"}, stub=False)["status"]
        return told.encode()
    except Unavailable:
        stub = standing_in(chosen)
        if stub is not None:
            return stub
        word = last_word(folder_of(chosen))
        if word is None or word.state is not State.UNAVAILABLE:
            raise
        return word.as_json()


def _show(status: Any) -> None:
    from rich.console import Console

    from fillpath.service.showing import show_status

    show_status(status, Console())


def _signal(chosen: Chosen) -> int:
    metadata: dict[str, Any] = {}
    if chosen.metadata:
        try:
            metadata = json.loads(chosen.metadata)
        except ValueError as error:
            raise UsageError(f"--metadata must be a JSON object: {error}") from error
    for name in ("quantity", "signal_price"):
        value = getattr(chosen, name)
        if value is not None:
            metadata[name] = str(value)
    message = {
        "v": 1,
        "symbol": chosen.symbol,
        "direction": chosen.direction.upper(),
        "strength": str(chosen.strength),
        "strategy_name": chosen.strategy,
        "metadata": metadata,
    }
    if chosen.id is not None:
        message["signal_id"] = chosen.id
    answer = ask_engine(chosen, {"do": "signal", "signal": json.dumps(message)})
    words = [answer["outcome"], answer.get("reason", ""), answer.get("order_id", "")]
    sys.stdout.write(" ".join(word for word in words if word) + "\n")
    if answer.get("text"):
        sys.stdout.write(f"{answer['text']}\n")
    return OK if answer["outcome"] in TAKEN else FAILED


def _rebuild(chosen: Chosen) -> int:
    import asyncio

    from fillpath.app_live import rebuild_tables
    from fillpath.settings import load_settings

    records = asyncio.run(rebuild_tables(load_settings(chosen.settings), chosen.account or ""))
    sys.stdout.write(f"the tables are made anew from {records} journal records\n")
    return OK


def _release(chosen: Chosen) -> int:
    request = {"do": "release", "symbol": chosen.symbol, "by": getpass.getuser()}
    ask_engine(chosen, request)
    sys.stdout.write(f"orders in {chosen.symbol} may leave again\n")
    return OK


def _adjust(chosen: Chosen) -> int:
    request = {
        "do": "adjust",
        "symbol": chosen.symbol,
        "quantity": chosen.quantity,
        "price": chosen.price,
        "cash": chosen.cash,
        "reason": chosen.reason,
        "by": getpass.getuser(),
    }
    answer = ask_engine(chosen, request)
    sys.stdout.write(f"the account holds {answer['holds']} {chosen.symbol} now\n")
    return OK


def _init(chosen: Chosen) -> int:
    from fillpath.settings import RISK_FILE, shipped, shipped_limits

    path: Path = chosen.path
    limits = path.with_name(RISK_FILE)
    if limits.exists():
        raise UsageError(f"{limits} is there already and is left as it is; {path} is not written")
    _write_new(path, shipped())
    _write_new(limits, shipped_limits())
    sys.stdout.write(INITIALISED.format(path=path, limits=limits))
    return OK


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already and is left as it is") from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _doctor(chosen: Chosen) -> int:
    import asyncio

    from fillpath.app_doctor import examine

    if chosen.broker == "ibkr":
        bad = cli_ibkr.examine(chosen.settings, chosen.symbol)
    else:
        findings = asyncio.run(examine(chosen.settings))
        for finding in findings:
            cli_ibkr.show_finding(finding)
        bad = sum(not finding.healthy for finding in findings)
    sys.stdout.write(f"{bad} problem{'s' * (bad > 1)}\n" if bad else "everything is in order\n")
    return FAILED if bad else OK


COMMANDS: Final = (
    Command(
        ("init",),
        "write a commented settings file to begin with",
        (
            Option(
                "path",
                f"file to write (default {SETTINGS_FILE})",
                {"type": Path, "nargs": "?", "metavar": "PATH", "default": Path(SETTINGS_FILE)},
            ),
        ),
        _init,
    ),
    Command(
        ("run",),
        "start the engine and stay up: take signals, trade, publish; exit code 4 when the broker "
        "cannot be traded at",
        (
            SETTINGS,
            Option(
                "--accept-looser-limits",
                "why limits may be looser than at the last start, with a real broker; it is "
                "journaled",
                {"metavar": "WHY", "default": ""},
            ),
        ),
        _run,
    ),
    Command(
        ("status",),
        "ask the running engine how it is; exit code 3 while it does not trade",
        (ACCOUNT, SETTINGS, Option("--json", "print one JSON object", {"action": "store_true"})),
        _status,
    ),
    Command(
        ("doctor",),
        "check settings, journal, bus, tables, clock, calendar and broker; name each remedy",
        (
            SETTINGS,
            Option(
                "--broker",
                "walk through the way to this broker instead, step by step; nothing is ordered",
                {"choices": ("ibkr",), "metavar": "NAME"},
            ),
            cli_ibkr.SYMBOL,
        ),
        _doctor,
    ),
    Command(
        ("signal",),
        "send the running engine a signal by hand and say what became of it",
        (
            Option("symbol", "ticker", {"metavar": "SYMBOL"}),
            Option(
                "direction",
                "LONG, SHORT or FLAT",
                {"metavar": "DIRECTION", "type": str.upper, "choices": ("LONG", "SHORT", "FLAT")},
            ),
            Option("strength", "conviction from 0 to 1", {"metavar": "STRENGTH", "type": amount}),
            Option(
                "--quantity", "shares, instead of Kelly sizing", {"type": amount, "metavar": "N"}
            ),
            Option(
                "--signal-price",
                "price at which the signal was made",
                {"type": amount, "metavar": "PRICE"},
            ),
            Option(
                "--strategy",
                "strategy that speaks (default manual)",
                {"metavar": "NAME", "default": "manual"},
            ),
            Option(
                "--id",
                "signal id; the same id again trades nothing (default: one is made)",
                {"metavar": "ID"},
            ),
            Option(
                "--metadata",
                'JSON object, such as \'{"win_rate": 0.55, "avg_win_pct": 2, "avg_loss_pct": 1}\'',
                {"metavar": "JSON"},
            ),
            ACCOUNT,
            SETTINGS,
        ),
        _signal,
    ),
    Command(
        ("tables", "rebuild"),
        "make the tables anew from the journal, while the engine is stopped",
        (ACCOUNT, SETTINGS),
        _rebuild,
    ),
    Command(
        ("release",),
        "allow orders in a quarantined symbol again, once it is understood",
        (Option("symbol", "ticker", {"metavar": "SYMBOL"}), ACCOUNT, SETTINGS),
        _release,
    ),
    Command(
        ("adjust",),
        "book shares or cash that no execution explains, such as a dividend; it is journaled",
        (
            Option("symbol", "ticker", {"metavar": "SYMBOL"}),
            Option("quantity", "shares to add; put -- before a negative one", {"metavar": "N"}),
            Option("price", "paid for each share; 0 moves no cash", {"metavar": "PRICE"}),
            Option("--cash", "change of the cash beside that", {"metavar": "AMOUNT"}),
            Option("--reason", "why; it is journaled", {"metavar": "TEXT", "required": True}),
            ACCOUNT,
            SETTINGS,
        ),
        _adjust,
    ),
)
