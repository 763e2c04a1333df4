"""Backtrader's side of a run: our bars as its feeds, and what looks at its account bar by bar."""

from collections.abc import Callable
from datetime import time
from statistics import median
from typing import Any, Final

import backtrader

from fillpath.backtest.bar_market import A_DAY
from fillpath.backtest.bridge.exchange_time import ExchangeTime
from fillpath.backtest.bridge.stage import number_of
from fillpath.core.units import NANOSECONDS, PRICE_SCALE, QUANTITY_SCALE, moment
from fillpath.data.files.bars import BarTape
from fillpath.reports.performance import EquityPoint

_MINUTE: Final = 60
_CLOSE: Final = time(16, 0)
_STEP: Final = 100


class TapeFeed(backtrader.feed.DataBase):  # type: ignore[misc]  # backtrader has no types
    """The bars of one symbol; a bar carries the time at which it ended."""

    params = (("tape", None), ("ends", ()))

    def start(self) -> None:
        """Begin before the first bar."""
        super().start()
        self.row = -1

    @property
    def symbol(self) -> str:
        """Return the ticker."""
        name: str = self.p.tape.symbol
        return name

    @property
    def ended_at(self) -> int:
        """Return when the bar that is shown ended, nanoseconds UTC."""
        end: int = self.p.ends[len(self) - 1]
        return end

    def _load(self) -> bool:
        """Put the next bar on the lines; False after the last one."""
        self.row += 1
        tape: BarTape = self.p.tape
        if self.row >= len(tape):
            return False
        row, lines = self.row, self.lines
        lines.datetime[0] = number_of(self.p.ends[row])
        lines.open[0] = int(tape.open[row]) / PRICE_SCALE
        lines.high[0] = int(tape.high[row]) / PRICE_SCALE
        lines.low[0] = int(tape.low[row]) / PRICE_SCALE
        lines.close[0] = int(tape.close[row]) / PRICE_SCALE
        lines.volume[0] = int(tape.volume[row]) / QUANTITY_SCALE
        lines.openinterest[0] = 0.0
        return True


def feed_of(tape: BarTape, ends: list[int]) -> TapeFeed:
    """Return a feed of one symbol in the time of the exchange."""
    frame, compression = _resolution(tape)
    return TapeFeed(
        tape=tape,
        ends=ends,
        name=tape.symbol,
        timeframe=frame,
        compression=compression,
        tz=ExchangeTime(),
        sessionend=_CLOSE,
    )


def _resolution(tape: BarTape) -> tuple[int, int]:
    length = int(median((tape.ts_end - tape.ts).tolist()))
    frames: Any = backtrader.TimeFrame
    if length >= A_DAY:
        return frames.Days, 1
    seconds = max(length // NANOSECONDS, 1)
    if seconds % _MINUTE:
        return frames.Seconds, seconds
    return frames.Minutes, seconds // _MINUTE


def now_of(feeds: list[TapeFeed]) -> int:
    """Return when the newest bar that is shown ended, nanoseconds UTC."""
    return max(feed.ended_at for feed in feeds if len(feed))


class Watch(backtrader.Analyzer):  # type: ignore[misc]  # backtrader has no types
    """Looks at the account at the end of every bar."""

    params = (("progress", None), ("total", 0))

    def start(self) -> None:
        """Begin with nothing seen."""
        self.points: list[EquityPoint] = []

    def next(self) -> None:
        """Take down the account; Backtrader calls it in the strategy's warm-up too."""
        strategy = self.strategy
        broker = strategy.broker
        exposure = sum(
            abs(broker.getposition(data).size * data.close[0])
            for data in strategy.datas
            if len(data)
        )
        at = moment(now_of(strategy.datas))
        self.points.append(EquityPoint(at, float(broker.getvalue()), float(exposure)))
        tell: Callable[[int, int], None] | None = self.p.progress
        if tell is not None and not len(self.points) % _STEP:
            tell(len(self.points), self.p.total)


__all__ = ["TapeFeed", "Watch", "feed_of", "now_of"]
