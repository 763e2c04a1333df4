"""The kill campaign: an engine under fire is killed again and again, and nothing may be lost.

    python3 dev.py prove kills --count 500 --seed 1

Signals are sent all the time. Half of the kills come at a random moment of the engine's life, its
start included; the other half at a named point of the order path, where the venue holds its breath
until the engine is dead. Then everything heals, and the journal is compared with what really
happened at the venue.
"""

import asyncio
import itertools
import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from fillpath.data.bus.channels import SIGNALS
from fillpath.service.guards import STARTS_FILE
from tests.proc.oracle import Tally, judge
from tests.proc.stage import Engine, Stage, until
from tests.proc.venue import SYMBOLS
from tests.servers import RedisServer

LONGEST_LIFE = 2.0
"""How long a life may be until a random kill, measured by how long the last start took."""
POINT_SECONDS = 3.0
STRATEGIES = ("trend", "value", "hand")
PAUSE_SECONDS = 0.02
HEAL_SECONDS = 60.0


class Aim(Struct, frozen=True):
    """A point of the order path, and what becomes of the call that stands there.

    Args:
        point: where the venue stops; empty for a random moment.
        fate: ``drop`` when the call never arrived, ``keep`` when the venue does it after the death,
            ``unread`` when the answer reached the machine and the engine never read it.
    """

    point: str = ""
    fate: str = ""

    @property
    def name(self) -> str:
        """Return what a table calls it."""
        return f"{self.point}, {self.fate}" if self.point else "random moment"


RANDOM = Aim()
AIMS = tuple(
    Aim(f"{act}-{moment}", fate)
    for act in ("submit", "cancel")
    for moment, fate in (
        ("received", "drop"),
        ("received", "keep"),
        ("done", "keep"),
        ("done", "unread"),
    )
)
MISCHIEF = {"stall": 0.02, "lose_call": 0.01, "lose_answer": 0.01, "repeat": 0.1}


class Campaign(Struct):
    """What a campaign has done so far.

    Args:
        aims: kills by where they hit.
        recoveries: seconds from the start of a process to trading.
    """

    aims: dict[str, int] = field(default_factory=dict)
    recoveries: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def count(self, aim: Aim) -> None:
        """Count one kill."""
        self.aims[aim.name] = self.aims.get(aim.name, 0) + 1


def messages(strategy: str, seed: int) -> Iterator[dict[str, Any]]:
    """Yield signals without end: all directions, sizes and urgencies, on all symbols."""
    chance = random.Random(f"{strategy}{seed}")  # noqa: S311  # a test's chance
    for number in itertools.count(1):
        strength = chance.choice(("0.95", "0.95", "0.5", "0.2"))
        direction = chance.choice(("LONG", "LONG", "SHORT", "FLAT"))
        yield {
            "v": 1,
            "symbol": chance.choice(SYMBOLS),
            "direction": direction,
            "strength": strength,
            "strategy_name": strategy,
            "signal_id": f"{number}",
            "metadata": {"quantity": str(chance.choice((1, 7, 40, 300, 900, 2_000)))},
        }


async def send(stage: Stage, strategy: str, seed: int, server: RedisServer | None = None) -> None:
    """Send the signals of one strategy until cancelled; by hand each until it is acknowledged."""
    for message in messages(strategy, seed):
        if server is None:
            await stage.signal(message)
        else:
            text = json.dumps(message)
            await asyncio.to_thread(server.do, "XADD", SIGNALS, "*", "data", text)
            stage.acknowledged.append((strategy, message["signal_id"]))
        await asyncio.sleep(PAUSE_SECONDS)


async def taken(server: RedisServer) -> bool:
    """Return whether every signal on the bus was acknowledged."""
    (answer,) = await asyncio.to_thread(server.do, "XINFO", "GROUPS", SIGNALS)
    group = dict(zip(answer[::2], answer[1::2], strict=True))
    stream = await asyncio.to_thread(server.do, "XREVRANGE", SIGNALS, "+", "-", "COUNT", "1")
    return not group[b"pending"] and group[b"last-delivered-id"] == stream[0][0]


def plan(count: int, chance: random.Random) -> list[Aim]:
    """Return where the kills go: every second one at a random moment, the others at each point."""
    aimed = itertools.cycle(AIMS)
    aims = [next(aimed) if number % 2 else RANDOM for number in range(count)]
    chance.shuffle(aims)
    return aims


async def kill_at(stage: Stage, engine: Engine, aim: Aim) -> bool:
    """Kill the engine at a point; return False when the engine never came there."""
    director = stage.director
    await director.stop_at(aim.point)
    if not await director.reached(POINT_SECONDS):
        await engine.kill()
        await director.go_on()
        return False
    if aim.fate == "unread":
        await engine.pause()
        await director.go_on()
        await director.misbehave()  # nothing is held back any more: it is all on the machine
        await director.ask(int, "ping")
        await engine.kill()
        await director.misbehave(**MISCHIEF)
        return True
    await engine.kill()
    await director.go_on("drop" if aim.fate == "drop" else "")
    return True


