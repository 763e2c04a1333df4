"""What must be true afterwards: the engine's journal against what really happened at the venue."""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct

from fillpath.app_live import STORE, rebuild_tables
from fillpath.core.commands import Command, Decision, Intent, PlaceOrder
from fillpath.core.events import Event, OrderFilled, SignalReceived
from fillpath.core.models import Position
from fillpath.core.units import money_decimal, quantity_decimal
from fillpath.data.journal import read_journal, verify
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.recovery import recover
from fillpath.settings import Settings, load_settings
from tests.proc.stage import Director, Stage

DUPLICATE = "DUPLICATE"
UNSETTLED = {"HELD"}
COSTS = ("order_costs", "order_costs_cursor")


class Account(Struct):
    """An account as its journal tells it, replayed from the first record.

    Args:
        desk: at the end of the journal.
        records: all of it.
        outcomes: every decision about each signal, oldest first, as reason or outcome.
    """

    desk: Desk
    records: list[Event | Intent]
    outcomes: dict[tuple[str, str], list[str]]


class Tally(Struct):
    """How much was checked."""

    signals: int
    orders: int
    fills: int
    records: int
    doubts: int
    rows: int


def replayed(path: Path) -> Account:
    """Replay a journal on a fresh desk; it decides as it did, or this raises."""
    records = list(read_journal(path))
    desk = Desk(DeskPolicy())
    outcomes: dict[tuple[str, str], list[str]] = {}

    def follow(command: Command) -> None:
        if isinstance(command, Decision) and command.stage == "SIGNAL":
            key = (command.strategy_name, command.signal_id)
            outcomes.setdefault(key, []).append(command.reason or command.outcome)

    recover(records, desk, follow)
    return Account(desk, records, outcomes)


def lines(path: Path) -> list[dict[str, Any]]:
    """Return the venue's ledger."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def never_sent_twice(ledger: Iterable[dict[str, Any]], account: Account) -> int:
    """Check that no order reached the venue twice, nor one that the journal does not announce."""
    arrived = [line["submit"] for line in ledger if "submit" in line]
    counted = Counter(arrived)
    announced = {r.ticket.order_id for r in account.records if isinstance(r, PlaceOrder)}
    assert [name for name, count in counted.items() if count > 1] == []
    assert set(arrived) <= announced
    return len(arrived)


def no_signal_lost(acknowledged: Iterable[tuple[str, str]], account: Account) -> int:
    """Check that each acknowledged signal is journaled once and ended in one outcome."""
    received = Counter(
        (r.signal.strategy_name, r.signal.signal_id or "")
        for r in account.records
        if isinstance(r, SignalReceived)
    )
    lost = [key for key in acknowledged if not received[key]]
    assert lost == []
    for key, outcomes in account.outcomes.items():
        repeats = outcomes.count(DUPLICATE)
        assert received[key] - repeats == 1, (key, outcomes)
        settled = [word for word in outcomes if word != DUPLICATE]
        assert settled[-1] not in UNSETTLED, (key, outcomes)
    parents = Counter(
        (r.ticket.signal_id, r.ticket.strategy_name, r.ticket.parent_id)
        for r in account.records
        if isinstance(r, PlaceOrder) and r.ticket.slice_number in {0, 1}
    )
    assert [key for key, count in parents.items() if count > 1] == []
    return len(received)


async def no_fill_lost(director: Director, account: Account) -> int:
    """Check that every execution of the venue is booked once, and none beside them."""
    truth = {fill.fill_id: (fill.quantity, fill.price) for fill in await director.executions()}
    booked = [r for r in account.records if isinstance(r, OrderFilled)]
    ours = {r.fill_id: (r.fill.quantity, r.fill.price) for r in booked}
    assert ours == truth
    return len(truth)


async def same_account(director: Director, account: Account) -> None:
    """Check that positions and cash are the venue's, to the last unit."""
    book = account.desk.state.book
    held = {symbol: quantity_decimal(h.quantity) for symbol, h in book.holdings.items()}
    assert held == holdings(await director.positions())
    assert money_decimal(book.cash) == (await director.portfolio()).cash


def holdings(positions: Iterable[Position]) -> dict[str, Decimal]:
    """Return the shares held by symbol."""
    return {position.symbol: position.quantity for position in positions}


async def same_tables(stage: Stage) -> int:
    """Check that the tables are what a rebuild from the journal makes of them."""
    settings = load_settings(stage.settings)
    fed = await asyncio.to_thread(tables, settings, stage)
    await rebuild_tables(settings)
    rebuilt = await asyncio.to_thread(tables, settings, stage)
    # What orders cost is known better the later it is made; that it is there is what counts.
    assert {name for name in COSTS if fed[name]} <= {name for name in COSTS if rebuilt[name]}
    for name in COSTS:
        del fed[name], rebuilt[name]
    assert fed == rebuilt
    return sum(len(rows) for rows in fed.values())


def tables(settings: Settings, stage: Stage) -> dict[str, list[str]]:
    """Return every row of every table, as text in order."""
    if settings.database.url:
        with psycopg.connect(settings.database.url) as server:
            asked = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            names = [row[0] for row in server.execute(asked).fetchall()]
            return {n: _rows(server.execute(f'SELECT * FROM "{n}"'.encode())) for n in names}  # noqa: S608  # its own tables
    with closing(sqlite3.connect(stage.account / STORE)) as file:
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        names = [row[0] for row in file.execute(asked).fetchall()]
        return {n: _rows(file.execute(f'SELECT * FROM "{n}"')) for n in names}  # noqa: S608  # its own tables


def _rows(found: Iterable[Any]) -> list[str]:
    return sorted(repr(row) for row in found)


async def judge(stage: Stage, acknowledged: Iterable[tuple[str, str]]) -> Tally:
    """Check everything; the engine has stopped, and nothing moves at the venue any more."""
    verify(stage.journal)
    account = replayed(stage.journal)
    await same_account(stage.director, account)
    ledger = lines(stage.ledger)
    words = Counter(type(record).__name__ for record in account.records)
    return Tally(
        signals=no_signal_lost(acknowledged, account),
        orders=never_sent_twice(ledger, account),
        fills=await no_fill_lost(stage.director, account),
        records=len(account.records),
        doubts=words["OrderInDoubt"],
        rows=await same_tables(stage),
    )
