"""What a runner knows of the strategy's account: from tables at first, from the bus from then on."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.models import ZERO
from fillpath.core.rows import FillRow, HoldingChangeRow, OrderRow, SnapshotRow
from fillpath.data.bus.channels import FILLS, ORDERS
from fillpath.data.bus.told import AtWork, Outcome, read_fill, read_order
from fillpath.runner.frames import Known
from fillpath.strategy.own_trades import OwnTrades

PROTECTS: Final = "protect"


class Account:
    """Follow what one strategy holds, has earned and has at work.

    Args:
        name: the strategy.
        account: whose messages count; empty where only one account tells.
    """

    def __init__(self, name: str, account: str = "") -> None:
        self.trades = OwnTrades(name)
        self.unread = 0
        self.expected: set[str] = set()
        self._name = name
        self._account = account
        self._heard_of = account
        self._at_work: dict[str, AtWork] = {}
        self._cash: Decimal | None = None
        self._equity: Decimal | None = None

    def known(self, now: datetime) -> Known:
        """Return what the strategy may know at a moment."""
        working: dict[str, Decimal] = {}
        for order in self._at_work.values():
            working[order.symbol] = working.get(order.symbol, ZERO) + order.shares
        return Known(
            now=now,
            cash=self._cash,
            equity=self._equity,
            positions=self.trades.positions(),
            working=working,
        )

    def hear(self, stream: str, payload: bytes) -> None:
        """Take a message of the engine; one that cannot be read is counted.

        Raises:
            ConfigError: several accounts tell, and nobody said which one counts.
        """
        try:
            if stream == FILLS:
                account, row = read_fill(payload)
                if self._is_ours(account, row.strategy_name):
                    self.trades.take(row)
            elif stream == ORDERS:
                told = read_order(payload)
                if told is not None and self._is_ours(told.account, told.strategy_name):
                    self._settle(told)
        except ModelError:
            self.unread += 1

    def expect(self, signal_ids: Iterable[str]) -> None:
        """Wait for the engine to say what became of signals."""
        self.expected.update(signal_ids)

    def read(self, fills: Iterable[FillRow], changes: Iterable[HoldingChangeRow] = ()) -> None:
        """Take rows of the tables; what was heard since stays."""
        for fill in fills:
            self.trades.take(fill)
        for change in changes:
            self.trades.change(change)

    def read_orders(self, orders: Iterable[OrderRow]) -> None:
        """Take orders of the tables that the bus has not told of."""
        for row in orders:
            ours = row.strategy_name == self._name and row.route != PROTECTS
            if ours and row.order_id not in self._at_work:
                left = ZERO if row.closed_at else row.quantity - row.filled_quantity
                shares = left if row.side == "BUY" else -left
                self._put(AtWork(
                    account=self._account,
                    order_id=row.order_id,
                    strategy_name=row.strategy_name,
                    symbol=row.symbol,
                    shares=shares,
                ))  # fmt: skip

    def value(self, snapshot: SnapshotRow | None) -> None:
        """Take cash and equity of the account."""
        if snapshot is not None:
            self._cash, self._equity = snapshot.cash, snapshot.equity

    def _settle(self, told: AtWork | Outcome) -> None:
        if isinstance(told, Outcome):
            self.expected.discard(told.signal_id)
        else:
            self._put(told)

    def _put(self, order: AtWork) -> None:
        if order.shares:
            self._at_work[order.order_id] = order
        else:
            self._at_work.pop(order.order_id, None)

    def _is_ours(self, account: str, strategy: str) -> bool:
        """Return whether a message is about the strategy, in its account."""
        if strategy != self._name or (self._account and account != self._account):
            return False
        if self._heard_of and account != self._heard_of:
            raise ConfigError(
                f"{self._name} trades in {self._heard_of} and in {account}: give --account"
            )
        self._heard_of = account
        return True


__all__ = ["Account"]
