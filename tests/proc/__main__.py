"""Prove with real processes that nothing is lost: what ``python3 dev.py prove`` runs.

python3 dev.py prove kills --count 500 --seed 1      kill an engine that trades, again and again
python3 dev.py prove load --rate 1000 --seconds 20   flood it, over Redis and into PostgreSQL
python3 dev.py prove ibkr --count 1000 --seed 1      cut, double and delay what a gateway says
python3 dev.py prove mutation                        change what decides, see which test notices
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import PostgresServer
from tests.proc import kills, load, schedules
from tests.servers import RedisServer, redis_programs

MUTATE = Path(__file__).resolve().parents[2] / "tools" / "mutate.py"


def main() -> int:
    """Run one proof and print its figures."""
    if sys.argv[1:2] == ["mutation"]:  # it measures imports, so it has to come before all of ours
        os.execv(sys.executable, [sys.executable, str(MUTATE), *sys.argv[2:]])  # noqa: S606
    parser = argparse.ArgumentParser(
        prog="dev.py prove",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    proofs = parser.add_subparsers(required=True, metavar="PROOF")
    campaign = proofs.add_parser("kills", help="kill an engine that trades, again and again")
    campaign.add_argument("--count", type=int, default=500, help="kills (default 500)")
    campaign.add_argument("--seed", type=int, default=1, help="of the campaign (default 1)")
    campaign.add_argument("--minutes", type=float, default=0.0, help="end sooner (default: never)")
    campaign.add_argument(
        "--servers", action="store_true", help="signals over Redis, tables in PostgreSQL"
    )
    campaign.add_argument("--keep", type=Path, help="folder to keep everything in")
    campaign.set_defaults(prove=prove_kills)
    flood = proofs.add_parser("load", help="flood it, over Redis and into PostgreSQL")
    flood.add_argument("--burst", type=int, default=10_000, help="signals at once (default 10000)")
    flood.add_argument("--rate", type=float, default=1_000.0, help="signals/s (default 1000)")
    flood.add_argument("--seconds", type=float, default=20.0, help="of that rate (default 20)")
    flood.set_defaults(prove=prove_load)
    wired = proofs.add_parser("ibkr", help="cut, double and delay what a gateway says")
    wired.add_argument("--count", type=int, default=1_000, help="schedules (default 1000)")
    wired.add_argument("--seed", type=int, default=1, help="the first one (default 1)")
    wired.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    wired.set_defaults(prove=prove_ibkr)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fillpath-") as folder:
        print(chosen.prove(chosen, Path(folder)))
    return 0


def prove_kills(chosen: argparse.Namespace, folder: Path) -> str:
    """Run the kill campaign."""
    kept = chosen.keep or folder
    kept.mkdir(parents=True, exist_ok=True)
    known = {"count": chosen.count, "seed": chosen.seed, "minutes": chosen.minutes}
    if not chosen.servers:
        return kills.report(*asyncio.run(kills.run(kept, **known)))
    with servers(folder) as (server, database):
        proof = kills.run(kept, **known, server=server, database=database)
        return kills.report(*asyncio.run(proof))


def prove_ibkr(chosen: argparse.Namespace, _: Path) -> str:
    """Run the campaign of schedules."""
    return schedules.report(schedules.prove(chosen.count, chosen.seed, chosen.workers))


def prove_load(chosen: argparse.Namespace, folder: Path) -> str:
    """Flood an engine between a real Redis and a real PostgreSQL."""
    with servers(folder) as (server, database):
        more = f'database: {{url: "{database}"}}'
        proof = load.run(
            folder, server, more, burst=chosen.burst, rate=chosen.rate, seconds=chosen.seconds
        )
        return load.report(asyncio.run(proof))


@contextmanager
def servers(folder: Path) -> Iterator[tuple[RedisServer, str]]:
    """Run a Redis that keeps what it takes, and a PostgreSQL with an empty database."""
    (folder / "redis").mkdir()
    program = next(iter(redis_programs().values()))
    server = RedisServer(program, folder / "redis", "--appendonly", "yes")
    tables = PostgresServer()
    try:
        server.start()
        yield server, tables.fresh_database()
    finally:
        server.kill()
        tables.close()


if __name__ == "__main__":
    sys.exit(main())
