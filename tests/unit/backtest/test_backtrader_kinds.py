"""More kinds of strategy that Backtrader's users write: two symbols, a timer, a sizer, indicators."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fillpath.backtest.backtrader_engine import library
from tests.unit.backtest.backtrader_samples import (
    BOTH,
    Telling,
    ran,
    waves,
    write_days,
)

with library():
    import backtrader

IND: Any = backtrader.ind


class Spread(Telling):
    """Sells what has become dear against a second symbol, and buys the other, until it is over."""

    def __init__(self) -> None:
        super().__init__()
        ratio = self.data0.close / self.data1.close
        self.away = (ratio - IND.SMA(ratio, period=5)) / IND.StdDev(ratio, period=5)

    def next(self) -> None:
        held = self.getposition(self.data0).size
        if not held and self.away > 0.5:
            self.sell(data=self.data0, size=5)
            self.buy(data=self.data1, size=5)
        elif held and self.away < 0:
            self.close(data=self.data0)
            self.close(data=self.data1)


class Weekly(Telling):
    """Turns between a third and nothing of every symbol when a timer of the week goes off."""

    called: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).called = 0
        self.add_timer(when=backtrader.Timer.SESSION_START, weekdays=[1], weekcarry=True)

    def notify_timer(self, timer: Any, when: Any, *given: Any, **named: Any) -> None:
        assert timer is not None, f"{when} {given} {named}"
        Weekly.called += 1
        for data in self.datas:
            self.order_target_percent(data, target=0.33 if Weekly.called % 2 else 0)


class Bold(backtrader.Sizer):  # type: ignore[misc]  # backtrader has no types
    """So many shares as a tenth of the cash pays for."""

    def _getsizing(self, comminfo: Any, cash: float, data: Any, isbuy: bool) -> int:  # noqa: FBT001
        assert comminfo is not None
        return int(0.1 * cash / data.close[0]) if isbuy else self.broker.getposition(data).size


class Ranged(Telling):
    """Enters on the crossing of two averages, and leaves some true ranges below the top."""

    def __init__(self) -> None:
        super().__init__()
        self.setsizer(Bold())
        lines = IND.MACD(period_me1=3, period_me2=6, period_signal=3)
        self.cross = IND.CrossOver(lines.macd, lines.signal)
        self.range = IND.ATR(period=4)
        self.floor = 0.0

    def next(self) -> None:
        close = self.data.close[0]
        if not self.position:
            if self.cross > 0:
                self.buy()
                self.floor = close - 1.5 * self.range[0]
            return
        self.floor = max(self.floor, close - 1.5 * self.range[0])
        if close < self.floor:
            self.sell()


class Passing(Telling):
    """Buys when an oscillator is low, with an order that ends after some days; sells when it is high."""

    def __init__(self) -> None:
        super().__init__()
        self.strength = IND.RSI_Safe(period=3)
        self.before = 0

    def prenext(self) -> None:
        self.before += 1

    def next(self) -> None:
        assert self.before, "an indicator needs its bars first"
        if not self.position and self.strength < 40:
            self.order_target_value(target=5_000)
        elif self.position and self.strength > 60:
            self.order_target_size(target=0)


def _one(folder: Path) -> list[Path]:
    return [write_days(folder / "acme.csv", waves(60))]


def _two(folder: Path) -> list[Path]:
    other = [(day[3], day[1], day[2], day[0]) for day in waves(64)[4:]]
    return [*_one(folder), write_days(folder / "zeta.csv", other, "ZETA")]


KINDS: list[tuple[type, Callable[[Path], list[Path]]]] = [
    (Spread, _two),
    (Weekly, _two),
    (Ranged, _one),
    (Passing, _one),
]


@pytest.mark.parametrize(("kind", "files"), KINDS)
def test_each_kind_trades_alike_on_both_brokers(
    tmp_path: Path, kind: type, files: Callable[[Path], list[Path]]
) -> None:
    days = files(tmp_path)

    theirs, ours = (ran(days, kind, broker) for broker in BOTH)

    assert len(theirs.run.fills) > 5
    assert [(f.symbol, f.side, f.price, f.quantity) for f in theirs.run.fills] == [
        (f.symbol, f.side, f.price, f.quantity) for f in ours.run.fills
    ]
    assert float(theirs.run.equity) == pytest.approx(float(ours.run.equity), abs=1e-6)
