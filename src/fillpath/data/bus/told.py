"""What the engine told, read back by a strategy's runner: fills, and orders that work.

Only what is needed is read, and fields that are added later change nothing. These messages come from
the engine and are as large as its texts are, so they are bounded by the link and not as signals are.
"""

from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import Struct

from fillpath.core.errors import ModelError
from fillpath.core.models import ZERO, OrderSide
from fillpath.core.rows import FillRow

_PROTECTS: Final = "protect"


class _Fill(Struct, frozen=True, kw_only=True):
    account: str
    order_id: str
    symbol: str
    side: OrderSide
    quantity: Decimal
    price: Decimal
    timestamp: datetime
    commission: Decimal
    fill_id: str
    simulated: bool
    strategy_name: str
    signal_id: str
    revision: int
    parent_order_id: str | None = None


class _Order(Struct, frozen=True, kw_only=True):
    type: str
    account: str
    order_id: str = ""
    symbol: str = ""
    side: OrderSide = OrderSide.BUY
    quantity: Decimal = ZERO
    filled_quantity: Decimal = ZERO
    strategy_name: str = ""
    signal_id: str = ""
    route: str = ""
    closed_at: datetime | None = None


class AtWork(Struct, frozen=True, kw_only=True):
    """What an order may still trade.

    Args:
        account: whose.
        order_id: the order.
        strategy_name: behind it.
        symbol: ticker.
        shares: still to be bought, negative to be sold; 0 once it has ended.
    """

    account: str
    order_id: str
    strategy_name: str
    symbol: str
    shares: Decimal


class Outcome(Struct, frozen=True, kw_only=True):
    """The engine has said what became of a signal.

    Args:
        account: whose engine.
        strategy_name: who spoke.
        signal_id: the signal.
    """

    account: str
    strategy_name: str
    signal_id: str


def read_fill(payload: bytes) -> tuple[str, FillRow]:
    """Return the account and the execution of a ``fill``.

    Raises:
        ModelError: it is none.
    """
    try:
        fill = msgspec.json.decode(payload, type=_Fill)
    except msgspec.DecodeError as error:
        raise ModelError(f"the fill cannot be read: {error}") from None
    row = FillRow(
        order_id=fill.order_id,
        parent_order_id=fill.parent_order_id,
        symbol=fill.symbol,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        ts=fill.timestamp,
        commission=fill.commission,
        fill_id=fill.fill_id,
        simulated=fill.simulated,
        strategy_name=fill.strategy_name,
        signal_id=fill.signal_id,
        revision=fill.revision,
    )
    return fill.account, row


def read_order(payload: bytes) -> AtWork | Outcome | None:
    """Return what an ``order`` may still trade, or whose fate a ``signal`` or a ``decision`` tells.

    None for what protects a position: that is nobody's wish.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        order = msgspec.json.decode(payload, type=_Order)
    except msgspec.DecodeError as error:
        raise ModelError(f"the order cannot be read: {error}") from None
    if order.type != "order":
        return Outcome(
            account=order.account, strategy_name=order.strategy_name, signal_id=order.signal_id
        )
    if order.route == _PROTECTS:
        return None
    left = ZERO if order.closed_at else max(order.quantity - order.filled_quantity, ZERO)
    return AtWork(
        account=order.account,
        order_id=order.order_id,
        strategy_name=order.strategy_name,
        symbol=order.symbol,
        shares=left if order.side is OrderSide.BUY else -left,
    )


__all__ = ["AtWork", "Outcome", "read_fill", "read_order"]
