"""Gateways that are too old, silent, slow to read or no gateways at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.forms import ContractForm
from fillpath.ibkr.frames import framed
from fillpath.ibkr.heard import Dropped, Heard, Said
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.session import Session
from fillpath.ibkr.states import State
from fillpath.runtime.steady import SteadyClock
from fillpath.testing.gateway import Gateway, GatewayBar
from tests.integration.ibkr.connected import PATIENCE, QUICK, wired

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(serve: Serve) -> AsyncIterator[int]:
    """Yield the port of a server that treats every connection so."""

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(closing, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def failure(line: Session, seconds: float = PATIENCE) -> str:
    """Return why a line could not be connected."""
    with pytest.raises(Unavailable) as refusal:
        await line.connect(seconds)
    return str(refusal.value)


def answering(*messages: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        for message in messages:
            writer.write(framed(message))
        await reader.read()

    return serve


@pytest.mark.parametrize("version", [b"100", b"169", b"999"])
async def test_a_gateway_of_another_age_is_refused_for_good(version: bytes) -> None:
    async with served(answering(version + b"\x0020260602 15:00:00\x00")) as port:
        connection = Connection(Session("127.0.0.1", port, 10), QUICK, SteadyClock())

        with pytest.raises(Unavailable, match="must be updated first"):
            await connection.start(PATIENCE)

        assert connection.state is State.REFUSED
        await connection.stop()


@pytest.mark.parametrize("greeting", [b"200 OK\x00", b"-1\x00other:4001\x00", b"a\x00b\x00c\x00"])
async def test_what_is_no_gateway_is_no_connection(greeting: bytes) -> None:
    async with served(answering(greeting)) as port:
        why = await failure(Session("127.0.0.1", port, 10))

    assert "the greeting is none of a gateway" in why


async def test_a_gateway_that_never_greets_is_left_in_time_with_its_own_words() -> None:
    words = (
        b"178\x00now\x00",
        b"4\x002\x00-1\x002110\x00notice\x00\x00",
        b"4\x002\x00-1\x00504\x00log in\x00\x00",
    )
    news: list[Heard] = []
    async with served(answering(*words)) as port:
        line = Session("127.0.0.1", port, 10)
        line.listen(news.append)

        why = await failure(line, 0.3)

    assert "504: log in, after 0.3 s" in why
    assert [one.code for one in news if isinstance(one, Said)] == [2110, 504]
    assert not any(isinstance(one, Dropped) for one in news)
    assert not line.connected


async def test_a_silent_gateway_is_left_in_time() -> None:
    async with served(answering()) as port:
        assert "no greeting, after 0.2 s" in await failure(Session("127.0.0.1", port, 10), 0.2)


async def test_a_connection_given_up_in_the_handshake_is_closed() -> None:
    async with served(answering()) as port:
        line = Session("127.0.0.1", port, 10)
        opened = asyncio.Event()
        line.listen(lambda _: opened.set())
        async with asyncio.TaskGroup() as group:
            connecting = group.create_task(failure(line))
            await opened.wait()

            line.disconnect()

        assert "closed by this side" in connecting.result()


async def test_a_gateway_that_reads_nothing_more_is_told_and_nothing_is_kept_for_it() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        for message in (b"178\x00now\x00", b"15\x001\x00DU1\x00", b"9\x001\x001\x00"):
            writer.write(framed(message))
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        await stopped.wait()

    stopped = asyncio.Event()
    async with served(serve) as port:
        line = Session("127.0.0.1", port, 10)
        news: list[Heard] = []
        line.listen(news.append)
        await line.connect(PATIENCE)
        long = ContractForm("X" * 65_536)

        with pytest.raises(NotSent, match="reads nothing more"):
            _ask_until_refused(line, long)
        sent = line.sent
        with pytest.raises(NotSent):
            line.ask_time()
        line.disconnect()
        stopped.set()

        assert line.sent == sent
        assert isinstance(news[-1], Dropped)


def _ask_until_refused(line: Session, contract: ContractForm) -> None:
    for number in range(1000):
        line.ask_contract(number, contract)


async def test_contracts_and_bars_are_looked_up_over_the_wire() -> None:
    day = datetime(2026, 6, 1, 20, tzinfo=UTC)
    bar = GatewayBar(
        at=day,
        open=Decimal(150),
        high=Decimal(151),
        low=Decimal("149.5"),
        close=Decimal("150.25"),
        volume=Decimal(1_000),
    )
    async with Gateway() as gateway:
        gateway.history.set("AAPL", "1 day", [bar])
        async with wired(gateway) as scene:
            [found] = await scene.connection.contract(ContractForm("AAPL"))
            [shown] = await scene.connection.bars(
                ContractForm("AAPL", con_id=found.con_id), end="", duration="1 Y", size="1 day"
            )
            with pytest.raises(BrokerRefused, match="200"):
                await scene.connection.contract(ContractForm("NOSUCH"))

    assert (found.con_id, found.min_tick) == (265598, Decimal("0.01"))
    assert (shown.stamp, shown.close) == ("20260601", Decimal("150.25"))
