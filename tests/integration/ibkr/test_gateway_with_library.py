"""The vendor's own library connects to the gateway over a real socket and believes it."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import ib_async
import pytest

from fillpath.testing.gateway import Gateway, Setup
from tests.integration.ibkr.library import Errors, library, settled, share

ACCOUNT = "DU1234567"


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        yield running


@pytest.fixture
async def ib(gateway: Gateway) -> AsyncIterator[ib_async.IB]:
    async with library(gateway) as client:
        yield client


async def test_the_library_connects_and_finds_its_account(
    gateway: Gateway, ib: ib_async.IB
) -> None:
    values = {each.tag: each.value for each in ib.accountValues(ACCOUNT)}

    assert ib.managedAccounts() == [ACCOUNT]
    assert ib.client.serverVersion() == 178
    assert values["NetLiquidation"] == "100000.00"
    assert gateway.clients == [3]
    assert gateway.log.count("startApi") == 1


async def test_the_library_reads_contract_rule_and_time(ib: ib_async.IB) -> None:
    [details] = await ib.reqContractDetailsAsync(share("SPY"))
    steps = await ib.reqMarketRuleAsync(26)
    now = await ib.reqCurrentTimeAsync()

    assert details.contract is not None
    assert (details.contract.conId, details.contract.primaryExchange) == (756733, "ARCA")
    assert (details.minTick, details.stockType, details.minSize) == (0.01, "ETF", 1.0)
    assert details.marketRuleIds == "26,26,26,26"
    assert [(step.lowEdge, step.increment) for step in steps or []] == [(0, 0.0001), (1, 0.01)]
    assert now.year >= 2025


async def test_an_order_is_filled_at_the_market_and_told_in_full(
    gateway: Gateway, ib: ib_async.IB
) -> None:
    gateway.quote("AAPL", "150.00", "150.02")

    order = ib_async.LimitOrder("BUY", 100, 150.05, tif="DAY", orderRef="one")
    trade = ib.placeOrder(share(), order)
    await settled(ib, lambda: bool(trade.fills and trade.fills[0].commissionReport.execId))

    [fill] = trade.fills
    assert trade.orderStatus.status == "Filled"
    assert (fill.execution.shares, fill.execution.price) == (100, 150.02)
    assert (fill.execution.orderRef, fill.execution.acctNumber) == ("one", ACCOUNT)
    assert fill.commissionReport.commission == 1.0
    assert [held.position for held in ib.positions()] == [100]
    assert gateway.order("one").status == "Filled"


async def test_the_library_reads_open_and_completed_orders_of_others(
    gateway: Gateway, ib: ib_async.IB
) -> None:
    async with library(gateway, 8) as other:
        gone = ib_async.LimitOrder("BUY", 5, 9, tif="GTC", orderRef="gone")
        other.placeOrder(share(), gone)
        other.placeOrder(share(), ib_async.StopOrder("SELL", 5, 8, tif="GTC", orderRef="rests"))
        other.cancelOrder(gone)
        await gateway.received("cancelOrder")

        [shown] = await ib.reqAllOpenOrdersAsync()
        [ended] = await ib.reqCompletedOrdersAsync(apiOnly=False)

    assert (shown.order.orderRef, shown.order.auxPrice, shown.order.tif) == ("rests", 8, "GTC")
    assert (shown.orderStatus.status, shown.order.clientId) == ("PreSubmitted", 8)
    assert (ended.order.orderRef, ended.orderStatus.status) == ("gone", "Cancelled")
    assert ended.order.filledQuantity == 0


async def test_executions_can_be_asked_for_again(gateway: Gateway, ib: ib_async.IB) -> None:
    trade = ib.placeOrder(share(), ib_async.MarketOrder("SELL", 10, tif="DAY", orderRef="two"))
    await gateway.received("placeOrder")
    gateway.fill(gateway.order("two"), 4, "149.5")

    fills = await ib.reqExecutionsAsync()

    assert [(fill.execution.shares, fill.execution.side) for fill in fills] == [(4, "SLD")]
    assert trade.orderStatus.filled == 4


async def test_a_client_id_is_used_once(gateway: Gateway, ib: ib_async.IB) -> None:
    said: list[int] = []
    second = ib_async.IB()
    second.errorEvent += lambda _, code, *__: said.append(code)

    with pytest.raises(TimeoutError):
        await second.connectAsync("127.0.0.1", gateway.port, clientId=3, timeout=2)

    assert 326 in said
    assert ib.isConnected()


async def test_several_accounts_are_told_apart() -> None:
    async with Gateway(Setup(accounts=("DU1", "DU2"))) as gateway:
        gateway.accounts["DU2"].cash = Decimal(7)
        async with library(gateway) as ib:
            values = {(each.account, each.tag): each.value for each in ib.accountValues()}

    assert values["DU2", "TotalCashValue"] == "7.00"
    assert values["DU1", "TotalCashValue"] == "100000.00"


async def test_a_summary_is_told(ib: ib_async.IB) -> None:
    values = await ib.accountSummaryAsync()

    assert ("NetLiquidation", "100000.00") in {(each.tag, each.value) for each in values}


async def test_a_third_summary_at_once_is_too_many(ib: ib_async.IB) -> None:
    errors = Errors(ib)
    for number in (101, 102, 103):
        ib.client.reqAccountSummary(number, "All", "NetLiquidation")  # type: ignore[no-untyped-call]  # the library's
    await settled(ib, lambda: bool(errors))

    assert errors == [(103, 322)]


async def test_another_contract_than_those_that_exist_is_refused(ib: ib_async.IB) -> None:
    assert await ib.reqContractDetailsAsync(share("NOPE")) == []


async def test_a_gateway_leaves_nothing_behind(gateway: Gateway) -> None:
    async with library(gateway) as ib:
        await asyncio.gather(gateway.stop(), ib.disconnectedEvent)

    assert gateway.clients == []
    assert asyncio.all_tasks() == {asyncio.current_task()}
