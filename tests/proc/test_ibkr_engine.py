"""The whole engine over the protocol of Interactive Brokers: ``fillpath run`` in a process of its own."""

import asyncio
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.app_live import JOURNAL
from fillpath.core.events import OrderFilled, SignalReceived
from fillpath.core.units import quantity_decimal
from fillpath.data.journal import read_journal
from fillpath.service.status import State
from fillpath.testing.gateway.faults import CutAfter, CutBefore, Fault, Mute
from fillpath.testing.gateway.records import GatewayOrder
from tests.proc.gateway_stage import ACCOUNT, PRICE, GatewayStage
from tests.proc.stage import until

TEN = Decimal(10)


def entry(stage: GatewayStage, name: str) -> GatewayOrder:
    """Return the entry of a signal, which the gateway has once."""
    found = [one for one in stage.gateway.orders if one.ref == f"trend/{name}"]
    assert len(found) == 1
    return found[0]


def stops(stage: GatewayStage) -> list[GatewayOrder]:
    """Return the stops that work."""
    return [order for order in stage.working() if order.placed.order_type == "STP"]


def journaled(stage: GatewayStage) -> dict[str, Decimal]:
    """Return the executions in the journal with their shares, each once."""
    fills = [
        record
        for record in read_journal(stage.account / JOURNAL)
        if isinstance(record, OrderFilled)
    ]
    assert [
        name for name, count in Counter(fill.fill_id for fill in fills).items() if count > 1
    ] == []
    return {fill.fill_id: quantity_decimal(fill.quantity) for fill in fills}


def executed(stage: GatewayStage) -> Counter[Decimal]:
    """Return the sizes of the executions that really happened."""
    return Counter(done.shares for order in stage.gateway.orders for done in order.executions)


async def agree(stage: GatewayStage) -> None:
    """Wait until the engine holds what the account holds, and knows every order that works."""

    async def same() -> bool:
        status = await stage.status()
        ours = {order.order_id for order in status.open_orders}
        theirs = {order.ref for order in stage.working()}
        held = {name: Decimal(shares) for name, shares in status.positions.items()}
        settled = all(order.certainty == "CONFIRMED" for order in status.open_orders)
        return (
            status.state is State.TRADING
            and settled
            and ours == theirs
            and held.get("AAPL", 0) == stage.shares("AAPL")
            and held.get("MSFT", 0) == stage.shares("MSFT")
        )

    await until(same, "engine and gateway agree")


async def test_a_signal_becomes_an_entry_a_stop_a_fill_and_a_measurement(tmp_path: Path) -> None:
    async with GatewayStage(tmp_path) as stage:
        await stage.trading()

        answer = await stage.signal("one")
        await until(lambda: stops(stage), "the stop works at the gateway")
        await until(lambda: stage.rows("execution_quality"), "the fill is measured")
        await agree(stage)

        (stop,) = stops(stage)
        bought = entry(stage, "one")
        measured, filled = stage.rows("execution_quality"), stage.rows("fills")
    assert answer["outcome"] == "ORDERED"
    assert (bought.placed.order_type, bought.placed.tif) == ("LMT", "DAY")
    assert (bought.account, bought.contract.con_id, bought.placed.outside_rth) == (
        *(ACCOUNT, 265598),
        False,
    )
    assert (bought.status, bought.filled) == ("Filled", TEN)
    assert (stop.placed.action, stop.remaining, stop.placed.tif) == ("SELL", TEN, "GTC")
    assert stop.placed.aux_price is not None
    assert stop.placed.aux_price < PRICE
    assert [row["order_id"] for row in measured] == ["trend/one"]
    assert [Decimal(row["quantity"]) for row in filled] == [TEN]
    assert [Decimal(row["commission"]) for row in filled] == [Decimal(1)]


async def test_flat_sells_what_is_held_and_takes_the_stop_away(tmp_path: Path) -> None:
    async with GatewayStage(tmp_path) as stage:
        await stage.trading()
        await stage.signal("in")
        await until(lambda: stops(stage), "the stop works at the gateway")

        await stage.signal("out", direction="FLAT", metadata={})
        await until(lambda: stage.shares() == 0, "the shares are sold")
        await agree(stage)

        left = stage.working()
        traded = executed(stage)
    assert left == []
    assert traded == {TEN: 2}


