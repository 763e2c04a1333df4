"""Measures executions and keeps the measurements: the specification's tracker."""

from datetime import datetime
from typing import Final

from fillpath.core.errors import ModelError
from fillpath.core.models import ExecutionQualityMetrics, OrderSide, check_symbol
from fillpath.core.ports import QualityStore
from fillpath.core.units import Number, aware, positive
from fillpath.execution import metrics as measure
from fillpath.execution.policy import QualityPolicy

MAX_KEPT: Final = 100_000
"""Measurements kept in memory without a store; the oldest go first."""


class ExecutionQualityTracker:
    """Measure what executions cost and how long they took.

    Args:
        settings: when to alert; the documented defaults without.
        store: where measurements go; without one the last 100,000 stay in ``metrics``.
    """

    def __init__(
        self, settings: QualityPolicy | None = None, store: QualityStore | None = None
    ) -> None:
        self._policy = QualityPolicy() if settings is None else settings
        self._store = store
        self._kept: dict[str, ExecutionQualityMetrics] = {}

    @property
    def metrics(self) -> tuple[ExecutionQualityMetrics, ...]:
        """Return the measurements kept in memory, oldest first."""
        return tuple(self._kept.values())

    def compute_metrics(  # noqa: PLR0917  # the arguments the specification gives it
        self,
        order_id: str,
        symbol: str,
        side: OrderSide,
        expected_price: Number,
        filled_price: Number,
        signal_timestamp: datetime,
        fill_timestamp: datetime,
        signal_price: Number | None = None,
    ) -> ExecutionQualityMetrics:
        """Return cost and latency of one order; costs are positive for both sides.

        Args:
            order_id: the order measured.
            symbol: ticker.
            side: BUY or SELL.
            expected_price: the price meant to be paid: the limit, or for a market order the far
                touch when it was sent.
            filled_price: VWAP of all fills.
            signal_timestamp: when the signal was made, aware.
            fill_timestamp: when the last fill happened, aware.
            signal_price: price when the signal was made; without it there is no arrival cost.

        Raises:
            ModelError: ``side`` is neither BUY nor SELL, a price is not a finite number above 0, or a time has no time zone.
        """
        try:
            side = OrderSide(side)
        except ValueError:
            raise ModelError(f"side must be one of BUY, SELL, got {side!r}") from None
        expected = positive(expected_price, "expected_price")
        filled = positive(filled_price, "filled_price")
        signalled = None if signal_price is None else positive(signal_price, "signal_price")
        start = aware(signal_timestamp, "signal_timestamp")
        end = aware(fill_timestamp, "fill_timestamp")
        return ExecutionQualityMetrics(
            order_id=order_id,
            symbol=check_symbol(symbol),
            side=side,
            slippage_bps=measure.slippage_bps(side, expected, filled),
            arrival_slippage_bps=None
            if signalled is None
            else measure.slippage_bps(side, signalled, filled),
            fill_latency_ms=measure.latency_ms(start, end),
            expected_price=expected,
            filled_price=filled,
            signal_price=signalled,
            signal_timestamp=start,
            fill_timestamp=end,
        )

    async def store_metrics(self, metrics: ExecutionQualityMetrics) -> None:
        """Keep a measurement; the same ``order_id`` again replaces it."""
        if self._store is not None:
            await self._store.save_metrics(metrics)
            return
        self._kept.pop(metrics.order_id, None)
        self._kept[metrics.order_id] = metrics
        if len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]

    def alerts(self, metrics: ExecutionQualityMetrics) -> tuple[str, ...]:
        """Return the alerts of a measurement: SLIPPAGE, LATENCY; an improvement has none."""
        return measure.alerts(metrics.slippage_bps, metrics.fill_latency_ms, self._policy)
