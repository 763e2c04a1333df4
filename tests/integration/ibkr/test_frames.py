"""Whatever bytes come from the socket, nothing crashes and nothing is read that was not said."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillpath.core.errors import Unavailable
from fillpath.ibkr.frames import framed
from fillpath.ibkr.heard import Charged, Dropped, Executed, Greeted, Heard, ServerTime
from fillpath.ibkr.session import Session
from fillpath.ibkr.states import State
from fillpath.testing.gateway import Gateway, faults
from tests.integration.ibkr.connected import form, wired

PATIENCE = 20.0
GREETING = framed(b"178\x0020260602 15:00:00 US/Eastern\x00")
READY = framed(b"15\x001\x00DU1234567\x00") + framed(b"9\x001\x001\x00")
CLOCK = framed(b"49\x001\x001780000000\x00")


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        running.quote("AAPL", "150.00", "150.02")
        yield running


@pytest.mark.fault("F-52")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.Crumbs("*", times=0), id="byte by byte"),
        pytest.param(faults.Merge("openOrder", count=4), id="several in one"),
    ],
)
async def test_frames_that_come_in_pieces_or_together_are_read_the_same(
    gateway: Gateway, fault: faults.Fault
) -> None:
    gateway.misbehave(fault)
    async with wired(gateway) as scene:
        await scene.connection.place(form(1, limit_price=Decimal("150.05")))
        await scene.heard(lambda one: isinstance(one, Charged))

        executed = [one for one in scene.news if isinstance(one, Executed)]
        assert [one.price for one in executed] == [Decimal("150.02")]


BAD = [
    pytest.param(b"\x7f\xff\xff\xff", id="a length of two billion"),
    pytest.param(b"\x00\x00\x00\x00", id="no length"),
    pytest.param(framed(b"no zero byte"), id="no end"),
    pytest.param(framed(b"999\x001\x00"), id="a message that does not exist"),
    pytest.param(framed(b"\xff\xfe\xfd\x00"), id="no number"),
    pytest.param(framed(b"5\x007\x00"), id="an order cut short"),
    pytest.param(framed(b"11\x00-1\x00x\x00"), id="an execution cut short"),
    pytest.param(framed(b"59\x001\x00e.01\x00much\x00USD\x00"), id="a commission in words"),
]


@pytest.mark.fault("F-52")
@pytest.mark.parametrize("data", BAD)
async def test_garbage_drops_the_connection_and_everything_is_asked_again(
    gateway: Gateway, data: bytes
) -> None:
    async with wired(gateway) as scene:
        await scene.connection.place(form(1))
        await gateway.received("placeOrder")
        gateway.misbehave(faults.Garbage("execDetails", data=data))

        gateway.fill(gateway.order(1), 40, "119.98")
        await scene.heard(lambda one: isinstance(one, Dropped))
        await scene.reached(State.TRADING)

        found = await scene.connection.executions()
        assert [one.shares for one in found] == [40]
        assert len(scene.compared) == 2
        assert gateway.log.count("placeOrder") == 1


@pytest.mark.fault("F-52")
async def test_half_a_frame_and_a_closed_socket_is_a_drop_and_nothing_more(
    gateway: Gateway,
) -> None:
    async with wired(gateway) as scene:
        await scene.connection.place(form(1))
        await gateway.received("placeOrder")
        gateway.misbehave(faults.CutInside("execDetails"))

        gateway.fill(gateway.order(1), 40, "119.98")
        await scene.reached(State.DISCONNECTED)

        assert [one for one in scene.news if isinstance(one, Executed)] == []
        await scene.reached(State.TRADING)
        assert [one.shares for one in scene.news if isinstance(one, Executed)] == [40]


async def heard_of(stream: bytes, sizes: list[int]) -> tuple[list[Heard], str]:
    """Serve these bytes in pieces of these sizes after the handshake; return what a line heard."""
    news: list[Heard] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        await reader.readexactly(int.from_bytes(await reader.readexactly(4)))
        writer.write(GREETING)
        await reader.readexactly(int.from_bytes(await reader.readexactly(4)))
        at = 0
        for size in sizes:
            writer.write(stream[at : at + size])
            await writer.drain()
            await asyncio.sleep(0)
            at += size
        writer.write(stream[at:])
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        line = Session("127.0.0.1", server.sockets[0].getsockname()[1], 10)
        gone = asyncio.Event()

        def listen(one: Heard) -> None:
            news.append(one)
            if isinstance(one, Dropped):
                gone.set()

        line.listen(listen)
        try:
            async with asyncio.timeout(PATIENCE):
                await line.connect(PATIENCE)
                await gone.wait()
        except Unavailable as error:
            return news, str(error)
        finally:
            line.disconnect()
    return news, ""


@pytest.mark.fault("F-52")
@given(sizes=st.lists(st.integers(1, 30), max_size=20), count=st.integers(0, 20))
@settings(max_examples=40)
def test_however_a_stream_is_cut_every_message_is_heard_once(sizes: list[int], count: int) -> None:
    news, failed = asyncio.run(heard_of(READY + CLOCK * count, sizes))

    assert failed == ""
    assert sum(isinstance(one, Greeted) for one in news) == 1
    assert sum(isinstance(one, ServerTime) for one in news) == count
    assert isinstance(news[-1], Dropped)


@pytest.mark.fault("F-52")
@given(garbage=st.binary(min_size=1, max_size=200), count=st.integers(0, 3))
@settings(max_examples=150)
def test_whatever_follows_good_messages_they_are_heard_and_the_line_ends_orderly(
    garbage: bytes, count: int
) -> None:
    news, failed = asyncio.run(heard_of(READY + CLOCK * count + garbage, []))

    assert failed == ""
    assert sum(isinstance(one, ServerTime) for one in news) >= count
    assert [isinstance(one, Dropped) for one in news].count(True) == 1
    assert isinstance(news[-1], Dropped)


@given(garbage=st.binary(min_size=1, max_size=200))
@settings(max_examples=60)
def test_garbage_instead_of_a_greeting_is_no_connection(garbage: bytes) -> None:
    news, failed = asyncio.run(heard_of(garbage, []))

    assert failed
    assert not any(isinstance(one, Greeted | Dropped) for one in news)
