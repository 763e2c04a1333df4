"""The line speaks with a gateway over a real socket, through the vendor's own library."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace

from fillpath.core.errors import BrokerRefused, ConfigError, Unavailable
from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import (
    AccountValue,
    Charged,
    ContractFound,
    Dropped,
    Ended,
    Executed,
    Greeted,
    Heard,
    Held,
    Opened,
    OrderShown,
    RuleShown,
    Said,
    ServerTime,
    StatusShown,
    Ticked,
)
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.session import Session
from fillpath.testing.gateway import Gateway

ACCOUNT = "DU1234567"
AAPL = ContractForm("AAPL", con_id=265598)
SECONDS = 20

Kind = TypeVar("Kind")


class Ear:
    """Everything that a line said, and a way to wait for more."""

    def __init__(self, line: Session) -> None:
        self.line = line
        self.news: list[Heard] = []
        self._more = asyncio.Event()
        line.listen(self._hear)

    def _hear(self, news: Heard) -> None:
        self.news.append(news)
        self._more.set()

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [one for one in self.news if isinstance(one, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not condition():
                self._more.clear()
                await self._more.wait()

    async def ended(self, what: str) -> None:
        await self.until(lambda: any(one.what == what for one in self.all(Ended)))


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        yield running


@pytest.fixture
async def ear(gateway: Gateway) -> AsyncIterator[Ear]:
    line = Session("127.0.0.1", gateway.port, 10)
    ear = Ear(line)
    await line.connect(SECONDS)
    yield ear
    line.disconnect()


def form(order_id: int = 1, **more: Any) -> OrderForm:
    plain = OrderForm(
        order_id=order_id,
        contract=AAPL,
        action="BUY",
        quantity=Decimal(100),
        order_type="LMT",
        limit_price=Decimal("150.05"),
        account=ACCOUNT,
        order_ref=f"ours-{order_id}",
    )
    return replace(plain, **more)


async def test_a_line_connects_and_is_greeted(gateway: Gateway, ear: Ear) -> None:
    assert ear.news[:2] == [Opened(), Greeted(178, (ACCOUNT,), 1)]
    assert ear.line.connected
    assert gateway.clients == [10]


async def test_an_order_is_shown_filled_and_charged_exactly(gateway: Gateway, ear: Ear) -> None:
    gateway.quote("AAPL", "150.00", "150.02")

    ear.line.place(form())
    await ear.until(lambda: bool(ear.all(Charged)))

    [placed] = gateway.orders
    shown = ear.all(OrderShown)[0]
    executed = ear.all(Executed)[0]
    assert (placed.ref, placed.account, placed.placed.limit_price) == (
        "ours-1",
        ACCOUNT,
        Decimal("150.05"),
    )
    assert (shown.order_ref, shown.perm_id, shown.client_id) == ("ours-1", placed.perm_id, 10)
    assert (shown.limit_price, shown.aux_price, shown.tif) == (Decimal("150.05"), None, "DAY")
    assert (executed.shares, executed.price, executed.side) == (
        Decimal(100),
        Decimal("150.02"),
        "BOT",
    )
    assert executed.order_ref == "ours-1"
    assert executed.traded_at is not None
    assert executed.traded_at % NANOSECONDS == 0
    assert ear.all(StatusShown)[-1].status == "Filled"
    assert ear.all(Charged)[0].exec_id == executed.exec_id


async def test_every_question_is_answered(gateway: Gateway, ear: Ear) -> None:
    gateway.quote("AAPL", "150.00", "150.02")
    ear.line.place(form())
    await ear.until(lambda: bool(ear.all(Charged)))
    line = ear.line

    line.ask_time()
    line.ask_open_orders()
    line.ask_completed_orders()
    line.ask_executions(1_000)
    line.ask_positions()
    line.ask_account(ACCOUNT)
    line.ask_contract(1_001, ContractForm("AAPL"))
    line.ask_rule(26)
    await ear.until(lambda: bool(ear.all(RuleShown)))

    assert [one.what for one in ear.all(Ended)] == [
        "open_orders",
        "completed_orders",
        "executions",
        "positions",
        "account",
        "contract",
    ]
    assert len(ear.all(ServerTime)) == 1
    assert ear.all(OrderShown)[-1].completed
    assert ear.all(OrderShown)[-1].filled == Decimal(100)
    assert ear.all(Executed)[-1].request == 1_000
    assert ear.all(Held)[0].quantity == Decimal(100)
    assert "NetLiquidation" in [one.tag for one in ear.all(AccountValue)]
    found = ear.all(ContractFound)[0]
    assert (found.con_id, found.min_tick, found.rules[0]) == (265598, Decimal("0.01"), 26)
    assert found.long_name
    assert ear.all(RuleShown)[0].steps[0] == (Decimal(0), Decimal("0.0001"))


async def test_an_account_can_be_asked_for_twice(ear: Ear) -> None:
    ear.line.ask_account(ACCOUNT)
    ear.line.ask_account(ACCOUNT)
    await ear.until(lambda: len(ear.all(Ended)) == 2)

    assert [one.tag for one in ear.all(AccountValue)].count("NetLiquidation") == 2


@pytest.mark.fault("F-53")
async def test_a_client_id_that_is_in_use_is_said_at_once(gateway: Gateway, ear: Ear) -> None:
    second = Ear(Session("127.0.0.1", gateway.port, 10))

    with pytest.raises(Unavailable, match="326: Unable to connect"):
        await second.line.connect(600)

    assert [one.code for one in second.all(Said)] == [326]
    assert second.all(Dropped) == []
    assert ear.line.connected


async def test_nobody_listening_is_said_with_the_address() -> None:
    async with Gateway() as gone:
        port = gone.port

    with pytest.raises(Unavailable, match=f"the gateway at 127.0.0.1:{port}: "):
        await Session("127.0.0.1", port, 10).connect(SECONDS)


async def test_a_line_that_is_down_writes_nothing_and_can_be_connected_again(
    gateway: Gateway, ear: Ear
) -> None:
    gateway.cut()
    await ear.until(lambda: bool(ear.all(Dropped)))
    sent = ear.line.sent

    with pytest.raises(NotSent):
        ear.line.place(form())
    with pytest.raises(NotSent):
        ear.line.ask_time()
    await ear.line.connect(SECONDS)

    assert len(ear.all(Greeted)) == 2
    assert ear.line.sent == sent + 1
    assert gateway.orders == []


async def test_a_line_closed_from_here_is_dropped_once(ear: Ear) -> None:
    ear.line.disconnect()
    ear.line.disconnect()

    assert ear.all(Dropped) == [Dropped("closed by this side")]
    assert not ear.line.connected


async def test_prices_of_stops_algorithms_and_groups_arrive_as_they_were_given(
    gateway: Gateway, ear: Ear
) -> None:
    stop = form(
        2,
        order_type="STP LMT",
        limit_price=Decimal("0.30"),
        aux_price=Decimal("0.1") + Decimal("0.2"),
        quantity=Decimal("1E+2"),
        tif="GTC",
        outside_rth=True,
        oca_group="both",
        oca_type=1,
        algo="Adaptive",
        algo_params=(("adaptivePriority", "Normal"),),
    )

    ear.line.place(stop)
    await gateway.received("placeOrder")

    [request] = gateway.log.requests("placeOrder")
    placed = request.order
    assert placed is not None
    assert (placed.limit_price, placed.aux_price, placed.quantity) == (
        Decimal("0.3"),
        Decimal("0.3"),
        Decimal(100),
    )
    assert (placed.tif, placed.outside_rth, placed.oca_group, placed.oca_type) == (
        "GTC",
        True,
        "both",
        1,
    )
    assert (placed.algo, placed.algo_params) == ("Adaptive", (("adaptivePriority", "Normal"),))


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"limit_price": Decimal("NaN")}, "limit_price"),
        ({"aux_price": Decimal("Infinity")}, "aux_price"),
        ({"quantity": Decimal(-5)}, "quantity"),
        ({"quantity": Decimal(0)}, "quantity"),
        ({"order_ref": "ours\x00BUY"}, "order_ref"),
    ],
)
async def test_what_cannot_be_put_into_a_message_is_refused_and_not_written(
    ear: Ear, wrong: dict[str, Any], name: str
) -> None:
    sent = ear.line.sent

    with pytest.raises(BrokerRefused, match=name):
        ear.line.place(form(**wrong))

    assert ear.line.sent == sent


async def test_quotes_are_streamed_and_stopped(gateway: Gateway, ear: Ear) -> None:
    gateway.quote("AAPL", "150.00", "150.02", bid_size=3, ask_size=5)

    ear.line.data_kind(1)
    ear.line.stream(2_000, AAPL, "233")
    await ear.until(lambda: any(one.kind == 2 for one in ear.all(Ticked)))
    ear.line.stop_stream(2_000)
    await gateway.received("cancelMktData")

    prices = {one.kind: one.price for one in ear.all(Ticked) if one.price is not None}
    assert prices[1] == Decimal("150.00")
    assert prices[2] == Decimal("150.02")


async def test_a_missing_library_is_said_with_the_extra_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ib_async", None)

    with pytest.raises(ConfigError, match=r"fillpath\[ibkr\]"):
        Session("127.0.0.1", 4002, 10)
