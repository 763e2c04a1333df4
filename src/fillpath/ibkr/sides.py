"""Both sides of a trade in the gateway's words, for orders and for executions."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fillpath.core.models import OrderSide

ACTIONS: Final[Mapping[OrderSide, str]] = MappingProxyType(
    {OrderSide.BUY: "BUY", OrderSide.SELL: "SELL"}
)
"""How an order says its side. A short sale is a SELL too: the account decides what it is."""

SIDES: Final[Mapping[str, OrderSide]] = MappingProxyType(
    {
        "BUY": OrderSide.BUY,
        "BOT": OrderSide.BUY,
        "SELL": OrderSide.SELL,
        "SLD": OrderSide.SELL,
        "SSHORT": OrderSide.SELL,
    }
)
"""What an order or an execution of the gateway says, translated."""

__all__ = ["ACTIONS", "SIDES"]
