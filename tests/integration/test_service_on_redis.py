"""The whole engine on a real Redis that is late, dies, forgets, repeats and is flooded."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fillpath import app_live
from fillpath.core.commands import PlaceOrder, RaiseAlarm
from fillpath.data.journal import read_journal
from fillpath.service.control import ask
from fillpath.service.status import Status
from fillpath.settings import load_settings
from tests.servers import RedisServer

STREAM = "execution:signals"
Start = Callable[..., RedisServer]


class Running:
    """An engine in this process, and what it paged."""

    def __init__(self, folder: Path, url: str, **variables: str) -> None:
        self._journal = folder / "SIM" / app_live.JOURNAL
        self.paged: list[RaiseAlarm] = []
        self.stop = asyncio.Event()
        self.opened = asyncio.Event()
        given = {
            "SA_BROKER__PROVIDER": "simulated",
            "SA_ENGINE__FOLDER": str(folder),
            "SA_ENGINE__FEED": "modelled",
            "SA_ENGINE__HEALTH_PORT": "0",
            "SA_REDIS__URL": url,
        }
        self.built = app_live.build(load_settings(None, given | variables), self.paged.append)

    @property
    def status(self) -> Status:
        """Return how it is."""
        return self.built.service.status()

    @property
    def orders(self) -> list[str]:
        """Return the id of every order that a signal led to, oldest first."""
        places = [r for r in read_journal(self._journal) if isinstance(r, PlaceOrder)]
        return [p.ticket.order_id for p in places if p.ticket.route != "protect"]

    def codes(self) -> list[str]:
        """Return the codes of the alarms."""
        return [alarm.code for alarm in self.paged]


@asynccontextmanager
async def engine(folder: Path, url: str, **variables: str) -> AsyncIterator[Running]:
    """Run an engine from its opening to its clean stop."""
    running = Running(folder, url, **variables)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(app_live.serve(running.built, running.stop, running.opened.set))
        await running.opened.wait()
        yield running
        running.stop.set()


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something that must happen soon."""
    while not happened():  # noqa: ASYNC110  # nobody tells of it
        await asyncio.sleep(0.02)


def signal(name: str, **changes: object) -> str:
    """Return a signal as a strategy sends it."""
    fields = {
        "v": 1,
        "signal_id": name,
        "symbol": "AAPL",
        "direction": "LONG",
        "strength": "0.95",
        "strategy_name": "trend",
        "metadata": {"quantity": "1"},
    }
    return json.dumps(fields | changes, separators=(",", ":"))


