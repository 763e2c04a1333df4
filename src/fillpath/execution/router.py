"""Asks the feed and the clock, and lets routing decide: the specification's ``SmartOrderRouter``."""

from decimal import Decimal

from fillpath.core.errors import QuoteUnavailable, Unavailable
from fillpath.core.models import Order, Quote, Refusal
from fillpath.core.ports import Clock, QuoteFeed
from fillpath.core.units import nanoseconds
from fillpath.execution.instructing import market_view, routed_orders, sliced_orders
from fillpath.execution.policy import RouterPolicy
from fillpath.runtime.clock import SystemClock


class SmartOrderRouter:
    """Turn an order into what is sent: its type, its limit and its slices.

    Args:
        feed: where quotes and average daily volumes come from.
        settings: the thresholds; the documented defaults without.
        clock: by which the age of a quote is judged; the system's without.
    """

    def __init__(
        self, feed: QuoteFeed, settings: RouterPolicy | None = None, clock: Clock | None = None
    ) -> None:
        self._feed = feed
        self._policy = RouterPolicy() if settings is None else settings
        self._clock = SystemClock() if clock is None else clock

    async def route(self, order: Order) -> list[Order]:
        """Return the order ready to send, or its slices in the order of their release.

        Raises:
            QuoteUnavailable: hold the order; ``code`` and ``text`` say why.
            ModelError: ``metadata["signal_strength"]`` is not from 0 to 1.
        """
        market = market_view(await self._quote(order.symbol), await self._adv(order.symbol))
        answer = routed_orders(order, market, nanoseconds(self._clock.now()), self._policy)
        if isinstance(answer, Refusal):
            raise QuoteUnavailable(answer.code, f"{order.symbol}: {answer.text}")
        return answer

    def _create_twap_slices(self, order: Order, num_slices: int = 5) -> list[Order]:
        return sliced_orders(order, num_slices, self._policy)

    async def _quote(self, symbol: str) -> Quote | None:
        try:
            return await self._feed.get_quote(symbol)
        except Unavailable:
            return None

    async def _adv(self, symbol: str) -> Decimal | None:
        try:
            return await self._feed.get_adv(symbol)
        except Unavailable:
            return None
