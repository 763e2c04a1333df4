"""backtrader on the shared work: each quote is one bar at its mid, since backtrader knows bars only.

The ten quotes of a round share one time stamp, so that backtrader steps once for ten bars: the
layout it is fastest with. A market order fills at the open of the next bar of its symbol; there is
no risk check, no routing and no bid or ask, so this is a smaller job than the others do.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import backtrader
import contract

FIRST_DAY = 738_887.0  # any whole day: backtrader keeps time as days in a float
EPOCH = 719_163.0  # 1970-01-01 in days
NANOSECONDS_PER_DAY = 86_400_000_000_000
NOTE = "bars at the mid, fills at the next bar, no risk, no routing"


class MidBars(backtrader.feed.DataBase):
    """Serve the quotes of one symbol as bars whose four prices are the mid."""

    params = (("rows", ()), ("volume", 0.0))

    def start(self) -> None:
        """Begin at the first row."""
        super().start()
        self.left: Iterator[tuple[float, float]] = iter(self.p.rows)

    def _load(self) -> bool:
        row = next(self.left, None)
        if row is None:
            return False
        lines = self.lines
        lines.datetime[0], mid = row
        lines.open[0] = lines.high[0] = lines.low[0] = lines.close[0] = mid
        lines.volume[0] = self.p.volume
        lines.openinterest[0] = 0.0
        return True


class Trader(backtrader.Strategy):
    """Send one market order per step, as long as the input names any."""

    params = (("inputs", None),)

    def __init__(self) -> None:
        """Start with nothing seen and nothing sent."""
        self.orders = len(self.p.inputs.order_row)
        self.steps = 0
        self.sent = 0
        self.filled = 0
        self.notional = 0.0
        self.begun = 0.0

    def start(self) -> None:
        """Start the clock: the bars are in memory now."""
        self.begun = contract.now()

    def prenext(self) -> None:
        """Trade from the first bar on, also before every feed has one."""
        self.next()

    def next(self) -> None:
        """Send the order of this step, if there is one."""
        number = self.steps
        if number < self.orders:
            inputs = self.p.inputs
            data = self.getdatabyname(inputs.symbols[inputs.symbol[inputs.order_row[number]]])
            send = self.buy if inputs.order_side[number] > 0 else self.sell
            send(data=data, size=inputs.order_quantity[number])
            self.sent += 1
        self.steps += 1

    def notify_order(self, order: backtrader.Order) -> None:
        """Count what was filled."""
        if order.status == order.Completed:
            self.filled += 1
            self.notional += abs(order.executed.price * order.executed.size)


def feeds(inputs: contract.Inputs) -> list[MidBars]:
    """Return one feed per symbol."""
    count = len(inputs.symbols)
    days_per_quote = (inputs.ts[1] - inputs.ts[0]) / NANOSECONDS_PER_DAY
    rows: list[list[tuple[float, float]]] = [[] for _ in inputs.symbols]
    for number, (symbol, bid, ask, _) in enumerate(inputs.quotes()):
        day = FIRST_DAY + (number - number % count) * days_per_quote
        rows[symbol].append((day, (bid + ask) / 200))
    volume = float(inputs.displayed_size)
    ticks = backtrader.TimeFrame.Ticks
    return [
        MidBars(rows=rows[number], volume=volume, timeframe=ticks, name=name)
        for number, name in enumerate(inputs.symbols)
    ]


def run(work: str, inputs: contract.Inputs) -> contract.Outcome:  # noqa: ARG001  # all works alike
    """Set up, run and count one work."""
    begun = contract.now()
    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.broker.setcash(contract.CASH)
    cerebro.broker.setcommission(commission=float(contract.COMMISSION_SHARE))
    for feed in feeds(inputs):
        cerebro.adddata(feed)
    cerebro.addstrategy(Trader, inputs=inputs)
    (trader,) = cerebro.run()
    done = contract.now()
    return contract.Outcome(
        version=backtrader.__version__,
        orders=trader.sent,
        fills=trader.filled,
        quotes=trader.steps * len(inputs.symbols),
        seconds=done - trader.begun,
        setup_seconds=trader.begun - begun,
        notional=trader.notional,
        note=NOTE,
    )


class MinuteBars(backtrader.feed.DataBase):
    """Serve ready-made rows as bars."""

    params = (("rows", ()), ("volume", 0.0))

    def start(self) -> None:
        """Begin at the first row."""
        super().start()
        self.left: Iterator[tuple[int, int, int, int, int]] = iter(self.p.rows)

    def _load(self) -> bool:
        row = next(self.left, None)
        if row is None:
            return False
        lines = self.lines
        first, high, low, last, end = row
        lines.datetime[0] = EPOCH + end / NANOSECONDS_PER_DAY
        lines.open[0], lines.high[0] = first / 100, high / 100
        lines.low[0], lines.close[0] = low / 100, last / 100
        lines.volume[0] = self.p.volume
        lines.openinterest[0] = 0.0
        return True


class BarTrader(backtrader.Strategy):
    """Send one market order on each bar the input names."""

    params = (("bars", None),)

    def __init__(self) -> None:
        """Start with nothing seen and nothing sent."""
        self.rows = [*self.p.bars.order_row, contract.NEVER]
        self.seen = 0
        self.sent = 0
        self.filled = 0
        self.notional = 0.0
        self.begun = 0.0

    def start(self) -> None:
        """Start the clock: the bars are in memory now."""
        self.begun = contract.now()

    def next(self) -> None:
        """Send the order of this bar, if there is one."""
        if self.seen == self.rows[self.sent]:
            send = self.buy if self.p.bars.order_side[self.sent] > 0 else self.sell
            send(size=self.p.bars.order_quantity[self.sent])
            self.sent += 1
        self.seen += 1

    def notify_order(self, order: backtrader.Order) -> None:
        """Count what was filled."""
        if order.status == order.Completed:
            self.filled += 1
            self.notional += abs(order.executed.price * order.executed.size)


def run_bars(folder: Path) -> contract.Outcome:
    """Set up, run and count the work on bars."""
    bars = contract.load_bars(folder)
    begun = contract.now()
    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.broker.setcash(contract.CASH)
    cerebro.broker.setcommission(commission=float(contract.COMMISSION_SHARE))
    rows = list(bars.rows())
    minutes = backtrader.TimeFrame.Minutes
    cerebro.adddata(MinuteBars(rows=rows, volume=float(bars.volume), timeframe=minutes))
    cerebro.addstrategy(BarTrader, bars=bars)
    (trader,) = cerebro.run()
    done = contract.now()
    return contract.Outcome(
        version=backtrader.__version__,
        orders=trader.sent,
        fills=trader.filled,
        quotes=trader.seen,
        seconds=done - trader.begun,
        setup_seconds=trader.begun - begun,
        notional=trader.notional,
        note="no risk, no routing",
        position=trader.position.size,
    )


if __name__ == "__main__":
    contract.serve(run, {"bars": run_bars})
