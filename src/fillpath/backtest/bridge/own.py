"""Backtrader's own broker, with a ledger that listens: nothing about how it fills is changed.

Only its two ways to cheat, at the close and at the open, are refused.
"""

from typing import Any, Final

import backtrader

from fillpath.backtest.bridge.feeds import TapeFeed, now_of
from fillpath.backtest.bridge.ledger import Ledger, Wish, clean
from fillpath.backtest.bridge.stage import Releases
from fillpath.backtest.bridge.wishes import order_of, wish_of
from fillpath.core.errors import ConfigError
from fillpath.core.events import OrderFilled
from fillpath.core.models import OrderStatus
from fillpath.core.units import money_units, price_units, quantity_units

_BT: Any = backtrader.Order
_ENDS: Final = {
    _BT.Completed: (OrderStatus.FILLED, ""),
    _BT.Canceled: (OrderStatus.CANCELLED, "cancelled"),
    _BT.Expired: (OrderStatus.EXPIRED, "its time was over"),
    _BT.Margin: (OrderStatus.REJECTED, "not enough cash"),
    _BT.Rejected: (OrderStatus.REJECTED, "rejected"),
}


class OwnBroker(backtrader.brokers.BackBroker):  # type: ignore[misc]  # backtrader has no types
    """Backtrader's own broker; what it tells the strategy is written down too."""

    def attach(self, ledger: Ledger, releases: Releases, feeds: list[TapeFeed], since: int) -> None:
        """Take what listens; before ``since`` (nanoseconds UTC) the strategy may not trade."""
        self.ledger = ledger
        self.releases = releases
        self.feeds = feeds
        self.since = since
        self.wishes: dict[int, Wish] = {}
        self.told: dict[int, int] = {}

    def buy(self, owner: Any, data: Any, size: float, **asked: Any) -> Any:
        """Take an order to buy; while the strategy only learns it is rejected."""
        if self._learns():
            return self._refused(order_of(backtrader.BuyOrder, owner, data, size, asked))
        return super().buy(owner, data, size, **asked)

    def sell(self, owner: Any, data: Any, size: float, **asked: Any) -> Any:
        """Take an order to sell; while the strategy only learns it is rejected."""
        if self._learns():
            return self._refused(order_of(backtrader.SellOrder, owner, data, size, asked))
        return super().sell(owner, data, size, **asked)

    def set_coc(self, coc: bool) -> None:  # noqa: FBT001  # Backtrader's own form
        """Refuse to fill orders at the close that the strategy has just been shown.

        Raises:
            ConfigError: it is asked for.
        """
        _no_cheating("set_coc", "at a close that the strategy has already seen", asked=coc)
        super().set_coc(coc)

    def set_coo(self, coo: bool) -> None:  # noqa: FBT001  # Backtrader's own form
        """Refuse to fill orders at the open that the strategy has just been shown.

        Raises:
            ConfigError: it is asked for.
        """
        _no_cheating("set_coo", "at an open that the strategy has already seen", asked=coo)
        super().set_coo(coo)

    def notify(self, order: Any) -> None:
        """Tell the strategy, and write it down."""
        super().notify(order)
        at = now_of(self.feeds)
        wish = self.wishes.get(order.ref)
        if wish is None:
            wish = self.wishes[order.ref] = wish_of(order, len(self.wishes) + 1)
            self.ledger.sent(wish, self.releases.after(at))
        for bit in list(order.executed.exbits)[self.told.get(order.ref, 0) :]:
            self._fill(order, wish, bit, at)
        end = _ENDS.get(order.status)
        if end is not None:
            self.ledger.over(wish.order_id, end[0], at, end[1])

    def _fill(self, order: Any, wish: Wish, bit: Any, at: int) -> None:
        number = self.told[order.ref] = self.told.get(order.ref, 0) + 1
        quantity = quantity_units(round(clean(abs(bit.size)), 6))
        if not quantity:
            return  # what floats left of a position that was closed
        self.ledger.filled(
            OrderFilled(
                at,
                wish.order_id,
                f"{wish.order_id}:{number}",
                wish.symbol,
                wish.side,
                quantity,
                price_units(clean(bit.price)),
                at,
                money_units(clean(bit.comm)),
                simulated=True,
            )
        )

    def _refused(self, order: Any) -> Any:
        order.reject(self)
        super().notify(order)
        return order

    def _learns(self) -> bool:
        return now_of(self.feeds) < self.since


def _no_cheating(name: str, what: str, *, asked: bool) -> None:
    if asked:
        raise ConfigError(f"{name}(True) fills orders {what}: a backtest here never looks back")


__all__ = ["OwnBroker"]
