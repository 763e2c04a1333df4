"""A strategy's end of a real Redis: signals go in, and what became of them comes out in order."""

import asyncio
import json
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath import app_parts
from fillpath.app_strategy import Asked, built, running
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import Unavailable
from fillpath.core.models import Quote
from fillpath.data.bus.channels import FILLS, ORDERS, SIGNALS, STRATEGIES
from fillpath.data.bus.messages import write_quote
from fillpath.data.bus.strategy_line import StrategyLine
from fillpath.data.feeds.redis_feed import RedisFeed
from fillpath.runtime.clock import SystemClock
from fillpath.runtime.environment import plain_environment
from fillpath.runtime.steady import SteadyClock
from fillpath.settings import Settings, load_settings
from tests.house.project import ROOT
from tests.servers import RedisServer

Start = Callable[..., RedisServer]


def settings_of(server: RedisServer, folder: Path) -> Settings:
    return load_settings(None, {"SA_REDIS__URL": server.url, "SA_ENGINE__FOLDER": str(folder)})


async def until(happened: Callable[[], Any]) -> Any:
    """Wait for something that must happen soon, and return it."""
    while not (found := happened()):  # noqa: ASYNC110  # nobody tells of it
        await asyncio.sleep(0.02)
    return found


async def test_signals_go_in_and_what_is_told_comes_out_once(redis_server: RedisServer) -> None:
    line = StrategyLine(redis_server.url, SIGNALS)
    for stream, text in ((FILLS, "one"), (ORDERS, "two")):
        redis_server.do("XADD", stream, "*", "data", text)

    await line.send(b"signal", "signature")
    await line.send(b"bare")
    first = await line.told()
    second = await line.told(0.01)
    redis_server.do("XADD", FILLS, "*", "data", "three")
    third = await line.told(1.0)

    await line.close()
    sent = [fields for _, fields in redis_server.entries(SIGNALS)]
    assert sent == [{b"data": b"signal", b"signature": b"signature"}, {b"data": b"bare"}]
    assert sorted(first) == [(FILLS, b"one"), (ORDERS, b"two")]
    assert (second, third) == ([], [(FILLS, b"three")])
    assert line.where.startswith("127.0.0.1:")


async def test_a_server_that_is_away_is_said_to_be(private_redis: Start) -> None:
    server = private_redis()
    line = StrategyLine(server.url, SIGNALS, answer_seconds=1.0)
    server.kill()

    for asked in (line.send(b"signal"), line.beat(b"beat"), line.told(), line.beats()):
        with pytest.raises(Unavailable):
            await asked

    server.restart()
    await line.wait(5.0)
    assert await line.told() == []
    await line.close()


async def test_a_strategy_runs_on_quotes_and_history_and_says_that_it_lives(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    settings, told, stop = settings_of(redis_server, tmp_path), list[str](), asyncio.Event()
    asked = Asked(
        reference="tests.proc.strategies:Steady", symbols=("AAPL",), parameters={}, folder=ROOT
    )
    runner, close = built(asked, settings, told.append)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(runner.run(stop))

        def quoted() -> bool:
            quote = Quote("AAPL", Decimal(100), Decimal(101), ts=SystemClock().now())
            redis_server.do("PUBLISH", "market:quotes:AAPL", write_quote(quote))
            return bool(redis_server.entries(SIGNALS))

        await until(quoted)
        await until(lambda: redis_server.entries(STRATEGIES))
        (seen,) = await running(settings)
        stop.set()

    await close()
    (_, fields), *_ = redis_server.entries(SIGNALS)
    assert json.loads(fields[b"data"])["strategy_name"] == "steady"
    assert (seen.strategy_name, seen.silent, seen.symbols) == ("steady", False, ["AAPL"])
    assert any(sentence.startswith("quotes come from") for sentence in told)


async def test_what_is_no_sign_of_life_is_passed_over(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.do("XADD", STRATEGIES, "*", "data", "{broken")

    assert await running(settings_of(redis_server, tmp_path)) == []


async def test_strategies_see_the_quotes_that_the_engine_makes_up(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    settings = load_settings(
        None,
        {
            "SA_REDIS__URL": redis_server.url,
            "SA_ENGINE__FOLDER": str(tmp_path),
            "SA_ENGINE__FEED": "modelled",
        },
    )
    alarms: list[RaiseAlarm] = []
    _, jobs = app_parts.feed_of(settings, SteadyClock(), alarms.append)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        tasks = [group.create_task(job()) for job in jobs]
        last = await until(lambda: redis_server.do("GET", "market:quotes:AAPL"))
        for task in tasks:
            task.cancel()

    assert json.loads(last)["symbol"] == "AAPL"
    assert alarms == []


async def test_the_user_of_the_page_may_do_what_a_runner_does_and_no_more(
    private_redis: Start, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "how-to" / "redis.md").read_text(encoding="utf-8")
    (user,) = re.findall(r"^(user runner .*)$", page, flags=re.MULTILINE)
    (tmp_path / "users.acl").write_text(f"user default on nopass ~* &* +@all\n{user}\n")
    server = private_redis("--aclfile", str(tmp_path / "users.acl"))
    url = server.url.replace("redis://", "redis://runner:third@")
    quote = Quote("AAPL", Decimal(100), Decimal(101), ts=SystemClock().now())
    server.do("SET", "market:quotes:AAPL", write_quote(quote))
    line = StrategyLine(url, SIGNALS)

    await line.send(b"signal")
    await line.beat(b"beat")
    told = (await line.told(), await line.beats())
    feed = RedisFeed(url, SystemClock(), ["AAPL"])
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        following = group.create_task(feed.run())
        await until(lambda: feed.last_quote("AAPL"))
        with pytest.raises(Unavailable, match="refuses"):
            await feed.publish_quote(quote)
        following.cancel()

    await line.close()
    assert told == ([], [b"beat"])


async def test_the_command_of_the_page_runs_until_it_is_told_to_stop(
    private_redis: Start, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "how-to" / "strategy.md").read_text(encoding="utf-8")
    (words,) = re.findall(r"\$ fillpath (strategy run .*)", page)
    (tmp_path / "strategy.yaml").write_text(f'redis: {{url: "{private_redis().url}"}}\n')
    (tmp_path / "bars.csv").write_text(
        "ts,ts_end,symbol,open,high,low,close,volume\n"
        "2026-11-20T15:00:00Z,2026-11-20T15:05:00Z,AAPL,1,1,1,1,1\n"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fillpath", *words.split()),
        stderr=asyncio.subprocess.PIPE,
        cwd=tmp_path,
        env=plain_environment() | {"PYTHONPATH": str(ROOT / "src")},
    )
    assert process.stderr is not None
    said: list[str] = []
    async with asyncio.timeout(60):
        while "quotes come from" not in (line := (await process.stderr.readline()).decode()):
            assert line, "".join(said)
            said.append(line)
        process.terminate()
        last = (await process.stderr.read()).decode()

    assert await process.wait() == 0
    assert said[0].endswith(
        "AAPL: 1 bars of history, momentum says nothing before it has seen 21\n"
    )
    assert last.endswith("stopped; 0 bars shown, 0 signals sent\n")
