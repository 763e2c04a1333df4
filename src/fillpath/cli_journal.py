"""The commands about journals: check, show, replay, export, back up, restore, upgrade.

A journal is a file, or the address of a PostgreSQL database together with ``--account``.
"""

# ruff: noqa: PLC0415

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from fillpath.cli_table import FAILED, FILES, OK, SETTINGS, Chosen, Command, Option, UsageError
from fillpath.core.errors import FillpathError

HIDDEN: Final = frozenset({"type", "at"})
EXPORTS: Final = {"orders": "place_order", "fills": "order_filled"}

Described = dict[str, Any]


class Bound(NamedTuple):
    """Where to begin or to end.

    Args:
        is_time: whether it is a time; a sequence number otherwise.
        value: nanoseconds UTC, or the number.
    """

    is_time: bool
    value: int


def _verify(chosen: Chosen) -> int:
    from fillpath.data.journal.reading import EpochStart

    found = _summary(chosen)
    if chosen.json:
        import msgspec

        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return OK
    torn = f", then {found.torn} bytes of an unfinished write" if found.torn else ""
    sys.stdout.write(
        f"{chosen.path}: {found.records} records in {found.frames} frames, {found.size} bytes, "
        f"format {found.version}, every hash holds{torn}; last hash {found.digest}\n"
    )
    ends: list[EpochStart | None] = [*found.epochs[1:], None]
    for start, after in zip(found.epochs, ends, strict=True):
        end = found.records if after is None else after.sequence
        what = f"records {start.sequence} to {end - 1}" if end > start.sequence else "no records"
        sys.stdout.write(f"  epoch {start.epoch}, {start.origin}: {what}\n")
    return OK


def _show(chosen: Chosen) -> int:
    from fillpath.data.codec import describe

    for number, record in _records(chosen):
        if not (_after(chosen.first, number, record.at) and _until(chosen.last, number, record.at)):
            continue
        told = describe(record)
        if not _wanted(chosen, told):
            continue
        if chosen.json:
            line = json.dumps({"sequence": number, **told}, ensure_ascii=False)
        else:
            line = f"{number:>8}  {told['at']}  {told['type']:<18} {_said(told)}"
        sys.stdout.write(f"{line.rstrip()}\n")
    return OK


def _replay(chosen: Chosen) -> int:
    from fillpath.core.errors import JournalDiverged
    from fillpath.execution.desk import Desk
    from fillpath.execution.recovery import recover
    from fillpath.settings import load_settings

    policy = load_settings(chosen.settings).desk_policy()
    desk = Desk(policy)
    try:
        found = recover((record for _, record in _records(chosen)), desk, lambda _: None)
    except JournalDiverged as error:
        sys.stderr.write(f"fillpath: {chosen.path} replays to something else: {error}\n")
        return FAILED
    agreed = None if chosen.quotes is None else _rerun(chosen, (Desk(policy), Desk(policy)))
    if chosen.json:
        _tell_json(_state_of(desk, found), agreed)
    else:
        _tell_state(_state_of(desk, found))
        _tell_agreement(agreed)
    return FAILED if agreed is not None and agreed.difference is not None else OK


def _rerun(chosen: Chosen, desks: Any) -> Any:
    """Decide everything once more on recorded quotes."""
    from fillpath.backtest.rerun import rerun
    from fillpath.data.files.recording import read_recording
    from fillpath.service.means import MeanMarket

    quotes = read_recording(chosen.quotes)
    return rerun((record for _, record in _records(chosen)), desks, quotes, MeanMarket)


def _tell_json(told: dict[str, Any], agreed: Any) -> None:
    import msgspec

    if agreed is not None:
        told["quotes"] = msgspec.to_builtins(agreed)
    sys.stdout.write(json.dumps(told) + "\n")


def _tell_agreement(agreed: Any) -> None:
    if agreed is None:
        return
    sys.stdout.write(
        f"on the recorded quotes {agreed.signals} signals, {agreed.decisions} decisions and "
        f"{agreed.orders} orders are the same; {agreed.markets} looks at the market, "
        f"{agreed.other_markets} of them otherwise than in the journal\n"
    )
    if agreed.first_market is not None:
        sys.stdout.write(f"the first of those: {agreed.first_market}\n")
    if agreed.difference is not None:
        sys.stderr.write(f"fillpath: the first that differs: {agreed.difference}\n")