def ago(seconds: float) -> str:
    """Return a moment of the past, as messages write it."""
    now = datetime.now(UTC)  # noqa: TID251  # the server's own clock is the machine's
    return (now - timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


@pytest.mark.fault("F-20")
async def test_redis_that_is_down_at_the_start_is_waited_for(
    tmp_path: Path, private_redis: Start
) -> None:
    server = private_redis("--appendonly", "yes")
    server.kill()
    async with engine(tmp_path, server.url) as running:
        assert running.orders == []
        server.restart()
        server.do("XADD", STREAM, "*", "data", signal("one"))
        await until(lambda: running.orders == ["trend/one"])


@pytest.mark.fault("F-21")
async def test_redis_that_dies_costs_no_order_and_no_fill(
    tmp_path: Path, private_redis: Start
) -> None:
    server = private_redis("--appendonly", "yes", "--appendfsync", "always")
    async with engine(tmp_path, server.url) as running:
        server.do("XADD", STREAM, "*", "data", signal("one"))
        await until(lambda: running.orders == ["trend/one"])
        server.kill()
        await until(lambda: bool(running.built.service.intake.problem))
        server.restart()
        server.do("XADD", STREAM, "*", "data", signal("two"))
        await until(lambda: running.orders == ["trend/one", "trend/two"])
        await until(lambda: len(server.entries("execution:fills")) >= 2)


@pytest.mark.fault("F-22")
async def test_redis_that_forgets_costs_no_duplicate_when_the_producer_sends_again(
    tmp_path: Path, private_redis: Start
) -> None:
    server = private_redis()
    async with engine(tmp_path, server.url) as running:
        server.do("XADD", STREAM, "*", "data", signal("one"))
        await until(lambda: running.orders == ["trend/one"])
        server.do("FLUSHALL")
        for name in ("one", "two"):
            server.do("XADD", STREAM, "*", "data", signal(name))
        await until(lambda: len(running.orders) > 1)
        outcomes = running.status.signals

    assert running.orders == ["trend/one", "trend/two"]
    assert outcomes["DUPLICATE"] == 1


@pytest.mark.fault("F-24")
async def test_a_signal_that_is_delivered_twice_is_ordered_once(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    async with engine(tmp_path, redis_server.url) as running:
        for name in ("one", "one", "two"):
            redis_server.do("XADD", STREAM, "*", "data", signal(name))
        await until(lambda: len(running.orders) == 2)

    assert running.orders == ["trend/one", "trend/two"]


@pytest.mark.fault("F-25")
async def test_an_older_signal_that_comes_later_is_superseded(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    async with engine(tmp_path, redis_server.url) as running:
        newer = signal("flat", direction="FLAT", timestamp=ago(1))
        older = signal("long", timestamp=ago(2))
        for message in (newer, older, signal("after")):
            redis_server.do("XADD", STREAM, "*", "data", message)
        await until(lambda: len(running.orders) == 1)
        outcomes = running.status.signals

    assert running.orders == ["trend/after"]
    assert outcomes["SUPERSEDED"] == 1


@pytest.mark.fault("F-29")
async def test_a_backlog_of_stale_signals_orders_nothing_and_pages_once(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    count = 10_000
    old = ago(3_600)
    sent = [f"XADD {STREAM} * data {signal(f's{n}', timestamp=old)}" for n in range(count)]
    redis_server.pipe(sent)
    async with engine(tmp_path, redis_server.url) as running:
        await until(lambda: running.status.signals.get("STALE_SIGNAL", 0) == count)
        await until(lambda: "STALE_SIGNALS" in running.codes())

    assert running.orders == []
    (alarm,) = [alarm for alarm in running.paged if alarm.code == "STALE_SIGNALS"]
    assert alarm.text.startswith(f"{count} signals")
    assert redis_server.pending() == 0


@pytest.mark.fault("F-27")
async def test_a_message_that_nobody_can_read_does_not_stop_the_rest(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    async with engine(tmp_path, redis_server.url) as running:
        for message in ("{broken", signal("one", account="LIVE"), signal("two")):
            redis_server.do("XADD", STREAM, "*", "data", message)
        await until(lambda: running.orders == ["trend/two"])
        await until(lambda: len(redis_server.entries(f"{STREAM}:dead")) == 2)


@pytest.mark.fault("F-30")
async def test_subscribers_get_what_happened_while_the_bus_was_away(
    tmp_path: Path, private_redis: Start
) -> None:
    server = private_redis("--appendonly", "yes", "--appendfsync", "always")
    async with engine(tmp_path, server.url):
        server.do("XADD", STREAM, "*", "data", signal("one"))
        await until(lambda: len(server.entries("execution:fills")) == 1)
        server.kill()
        await ask(tmp_path / "SIM", {"do": "signal", "signal": signal("two")})
        server.restart()
        await until(lambda: len(server.entries("execution:fills")) >= 2)
        fills = [json.loads(fields[b"data"]) for _, fields in server.entries("execution:fills")]

    assert list(dict.fromkeys(fill["signal_id"] for fill in fills)) == ["one", "two"]


async def test_a_published_signal_is_taken_where_the_bridge_is_on(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    async with engine(tmp_path, redis_server.url, SA_REDIS__BRIDGE="true") as running:
        await until(lambda: redis_server.do("PUBLISH", STREAM, signal("one")) > 0)
        await until(lambda: running.orders == ["trend/one"])
