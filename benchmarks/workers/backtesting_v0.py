"""backtesting.py on the shared bars; it knows one symbol, and neither risk, routing nor quotes.

A market order fills at the open of the next bar. The statistics that it works out at the end of
every run belong to the run.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import backtesting
import contract
import pandas as pd
from backtesting import Backtest, Strategy

NOTE = "one symbol, no risk, no routing; statistics in the run section"


class Trader(Strategy):
    """Send one market order on each bar the input names."""

    bars: Any = None  # what a run is given must be declared here

    def init(self) -> None:
        """Start with nothing sent; the first call comes with the second bar."""
        self.rows = [*self.bars.order_row, contract.NEVER]
        self.seen = 1
        self.sent = 0

    def next(self) -> None:
        """Send the order of this bar, if there is one."""
        if self.seen == self.rows[self.sent]:
            send = self.buy if self.bars.order_side[self.sent] > 0 else self.sell
            send(size=self.bars.order_quantity[self.sent])
            self.sent += 1
        self.seen += 1


def frame(bars: contract.Bars) -> pd.DataFrame:
    """Return the bars as the peer's own table, by the end of each."""
    ends = pd.to_datetime([start + bars.minute_ns for start in bars.ts], utc=True)
    columns = {
        name.capitalize(): [cents / 100 for cents in getattr(bars, name)]
        for name in ("open", "high", "low", "close")
    }
    return pd.DataFrame(columns | {"Volume": float(bars.volume)}, index=ends)


def run_bars(folder: Path) -> contract.Outcome:
    """Set up, run and count the work on bars."""
    bars = contract.load_bars(folder)
    begun = contract.now()
    test = Backtest(
        frame(bars),
        Trader,
        cash=contract.CASH,
        commission=float(contract.COMMISSION_SHARE),
    )
    warnings.simplefilter("ignore")  # it warns of trades that are open at the end
    ready = contract.now()
    stats = test.run(bars=bars)
    done = contract.now()
    closed, trader = stats["_trades"], stats["_strategy"]
    sizes = closed["Size"].abs()
    notional = float((sizes * (closed["EntryPrice"] + closed["ExitPrice"])).sum())
    return contract.Outcome(
        version=backtesting.__version__,
        orders=trader.sent,
        fills=2 * len(closed) + len(trader.trades),
        quotes=trader.seen,
        seconds=done - ready,
        setup_seconds=ready - begun,
        notional=notional + sum(abs(trade.size) * trade.entry_price for trade in trader.trades),
        note=NOTE,
        position=trader.position.size,
    )


if __name__ == "__main__":
    contract.serve(None, {"bars": run_bars})
