"""What watches an engine asks ``/health``: 200 while it trades, 503 while it does not."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from fillpath.core.errors import ConfigError
from fillpath.core.status import State, Status
from fillpath.service.health import health_server
from fillpath.testing.builders import START


def a_status(now: State = State.TRADING) -> Status:
    """Return a status."""
    return Status(
        account="SIM", mode="SIMULATED", state=now, version="1", at=START, started_at=START, pid=1
    )


async def hung_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection that the other side may have broken."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


class Engine:
    """Is in a state."""

    def __init__(self) -> None:
        self.state = State.TRADING
        self.server = health_server(0, lambda: a_status(self.state))

    async def answer(self, request: str = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n") -> str:
        """Return everything that comes back on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.write(request.encode())
        said = ""
        with suppress(OSError):
            said = (await reader.read()).decode()
        await hung_up(writer)
        return said


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    """Return an engine that answers."""
    engine = Engine()
    await engine.server.start()
    yield engine
    await engine.server.close()


async def test_an_engine_that_trades_is_healthy(engine: Engine) -> None:
    head, _, body = (await engine.answer()).partition("\r\n\r\n")

    assert head.splitlines()[0] == "HTTP/1.1 200 OK"
    assert json.loads(body)["account"] == "SIM"
    assert f"Content-Length: {len(body)}" in head


@pytest.mark.parametrize("state", [state for state in State if state is not State.TRADING])
async def test_an_engine_that_does_not_trade_is_not_healthy(engine: Engine, state: State) -> None:
    engine.state = state

    said = await engine.answer()

    assert said.startswith("HTTP/1.1 503 Service Unavailable\r\n")
    assert json.loads(said.partition("\r\n\r\n")[2])["state"] == state


async def test_head_is_answered_without_the_body(engine: Engine) -> None:
    said = await engine.answer("HEAD /health HTTP/1.1\r\n\r\n")

    assert said.startswith("HTTP/1.1 200 OK\r\n")
    assert said.endswith("\r\n\r\n")


@pytest.mark.parametrize(
    ("request_line", "line"),
    [
        ("GET / HTTP/1.1", "404 Not Found"),
        ("GET /health/../etc HTTP/1.1", "404 Not Found"),
        ("GET", "404 Not Found"),
        ("POST /health HTTP/1.1", "405 Method Not Allowed"),
        ("\0", "405 Method Not Allowed"),
    ],
)
async def test_nothing_else_is_there(engine: Engine, request_line: str, line: str) -> None:
    said = await engine.answer(f"{request_line}\r\n\r\n")

    assert said.startswith(f"HTTP/1.1 {line}\r\n")


async def test_a_request_without_end_is_cut_off(engine: Engine) -> None:
    assert await engine.answer("x" * 100_000) == ""
    assert "200 OK" in await engine.answer()


async def test_who_goes_away_half_way_does_no_harm(engine: Engine) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", engine.server.port)
    writer.write(b"GET /hea")
    await hung_up(writer)

    assert "200 OK" in await engine.answer()


async def test_it_listens_on_this_machine_only(engine: Engine) -> None:
    assert engine.server.port > 0
    with pytest.raises(OSError):  # noqa: PT011  # whatever the system says to another address
        await asyncio.wait_for(asyncio.open_connection("127.0.0.2", engine.server.port), 5)


async def test_a_port_that_is_taken_is_named(engine: Engine) -> None:
    second = health_server(engine.server.port, a_status)

    with pytest.raises(ConfigError, match=rf"engine\.health_port .* got {engine.server.port}: "):
        await second.start()

    await second.close()


async def test_whoever_holds_a_connection_does_not_keep_the_engine_from_stopping() -> None:
    engine = Engine()
    await engine.server.start()
    _, writer = await asyncio.open_connection("127.0.0.1", engine.server.port)
    await engine.answer()  # who is answered came in after the other one

    async with asyncio.timeout(5):
        await engine.server.close()

    await hung_up(writer)
