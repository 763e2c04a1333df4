"""What is known of a strategy's account, from tables at first and from the bus from then on."""

from decimal import Decimal
from typing import Any

from fillpath.core.models import OrderSide
from fillpath.core.rows import Projected
from fillpath.data.bus.messages import outgoing
from fillpath.runner.knowing import Account
from fillpath.testing.builders import START
from fillpath.testing.rows import a_fill_row, a_snapshot_row, an_order_row


def an_order(**changes: Any) -> Any:
    fields: dict[str, Any] = {"strategy_name": "trend", "quantity": Decimal(10)}
    return an_order_row(**fields | changes)


def test_tables_and_bus_count_each_execution_once() -> None:
    account = Account("trend")
    fill = a_fill_row(strategy_name="trend", quantity=Decimal(10))
    message = outgoing("SIM", Projected(1, 0, fill))
    assert message is not None

    account.read([fill])
    account.hear(message.channel, message.payload)
    account.hear("execution:alerts", b"{}")

    assert account.known(START).position("AAPL") == 10


def test_orders_of_the_tables_count_until_the_bus_has_told_of_them() -> None:
    account = Account("trend")
    account.read_orders(
        [
            an_order(),
            an_order(order_id="2", side=OrderSide.SELL, filled_quantity=Decimal(4)),
            an_order(order_id="3", closed_at=START),
            an_order(order_id="4", route="protect"),
            an_order(order_id="5", strategy_name="gap"),
        ]
    )
    before = account.known(START).at_work("AAPL")
    message = outgoing("SIM", Projected(1, 0, an_order(closed_at=START)))
    assert message is not None

    account.hear(message.channel, message.payload)
    account.read_orders([an_order(order_id="2", side=OrderSide.SELL)])

    assert (before, account.known(START).at_work("AAPL")) == (Decimal(4), Decimal(-6))


def test_cash_and_equity_are_those_of_the_last_snapshot() -> None:
    account = Account("trend")
    account.value(None)
    nothing = account.known(START)
    account.value(a_snapshot_row(cash=Decimal(5), equity=Decimal(6)))

    known = account.known(START)

    assert (nothing.cash, nothing.equity) == (None, None)
    assert (known.cash, known.equity) == (Decimal(5), Decimal(6))
