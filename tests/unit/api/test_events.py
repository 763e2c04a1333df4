"""Live updates leave nothing out, tell nobody late, and cost nothing where nobody reads."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, get_args

import pytest

from fillpath.api.events import MOST_LISTENERS, MOST_QUEUED, NAMES, Stream, Streams, told
from fillpath.api.ports import AccountParts
from fillpath.core.errors import Unavailable
from fillpath.core.listings import Change, Changes
from fillpath.core.rows import Row
from fillpath.testing.rows import an_order_row
from tests.unit.api.fakes import FakeEngine, parts

NEVER = 2**62


class Rows:
    """Changes that a test makes; ``most`` of them are told at once."""

    def __init__(self, most: int = 100) -> None:
        self.rows: list[Change] = []
        self.through = -1
        self.most = most
        self.away = False
        self.asked = 0

    def add(self, *names: str) -> None:
        self.through += 1
        self.rows += [Change(self.through, an_order_row(order_id=name)) for name in names]

    async def since(self, _account: str, sequence: int) -> Changes:
        self.asked += 1
        if self.away:
            raise Unavailable("the tables are away")
        found = [row for row in self.rows if row.sequence > sequence]
        if len(found) > self.most:
            return Changes([], self.through, more=True)
        return Changes(found, self.through)

    async def tier(self) -> str:
        return "memory"

    async def applied(self, _account: str) -> int:
        return self.through


def account(rows: Rows, engine: FakeEngine | None = None) -> AccountParts:
    given: dict[str, Any] = {"tables": rows, "changes": rows, "measures": None, "alerts": None}
    return AccountParts(name="SIM", engine=engine or FakeEngine(), **given)


@asynccontextmanager
async def streaming(rows: Rows, engine: FakeEngine | None = None) -> AsyncIterator[Stream]:
    streams = Streams(parts(accounts={"SIM": account(rows, engine)}))
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = group.create_task(streams.run())
        yield streams.by_account["SIM"]
        running.cancel()


class Reader:
    """Reads events as a browser does.

    Args:
        stream: what it reads.
        since: the number that it had last.
    """

    def __init__(self, stream: Stream, since: int | None = None) -> None:
        self._content = told(stream, since, lambda: True)
        self._waiting: list[dict[str, Any]] = []
        self.last_id: int | None = since

    async def next(self) -> dict[str, Any]:
        while not self._waiting:
            chunk = (await anext(self._content)).decode()
            self._waiting += [
                event for text in chunk.split("\n\n") if (event := self._parsed(text))
            ]
        event = self._waiting.pop(0)
        if "id" in event:
            self.last_id = int(event["id"])
        return event

    def _parsed(self, text: str) -> dict[str, Any]:
        lines = dict(line.split(": ", 1) for line in text.splitlines())
        return {**lines, "data": json.loads(lines["data"])} if "data" in lines else {}

    async def until(self, name: str) -> list[str]:
        """Return the orders that were told before the first event of this name."""
        found = []
        while (event := await self.next())["event"] != name:
            if event["event"] == "order":
                found.append(event["data"]["row"]["order_id"])
        return found

    async def orders(self, count: int) -> list[str]:
        found: list[str] = []
        while len(found) < count:
            event = await self.next()
            if event["event"] == "order":
                found.append(event["data"]["row"]["order_id"])
        return found

    async def close(self) -> None:
        await self._content.aclose()


def test_every_kind_of_row_has_a_name() -> None:
    assert set(NAMES) == set(get_args(Row))


async def test_what_becomes_new_is_told_once() -> None:
    rows = Rows()
    rows.add("old")
    async with streaming(rows) as stream:
        reader = Reader(stream)
        await reader.until("heartbeat")

        rows.add("a", "b")
        first = await reader.orders(2)
        rows.add("c")
        second = await reader.orders(1)
        await reader.close()

    assert (first, second) == (["a", "b"], ["c"])


async def test_only_the_last_row_of_a_record_moves_the_place() -> None:
    rows = Rows()
    rows.add("a", "b")
    async with streaming(rows) as stream:
        reader = Reader(stream, -1)
        one, two = await reader.next(), await reader.next()
        await reader.close()

    assert "id" not in one
    assert two["id"] == "0"


@pytest.mark.parametrize("seen", range(-1, 5))
async def test_who_comes_back_misses_nothing(seen: int) -> None:
    rows = Rows()
    for number in range(5):
        rows.add(f"o{number}")
    async with streaming(rows) as stream:
        reader = Reader(stream, seen)
        found = await reader.until("heartbeat")
        rows.add("new")
        later = await reader.orders(1)
        await reader.close()

    assert found == [f"o{number}" for number in range(seen + 1, 5)]
    assert later == ["new"]


async def test_too_much_at_once_is_read_anew() -> None:
    rows = Rows(most=3)
    for number in range(9):
        rows.add(f"o{number}")
    async with streaming(rows) as stream:
        reader = Reader(stream, 0)
        event = await reader.next()
        await reader.close()

    assert event["event"] == "reset"
    assert event["id"] == "8"


async def test_tables_that_were_made_anew_are_read_anew() -> None:
    rows = Rows()
    rows.add("a")
    async with streaming(rows) as stream:
        reader = Reader(stream, 50)
        event = await reader.next()
        await reader.close()

    assert event["event"] == "reset"
    assert event["id"] == "0"


async def test_tables_that_go_back_while_somebody_listens_are_read_anew() -> None:
    rows = Rows()
    rows.add("a")
    rows.add("b")
    async with streaming(rows) as stream:
        reader = Reader(stream)
        await reader.until("heartbeat")
        rows.rows, rows.through = rows.rows[:1], 0
        found = await reader.until("reset")
        await reader.close()

    assert found == []


async def test_rows_of_a_time_without_tables_are_told_when_they_are_back() -> None:
    rows = Rows()
    rows.add("a")
    rows.away = True
    async with streaming(rows) as stream:
        reader = Reader(stream, -1)
        while rows.asked < 2:
            await asyncio.wait_for(anext(reader._content), 5)  # noqa: SLF001  # whatever comes
        rows.away = False
        found = await reader.orders(1)
        await reader.close()

    assert found == ["a"]


async def test_a_reader_that_never_reads_is_dropped_and_the_others_are_not() -> None:
    rows = Rows(most=10 * MOST_QUEUED)
    async with streaming(rows) as stream:
        with stream.listening() as deaf:
            reader = Reader(stream)
            await reader.until("heartbeat")
            found = []
            for _ in range(5):
                rows.add(*(f"o{number}" for number in range(MOST_QUEUED // 4)))
                found += await reader.orders(MOST_QUEUED // 4)

            assert len(found) > MOST_QUEUED
            assert deaf.dropped
            assert len(deaf.waiting) == 0
            await reader.close()


async def test_a_dropped_reader_is_told_and_comes_back_to_every_row() -> None:
    rows = Rows(most=10 * MOST_QUEUED)
    async with streaming(rows) as stream:
        reader = Reader(stream)
        await reader.until("heartbeat")
        rows.add("a")
        await reader.orders(1)
        (listener,) = stream._listeners  # noqa: SLF001  # nobody else knows it
        listener.tell([stream.heartbeat(listener)] * (MOST_QUEUED + 1))
        rows.add("b")
        missed = await reader.until("dropped")
        again = Reader(stream, reader.last_id)
        found = await again.until("heartbeat")
        await again.close()

    assert missed == []
    assert found == ["b"]


async def test_nothing_is_asked_while_nobody_listens() -> None:
    rows = Rows()
    async with streaming(rows) as stream:
        reader = Reader(stream)
        await reader.until("heartbeat")
        await reader.close()
        asked = rows.asked
        await asyncio.sleep(0.5)

    assert rows.asked <= asked + 1


async def test_there_is_an_end_to_listeners() -> None:
    rows = Rows()
    async with streaming(rows) as stream:
        listening = [stream.listening() for _ in range(MOST_LISTENERS)]
        for one in listening:
            one.__enter__()

        with pytest.raises(Exception, match="too many pages"):
            stream.check_room()
        for one in listening:
            one.__exit__(None, None, None)
        stream.check_room()


async def test_an_engine_that_is_away_is_told_once() -> None:
    rows = Rows()
    async with streaming(rows) as stream:
        reader = Reader(stream)
        event = await reader.next()
        while event["event"] != "status":
            event = await reader.next()
        await reader.close()

    assert event["data"]["reachable"] is False
    assert event["data"]["severity"] == "CRITICAL"
