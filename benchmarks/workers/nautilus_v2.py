"""nautilus_trader 2.x on the shared work, through its documented Python interface."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import contract
import nautilus_trader
from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common import LoggerConfig
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import (
    AccountType,
    Bar,
    BarType,
    Currency,
    Equity,
    ExecAlgorithmId,
    InstrumentId,
    Money,
    OmsType,
    OrderSide,
    OrderStatus,
    Price,
    Quantity,
    QuoteTick,
    StrategyId,
    Symbol,
    Venue,
)
from nautilus_trader.risk import RiskEngineConfig
from nautilus_trader.trading import ExecutionAlgorithmConfig, Strategy, StrategyConfig

VENUE = Venue("SIM")
USD = Currency.from_str("USD")
TWAP = ExecAlgorithmId("TWAP")
COMMISSION = Decimal(contract.COMMISSION_SHARE)
QUIET = StrategyConfig(strategy_id=StrategyId("TRADER-001"), log_events=False, log_commands=False)
SCHEDULE = {
    "horizon_secs": str(contract.TWAP_SLICES * contract.TWAP_INTERVAL_SECONDS),
    "interval_secs": str(contract.TWAP_INTERVAL_SECONDS),
}


class Trader(Strategy):
    """Send one market order on each quote the input names."""

    def configure(
        self, identifiers: list[InstrumentId], inputs: contract.Inputs, algorithm: dict[str, object]
    ) -> None:
        """Take the plan; the constructor belongs to the peer and takes its own settings only."""
        self.identifiers = identifiers
        self.algorithm = algorithm
        self.rows = [*inputs.order_row, contract.NEVER]
        self.sides = [OrderSide.BUY if side > 0 else OrderSide.SELL for side in inputs.order_side]
        self.quantities = [Quantity.from_int(number) for number in inputs.order_quantity]
        self.seen = 0
        self.sent = 0
        self.due = self.rows[0]

    def on_start(self) -> None:
        """Ask for every quote."""
        for identifier in self.identifiers:
            self.subscribe_quotes(identifier)

    def on_quote(self, quote: QuoteTick) -> None:
        """Send the order that is due with this quote, if one is."""
        if self.seen == self.due:
            number = self.sent
            order = self.order_factory.market(
                quote.instrument_id,
                self.sides[number],
                self.quantities[number],
                **self.algorithm,
            )
            self.submit_order(order)
            self.sent = number + 1
            self.due = self.rows[number + 1]
        self.seen += 1


class BarTrader(Strategy):
    """Send one market order on each bar the input names."""

    def configure(self, bars: contract.Bars) -> None:
        """Take the plan."""
        self.bar_type = bar_type(bars)
        self.rows = [*bars.order_row, contract.NEVER]
        self.sides = [OrderSide.BUY if side > 0 else OrderSide.SELL for side in bars.order_side]
        self.quantities = [Quantity.from_int(number) for number in bars.order_quantity]
        self.seen = 0
        self.sent = 0
        self.due = self.rows[0]

    def on_start(self) -> None:
        """Ask for every bar."""
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar: Bar) -> None:
        """Send the order that is due with this bar, if one is."""
        if self.seen == self.due:
            number = self.sent
            order = self.order_factory.market(
                bar.bar_type.instrument_id, self.sides[number], self.quantities[number]
            )
            self.submit_order(order)
            self.sent = number + 1
            self.due = self.rows[number + 1]
        self.seen += 1


def bar_type(bars: contract.Bars) -> BarType:
    """Return the peer's name of the bars."""
    return BarType.from_str(f"{bars.symbol}.{VENUE}-1-MINUTE-LAST-EXTERNAL")


def instruments(symbols: list[str]) -> list[Equity]:
    """Return one equity on a cent grid per symbol."""
    return [
        Equity(
            instrument_id=InstrumentId(Symbol(name), VENUE),
            raw_symbol=Symbol(name),
            currency=USD,
            price_precision=2,
            price_increment=Price.from_str("0.01"),
            ts_event=0,
            ts_init=0,
            lot_size=Quantity.from_int(1),
        )
        for name in symbols
    ]


