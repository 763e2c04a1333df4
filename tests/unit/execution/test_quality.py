"""The tracker measures, keeps and alerts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.models import ExecutionQualityMetrics, OrderSide
from fillpath.execution import quality
from fillpath.execution.policy import QualityPolicy
from fillpath.execution.quality import ExecutionQualityTracker

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
LATER = NOON + timedelta(milliseconds=1_250)


def measured(tracker: ExecutionQualityTracker | None = None, **fields: Any) -> Any:
    given: dict[str, Any] = {
        "order_id": "abc123",
        "symbol": "AAPL",
        "side": OrderSide.BUY,
        "expected_price": 150.00,
        "filled_price": 150.05,
        "signal_timestamp": NOON,
        "fill_timestamp": LATER,
    }
    return (tracker or ExecutionQualityTracker()).compute_metrics(**{**given, **fields})


def test_a_measurement_shows_its_inputs_and_its_costs_unrounded() -> None:
    assert measured(signal_price=149) == ExecutionQualityMetrics(
        order_id="abc123",
        symbol="AAPL",
        side=OrderSide.BUY,
        slippage_bps=Decimal("3.333333333333333333333333333"),
        arrival_slippage_bps=Decimal("70.46979865771812080536912752"),
        fill_latency_ms=Decimal(1_250),
        expected_price=Decimal(150),
        filled_price=Decimal("150.05"),
        signal_price=Decimal(149),
        signal_timestamp=NOON,
        fill_timestamp=LATER,
    )


def test_without_a_signal_price_there_is_no_arrival_cost() -> None:
    assert measured().arrival_slippage_bps is None


@pytest.mark.parametrize("side", ["SELL", OrderSide.SELL])
def test_a_sell_above_the_expected_price_is_an_improvement(side: str) -> None:
    metrics = measured(side=side, signal_price=149)

    assert metrics.side is OrderSide.SELL
    assert metrics.slippage_bps < 0
    assert metrics.arrival_slippage_bps < 0


@pytest.mark.parametrize("price", [150, 150.0, "150", Decimal("150.00")])
def test_prices_may_be_any_kind_of_number(price: object) -> None:
    assert measured(expected_price=price).slippage_bps == measured().slippage_bps


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"expected_price": 0}, "expected_price must be above 0, got 0"),
        ({"expected_price": None}, "expected_price must be a number, got None"),
        ({"filled_price": -1}, "filled_price must be above 0, got -1"),
        ({"filled_price": float("nan")}, "filled_price must be finite, got nan"),
        ({"signal_price": "high"}, "signal_price must be a number, got 'high'"),
        ({"side": "LONG"}, "side must be one of BUY, SELL, got 'LONG'"),
        ({"symbol": "no symbol"}, "symbol must be"),
        ({"signal_timestamp": datetime(2026, 3, 2)}, "signal_timestamp must carry a time zone"),  # noqa: DTZ001  # this is the point
        ({"fill_timestamp": "noon"}, "fill_timestamp must be an aware datetime"),
    ],
)
def test_bad_input_names_the_field_and_the_value(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        measured(**fields)


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        pytest.param({"filled_price": "150.15"}, (), id="exactly 10 bps"),
        pytest.param({"filled_price": "150.16"}, ("SLIPPAGE",), id="above 10 bps"),
        pytest.param({"filled_price": "140"}, (), id="improvement"),
        pytest.param({"fill_timestamp": NOON + timedelta(seconds=5)}, (), id="exactly 5 s"),
        pytest.param(
            {"fill_timestamp": NOON + timedelta(seconds=5, microseconds=1)},
            ("LATENCY",),
            id="above 5 s",
        ),
    ],
)
def test_alerts_are_raised_strictly_above_10_bps_and_5_seconds(
    fields: dict[str, Any], codes: tuple[str, ...]
) -> None:
    tracker = ExecutionQualityTracker()

    assert tracker.alerts(measured(tracker, **fields)) == codes


def test_the_thresholds_of_alerts_are_settings() -> None:
    strict = ExecutionQualityTracker(QualityPolicy(max_slippage_bps=3, max_latency_ms=1_000))

    assert strict.alerts(measured()) == ("SLIPPAGE", "LATENCY")


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.saved: list[ExecutionQualityMetrics] = []

    async def save_metrics(self, metrics: ExecutionQualityMetrics) -> None:
        self.saved.append(metrics)


async def test_measurements_go_to_the_store() -> None:
    shelf = Shelf()
    tracker = ExecutionQualityTracker(store=shelf)

    await tracker.store_metrics(measured())

    assert (shelf.saved, tracker.metrics) == ([measured()], ())


async def test_without_a_store_measurements_stay_in_memory() -> None:
    tracker = ExecutionQualityTracker()

    await tracker.store_metrics(measured())
    await tracker.store_metrics(measured(order_id="other"))

    assert tracker.metrics == (measured(), measured(order_id="other"))


async def test_the_same_order_measured_again_replaces_the_first_measurement() -> None:
    tracker = ExecutionQualityTracker()
    await tracker.store_metrics(measured())

    await tracker.store_metrics(measured(filled_price=151))

    assert tracker.metrics == (measured(filled_price=151),)


async def test_memory_has_a_bound_and_the_oldest_measurements_go_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quality, "MAX_KEPT", 2)
    tracker = ExecutionQualityTracker()

    for name in ("first", "second", "third"):
        await tracker.store_metrics(measured(order_id=name))

    assert [metrics.order_id for metrics in tracker.metrics] == ["second", "third"]
