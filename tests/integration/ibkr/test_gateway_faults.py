"""Every fault that the gateway can be asked for happens, as often as asked, to the real library."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import ib_async
import pytest

from fillpath.testing.gateway import Gateway, answers, faults, order_answers
from tests.integration.ibkr.library import PATIENCE, Errors, library, settled, share


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        yield running


@pytest.fixture
async def ib(gateway: Gateway) -> AsyncIterator[ib_async.IB]:
    async with library(gateway) as client:
        yield client


def limit(ref: str = "one", price: float = 140, **more: Any) -> ib_async.Order:
    return ib_async.LimitOrder("BUY", 100, price, tif="DAY", orderRef=ref, **more)


async def placed(gateway: Gateway, ib: ib_async.IB, ref: str = "one") -> ib_async.Trade:
    count = gateway.log.count("placeOrder")
    trade = ib.placeOrder(share(), limit(ref))
    await gateway.received("placeOrder", count + 1)
    return trade


def told(gateway: Gateway, kind: str) -> int:
    return sum(each.message.kind == kind for each in gateway.log.sent)


async def gone(ib: ib_async.IB) -> None:
    async with asyncio.timeout(PATIENCE):
        while ib.isConnected():
            await ib.disconnectedEvent


CUTS = [
    pytest.param(faults.CutBefore("placeOrder", skip=1), 1, id="before it is done"),
    pytest.param(faults.CutAfter("placeOrder", skip=1), 2, id="after it is done"),
]


@pytest.mark.parametrize(("fault", "orders"), CUTS)
async def test_the_second_order_breaks_the_socket(
    gateway: Gateway, ib: ib_async.IB, fault: faults.Fault, orders: int
) -> None:
    gateway.misbehave(fault)
    ib.placeOrder(share(), limit("one"))
    ib.placeOrder(share(), limit("two"))
    await gone(ib)

    assert len(gateway.orders) == orders
    assert gateway.log.count("placeOrder") == 2
    assert gateway.clients == []


async def test_an_order_can_be_taken_in_silence(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.misbehave(faults.Mute("placeOrder"))
    trade = await placed(gateway, ib)
    await ib.reqCurrentTimeAsync()

    assert gateway.order("one").status == "Submitted"
    assert trade.orderStatus.status == "PendingSubmit"


async def test_a_request_can_be_ignored_for_some_time(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.misbehave(faults.Ignore("reqCurrentTime", times=2))
    ib.client.reqCurrentTime()  # type: ignore[no-untyped-call]  # the library's
    ib.client.reqCurrentTime()  # type: ignore[no-untyped-call]  # the library's
    await ib.reqCurrentTimeAsync()

    assert (gateway.log.count("reqCurrentTime"), told(gateway, "currentTime")) == (3, 1)


async def test_an_answer_can_be_empty_once(gateway: Gateway, ib: ib_async.IB) -> None:
    await placed(gateway, ib)
    gateway.misbehave(faults.Empty("reqAllOpenOrders"))
    async with library(gateway, 4) as other:
        counts = [len(await other.reqAllOpenOrdersAsync()) for _ in range(2)]

    assert counts == [0, 1]


async def test_a_request_can_be_done_later(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.misbehave(faults.Postpone("placeOrder", seconds=0.05, ref="one"))
    await placed(gateway, ib)
    before = len(gateway.orders)
    await gateway.until(lambda: len(gateway.orders) == 1)

    assert before == 0


async def test_a_socket_can_go_deaf(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.misbehave(faults.GoDeaf("reqPositions", client=4))
    with pytest.raises(ConnectionError):
        await ib_async.IB().connectAsync(
            "127.0.0.1", gateway.port, clientId=4, timeout=2, raiseSyncErrors=True
        )

    assert ib.isConnected()
    assert (await ib.reqCurrentTimeAsync()).year > 2000


async def test_one_order_can_become_two(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.misbehave(faults.Double("placeOrder"))
    trade = await placed(gateway, ib)
    await settled(ib, lambda: trade.order.permId == gateway.orders[1].perm_id)
    ib.cancelOrder(trade.order)
    await gateway.received("cancelOrder")

    assert len({(order.order_id, order.ref) for order in gateway.orders}) == 1
    assert [order.status for order in gateway.orders] == ["Cancelled"] * 2


REFUSALS = [
    pytest.param(faults.Refuse("placeOrder", number=201), [], id="refused"),
    pytest.param(
        faults.Refuse("placeOrder", number=201, leaves="Inactive"), ["Inactive"], id="inactive"
    ),
    pytest.param(faults.Refuse("placeOrder", number=399, taken=True), ["Submitted"], id="taken"),
]


@pytest.mark.parametrize(("fault", "statuses"), REFUSALS)
async def test_any_error_can_answer_an_order(
    gateway: Gateway, ib: ib_async.IB, fault: faults.Refuse, statuses: list[str]
) -> None:
    errors = Errors(ib)
    gateway.misbehave(fault)
    await placed(gateway, ib)
    await settled(ib, lambda: bool(errors))

    assert errors.codes == [fault.number]
    assert [order.status for order in gateway.orders] == statuses


async def test_a_message_can_be_lost(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.misbehave(faults.Lose("execDetails"))
    trade = await placed(gateway, ib)
    gateway.fill(gateway.order("one"), 100, "140")
    await settled(ib, lambda: trade.orderStatus.status == "Filled")

    assert trade.fills == []
    assert len(await ib.reqExecutionsAsync()) == 1


async def test_a_message_can_be_repeated(gateway: Gateway, ib: ib_async.IB) -> None:
    heard: list[int] = []
    ib.wrapper.orderStatus = lambda order_id, *_: heard.append(order_id)  # type: ignore[method-assign]  # listens
    gateway.misbehave(faults.Repeat("orderStatus", more=2))
    await placed(gateway, ib)

    await settled(ib, lambda: len(heard) == 3)


LATER = [
    pytest.param(faults.Behind("execDetails", count=2), id="behind two others"),
    pytest.param(faults.Delay("execDetails", seconds=0.05), id="after a while"),
]


@pytest.mark.parametrize("fault", LATER)
async def test_a_message_can_come_late(
    gateway: Gateway, ib: ib_async.IB, fault: faults.Fault
) -> None:
    gateway.misbehave(fault)
    trade = await placed(gateway, ib)
    order = gateway.order("one")
    gateway.fill(order, 100, "140", news=("execDetails", "orderStatus"))
    await settled(ib, lambda: trade.orderStatus.status == "Filled")
    before = len(trade.fills)
    gateway.say(order_answers.open_order(order))

    await settled(ib, lambda: len(trade.fills) == 1)
    assert before == 0


HELD = [
    pytest.param(faults.Hold("commissionReport", times=0), id="held"),
    pytest.param(faults.Behind("commissionReport", count=99), id="behind what never comes"),
]


@pytest.mark.parametrize("fault", HELD)
async def test_a_message_can_be_held_until_released(
    gateway: Gateway, ib: ib_async.IB, fault: faults.Fault
) -> None:
    gateway.misbehave(fault)
    trade = await placed(gateway, ib)
    gateway.fill(gateway.order("one"), 100, "140")
    await settled(ib, lambda: trade.orderStatus.status == "Filled")
    before = trade.fills[0].commissionReport.execId
    gateway.release()

    await settled(ib, lambda: trade.fills[0].commissionReport.execId != before)


async def test_a_message_can_say_something_else(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.misbehave(faults.Rewrite("orderStatus", fields={2: "Sleeping"}))
    trade = await placed(gateway, ib)

    await settled(ib, lambda: trade.orderStatus.status == "Sleeping")


async def test_messages_arrive_byte_by_byte_or_all_at_once(gateway: Gateway) -> None:
    gateway.misbehave(
        faults.Crumbs("managedAccounts"),
        faults.Merge("openOrderEnd", count=3),
        faults.Crumbs("error"),
    )
    async with library(gateway) as ib:
        trade = await placed(gateway, ib)
        await settled(ib, lambda: trade.orderStatus.status == "Submitted")


async def test_a_frame_can_break_off(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.misbehave(faults.CutInside("openOrder"))
    await placed(gateway, ib)
    await gone(ib)

    assert gateway.order("one").is_open


async def test_garbage_can_stand_before_a_message(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.misbehave(faults.Garbage("currentTime", data=answers.position_end().frame()))
    ended: list[int] = []
    ib.wrapper.positionEnd = lambda: ended.append(1)  # type: ignore[method-assign]  # listens
    await ib.reqCurrentTimeAsync()

    assert ended == [1]


async def test_faults_end_when_told(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.misbehave(faults.Ignore("reqCurrentTime", times=0))
    gateway.behave()

    assert (await ib.reqCurrentTimeAsync()).year > 2000


async def test_the_fifty_first_message_of_a_second_is_not_done(
    gateway: Gateway, ib: ib_async.IB
) -> None:
    errors = Errors(ib)
    ib.client.MaxRequests = 0
    for number in range(60):
        ib.placeOrder(share(), limit(f"{number}"))
    await gateway.received("placeOrder", 60)
    await settled(ib, lambda: 100 in errors.codes)

    assert len(gateway.orders) <= 50
    assert gateway.log.busiest_second() > 50


async def test_fills_while_nobody_listens_are_told_to_who_asks(gateway: Gateway) -> None:
    async with library(gateway) as ib:
        await placed(gateway, ib)
        gateway.cut()
        await gone(ib)
    gateway.fill(gateway.order("one"), 100, "140")
    async with library(gateway) as again:
        fills = await again.reqExecutionsAsync()

    assert [fill.execution.orderRef for fill in fills] == ["one"]


async def test_without_a_link_orders_wait_and_news_is_not_told(
    gateway: Gateway, ib: ib_async.IB
) -> None:
    errors = Errors(ib)
    trade = await placed(gateway, ib)
    gateway.lose_link()
    await placed(gateway, ib, "two")
    gateway.fill(gateway.order("one"), 100, "140")
    count = len(gateway.orders)
    gateway.restore_link(kept=False)
    await settled(ib, lambda: 1101 in errors.codes)

    assert count == 1
    assert [order.ref for order in gateway.orders] == ["one", "two"]
    assert trade.orderStatus.status != "Filled"


async def test_lost_data_has_to_be_asked_for_again(gateway: Gateway, ib: ib_async.IB) -> None:
    ib.reqMktData(share())
    await gateway.received("reqMktData")
    gateway.lose_link(2110)
    gateway.restore_link()
    kept = len(gateway.data.subscriptions)
    gateway.lose_link()
    gateway.restore_link(kept=False)

    assert (kept, gateway.data.subscriptions) == (1, [])


async def test_a_gateway_that_refuses_closes_at_once(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.refuse()
    await gone(ib)
    with pytest.raises(TimeoutError):
        await ib_async.IB().connectAsync("127.0.0.1", gateway.port, clientId=4, timeout=0.5)
    gateway.recover()

    async with library(gateway, 4):
        assert gateway.clients == [4]


async def test_the_id_of_a_half_open_client_can_stay_in_use(gateway: Gateway) -> None:
    async with library(gateway):
        gateway.go_deaf(lingers=True)
    gateway.manners.deaf = False
    said: list[int] = []
    second = ib_async.IB()
    second.errorEvent += lambda _, code, *__: said.append(code)
    with pytest.raises(TimeoutError):
        await second.connectAsync("127.0.0.1", gateway.port, clientId=3, timeout=1)
    gateway.recover()

    assert 326 in said
    async with library(gateway):
        assert gateway.clients == [3]


async def test_a_restarted_server_has_the_same_orders(gateway: Gateway) -> None:
    async with library(gateway) as ib:
        await placed(gateway, ib)
    port = gateway.port
    await gateway.stop()
    await gateway.start(port)
    async with library(gateway) as again:
        shown = await again.reqAllOpenOrdersAsync()

    assert [trade.order.orderRef for trade in shown] == ["one"]


async def test_order_ids_can_begin_again(gateway: Gateway) -> None:
    async with library(gateway) as ib:
        trade = await placed(gateway, ib)
        gateway.cancel(gateway.order("one"))
    before = gateway.book.next_id(3)
    gateway.book.reset_ids(3)
    async with library(gateway) as again:
        await placed(gateway, again, "two")

    assert before == trade.order.orderId + 1
    assert gateway.order("two").is_open


async def test_what_was_yesterday_is_not_told(gateway: Gateway, ib: ib_async.IB) -> None:
    await placed(gateway, ib)
    gateway.fill(gateway.order("one"), 100, "140")
    gateway.new_day()

    assert await ib.reqExecutionsAsync() == []
    assert await ib.reqCompletedOrdersAsync(apiOnly=False) == []
    assert [held.position for held in await ib.reqPositionsAsync()] == [100]


async def test_account_values_are_what_the_test_says(gateway: Gateway, ib: ib_async.IB) -> None:
    said = gateway.accounts["DU1234567"].said
    said.update({"NetLiquidation": "NaN", "BuyingPower": None})
    gateway.tell_accounts()
    await settled(
        ib, lambda: "NaN" in {each.value for each in ib.accountValues() if not each.modelCode}
    )

    assert "BuyingPower" not in {
        tag for tag, *_ in gateway.accounts["DU1234567"].values(lambda _: None)
    }


async def test_the_master_client_hears_of_the_orders_of_others(gateway: Gateway) -> None:
    gateway.manners.master = 9
    async with library(gateway, 9) as master, library(gateway, 3) as ib:
        await placed(gateway, ib)
        gateway.fill(gateway.order("one"), 100, "140")
        await settled(master, lambda: len(master.fills()) == 1)

    assert gateway.order("one").client_id == 3


async def test_errors_and_notices_are_said_at_will(gateway: Gateway, ib: ib_async.IB) -> None:
    errors = Errors(ib)
    await placed(gateway, ib)
    order = gateway.order("one")
    gateway.complain(order, 404, "Order is held while shares are located.")
    gateway.show(order, "PreSubmitted", "locate")
    gateway.charge(gateway.fill(order, 1, "140"), "NaN", "EUR")
    gateway.error(2103, "broken")
    await settled(ib, lambda: 2103 in errors.codes)

    assert (order.order_id, 404) in errors
    assert ib.fills()[0].commissionReport.currency == "EUR"


async def test_what_no_client_may_say_closes_the_socket_or_is_answered(gateway: Gateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"API\0\0\0\0\x03odd")
    closed = await reader.read()
    writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"API\0\0\0\0\x09v157..178\0\0\0\x0549\x001\0\0\0\0\x04999\0")
    async with asyncio.timeout(PATIENCE):
        await reader.readuntil(b"320\0")
    writer.close()

    assert closed == b""


async def test_waiting_for_what_never_happens_ends(gateway: Gateway) -> None:
    with pytest.raises(TimeoutError):
        await gateway.received("placeOrder", seconds=0.01)
    with pytest.raises(KeyError):
        gateway.order("nobody's")
    with pytest.raises(KeyError, match="NOPE"):
        gateway.quote("NOPE", 1, 2)
