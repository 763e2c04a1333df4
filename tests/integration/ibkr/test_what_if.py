"""The margin question over a real socket: it is answered, it is no order, and it cannot trade."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from fillpath.core.capabilities import MarginAnswer, MarginBroker
from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.models import OrderType
from fillpath.testing.gateway import faults
from tests.integration.ibkr.wired import Wired, wired


@pytest.fixture
async def desk() -> AsyncIterator[Wired]:
    async with wired() as scene:
        yield scene


def marked(desk: Wired) -> list[bool]:
    """Return of each order that was written whether it was marked as a question."""
    return [r.order.what_if for r in desk.gateway.log.requests("placeOrder") if r.order]


async def test_a_question_is_answered_to_the_cent_and_is_no_order(desk: Wired) -> None:
    assert isinstance(desk.broker, MarginBroker)
    order = desk.order(order_type=OrderType.MARKET, limit_price=None, oca_group="stops")

    answer = await desk.broker.what_if(order)
    await desk.settle()

    # Half of 100 shares at the ask; the equity after a commission of a little more than a dollar.
    assert answer == MarginAnswer(change=Decimal("7500.50"), excess=Decimal("99998.99"))
    assert marked(desk) == [True]
    assert desk.gateway.orders == []
    assert desk.gateway.fills.all == []
    assert await desk.broker.get_open_orders() == []
    assert await desk.broker.get_completed_orders() == []
    assert (desk.events, desk.alarms, desk.broker._tracker.needs) == ([], [], False)  # noqa: SLF001


async def test_the_bytes_of_question_and_order_differ_in_the_mark_the_name_and_the_number(
    desk: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote: list[list[bytes]] = []
    socket = desk.line._talk.socket  # type: ignore[union-attr]  # noqa: SLF001
    assert socket is not None
    write = socket.write

    def spy(data: bytes) -> None:
        if data[4:6] == b"3\0":
            wrote.append(data[4:].split(b"\0"))
        write(data)

    monkeypatch.setattr(socket, "write", spy)
    order = desk.order()

    await desk.broker.what_if(order)
    await desk.broker.submit_order(order)

    asked, sent = wrote
    differences = {(a, b) for a, b in zip(asked, sent, strict=True) if a != b}
    assert differences == {(b"2", b"3"), (b"what-if alpha/sig-1", b"alpha/sig-1"), (b"1", b"0")}
    assert marked(desk) == [True, False]
    (placed,) = desk.gateway.orders
    assert (placed.ref, placed.order_id) == ("alpha/sig-1", 3)


async def test_a_question_has_the_next_number_when_it_is_written(desk: Wired) -> None:
    await asyncio.gather(desk.broker.what_if(desk.order()), desk.broker.submit_order(desk.order()))

    numbers = [request.about for request in desk.gateway.log.requests("placeOrder")]
    assert numbers == sorted(set(numbers))


async def test_a_question_that_nobody_answers_has_no_answer(desk: Wired) -> None:
    desk.gateway.misbehave(faults.Mute("placeOrder"))

    with pytest.raises(Unavailable, match="what_if: the gateway did not answer in time"):
        await desk.broker.what_if(desk.order())

    assert desk.broker._connection.may_order()  # noqa: SLF001  # no reason to give the line up
    assert desk.gateway.orders == []


async def test_amounts_that_are_not_worked_out_are_no_answer(desk: Wired) -> None:
    desk.gateway.quote("AAPL", None, None)
    order = desk.order(order_type=OrderType.MARKET, limit_price=None)

    with pytest.raises(Unavailable, match="did not answer in time"):
        await desk.broker.what_if(order)


async def test_what_the_broker_would_refuse_is_refused_with_its_words(desk: Wired) -> None:
    desk.gateway.misbehave(faults.Refuse("placeOrder", number=201, text="YOUR EQUITY IS TOO LOW"))

    with pytest.raises(BrokerRefused, match="TOO LOW"):
        await desk.broker.what_if(desk.order())

    assert (desk.events, desk.alarms) == ([], [])


async def test_a_notice_about_the_question_is_no_refusal(desk: Wired) -> None:
    later = "Warning: your order will not be placed at the exchange until 2026-03-02 09:30:00"
    desk.gateway.misbehave(faults.Refuse("placeOrder", number=399, text=later, taken=True))

    answer = await desk.broker.what_if(desk.order())

    assert answer.change == 7000


async def test_a_lost_line_answers_no_question(desk: Wired) -> None:
    desk.gateway.misbehave(faults.CutAfter("placeOrder"))

    with pytest.raises(Unavailable, match="what_if"):
        await desk.broker.what_if(desk.order())

    assert desk.gateway.orders == []


async def test_while_nothing_may_be_sent_nothing_is_asked(desk: Wired) -> None:
    desk.gateway.lose_link()
    await desk.until(lambda: not desk.connection.may_order())

    with pytest.raises(Unavailable, match="degraded"):
        await desk.broker.what_if(desk.order())

    assert marked(desk) == []