def _state_of(desk: Any, found: Any) -> dict[str, Any]:
    from fillpath.execution.recovery import account_cash, account_positions

    state = desk.state
    positions = {p.symbol: f"{p.quantity:f}" for p in account_positions(state)}
    orders = {
        order.ticket.order_id: f"{order.status.value}, {order.certainty.value}"
        for order in state.orders.values()
    }
    return {
        "records": found.records,
        "fingerprint": desk.fingerprint(),
        "cash": f"{account_cash(state):f}",
        "positions": positions,
        "open_orders": orders,
        "outstanding": len(found.outstanding),
        "killed": bool(state.killed),
    }


def _tell_state(told: dict[str, Any]) -> None:
    sys.stdout.write(
        f"{told['records']} records replay to the same decisions; fingerprint "
        f"{told['fingerprint']}\n"
        f"cash        {told['cash']}\n"
        f"positions   {_listed(told['positions'])}\n"
        f"open orders {_listed(told['open_orders'])}\n"
        f"outstanding {told['outstanding']} intents whose answer the journal does not hold\n"
    )


def _listed(named: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in named.items()) or "none"


def _export(chosen: Chosen) -> int:
    rows = _described(chosen)
    if chosen.form == "json":
        for number, record in rows:
            line = json.dumps({"sequence": number, **record}, ensure_ascii=False)
            sys.stdout.write(line + "\n")
        return OK
    tag = EXPORTS[chosen.form]
    table = ({"sequence": n, **_flat(record)} for n, record in rows if record["type"] == tag)
    first = next(table, None)
    if first is None:
        return OK
    writer = csv.DictWriter(sys.stdout, list(first), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerow(first)
    writer.writerows(table)
    return OK


def _backup(chosen: Chosen) -> int:
    from fillpath.data.journal.copies import backup

    found = backup(chosen.journal, chosen.target)
    sys.stdout.write(
        f"{chosen.target}: {found.records} records, checked; last hash {found.digest}\n"
    )
    return OK


def _restore(chosen: Chosen) -> int:
    from fillpath.data.journal.copies import restore

    done = restore(chosen.backup, chosen.journal, force=chosen.force)
    kept = f"; what was there is kept as {done.kept}" if done.kept else ""
    sys.stdout.write(
        f"{chosen.journal}: {done.summary.records} records in epoch {done.summary.epoch}{kept}\n"
        f"{_begun_anew(chosen.journal.parent, done.summary.records) if chosen.force else ''}"
        "the broker may know of orders that this journal does not: the next start asks it first\n"
    )
    return OK


def _begun_anew(folder: Path, records: int) -> str:
    """Undo what was made of records that are gone, and say what has to be undone by hand."""
    from fillpath.app_parts import PUBLISHED, STORE
    from fillpath.data.store.feeding import FilePlace

    place = FilePlace(folder / PUBLISHED)
    try:
        for name in (STORE, f"{STORE}-wal", f"{STORE}-shm"):
            (folder / name).unlink(missing_ok=True)
        if place.load() >= records:
            place.save(records - 1)
    except (OSError, FillpathError) as error:
        return f"what lies beside it could not be brought in line: {error}\n"
    return (
        "the next start makes the tables beside it anew; tables in a database need fillpath tables "
        "rebuild before that\n"
    )


def _upgrade(chosen: Chosen) -> int:
    from fillpath.data.journal.copies import upgrade

    found = upgrade(chosen.journal)
    sys.stdout.write(
        f"{chosen.journal}: {found.records} records, format {found.version}; the old file is kept "
        "beside it\n"
    )
    return OK


def _summary(chosen: Chosen) -> Any:
    from fillpath.data.journal import verify

    if not _is_address(chosen):
        return verify(Path(chosen.path))
    from fillpath.data.journal.postgres_reading import verify_postgres

    return verify_postgres(chosen.path, chosen.account)


def _records(chosen: Chosen) -> Iterator[tuple[int, Any]]:
    from fillpath.data.journal import read_journal

    if not _is_address(chosen):
        return enumerate(read_journal(Path(chosen.path)))
    from fillpath.data.journal.postgres_reading import read_postgres

    return enumerate(read_postgres(chosen.path, chosen.account))


def _is_address(chosen: Chosen) -> bool:
    address = bool(chosen.path.startswith("postgresql"))
    if address and not chosen.account:
        raise UsageError("a database holds the journals of many accounts: say which by --account")
    return address


def _described(chosen: Chosen) -> Iterator[tuple[int, Described]]:
    from fillpath.data.codec import describe

    return ((number, describe(record)) for number, record in _records(chosen))


def _wanted(chosen: Chosen, record: Described) -> bool:
    if chosen.kind and record["type"] != chosen.kind:
        return False
    return not chosen.order or chosen.order in _flat(record).values()


def _after(bound: Bound | None, number: int, at: int) -> bool:
    return bound is None or (at if bound.is_time else number) >= bound.value


def _until(bound: Bound | None, number: int, at: int) -> bool:
    return bound is None or (at if bound.is_time else number) <= bound.value


def _bound(text: str) -> Bound:
    """Return a place in the journal: a sequence number, or a time."""
    from fillpath.core.units import nanoseconds

    if text.isdigit():
        return Bound(is_time=False, value=int(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"must be a sequence number or a time with its zone, as 2026-11-22T14:30Z, got {text!r}"
        )
    return Bound(is_time=True, value=nanoseconds(moment))


def _said(record: Described) -> str:
    fields = ((name, value) for name, value in record.items() if name not in HIDDEN)
    return " ".join(f"{name}={_short(value)}" for name, value in fields if value not in (None, ""))


def _short(value: object) -> str:
    if isinstance(value, dict):
        inside = {name: one for name, one in value.items() if one not in (None, "", [], {})}
        return json.dumps(inside, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def _flat(record: Described) -> Described:
    """Return a record without levels: what stands inside comes under its own name."""
    flat: Described = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat.update(_flat(value))
        else:
            flat[name] = _short(value) if isinstance(value, list) else value
    return flat


_PATH: Final = Option("path", "the journal: a file, or postgresql://...", {"metavar": "JOURNAL"})
_ACCOUNT: Final = Option(
    "--account", "the account, where the journal is in PostgreSQL", {"metavar": "NAME"}
)
_JSON: Final = Option("--json", "print JSON, one object a line", {"action": "store_true"})
_FILE: Final = Option("journal", "the journal file", {"type": Path, "metavar": "JOURNAL"})
_BOUND: Final[dict[str, Any]] = {"type": _bound, "metavar": "NUMBER|TIME"}
COMMANDS: Final = (
    Command(
        ("journal", "verify"),
        "check every hash of a journal without changing it, and name its epochs",
        (_PATH, _ACCOUNT, _JSON),
        _verify,
    ),
    Command(
        ("journal", "show"),
        "print the records of a journal, one a line",
        (
            _PATH,
            _ACCOUNT,
            Option("--from", "first record: its number or its time", {**_BOUND, "dest": "first"}),
            Option("--to", "last record: its number or its time", {**_BOUND, "dest": "last"}),
            Option("--order", "only what names this order", {"metavar": "ID"}),
            Option("--kind", "only this kind, such as order_filled", {"metavar": "KIND"}),
            _JSON,
        ),
        _show,
    ),
    Command(
        ("journal", "replay"),
        "decide everything in a journal once more and compare; exit code 1 where it differs",
        (
            _PATH,
            _ACCOUNT,
            Option(
                "--quotes",
                "recordings of the engine (engine.record_quotes): decide on these quotes, not on "
                "what the journal says of the market",
                {**FILES, "default": None},
            ),
            SETTINGS,
            _JSON,
        ),
        _replay,
    ),
    Command(
        ("journal", "export"),
        "print a journal for other programs: all records as JSON, or orders or fills as CSV",
        (
            _PATH,
            _ACCOUNT,
            Option(
                "--form",
                "json for every record, orders or fills for a CSV table (default json)",
                {"choices": ("json", *EXPORTS), "default": "json"},
            ),
        ),
        _export,
    ),
    Command(
        ("journal", "backup"),
        "copy what is durable of a journal file, also while an engine writes it, and check the copy",
        (
            _FILE,
            Option("target", "the copy; must not exist yet", {"type": Path, "metavar": "TARGET"}),
        ),
        _backup,
    ),
    Command(
        ("journal", "restore"),
        "put a backup in the place of a journal file; what was there is kept beside it",
        (
            Option("backup", "the backup", {"type": Path, "metavar": "BACKUP"}),
            _FILE,
            Option(
                "--force",
                "also where the journal holds records that the backup has not",
                {"action": "store_true"},
            ),
        ),
        _restore,
    ),
    Command(
        ("journal", "upgrade"),
        "rewrite a journal file of an older format version; the old file is kept beside it",
        (_FILE,),
        _upgrade,
    ),
)
