"""The users of Redis in ``deploy`` on a real server: each may do its own work and nothing else."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from fillpath.core.ports import Delivery, Outgoing
from fillpath.data.bus.redis_streams import RedisBus, RedisPolicy
from tests.house.project import ROOT
from tests.servers import RedisServer, not_there, redis_programs

redis = pytest.importorskip("redis")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    programs = redis_programs()
    if not programs:
        not_there("redis-server is needed: apt-get install redis-server")
    folder = tmp_path_factory.mktemp("redis")
    text = (ROOT / "deploy" / "redis" / "users.acl").read_text("utf-8")
    for user in ("engine", "feeder", "health", "runner", "strategy"):
        text = text.replace(f"#{user.upper()}", "#" + hashlib.sha256(user.encode()).hexdigest())
    (folder / "users.acl").write_text(text)
    made = RedisServer(
        next(iter(programs.values())), folder, "--aclfile", str(folder / "users.acl"), "--appendonly", "yes",
        "--maxmemory-policy", "noeviction",
    )  # fmt: skip
    made.start()
    yield made
    made.kill()


def client(server: RedisServer, user: str) -> Any:
    return redis.Redis(port=server.port, username=user, password=user)


def url(server: RedisServer, user: str) -> str:
    return f"redis://{user}:{user}@127.0.0.1:{server.port}/0"


@pytest.mark.security("S-22")
def test_a_strategy_adds_signals_and_touches_nothing_else(server: RedisServer) -> None:
    strategy = client(server, "strategy")
    assert strategy.xadd("execution:signals", {"data": "{}"})

    for forbidden in (
        lambda: strategy.xadd("execution:fills", {"data": "{}"}),
        lambda: strategy.xrange("execution:signals"),
        lambda: strategy.delete("execution:signals"),
        lambda: strategy.publish("execution:fills", "x"),
        lambda: strategy.set("kill:SIM", "1"),
        lambda: strategy.config_get("*"),
        lambda: strategy.keys("*"),
        strategy.flushall,
    ):
        with pytest.raises(redis.exceptions.NoPermissionError):
            forbidden()


@pytest.mark.security("S-22")
def test_what_runs_a_strategy_reads_the_market_and_never_makes_it(server: RedisServer) -> None:
    runner = client(server, "runner")
    assert runner.xadd("execution:signals", {"data": "{}"})
    assert runner.xadd("execution:strategies", {"data": "{}"})
    assert runner.mget("market:quotes:AAPL") == [None]
    assert not runner.xread({"execution:fills": "$", "execution:orders": "$"})

    for forbidden in (
        lambda: runner.set("market:quotes:AAPL", "{}"),
        lambda: runner.publish("market:quotes:AAPL", "{}"),
        lambda: runner.xadd("execution:alerts", {"data": "{}"}),
        lambda: runner.xack("execution:signals", "fillpath", "1-0"),
        lambda: runner.delete("execution:signals"),
        lambda: runner.keys("*"),
        runner.flushall,
    ):
        with pytest.raises(redis.exceptions.NoPermissionError):
            forbidden()


@pytest.mark.security("S-22")
def test_nobody_comes_in_without_a_name(server: RedisServer) -> None:
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.Redis(port=server.port).ping()
    assert client(server, "health").ping()
    with pytest.raises(redis.exceptions.NoPermissionError):
        client(server, "health").get("execution:signals")


@pytest.mark.security("S-22")
def test_the_engine_may_do_its_work(server: RedisServer) -> None:
    engine = client(server, "engine")
    for forbidden in (
        engine.flushall,
        lambda: engine.config_set("appendonly", "no"),
        lambda: engine.set("market:quotes:AAPL", "x"),
        engine.shutdown,
    ):
        with pytest.raises(redis.exceptions.NoPermissionError):
            forbidden()


@pytest.mark.security("S-22")
async def test_the_engines_bus_runs_as_that_user(server: RedisServer) -> None:
    told: list[object] = []
    bus = RedisBus(RedisPolicy(url=url(server, "engine"), consumer="test"), told.append)
    await bus.start()
    await bus.receive(10, 0.01)
    client(server, "strategy").xadd("execution:signals", {"data": "{}"})
    found: list[Delivery] = []
    for _ in range(5):
        found += await bus.receive(10, 1.0)
    await bus.publish([Outgoing("execution:fills", "SIM:1:0", b"{}")])
    await bus.acknowledge([delivery.message_id for delivery in found])
    health = await bus.health()
    await bus.close()

    assert found
    assert health.reachable
    assert not [notice for notice in told if "UNSAFE" in str(notice)]