def quote_ticks(inputs: contract.Inputs, identifiers: list[InstrumentId]) -> list[QuoteTick]:
    """Return the quotes as the peer's own objects; equal prices and sizes are made once."""
    prices = {cents: Price.from_str(contract.dollars(cents)) for cents in inputs.price_levels()}
    size = Quantity.from_int(inputs.displayed_size)
    return [
        QuoteTick(identifiers[symbol], prices[bid], prices[ask], size, size, ts, ts)
        for symbol, bid, ask, ts in inputs.quotes()
    ]


def engine() -> BacktestEngine:
    """Return an engine with the risk engine on, the log off and no closing statistics."""
    made = BacktestEngine(
        BacktestEngineConfig(
            bypass_logging=True,
            run_analysis=False,
            logging=LoggerConfig(bypass_logging=True),
            risk_engine=RiskEngineConfig(max_order_submit_rate="1000000/00:00:01"),
        )
    )
    made.add_venue(
        VENUE,
        OmsType.NETTING,
        AccountType.CASH,
        [Money(contract.CASH, USD)],
        base_currency=USD,
        fee_model=MakerTakerFeeModel(COMMISSION, COMMISSION),
    )
    return made


def add_trader(
    made: BacktestEngine, work: str, identifiers: list[InstrumentId], inputs: contract.Inputs
) -> None:
    """Give the engine the strategy, and for TWAP the peer's own algorithm."""
    algorithm: dict[str, object] = {}
    if work == "twap":
        made.add_native_exec_algorithm("TwapAlgorithm", ExecutionAlgorithmConfig(TWAP))
        algorithm = {"exec_algorithm_id": TWAP, "exec_algorithm_params": SCHEDULE}
    trader = Trader(QUIET)
    trader.configure(identifiers, inputs, algorithm)
    made.add_strategy(trader)


def run(work: str, inputs: contract.Inputs) -> contract.Outcome:
    """Set up, run and count one work."""
    begun = contract.now()
    made = engine()
    equities = instruments(inputs.symbols)
    for equity in equities:
        made.add_instrument(equity)
    identifiers = [equity.id for equity in equities]
    made.add_data(quote_ticks(inputs, identifiers), validate=True, sort=True)
    if work != "quotes":
        add_trader(made, work, identifiers, inputs)
    ready = contract.now()
    made.run()
    done = contract.now()
    orders = made.cache.orders()
    filled = [order for order in orders if order.status == OrderStatus.FILLED]
    return contract.Outcome(
        version=nautilus_trader.__version__,
        orders=len(orders),
        fills=len(filled),
        quotes=made.get_result().iterations,
        seconds=done - ready,
        setup_seconds=ready - begun,
        notional=sum(float(order.avg_px) * order.filled_qty.as_double() for order in filled),
    )


def bar_objects(bars: contract.Bars) -> list[Bar]:
    """Return the bars as the peer's own objects; equal prices are made once."""
    prices = {cents: Price.from_str(contract.dollars(cents)) for cents in bars.price_levels()}
    volume = Quantity.from_int(bars.volume)
    kind = bar_type(bars)
    return [
        Bar(kind, prices[first], prices[high], prices[low], prices[last], volume, end, end)
        for first, high, low, last, end in bars.rows()
    ]


def run_bars(folder: Path) -> contract.Outcome:
    """Set up, run and count the work on bars."""
    bars = contract.load_bars(folder)
    begun = contract.now()
    made = engine()
    (equity,) = instruments([bars.symbol])
    made.add_instrument(equity)
    made.add_data(bar_objects(bars), validate=True, sort=True)
    trader = BarTrader(QUIET)
    trader.configure(bars)
    made.add_strategy(trader)
    ready = contract.now()
    made.run()
    done = contract.now()
    orders = made.cache.orders()
    filled = [order for order in orders if order.status == OrderStatus.FILLED]
    return contract.Outcome(
        version=nautilus_trader.__version__,
        orders=len(orders),
        fills=len(filled),
        quotes=trader.seen,
        seconds=done - ready,
        setup_seconds=ready - begun,
        notional=sum(float(order.avg_px) * order.filled_qty.as_double() for order in filled),
        position=sum(
            (1 if order.side == OrderSide.BUY else -1) * order.filled_qty.as_double()
            for order in filled
        ),
    )


if __name__ == "__main__":
    contract.serve(run, {"bars": run_bars})