async def one_kill(stage: Stage, aim: Aim, chance: random.Random, campaign: Campaign) -> None:
    """Start an engine and kill it."""
    (stage.account / STARTS_FILE).unlink(missing_ok=True)  # a crash loop has a test of its own
    engine = stage.engine()
    await engine.spawn()
    if aim.point:
        campaign.recoveries.append(await engine.trades())
        campaign.count(aim if await kill_at(stage, engine, aim) else RANDOM)
        return
    with suppress(TimeoutError):
        last = campaign.recoveries[-1] if campaign.recoveries else 1.0
        async with asyncio.timeout(chance.random() * LONGEST_LIFE * last):
            campaign.recoveries.append(await engine.trades())
            await asyncio.Event().wait()
    await engine.kill()
    campaign.count(aim)


async def heal(
    stage: Stage,
    campaign: Campaign,
    senders: Sequence[asyncio.Task[None]],
    server: RedisServer | None,
) -> None:
    """Let everything be well again, until the engine works what the venue works; then stop."""
    (stage.account / STARTS_FILE).unlink(missing_ok=True)
    await stage.director.misbehave()
    engine = stage.engine()
    await engine.spawn()
    campaign.recoveries.append(await engine.trades())
    await asyncio.sleep(PAUSE_SECONDS)  # some more signals, to show that it trades
    for sender in senders:
        sender.cancel()
    await asyncio.gather(*senders, return_exceptions=True)
    if server is not None:
        await until(lambda: taken(server), "every signal is taken", HEAL_SECONDS)
    await until(stage.agrees, "every doubt is resolved", HEAL_SECONDS)
    await stage.ask("kill", reason="the end of the campaign", by="tests")
    await until(stage.nothing_works, "everything is cancelled", HEAL_SECONDS)
    await until(lambda: fed(stage), "tables and bus have caught up", HEAL_SECONDS)
    assert await engine.stop() == 0, engine.last_words()


async def fed(stage: Stage) -> bool:
    """Return whether tables and bus have every record; what is left at a stop comes later."""
    return not any(part.lag for part in (await stage.status()).parts)


async def run(
    folder: Path,
    count: int,
    seed: int,
    *,
    minutes: float = 0.0,
    server: RedisServer | None = None,
    database: str = "",
) -> tuple[Campaign, Tally]:
    """Run a campaign and return what it did and what was checked; raises where a check fails.

    Args:
        folder: where everything is kept.
        count: kills.
        seed: of everything random.
        minutes: after which no further kill begins; 0 for as long as it takes.
        server: Redis that the signals come over; by hand without one.
        database: where the tables are; SQLite without one.
    """
    chance = random.Random(seed)  # noqa: S311  # a test's chance
    campaign = Campaign()
    began = time.monotonic()
    more = f'database: {{url: "{database}"}}\n'
    if server is not None:
        more += f'redis: {{url: "{server.url}"}}\n'
    async with Stage(folder, seed, more) as stage:
        await stage.director.misbehave(**MISCHIEF)
        loop = asyncio.get_running_loop()
        senders = [loop.create_task(send(stage, name, seed, server)) for name in STRATEGIES]
        try:
            for aim in plan(count, chance):
                if minutes and time.monotonic() - began > minutes * 60:
                    break
                await one_kill(stage, aim, chance, campaign)
            await heal(stage, campaign, senders, server)
        finally:
            for sender in senders:
                sender.cancel()
            await asyncio.gather(*senders, return_exceptions=True)
        tally = await judge(stage, stage.acknowledged)
    campaign.seconds = time.monotonic() - began
    return campaign, tally


def report(campaign: Campaign, tally: Tally) -> str:
    """Return the figures of a campaign for a person."""
    times = sorted(campaign.recoveries)
    p99 = times[min(int(len(times) * 0.99), len(times) - 1)]
    table = "\n".join(f"  {count:5}  {name}" for name, count in sorted(campaign.aims.items()))
    return f"""{sum(campaign.aims.values())} kills in {campaign.seconds:.0f} s:
{table}
{tally.signals} signals, {tally.orders} orders, {tally.fills} fills, {tally.doubts} doubts, \
{tally.records} journal records, {tally.rows} rows equal to a rebuild
0 duplicate orders, 0 lost fills, 0 lost signals; positions and cash are the venue's
from the start of the process to trading: median {statistics.median(times):.2f} s, \
p99 {p99:.2f} s, longest {times[-1]:.2f} s of {len(times)}"""
