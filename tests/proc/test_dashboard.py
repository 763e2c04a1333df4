"""Engine and dashboard as they are started: a signal in, its order seen live, cancelled; kill, resume."""

import asyncio
import json
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from httpx2 import AsyncClient

from tests.proc.stage import Process, until
from tests.proc.test_guard import SECONDS, Served, served, signed_in

API: Final = "/api/v1"
# Every order is large here, so it is sliced, and works for minutes.
SETTINGS: Final = """\
engine:
  folder: "{folder}"
  health_port: 0
  resume_delay_seconds: 0
broker:
  provider: "simulated"
simulation:
  cash: 10000000
router:
  size_threshold_small_pct: 0
  size_threshold_large_pct: 0.001
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder with settings; its path is short, because a socket is in it."""
    path = Path(tempfile.mkdtemp(prefix="fp-"))
    (path / "fillpath.yaml").write_text(SETTINGS.format(folder=path / "data"))
    yield path
    shutil.rmtree(path)


@asynccontextmanager
async def engine(folder: Path) -> AsyncIterator[Process]:
    """Run an engine."""
    log = folder / "engine.log"
    running = Process("fillpath", ["run", "--settings", str(folder / "fillpath.yaml")], log)
    await running.spawn()
    await until(lambda: log.exists() and "Ctrl-C" in log.read_text("utf-8"), "it trades", SECONDS)
    try:
        yield running
    finally:
        if running.alive:
            running.send(signal.SIGTERM)
            await asyncio.wait_for(running.process.wait(), SECONDS)


class Live:
    """Reads live updates as the page does.

    Args:
        asking: signed in.
        since: the number that it had last.
    """

    def __init__(self, asking: AsyncClient, since: str | None = None) -> None:
        self._asking = asking
        self.since = since

    async def until(self, name: str, **fields: Any) -> dict[str, Any]:
        """Return the data of the first event of this name whose row has these fields."""
        headers = {} if self.since is None else {"last-event-id": self.since}
        kind = ""
        async with asyncio.timeout(SECONDS):
            async with self._asking.stream("GET", f"{API}/events", headers=headers) as answer:
                assert answer.status_code == 200
                async for line in answer.aiter_lines():
                    word, _, said = line.partition(": ")
                    if word == "id":
                        self.since = said
                    kind = said if word == "event" else kind
                    if word == "data" and kind == name and _has(json.loads(said), fields):
                        found: dict[str, Any] = json.loads(said)
                        return found
        raise AssertionError(f"no {name} with {fields}")


def _has(data: dict[str, Any], fields: dict[str, Any]) -> bool:
    row = data.get("row", data)
    return all(row.get(name) == value for name, value in fields.items())


class Desk:
    """What a person does at the page.

    Args:
        asking: signed in.
    """

    def __init__(self, asking: AsyncClient) -> None:
        self._asking = asking
        self._acts = 0

    async def act(self, path: str, **body: Any) -> dict[str, Any]:
        self._acts += 1
        headers = {"idempotency-key": f"test-of-the-desk-{self._acts}"}
        answer = await self._asking.post(f"{API}{path}", json=body, headers=headers)
        assert answer.is_success, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def step_up(self, password: str) -> None:
        answer = await self._asking.post(f"{API}/session/step-up", json={"password": password})
        assert answer.is_success, answer.text

    async def signal(self, signal_id: str) -> str:
        body = {"symbol": "AAPL", "direction": "LONG", "strength": "0.5", "quantity": "100"}
        answer = await self.act("/trades/signals", **body, signal_id=signal_id)
        assert answer["outcome"] in {"ORDERED", "REDUCED"}, answer
        name: str = answer["order_id"]
        return name

    async def get(self, path: str) -> Any:
        answer = await self._asking.get(f"{API}{path}")
        return answer.json()


async def test_a_person_trades_cancels_kills_and_resumes(folder: Path) -> None:
    async with engine(folder), served(folder) as page, page.asker() as asking:
        await signed_in(asking, page.first)
        live, desk = Live(asking), Desk(asking)
        await live.until("heartbeat")

        order_id = await desk.signal("one")
        child = await live.until("order", parent_order_id=order_id)
        planned = (await desk.get(f"/trades/order?order_id={order_id}"))["schedule"]
        cancelled = await desk.act("/trades/orders/cancel", order_id=order_id, reason="a test")
        given_up = await live.until("decision", order_id=order_id, outcome="UNFILLED")
        killed = await desk.act("/risk/kill", reason="a test", word="KILL")
        stopped = await live.until("status")
        refused = await desk.act(
            "/trades/signals", symbol="IBM", direction="LONG", strength="0.5", signal_id="two"
        )
        resumed = await desk.act("/risk/resume", word="SIM")
        again = await desk.signal("three")

    assert child["row"]["slice"] == 1
    assert {one["status"] for one in planned} > {"PLANNED"}
    assert cancelled["outcome"] in {"CANCEL_ASKED", "ENDED"}
    assert given_up["row"]["text"].startswith("CANCELLED_BY_PERSON")
    assert killed["reachable"] is True
    assert stopped["status"]["state"] == "KILLED"
    assert refused["reason"] == "KILL_SWITCH"
    assert resumed["still"] == []
    assert again


async def test_what_happened_while_the_page_was_away_is_told_when_it_is_back(folder: Path) -> None:
    async with engine(folder):
        async with served(folder) as page, page.asker() as asking:
            await signed_in(asking, page.first)
            live, desk = Live(asking), Desk(asking)
            await live.until("heartbeat")
            first = await desk.signal("one")
            await live.until("order", parent_order_id=first)
            cookie = asking.headers["cookie"]
            second = await desk.signal("two")
        again = Served(folder, "--port", str(page.port))
        again.port = page.port
        await again.process.spawn()
        await until(lambda: again.text.count("Ctrl-C") == 2, "it answers again", SECONDS)
        async with again.asker(cookie=cookie) as asking:
            found = await Live(asking, live.since).until("order", parent_order_id=second)
        await again.end()

    assert found["sequence"] > int(live.since or 0)
