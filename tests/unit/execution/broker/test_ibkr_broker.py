"""The adapter of Interactive Brokers on a line without a socket: what cannot be provoked over one."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import Unavailable
from fillpath.core.events import BrokerEvent, OrderRefused
from fillpath.core.models import Order, OrderSide, OrderStatus, OrderType
from fillpath.execution.broker.ibkr_broker import IBKRBrokerAdapter, IBKRPolicy
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.heard import AccountValue, Heard, OrderShown
from fillpath.ibkr.states import State
from tests.unit.ibkr.contracts import FOUND, RULE
from tests.unit.ibkr.scene import CLIENT, Scene, in_virtual_time, shown
from tests.unit.ibkr.scene import form as a_form


class Room(Scene):
    """An adapter on a scripted line, where every order is accepted and rests."""

    def __init__(self) -> None:
        super().__init__()
        self.line.contracts = [FOUND]
        self.line.rules = {RULE.rule: RULE}
        self.line.on_place = self.accept
        self.paged: list[RaiseAlarm] = []  # type: ignore[assignment]
        self.events: list[BrokerEvent] = []
        self.asked: list[tuple[str, bool]] = []
        self.broker = IBKRBrokerAdapter(
            self.connection, IBKRPolicy(client_id=CLIENT), self.clock, self.paged.append
        )
        self.broker.subscribe(self.events.append)
        self.broker.compare_with(lambda why, holds: self.asked.append((why, holds)))

    def accept(self, form: OrderForm) -> Iterable[Heard]:
        """Show an order as it was written."""
        return [shown_as(form)]


def shown_as(form: OrderForm) -> OrderShown:
    """Return what the gateway shows of a form."""
    return OrderShown(
        order_id=form.order_id,
        client_id=CLIENT,
        perm_id=9000 + form.order_id,
        order_ref=form.order_ref,
        account=form.account,
        con_id=form.contract.con_id,
        symbol=form.contract.symbol,
        action=form.action,
        quantity=form.quantity,
        order_type=form.order_type,
        limit_price=form.limit_price,
        aux_price=form.aux_price,
        tif=form.tif,
        status="Submitted",
    )


def an_order(**fields: Any) -> Order:
    """Return an order for 10 AAPL at most at 140."""
    usual: dict[str, Any] = {
        "symbol": "AAPL",
        "side": OrderSide.BUY,
        "quantity": 10,
        "order_type": OrderType.LIMIT,
        "limit_price": 140,
        "order_id": "alpha/sig-1",
    }
    return Order(**(usual | fields))


def test_the_same_order_at_the_same_time_is_written_once() -> None:
    async def scenario() -> None:
        room = Room()
        await room.broker.start()

        both = await asyncio.gather(*(room.broker.submit_order(an_order()) for _ in range(2)))

        assert len(room.line.written("place")) == 1
        assert {order.order_id for order in both} == {"alpha/sig-1"}
        assert len(room.events) == 1
        await room.broker.stop()

    in_virtual_time(scenario)


def test_what_a_line_does_not_take_was_not_sent() -> None:
    async def scenario() -> None:
        room = Room()
        await room.broker.start()
        works = await room.broker.submit_order(an_order())
        name = works.broker_order_id or ""
        room.line.choked = True

        refused = await room.broker.submit_order(an_order(order_id="alpha/sig-2"))
        with pytest.raises(Unavailable, match="the line is down"):
            await room.broker.cancel_order(name)
        with pytest.raises(Unavailable, match="the line is down"):
            await room.broker.amend_order(name, Decimal(20), None)
        room.line.choked = False
        stands = await room.broker.submit_order(an_order())

        assert refused.status is OrderStatus.REJECTED
        told = room.events[-1]
        assert isinstance(told, OrderRefused)
        assert told.code == "NOT_SENT"
        assert not stands.cancel_requested
        assert stands.quantity == 10
        await room.broker.stop()

    in_virtual_time(scenario)


def test_a_cancel_that_waits_for_its_answer_is_not_written_again() -> None:
    async def scenario() -> None:
        room = Room()
        await room.broker.start()
        works = await room.broker.submit_order(an_order())
        name = works.broker_order_id or ""

        taken = [await room.broker.cancel_order(name) for _ in range(3)]
        await asyncio.sleep(6)
        taken.append(await room.broker.cancel_order(name))

        assert taken == [True] * 4
        assert len(room.line.written("cancel")) == 2
        await room.broker.stop()

    in_virtual_time(scenario)


def test_before_it_trades_nothing_is_sent() -> None:
    async def scenario() -> None:
        room = Room()

        refused = await room.broker.submit_order(an_order())

        assert refused.metadata["reject_reason"].startswith("no order may be sent in disconnected")
        assert await room.broker.health_check() is False
        assert room.line.written("place") == []

    in_virtual_time(scenario)


def test_what_cannot_be_read_is_told_to_a_person_and_compared() -> None:
    async def scenario() -> None:
        room = Room()
        await room.broker.start()
        await room.broker.start()
        room.asked.clear()

        room.line.hear(shown_as_nothing())

        assert [alarm.code for alarm in room.paged] == ["GATEWAY_UNREADABLE"]
        assert [holds for _, holds in room.asked] == [False]
        await room.broker.stop()

    in_virtual_time(scenario)


def shown_as_nothing() -> OrderShown:
    """Return an order whose size is no number."""
    order = shown(77, client_id=3)
    return OrderShown(
        **{name: getattr(order, name) for name in order.__struct_fields__}
        | {"quantity": Decimal("NaN")}
    )


def test_a_look_up_without_an_answer_is_made_again() -> None:
    async def scenario() -> None:
        room = Room()
        await room.broker.start()
        room.line.on_place = lambda _: []
        room.line.silent.add("completed_orders")
        with pytest.raises(Unavailable, match="did not answer"):
            await room.broker.submit_order(an_order())
        await asyncio.sleep(8)
        room.line.silent.clear()

        await room.reached(State.TRADING)
        await asyncio.sleep(30)

        (told,) = room.events
        assert isinstance(told, OrderRefused)
        assert told.code == "NEVER_REACHED_BROKER"
        await room.broker.stop()

    in_virtual_time(scenario)


def test_a_portfolio_counts_what_works() -> None:
    async def scenario() -> None:
        room = Room()
        await room.broker.start()
        works = await room.broker.submit_order(an_order())
        room.line.orders = [shown_as(form) for form in room.line.written("place")]  # type: ignore[arg-type]
        room.line.values = [
            AccountValue("DU1234567", "NetLiquidation", "100000", "USD"),
            AccountValue("DU1234567", "TotalCashValue", "90000", "USD"),
        ]

        portfolio = await room.broker.get_portfolio()

        assert portfolio.working == {"AAPL": Decimal(10)}
        assert portfolio.reserved_cash == 1_400
        assert portfolio.total_equity == 100_000
        assert works.status is OrderStatus.SUBMITTED
        await room.broker.stop()

    in_virtual_time(scenario)


def test_an_order_without_an_order_id_is_not_cancelled_by_a_guess() -> None:
    async def scenario() -> None:
        room = Room()
        await room.broker.start()
        form = a_form(0)
        room.line.hear(shown_as(form))

        with pytest.raises(Unavailable, match="has not shown the order id"):
            await room.broker.cancel_order("9000")

        assert room.line.written("cancel") == []
        await room.broker.stop()

    in_virtual_time(scenario)