@pytest.mark.fault("F-05", "F-06", "F-08", "F-45")
@pytest.mark.parametrize(
    ("fault", "reaches"),
    [
        (Mute("placeOrder", ref="trend/one"), True),
        (CutAfter("placeOrder", ref="trend/one"), True),
        (CutBefore("placeOrder", ref="trend/one"), False),
    ],
    ids=["never answered", "taken and cut", "cut before it was taken"],
)
async def test_killed_while_an_order_is_under_way_it_is_adopted_or_never_was(
    tmp_path: Path, fault: Fault, *, reaches: bool
) -> None:
    async with GatewayStage(tmp_path) as stage:
        first = await stage.trading()
        stage.gateway.misbehave(fault)
        asked = asyncio.create_task(stage.signal("one"))
        await stage.gateway.received("placeOrder")
        await first.kill()
        asked.cancel()

        await stage.trading()
        await agree(stage)
        if reaches:
            await until(lambda: stops(stage), "the position is protected")
            await agree(stage)

        entries = [order for order in stage.gateway.orders if order.ref == "trend/one"]
        booked, traded = Counter(journaled(stage).values()), executed(stage)
    assert len(entries) == reaches
    assert booked == traded
    assert sum(traded.values()) == reaches


@pytest.mark.fault("F-09", "F-14", "F-47")
async def test_what_filled_while_it_was_dead_is_booked_once(tmp_path: Path) -> None:
    async with GatewayStage(tmp_path) as stage:
        first = await stage.trading()
        await stage.signal("one")
        await until(lambda: stops(stage), "the stop works at the gateway")
        await agree(stage)
        await first.kill()
        (stop,) = stops(stage)
        stage.gateway.fill(stop, 4, stop.placed.aux_price or PRICE)
        stage.gateway.fill(stop, 6, stop.placed.aux_price or PRICE)

        await stage.trading()
        await agree(stage)

        booked, traded = Counter(journaled(stage).values()), executed(stage)
        left = stage.working()
    assert booked == traded == Counter([TEN, Decimal(4), Decimal(6)])
    assert left == []


@pytest.mark.fault("F-16")
async def test_killed_again_and_again_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(4)]  # a fifth start would be held, as too many
    async with GatewayStage(tmp_path) as stage:
        for number, name in enumerate(names):
            engine = await stage.trading()
            await stage.signal(name, ("AAPL", "MSFT")[number % 2], metadata={"quantity": "2"})
            await asyncio.sleep(0.02 * number)  # a little later in the life of the order each time
            await engine.kill()
        await stage.trading()
        await agree(stage)

        entries = Counter(order.ref for order in stage.gateway.orders)
        booked, traded = Counter(journaled(stage).values()), executed(stage)
        taken = {
            record.signal.signal_id
            for record in read_journal(stage.account / JOURNAL)
            if isinstance(record, SignalReceived)
        }
    assert max(entries.values()) == 1
    assert taken == set(names)
    assert booked == traded


@pytest.mark.fault("F-48", "F-57")
@pytest.mark.control("C-42", "refuses")
async def test_a_connection_that_is_lost_later_is_waited_for_and_never_replaced(
    tmp_path: Path,
) -> None:
    async with GatewayStage(tmp_path, on_failure="paper_stub") as stage:
        engine = await stage.trading()
        stage.gateway.refuse()

        async def is_held() -> bool:
            return (await stage.status()).state is not State.TRADING

        await until(is_held, "the engine has noticed")
        lost = await stage.status()
        stage.gateway.recover()
        await until(lambda: stage.trades(engine), "it trades again")
        answer = await stage.signal("after")
        await until(lambda: stage.shares() == TEN, f"it buys: {answer}")
        await agree(stage)
        after = await stage.status()
    assert (lost.mode, lost.account) == ("PAPER", ACCOUNT)
    assert after.positions == {"AAPL": "10"}
    assert not (stage.data / "STUB").exists()
