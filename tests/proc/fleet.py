"""Two engines, eight accounts, one Redis, one PostgreSQL, and one of the engines is killed.

    python3 dev.py python -m tests.proc.fleet --accounts 8 --signals 400

Every signal is sent once and must be processed once, each account's in the order of sending, also
those of the accounts whose engine dies in the middle. What is reported is measured here.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import psycopg
import redis

from tests.postgres import PostgresServer
from tests.servers import RedisServer, redis_programs

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 3
DEADLINE_SECONDS = 90


class Proof(NamedTuple):
    """What a run showed.

    Args:
        sent: signals sent.
        processed: signals with exactly one row and one outcome.
        repeated: signals that were journaled more than once.
        disordered: accounts whose signals were not journaled in the order of sending.
        shared: accounts that each engine had before the kill.
        takeover_seconds: kill to trading again, of each account that changed hands.
        rate: signals a second over the whole run, the takeover included.
    """

    sent: int
    processed: int
    repeated: int
    disordered: int
    shared: tuple[int, ...]
    takeover_seconds: tuple[float, ...]
    rate: float


class Engine:
    """One `fillpath run` of the fleet."""

    def __init__(self, folder: Path, name: str, variables: dict[str, str]) -> None:
        self.log = folder / f"{name}.log"
        home = folder / name
        home.mkdir()
        environment = os.environ | variables | {"SA_ENGINE__FOLDER": str(home / "data")}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "fillpath", "run"],
                env=environment | {"PYTHONPATH": str(ROOT / "src")},
                cwd=home,
                stderr=log,
                stdout=log,
            )

    def trading(self) -> list[str]:
        """Return the accounts that it has begun to trade, in that order."""
        return re.findall(r"fillpath: (\S+): trading", self.log.read_text())

    def end(self, number: int) -> None:
        """End it with a signal."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)


class Fleet:
    """Two engines on the same servers, and a strategy that speaks to every account."""

    def __init__(self, folder: Path, accounts: list[str], postgres: str, redis_url: str) -> None:
        self.accounts = accounts
        self.postgres = postgres
        self.bus = redis.Redis.from_url(redis_url)
        self.sent: dict[str, list[str]] = {account: [] for account in accounts}
        variables = {
            "SA_BROKER__PROVIDER": "simulated",
            "SA_REDIS__URL": redis_url,
            "SA_REDIS__PER_ACCOUNT": "true",
            "SA_DATABASE__URL": postgres,
            "SA_DATABASE__JOURNAL": "database",
            "SA_ENGINE__ACCOUNTS": ",".join(accounts),
            "SA_ENGINE__LEASE_SECONDS": str(LEASE_SECONDS),
            "SA_ENGINE__FEED": "modelled",
            "SA_EXECUTION__MAX_SIGNAL_AGE_SECONDS": "3600",
        }
        self.engines = [Engine(folder, name, variables) for name in ("one", "two")]

    def send(self, number: int) -> None:
        """Let one account's strategy speak."""
        account = self.accounts[number % len(self.accounts)]
        name = f"s{number:06}"
        message = {
            "v": 1,
            "signal_id": name,
            "symbol": "AAPL",
            "direction": "LONG" if number // len(self.accounts) % 2 == 0 else "FLAT",
            "strength": "0.95",
            "strategy_name": "fleet",
            "metadata": {"quantity": "5"},
        }
        self.bus.xadd(f"execution:signals:{account}", {"data": json.dumps(message)})
        self.sent[account].append(name)

    def rows(self) -> list[tuple[str, str, int]]:
        """Return (account, signal id, times) in the order in which the journals took them."""
        with psycopg.connect(self.postgres) as connection:
            return connection.execute(
                "select account, signal_id, count(*) from signals "
                "where outcome <> 'PENDING' group by 1, 2, received_at order by received_at, 2"
            ).fetchall()


def wait_for(happened: Any, what: str) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it never was.
    """
    end = time.monotonic() + DEADLINE_SECONDS  # real processes, real time
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


def prove(folder: Path, accounts: int, signals: int, postgres: str, redis_url: str) -> Proof:
    """Run the fleet, kill one engine half-way, and count what came of every signal."""
    names = [f"ACC{number}" for number in range(accounts)]
    fleet = Fleet(folder, names, postgres, redis_url)
    first, second = fleet.engines
    try:
        wait_for(lambda: len(first.trading() + second.trading()) == accounts, "everything trades")
        shared = (len(first.trading()), len(second.trading()))
        began = time.monotonic()
        for number in range(signals // 2):
            fleet.send(number)
        before = len(second.trading())
        first.end(signal.SIGKILL)
        killed = time.monotonic()
        seen: dict[str, float] = {}
        for number in range(signals // 2, signals):
            fleet.send(number)
            note_takeovers(second, before, seen, killed)

        def all_here() -> bool:
            note_takeovers(second, before, seen, killed)
            return len(fleet.rows()) >= signals

        wait_for(all_here, "every signal is processed")
        took = time.monotonic() - began
        note_takeovers(second, before, seen, killed)  # the last one, between two looks
        rows = fleet.rows()
    finally:
        for engine in fleet.engines:
            engine.end(signal.SIGTERM)
    return judged(fleet, rows, shared, tuple(seen.values()), signals / took)


def note_takeovers(engine: Engine, before: int, seen: dict[str, float], killed: float) -> None:
    """Note when an account of the dead engine trades again."""
    for account in engine.trading()[before:]:
        seen.setdefault(account, time.monotonic() - killed)


def judged(
    fleet: Fleet,
    rows: list[tuple[str, str, int]],
    shared: tuple[int, ...],
    takeovers: tuple[float, ...],
    rate: float,
) -> Proof:
    """Compare what was processed with what was sent."""
    times = Counter((account, name) for account, name, _ in rows)
    order = {a: [name for account, name, _ in rows if account == a] for a in fleet.accounts}
    return Proof(
        sent=sum(len(names) for names in fleet.sent.values()),
        processed=sum(times[a, n] == 1 for a, names in fleet.sent.items() for n in names),
        repeated=sum(count > 1 for count in times.values()),
        disordered=sum(order[a] != fleet.sent[a] for a in fleet.accounts),
        shared=shared,
        takeover_seconds=takeovers,
        rate=rate,
    )


def main() -> int:
    """Start the servers, prove, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--accounts", type=int, default=8)
    parser.add_argument("--signals", type=int, default=400)
    chosen = parser.parse_args()
    postgres = PostgresServer()
    with TemporaryDirectory() as name:
        server = RedisServer(next(iter(redis_programs().values())), Path(name))
        server.start()
        try:
            url = postgres.fresh_database()
            proof = prove(Path(name), chosen.accounts, chosen.signals, url, server.url)
        finally:
            server.kill()
            postgres.close()
    for field, value in proof._asdict().items():
        print(f"{field:18} {value}")
    whole = proof.processed == proof.sent and not proof.repeated and not proof.disordered
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
