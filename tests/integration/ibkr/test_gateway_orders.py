"""What becomes of orders at the gateway, asked with the vendor's own library."""

import math
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import ib_async
import pytest

from fillpath.testing.gateway import Gateway
from tests.integration.ibkr.library import Errors, library, settled, share


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        yield running


@pytest.fixture
async def ib(gateway: Gateway) -> AsyncIterator[ib_async.IB]:
    async with library(gateway) as client:
        yield client


def order(kind: str, action: str = "BUY", shares: float = 100, **more: Any) -> ib_async.Order:
    given = {"tif": "DAY", "orderRef": kind} | more
    return ib_async.Order(orderType=kind, action=action, totalQuantity=shares, **given)


async def place(gateway: Gateway, ib: ib_async.IB, *orders: ib_async.Order) -> None:
    count = gateway.log.count("placeOrder")
    for each in orders:
        ib.placeOrder(share(), each)
    await gateway.received("placeOrder", count + len(orders))


async def test_what_is_shown_limits_what_is_filled(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.quote("AAPL", "150.00", "150.02", ask_size=30)
    await place(gateway, ib, order("MKT"))
    first = gateway.order("MKT").filled

    gateway.quote("AAPL", "150.00", "150.03", ask_size=500)

    assert [first, gateway.order("MKT").filled] == [30, 100]
    assert [done.price for done in gateway.fills.all] == [Decimal("150.02"), Decimal("150.03")]


async def test_a_stop_waits_for_its_trigger(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.quote("AAPL", "150.00", "150.02")
    await place(gateway, ib, order("STP", "SELL", auxPrice=149.5))
    before = gateway.order("STP").status

    gateway.quote("AAPL", "149.40", "149.42")

    assert before == "PreSubmitted"
    assert (gateway.order("STP").status, gateway.order("STP").average) == (
        "Filled",
        Decimal("149.4"),
    )


async def test_a_triggered_stop_limit_waits_for_its_limit(
    gateway: Gateway, ib: ib_async.IB
) -> None:
    gateway.quote("AAPL", "150.00", "150.02")
    await place(gateway, ib, order("STP LMT", "SELL", auxPrice=149.5, lmtPrice=149.45))

    gateway.quote("AAPL", "149.40", "149.42")
    triggered = gateway.order("STP LMT").status
    gateway.quote("AAPL", "149.46", "149.48")

    assert triggered == "Submitted"
    assert gateway.order("STP LMT").average == Decimal("149.46")


async def test_a_changed_limit_trades_when_it_reaches(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.quote("AAPL", "150.00", "150.02")
    resting = order("LMT", lmtPrice=149.5)
    await place(gateway, ib, resting)
    resting.lmtPrice = 150.02
    await place(gateway, ib, resting)

    assert (len(gateway.orders), gateway.order("LMT").messages) == (1, 2)
    assert gateway.order("LMT").status == "Filled"


@pytest.mark.parametrize("tif", ["IOC", "FOK"])
async def test_what_must_trade_at_once_ends_at_once(
    gateway: Gateway, ib: ib_async.IB, tif: str
) -> None:
    gateway.quote("AAPL", "150.00", "150.02", ask_size=30)
    await place(gateway, ib, order("LMT", lmtPrice=150.02, tif=tif))

    assert gateway.order("LMT").status == "Cancelled"
    assert gateway.order("LMT").filled == (30 if tif == "IOC" else 0)


async def test_auction_orders_wait_for_their_auction(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.quote("AAPL", "150.00", "150.02")
    await place(gateway, ib, order("MOC"), order("LOC", lmtPrice=140), order("MKT", tif="OPG"))
    waiting = [each.status for each in gateway.orders]

    gateway.auction("AAPL", "151", opening=True)
    gateway.auction("AAPL", "152")

    assert waiting == ["PreSubmitted"] * 3
    assert [each.status for each in gateway.orders] == ["Filled", "Cancelled", "Filled"]
    assert gateway.order("MOC").average == 152


async def test_a_bracket_is_held_until_its_last_leg(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.quote("AAPL", "150.00", "150.02")
    parent, target, stop = ib.bracketOrder("BUY", 100, 150.02, 155, 145, tif="DAY")
    for name, leg in (("parent", parent), ("target", target), ("stop", stop)):
        leg.orderRef = name
    await place(gateway, ib, parent, target)
    held = (gateway.order("parent").status, list(gateway.book.open_orders()))
    await place(gateway, ib, stop)

    assert held == ("", [])
    assert gateway.order("parent").status == "Filled"
    assert [gateway.order(name).status for name in ("target", "stop")] == [
        "Submitted",
        "PreSubmitted",
    ]


async def test_a_filled_leg_ends_the_other(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.quote("AAPL", "150.00", "150.02")
    await place(gateway, ib, *ib.bracketOrder("BUY", 100, 150.02, 155, 145, tif="DAY"))

    gateway.quote("AAPL", "155.00", "155.02")

    assert [each.status for each in gateway.orders] == ["Filled", "Filled", "Cancelled"]


async def test_cancelling_a_parent_cancels_its_children(gateway: Gateway, ib: ib_async.IB) -> None:
    parent, *children = ib.bracketOrder("BUY", 100, 140, 155, 135, tif="DAY")
    await place(gateway, ib, parent, *children)
    ib.cancelOrder(parent)
    await gateway.received("cancelOrder")

    assert {each.status for each in gateway.orders} == {"Cancelled"}


async def test_a_group_of_type_one_lets_only_one_trade(gateway: Gateway, ib: ib_async.IB) -> None:
    legs = [
        order("LMT", lmtPrice=at, ocaGroup="g", ocaType=1, orderRef=str(at)) for at in (140, 141)
    ]
    await place(gateway, ib, *legs)

    gateway.fill(gateway.order("140"), 40, "140")

    assert gateway.order("141").status == "Cancelled"


async def test_an_algorithm_is_kept_with_its_parameters(gateway: Gateway, ib: ib_async.IB) -> None:
    vwap = order("LMT", lmtPrice=140, algoStrategy="Vwap")
    vwap.algoParams = [ib_async.TagValue("maxPctVol", "0.1")]
    await place(gateway, ib, vwap)
    await settled(ib, lambda: vwap.permId > 0)
    [shown] = await ib.reqAllOpenOrdersAsync()

    assert gateway.order("LMT").placed.algo_params == (("maxPctVol", "0.1"),)
    assert (shown.order.algoStrategy, shown.order.algoParams) == ("Vwap", vwap.algoParams)


REFUSED = [
    pytest.param(order("LMT", lmtPrice=150.001), 110, id="price between ticks"),
    pytest.param(order("LMT", lmtPrice=math.nan), 320, id="price that is no number"),
    pytest.param(order("LMT", lmtPrice=-1), 321, id="price below zero"),
    pytest.param(order("MKT", shares=0), 434, id="no shares"),
    pytest.param(order("MKT", shares=0.5), 10243, id="half a share"),
    pytest.param(order("MKT", account="U1"), 436, id="another account"),
    pytest.param(order("ODD"), 387, id="another type"),
    pytest.param(order("MKT", "HOLD"), 321, id="another side"),
    pytest.param(order("MKT", algoStrategy="Magic"), 439, id="another algorithm"),
]


@pytest.mark.parametrize(("bad", "code"), REFUSED)
async def test_what_is_wrong_is_refused_by_number(
    gateway: Gateway, ib: ib_async.IB, bad: ib_async.Order, code: int
) -> None:
    errors = Errors(ib)
    trade = ib.placeOrder(share(), bad)
    await settled(ib, lambda: (trade.order.orderId, code) in errors)
    bad.orderId = 0

    assert gateway.orders == []


async def test_changes_that_cannot_be_are_refused(gateway: Gateway, ib: ib_async.IB) -> None:
    errors = Errors(ib)
    gateway.quote("AAPL", "150.00", "150.02")
    done, gone, other = order("MKT"), order("LMT", lmtPrice=140), order("LMT", lmtPrice=140)
    await place(gateway, ib, done, gone, other)
    gateway.cancel(gateway.orders[1])
    other.orderRef = "another"
    await place(gateway, ib, done, gone, other)
    await settled(ib, lambda: {104, 103, 105} <= set(errors.codes))

    assert [each.messages for each in gateway.orders] == [1, 1, 1]


async def test_only_who_placed_an_order_can_cancel_it(gateway: Gateway, ib: ib_async.IB) -> None:
    errors = Errors(ib)
    resting = order("LMT", lmtPrice=140)
    async with library(gateway, 8) as other:
        await place(gateway, other, resting)
        ib.client.cancelOrder(resting.orderId)  # type: ignore[no-untyped-call]  # the library's
        await settled(ib, lambda: 10147 in errors.codes)

    assert gateway.order("LMT").is_open


async def test_a_filled_order_cannot_be_cancelled(gateway: Gateway, ib: ib_async.IB) -> None:
    errors = Errors(ib)
    gateway.quote("AAPL", "150.00", "150.02")
    filled = order("MKT")
    await place(gateway, ib, filled)
    ib.client.cancelOrder(filled.orderId)  # type: ignore[no-untyped-call]  # the library's

    await settled(ib, lambda: 10148 in errors.codes)


async def test_a_global_cancel_reaches_every_client(gateway: Gateway, ib: ib_async.IB) -> None:
    async with library(gateway, 8) as other:
        await place(gateway, other, order("LMT", lmtPrice=140))
        gateway.external("MSFT", "BUY", 5, "300")
        ib.reqGlobalCancel()  # type: ignore[no-untyped-call]  # the library's
        await gateway.received("reqGlobalCancel")

    assert {each.status for each in gateway.orders} == {"Cancelled"}


async def test_a_cancel_can_be_kept_back_and_overtaken(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.book.keep_cancels = True
    resting = order("LMT", lmtPrice=140)
    await place(gateway, ib, resting)
    ib.cancelOrder(resting)
    await gateway.received("cancelOrder")
    pending = gateway.order("LMT").status
    gateway.fill(gateway.order("LMT"), 100, "140")

    assert (pending, gateway.order("LMT").status) == ("PendingCancel", "Filled")


async def test_a_missing_time_in_force_is_set_and_said(gateway: Gateway, ib: ib_async.IB) -> None:
    errors = Errors(ib)
    await place(gateway, ib, order("LMT", lmtPrice=140, tif=""))
    await settled(ib, lambda: 10349 in errors.codes)

    assert gateway.order("LMT").placed.tif == "DAY"
    assert gateway.order("LMT").is_open


async def test_a_correction_moves_position_and_cash_back(gateway: Gateway, ib: ib_async.IB) -> None:
    await place(gateway, ib, order("LMT", lmtPrice=140))
    account = gateway.accounts["DU1234567"]
    done = gateway.fill(gateway.order("LMT"), 100, "140")
    corrected = gateway.correct(done, shares=60)
    after = account.holding(done.order.contract).shares
    gateway.bust(corrected)

    assert (done.exec_id[-3:], corrected.exec_id[-3:]) == (".01", ".02")
    assert after == 60
    assert account.holding(done.order.contract).shares == 0
    assert account.cash == 100_000  # what it cost is given back as well


async def test_positions_go_through_zero_with_the_right_cost(gateway: Gateway) -> None:
    buy = gateway.external("AAPL", "BUY", 100, "10")
    sell = gateway.external("AAPL", "SELL", 150, "12")
    gateway.fill(buy, 100, "10")
    gateway.fill(sell, 150, "12")

    held = gateway.accounts["DU1234567"].holding(buy.contract)
    assert held.shares == -50
    assert held.cost == Decimal(12) - Decimal(1) / 50


async def test_what_would_be_is_shown_and_not_done(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.quote("AAPL", "150.00", "150.02")

    state = await ib.whatIfOrderAsync(share(), order("MKT"))

    assert state.status == "PreSubmitted"
    assert gateway.orders == []
