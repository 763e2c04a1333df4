"""The specification's usage example of the order generator, run as it is printed."""

from decimal import Decimal

# As printed, after the rename of the package; the import of SignalDirection is left out there.
from fillpath.core.models import PortfolioSnapshot, Signal, SignalDirection
from fillpath.execution.order_generator import OrderGenerator
from fillpath.execution.sizing import kelly


def test_the_usage_example_gives_33_shares() -> None:
    generator = OrderGenerator()
    signal = Signal(
        symbol="AAPL",
        direction=SignalDirection.LONG,
        strength=0.75,  # type: ignore[arg-type]  # printed as a float, and taken as one
        metadata={
            "win_rate": 0.55,
            "avg_win_pct": 2.0,
            "avg_loss_pct": 1.0,
            "signal_price": 150,  # the printed example names no price
        },
    )
    portfolio = PortfolioSnapshot(
        total_equity=100_000,  # type: ignore[arg-type]
        cash=50_000,  # type: ignore[arg-type]
    )

    order = generator.generate_order(signal, portfolio)

    assert order.quantity == 33
    assert order.limit_price == Decimal("150.07")
    assert order.stop_price == Decimal("147.00")
    assert order.metadata["sizing"]["bound"] == "POSITION_CAP"
    for name in ("signal_strength", "strategy_name", "signal_timestamp"):
        assert name in order.metadata


def test_the_kelly_fraction_of_the_example_is_0_325() -> None:
    assert kelly(0.55, 2.0, 1.0) == Decimal("0.325")
