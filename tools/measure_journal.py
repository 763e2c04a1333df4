"""Measure the forms that a journal could have, on the disk that is asked about.

    python3 dev.py python tools/measure_journal.py FOLDER [ROUNDS]

Every form stores the same records, hash-chained, in groups of 1, 10, 100 and 1,000, and waits for
the disk after each group. The forms take turns within a round; medians over the rounds are printed.
"""  # noqa: INP001  # a program, not a package

import hashlib
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fillpath.core.commands import PlaceOrder
from fillpath.core.events import OrderAccepted, SignalReceived
from fillpath.core.translation import filled_by
from fillpath.data.codec import Record, encode_group
from fillpath.data.journal import FileJournal
from fillpath.testing.builders import START_NS, a_fill, a_signal, a_ticket, a_view
from fillpath.testing.journal_contract import STATISTICS

RECORDS: Final[tuple[Record, ...]] = (
    SignalReceived(START_NS, a_signal(metadata=STATISTICS), a_view()),
    PlaceOrder(START_NS, a_ticket(33, limit=15_007_500_000, route_reason="0.03 % of ADV")),
    OrderAccepted(START_NS, "trend/sig-1#1", "sim-1"),
    filled_by(START_NS, a_fill(33, "150.01")),
)
GROUPS: Final = {1: 2_000, 10: 2_000, 100: 1_000, 1_000: 200}
"""Groups stored in one turn, by the size of the group."""

Groups = Sequence[Sequence[Record]]


def raw(folder: Path, groups: Groups) -> None:
    """Append plain bytes of the same length: what the disk alone allows."""
    content = [bytes(60 + 170 * len(group)) for group in groups]
    descriptor = os.open(folder / "raw", os.O_CREAT | os.O_WRONLY)
    for part in content:
        os.write(descriptor, part)
        os.fdatasync(descriptor)
    os.close(descriptor)


def framed(folder: Path, groups: Groups) -> None:
    """Store the groups as frames of a file: what fillpath does."""
    journal = FileJournal(folder / "journal")
    for group in groups:
        for record in group:
            journal.append(record)
        journal.commit()
    journal.close()


def sqlite_groups(folder: Path, groups: Groups) -> None:
    """Store each group as one row."""
    database = _database(folder)
    chain, sequence = b"", 0
    for group in groups:
        payload = encode_group(sequence, 0, group)
        chain = hashlib.sha256(chain + payload).digest()
        database.execute("insert into journal values (?, ?, ?)", (sequence, chain, payload))
        sequence += len(group)
    database.close()


def sqlite_records(folder: Path, groups: Groups) -> None:
    """Store each record as one row, so that SQL can find it, and each group as a transaction."""
    database = _database(folder)
    chain, sequence = b"", 0
    for group in groups:
        rows = []
        for record in group:
            payload = encode_group(sequence, 0, (record,))
            chain = hashlib.sha256(chain + payload).digest()
            rows.append((sequence, chain, payload))
            sequence += 1
        database.execute("begin")
        database.executemany("insert into journal values (?, ?, ?)", rows)
        database.execute("commit")
    database.close()


def _database(folder: Path) -> sqlite3.Connection:
    database = sqlite3.connect(folder / "sqlite", isolation_level=None)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    database.execute("create table journal (sequence integer primary key, hash blob, payload blob)")
    return database


FORMS: Final[tuple[Callable[[Path, Groups], None], ...]] = (
    raw,
    framed,
    sqlite_groups,
    sqlite_records,
)


def measure(folder: Path, size: int) -> dict[str, float]:
    """Return the records a second of each form, for groups of this size."""
    group = [RECORDS[number % len(RECORDS)] for number in range(size)]
    groups = [group] * GROUPS[size]
    found = {}
    for form in FORMS:
        with TemporaryDirectory(dir=folder) as place:
            began = time.perf_counter()
            form(Path(place), groups)
            found[form.__name__] = size * len(groups) / (time.perf_counter() - began)
    return found


def hashes(size: int = 1_000) -> dict[str, float]:
    """Return the nanoseconds a record that each hash costs, in groups of this size."""
    payload = encode_group(0, 0, [RECORDS[number % len(RECORDS)] for number in range(size)])
    found = {}
    for name in ("sha256", "blake2b", "sha512", "sha3_256"):
        times = []
        for _ in range(200):
            began = time.perf_counter_ns()
            hashlib.new(name, payload).digest()
            times.append(time.perf_counter_ns() - began)
        found[name] = statistics.median(times) / size
    return found


def main(folder: Path, rounds: int) -> None:
    """Print the medians as a table."""
    lines = ["| records in a group |" + "".join(f" {form.__name__} |" for form in FORMS)]
    lines.append("|---|" + "---:|" * len(FORMS))
    for size in GROUPS:
        measured = [measure(folder, size) for _ in range(rounds)]
        medians = {name: statistics.median(one[name] for one in measured) for name in measured[0]}
        lines.append(f"| {size:,} |" + "".join(f" {value:,.0f} |" for value in medians.values()))
    costs = ", ".join(f"{name} {cost:.0f} ns" for name, cost in hashes().items())
    sys.stdout.write("\n".join(lines) + f"\n\nhash of a record: {costs}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 5)
