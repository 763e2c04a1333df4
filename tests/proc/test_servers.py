"""Redis and PostgreSQL die around a real engine, and the engine around them: nothing is lost."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.events import OrderFilled, SignalReceived
from fillpath.data.bus.channels import FILLS, SIGNALS
from tests.postgres import PostgresServer
from tests.proc.kills import fed
from tests.proc.oracle import judge, replayed
from tests.proc.proxy import Proxy
from tests.proc.stage import Engine, Stage, until
from tests.proc.test_two_engines import a_signal
from tests.servers import RedisServer

StartRedis = Callable[..., RedisServer]
KEPT = ("--appendonly", "yes", "--appendfsync", "always")


def redis_at(port: int) -> str:
    """Return the settings of a bus on a port."""
    return f'redis:\n  url: "redis://127.0.0.1:{port}/0"\n'


async def say(server: RedisServer, *names: str) -> None:
    """Send signals over the bus, as any strategy does."""
    for name in names:
        message = json.dumps(a_signal(name))
        await asyncio.to_thread(server.do, "XADD", SIGNALS, "*", "data", message)


async def pending(server: RedisServer) -> int:
    """Return how many signals were handed over and not acknowledged."""
    groups = await asyncio.to_thread(server.do, "XINFO", "GROUPS", SIGNALS)
    return sum(words_of(group)["pending"] for group in groups)


def words_of(answer: Any) -> dict[str, Any]:
    """Return a row of Redis by its names."""
    flat = [item.decode() if isinstance(item, bytes) else item for item in answer]
    return dict(zip(flat[::2], flat[1::2], strict=True))


async def traded(stage: Stage, count: int) -> bool:
    """Return whether the engine has decided about so many signals."""
    return sum((await stage.status()).signals.values()) >= count


async def ended(stage: Stage, engine: Engine, names: list[str]) -> Counter[str]:
    """Stop, check everything, and return how often each signal was journaled."""
    await until(stage.agrees, "both sides name the same orders")
    await stage.director.ask(int, "freeze")
    await until(stage.agrees, "they still do")
    await until(lambda: fed(stage), "tables and bus have it all: a stop waits only so long")
    assert await engine.stop() == 0, engine.last_words()
    await judge(stage, [("trend", name) for name in names])
    records = replayed(stage.journal).records
    return Counter(r.signal.signal_id or "" for r in records if isinstance(r, SignalReceived))


@pytest.fixture
async def cut(private_redis: StartRedis) -> AsyncIterator[tuple[RedisServer, Proxy]]:
    """Return a Redis and the wire to it."""
    server = private_redis(*KEPT)
    proxy = Proxy(server.port)
    await proxy.start()
    yield server, proxy
    await proxy.close()


@pytest.mark.fault("F-01")
async def test_a_signal_that_was_read_and_never_journaled_comes_again(
    tmp_path: Path, cut: tuple[RedisServer, Proxy]
) -> None:
    server, proxy = cut
    async with Stage(tmp_path, more=redis_at(proxy.port)) as stage:
        engine = await stage.trading()
        await say(server, "before")
        await until(lambda: traded(stage, 1), "signals flow")
        await until(lambda: acknowledged(server), "it is acknowledged")
        proxy.swallow_answer(b'"one"')
        await say(server, "one")
        await until(lambda: pending(server), "it was handed over")
        await asyncio.wait_for(proxy.caught.wait(), 20)
        await engine.kill()
        proxy.heal()

        engine = await stage.trading()
        await until(lambda: traded(stage, 2), "it came again")
        seen = await ended(stage, engine, ["before", "one"])

    assert seen == {"before": 1, "one": 1}


@pytest.mark.fault("F-02")
async def test_a_signal_that_was_journaled_and_not_acknowledged_trades_once(
    tmp_path: Path, cut: tuple[RedisServer, Proxy]
) -> None:
    server, proxy = cut
    async with Stage(tmp_path, more=redis_at(proxy.port)) as stage:
        engine = await stage.trading()
        proxy.swallow(b"XACK")
        await say(server, "one")
        await asyncio.wait_for(proxy.caught.wait(), 20)
        await engine.kill()
        proxy.heal()

        engine = await stage.trading()
        await until(lambda: traded(stage, 2), "it came again")
        await until(lambda: acknowledged(server), "it was acknowledged this time")
        seen = await ended(stage, engine, ["one"])

    assert seen == {"one": 2}  # the second one is refused as a repeat: judge has looked


async def acknowledged(server: RedisServer) -> bool:
    """Return whether nothing waits for its acknowledgement."""
    return not await pending(server)


@pytest.mark.fault("F-10")
async def test_a_fill_that_was_never_told_is_told_after_the_restart(
    tmp_path: Path, cut: tuple[RedisServer, Proxy]
) -> None:
    server, proxy = cut
    async with Stage(tmp_path, more=redis_at(proxy.port)) as stage:
        engine = await stage.trading()
        proxy.swallow(FILLS.encode())
        await say(server, "one")
        await asyncio.wait_for(proxy.caught.wait(), 20)
        await engine.kill()
        proxy.heal()

        engine = await stage.trading()
        await until(lambda: told(server), "the fill is told")
        await ended(stage, engine, ["one"])
        fills = [r for r in replayed(stage.journal).records if isinstance(r, OrderFilled)]
        events = [words_of(fields) for _, fields in server.do("XRANGE", FILLS, "-", "+")]

    assert len({str(event) for event in events}) == len(fills)


async def told(server: RedisServer) -> bool:
    """Return whether a fill stands on the bus."""
    return bool(await asyncio.to_thread(server.do, "XLEN", FILLS))


@pytest.mark.fault("F-20", "F-21")
async def test_a_redis_that_is_away_keeps_no_engine_from_managing_what_works(
    tmp_path: Path, private_redis: StartRedis
) -> None:
    server = private_redis(*KEPT)
    server.kill()
    resting = a_signal("resting") | {"strength": "0.5"}
    async with Stage(tmp_path, more=redis_at(server.port)) as stage:
        engine = await stage.trading()
        by_hand = await stage.signal(resting)
        server.start()
        await say(server, "one")
        await until(lambda: traded(stage, 2), "signals flow as soon as it is there")

        server.kill()
        answer = await stage.signal(a_signal("two"))
        killed = await stage.ask("kill", reason="losing")
        await until(stage.nothing_works, "what works is cancelled without it")
        server.start()
        await until(lambda: healthy(stage, "bus"), "it is found again")
        await ended(stage, engine, ["resting", "one", "two"])

    assert (by_hand["outcome"], answer["outcome"]) == ("ORDERED", "ORDERED")
    assert killed["first"]


async def healthy(stage: Stage, name: str) -> bool:
    """Return whether a part of the engine is as it should be."""
    return any(part.name == name and part.healthy for part in (await stage.status()).parts)


@pytest.mark.fault("F-30", "F-31")
async def test_tables_that_die_keep_no_engine_from_trading_and_catch_up(
    tmp_path: Path, private_postgres: PostgresServer
) -> None:
    url = private_postgres.fresh_database()
    async with Stage(tmp_path, more=f'database:\n  url: "{url}"\n') as stage:
        engine = await stage.trading()
        await stage.signal(a_signal("one"))
        await until(lambda: caught_up(stage), "the tables have it all")
        private_postgres.die()
        answers = [await stage.signal(a_signal(f"{number}")) for number in range(5)]
        await until(lambda: lagging(stage), "the status says how far they are behind")
        private_postgres.start()
        await until(lambda: caught_up(stage), "they catch up", seconds=60)
        await ended(stage, engine, ["one", *map(str, range(5))])
        (fills,) = private_postgres.do("SELECT count(*) FROM fills", private_database(url))[0]

    booked = [r for r in replayed(stage.journal).records if isinstance(r, OrderFilled)]
    assert {answer["outcome"] for answer in answers} == {"ORDERED"}
    assert fills == len(booked) > 0


def private_database(url: str) -> str:
    """Return the name of the database in an address."""
    return url.partition("@/")[2].partition("?")[0]


async def caught_up(stage: Stage) -> bool:
    """Return whether the tables have every record."""
    parts = (await stage.status()).parts
    return any(part.name == "store" and part.healthy and part.lag == 0 for part in parts)


async def lagging(stage: Stage) -> bool:
    """Return whether the tables are behind, and the status says so."""
    parts = (await stage.status()).parts
    return any(part.name == "store" and part.lag for part in parts)
