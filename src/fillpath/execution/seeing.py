"""What an account sees: the market of a symbol with the value of what the account holds.

A fact that brings a market waits in the inbox behind others, fills among them. It is completed in
its turn and not when it is offered: the desk adds its own cash to the values of that market, and
cash and values of two moments would show a fill as a loss or a gain.
"""

from collections.abc import Callable

from msgspec.structs import replace

from fillpath.core.events import (
    ApprovalGiven,
    LevelReached,
    MarketView,
    OrderCancelled,
    QuoteSeen,
    TimerFired,
)
from fillpath.core.ports import EngineClock, MarketData
from fillpath.execution.desk import Desk
from fillpath.execution.desk.valuing import same_sector, valued

UNSEEN = MarketView()
"""What a fact brings before its turn."""


class Sight:
    """The market as one account sees it at this moment.

    Args:
        desk: whose holdings are valued.
        market: quotes and marks.
        clock: says which moment it is.
    """

    def __init__(self, desk: Desk, market: MarketData, clock: EngineClock) -> None:
        self._desk = desk
        self._now_ns = clock.nanoseconds
        self._market_view = market.view
        self._market_values = market.values
        self.completes: dict[type, Callable[..., object]] = {
            QuoteSeen: self._quote,
            TimerFired: self._timer,
            LevelReached: self._level,
            OrderCancelled: self._cancelled,
            ApprovalGiven: self._allowed,
        }

    def view(self, symbol: str) -> MarketView:
        """Return the market of a symbol with the value of what the account holds."""
        seen = self._market_view(symbol)
        desk = self._desk
        holdings = desk.state.book.holdings
        if not holdings:
            return seen
        values = self._market_values(holdings)
        sectors = desk.policy.risk.sectors
        if not sectors.by_symbol:
            return valued(seen, values, 0)
        held = same_sector(sectors, holdings, symbol)
        return valued(seen, values, sum(self._market_values(held)))

    def _quote(self, event: QuoteSeen) -> QuoteSeen:
        return QuoteSeen(self._now_ns(), event.symbol, self.view(event.symbol))

    def _timer(self, event: TimerFired) -> TimerFired:
        symbol = event.symbol
        return TimerFired(self._now_ns(), event.timer_id, event.due, symbol, self.view(symbol))

    def _level(self, event: LevelReached) -> LevelReached:
        """Keep the prices that reached the level, which may have moved on."""
        now = self.view(event.symbol)
        values = (now.long_value, now.short_value)
        return replace(event, market=valued(event.market, values, now.sector_value))

    def _cancelled(self, event: OrderCancelled) -> OrderCancelled:
        """Add the market that the rest of a cancelled order is priced by."""
        order = self._desk.state.orders.get(event.order_id)
        if event.market is not None or order is None:
            return event
        return replace(event, market=self.view(order.ticket.symbol))

    def _allowed(self, event: ApprovalGiven) -> ApprovalGiven:
        """Add the market that the order is judged by; what waits no more is judged by none."""
        waiting = self._desk.state.approvals.get(event.order_id)
        if waiting is None:
            return event
        view = self.view(waiting.event.signal.symbol)
        return replace(event, at=self._now_ns(), market=view)


__all__ = ["UNSEEN", "Sight"]
