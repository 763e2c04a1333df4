"""The specification's quality page: its example runs as printed, its formulas and alerts hold."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fillpath.core.models import ExecutionQualityMetrics, OrderSide
from fillpath.execution.quality import ExecutionQualityTracker

SIGNAL = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def the_printed_example(tracker: ExecutionQualityTracker) -> ExecutionQualityMetrics:
    return tracker.compute_metrics(
        order_id="abc123",
        symbol="AAPL",
        side=OrderSide.BUY,
        expected_price=150.00,
        filled_price=150.05,
        signal_timestamp=SIGNAL,
        fill_timestamp=SIGNAL + timedelta(milliseconds=1_250),
    )


async def test_the_usage_example_gives_3_33_bps_and_1250_ms() -> None:
    tracker = ExecutionQualityTracker()

    metrics = the_printed_example(tracker)
    await tracker.store_metrics(metrics)

    assert f"{metrics.slippage_bps:.2f}" == "3.33"
    assert metrics.fill_latency_ms == 1_250
    assert tracker.metrics == (metrics,)


def test_a_buy_follows_the_printed_formulas() -> None:
    tracker = ExecutionQualityTracker()
    limit, signal, filled = Decimal("150.10"), Decimal("149.90"), Decimal("150.20")

    metrics = tracker.compute_metrics(
        order_id="abc123",
        symbol="AAPL",
        side=OrderSide.BUY,
        expected_price=limit,
        filled_price=filled,
        signal_timestamp=SIGNAL,
        fill_timestamp=SIGNAL + timedelta(seconds=2),
        signal_price=signal,
    )

    assert metrics.slippage_bps == (filled - limit) * 10_000 / limit
    assert metrics.arrival_slippage_bps == (filled - signal) * 10_000 / signal
    assert metrics.fill_latency_ms == timedelta(seconds=2).total_seconds() * 1_000


def test_the_printed_example_deserves_no_alert() -> None:
    tracker = ExecutionQualityTracker()

    assert tracker.alerts(the_printed_example(tracker)) == ()


def test_more_than_10_bps_or_5_seconds_deserve_one() -> None:
    tracker = ExecutionQualityTracker()
    slow_and_costly = tracker.compute_metrics(
        order_id="abc123",
        symbol="AAPL",
        side=OrderSide.BUY,
        expected_price="150.00",
        filled_price="150.16",
        signal_timestamp=SIGNAL,
        fill_timestamp=SIGNAL + timedelta(seconds=5, milliseconds=1),
    )

    assert tracker.alerts(slow_and_costly) == ("SLIPPAGE", "LATENCY")
