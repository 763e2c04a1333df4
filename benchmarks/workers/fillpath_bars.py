"""The strategy of the work on bars: an ordinary one, called with every bar by ``ReplayEngine``."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import contract

from fillpath.core.models import Bar, Signal, SignalDirection
from fillpath.strategy.base import StrategyView

URGENT = Decimal("0.95")  # above 0.9 every order is a market order


class BarTrader:
    """Send one signal on each bar the input names: a buy adds to the position, a sell closes it.

    Args:
        folder: where the bars and the orders lie.
    """

    name = "bench"
    latest: ClassVar[BarTrader]

    def __init__(self, folder: str) -> None:
        """Read the plan."""
        bars = contract.load_bars(Path(folder))
        self.rows = [*bars.order_row, contract.NEVER]
        self.sides = bars.order_side
        self.quantities = bars.order_quantity
        self.seen = 0
        self.sent = 0
        BarTrader.latest = self

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:  # noqa: ARG002  # the port
        """Send the signal that is due with this bar, if one is."""
        number = self.sent
        self.seen += 1
        if self.seen - 1 != self.rows[number]:
            return ()
        self.sent += 1
        buys = self.sides[number] > 0
        return (
            Signal(
                symbol=bar.symbol,
                direction=SignalDirection.LONG if buys else SignalDirection.FLAT,
                strength=URGENT,
                metadata={"quantity": self.quantities[number]} if buys else {},
            ),
        )
