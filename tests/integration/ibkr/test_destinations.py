"""Orders that ask for a destination, from the adapter to a gateway over a real socket."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from msgspec.structs import replace

from fillpath.core.commands import RaiseAlarm
from fillpath.core.destinations import Vwap, as_metadata
from fillpath.core.events import BrokerEvent, OrderRefused
from fillpath.core.models import Order, OrderSide, OrderStatus, OrderType
from fillpath.execution.broker.ibkr_broker import IBKRBrokerAdapter, IBKRPolicy
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.session import Session
from fillpath.runtime.clock import SystemClock
from fillpath.testing.gateway import Gateway, Setup

CLIENT: Final = 10
SECONDS: Final = 20


class Bench:
    """A broker at a gateway, and what it told."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.clock = SystemClock()
        self.events: list[BrokerEvent] = []
        self.alarms: list[RaiseAlarm] = []
        session = Session("127.0.0.1", gateway.port, CLIENT)
        connection = Connection(session, ConnectionPolicy(windows=(), client_id=CLIENT), self.clock)
        self.broker = IBKRBrokerAdapter(
            connection, IBKRPolicy(client_id=CLIENT), self.clock, self.alarms.append
        )
        self.broker.subscribe(self.events.append)

    async def submit(self, told: object, **fields: Any) -> Order:
        usual: dict[str, Any] = {
            "symbol": "AAPL",
            "side": OrderSide.BUY,
            "quantity": 100,
            "order_type": OrderType.LIMIT,
            "limit_price": 140,
            "order_id": "trend/sig-1",
            "metadata": {"destination": told},
        }
        return await self.broker.submit_order(Order(**(usual | fields)))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with Gateway(_around_now()) as gateway:
        gateway.quote("AAPL", "150.00", "150.02")
        bench = Bench(gateway)
        await bench.broker.start(SECONDS)
        yield bench
        await bench.broker.stop()


def _around_now() -> Setup:
    """Return contracts whose session runs from an hour ago to two hours from now."""
    now = SystemClock().now()
    spans = [f"{now + timedelta(hours=away):%Y%m%d:%H%M}" for away in (-1, 2)]
    hours = {"liquid_hours": "-".join(spans), "time_zone": "UTC"}
    plain = Setup()
    return replace(plain, contracts=tuple(replace(one, **hours) for one in plain.contracts))


async def test_an_algorithm_works_the_order_at_the_gateway(bench: Bench) -> None:
    order = await bench.submit(as_metadata(Vwap(max_share="0.1")))

    (held,) = bench.gateway.orders
    assert order.status is OrderStatus.SUBMITTED
    assert held.placed.algo == "Vwap"
    assert held.placed.algo_params[0] == ("maxPctVol", "0.1")
    assert "vwap" in bench.broker.capabilities.destinations


async def test_an_order_for_the_close_waits_for_it(bench: Bench) -> None:
    order = await bench.submit("at_close", order_type=OrderType.MARKET, limit_price=None)

    (held,) = bench.gateway.orders
    assert order.status is OrderStatus.SUBMITTED
    assert (held.placed.order_type, held.placed.tif) == ("MOC", "DAY")
    assert await bench.broker.get_executions() == []


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("at_open", "AUCTION_TOO_LATE"),
        ({"name": "vwap", "max_share": 2}, "INVALID_DESTINATION"),
        ({"name": "dark_ice", "display_size": 200}, "INVALID_DESTINATION"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_sent(
    bench: Bench, told: object, code: str
) -> None:
    order = await bench.submit(told)

    (event,) = bench.events
    assert order.status is OrderStatus.REJECTED
    assert isinstance(event, OrderRefused)
    assert event.code == code
    assert bench.gateway.orders == []


async def test_a_price_on_the_step_and_its_algorithm_go_together(bench: Bench) -> None:
    await bench.submit("adaptive", limit_price="140.009")

    (held,) = bench.gateway.orders
    assert (held.placed.algo, held.placed.limit_price) == ("Adaptive", Decimal("140.00"))
