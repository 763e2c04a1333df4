"""Strategies for Backtrader of the kinds that its users write, and bars whose fills are known."""

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from msgspec import Struct

from fillpath import app_backtest
from fillpath.backtest.backtrader_engine import library
from fillpath.backtest.engine import BacktestRequest, BacktestResult
from fillpath.backtest.request import BacktraderBroker, EngineName, ReplayRequest
from fillpath.execution.broker.fill_model import seeded
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.settings import load_settings

with library():
    import backtrader

ORDER: Any = backtrader.Order
BOTH = tuple(BacktraderBroker)
THEIRS, OURS = BOTH
SETTINGS = load_settings(None)
CALENDAR = ExchangeCalendar()
HEAD = ("date", "symbol", "open", "high", "low", "close", "volume")
Day = tuple[float, ...]
"""Open, high, low and close."""


class Telling(backtrader.Strategy):  # type: ignore[misc]  # backtrader has no types
    """Writes down everything that it is told."""

    last: ClassVar[Any] = None

    def __init__(self) -> None:
        type(self).last = Telling.last = self
        self.statuses: list[tuple[int, str]] = []
        self.trades: list[Any] = []
        self.cashes: list[tuple[float, float]] = []
        self.executions: list[tuple[float, float]] = []
        self.numbers: dict[int, int] = {}

    def notify_order(self, order: Any) -> None:
        number = self.numbers.setdefault(order.ref, len(self.numbers) + 1)
        self.statuses.append((number, order.getstatusname()))
        if order.status in (order.Partial, order.Completed):
            self.executions.append((order.executed.size, round(order.executed.price, 6)))

    def notify_trade(self, trade: Any) -> None:
        self.trades.append(trade)

    def notify_cashvalue(self, cash: float, value: float) -> None:
        self.cashes.append((cash, value))

    def of_order(self, number: int) -> list[str]:
        """Return what was told about the order of a number."""
        return [status for known, status in self.statuses if known == number]


class Script(Telling):
    """Calls one function per bar: the plan of a test."""

    params = (("plan", None),)

    def next(self) -> None:
        act = (self.p.plan or {}).get(len(self))
        if act is not None:
            act(self)


class AverageCross(Telling):
    """Holds while the short average is above the long one."""

    params = (("fast", 3), ("slow", 6))

    def __init__(self) -> None:
        super().__init__()
        fast = backtrader.ind.SMA(period=self.p.fast)
        slow = backtrader.ind.SMA(period=self.p.slow)
        self.cross = backtrader.ind.CrossOver(fast, slow)

    def next(self) -> None:
        if not self.position and self.cross > 0:
            self.buy(size=10)
        elif self.position and self.cross < 0:
            self.close()


class TargetShare(Telling):
    """Keeps half of the account in the first symbol."""

    def next(self) -> None:
        self.order_target_percent(target=0.5 if len(self) % 6 < 4 else 0.0)


class Bracketed(Telling):
    """Enters with a limit, a stop below and a limit above, whenever it holds nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: set[int] = set()

    def notify_order(self, order: Any) -> None:
        super().notify_order(order)
        if not order.alive():
            self.waiting.discard(order.ref)

    def next(self) -> None:
        if self.position or self.waiting:
            return
        price = self.data.close[0]
        orders = self.buy_bracket(
            size=10, price=price, limitprice=price * 1.03, stopprice=price * 0.97
        )
        self.waiting = {order.ref for order in orders}


class Pulse(backtrader.Indicator):  # type: ignore[misc]  # backtrader has no types
    """Is above zero while the close is above its average."""

    lines: Any = ("pulse",)

    def __init__(self) -> None:
        self.lines.pulse = self.data.close - backtrader.ind.SMA(self.data.close, period=4)


class Signalled(backtrader.SignalStrategy):  # type: ignore[misc]  # backtrader has no types
    """Trades long on the sign of an indicator, the way that Backtrader's signals do."""

    def __init__(self) -> None:
        self.signal_add(backtrader.SIGNAL_LONG, Pulse())


class OneOfTwo(Telling):
    """Waits below and above the market; what fills first cancels the other."""

    def next(self) -> None:
        if self.position:
            if len(self) % 5 == 0:
                self.close()
            return
        close = self.data.close[0]
        if not self.broker.get_orders_open():
            low = self.buy(size=10, exectype=backtrader.Order.Limit, price=close * 0.99)
            self.buy(size=10, exectype=backtrader.Order.Stop, price=close * 1.01, oco=low)


class Trailed(Telling):
    """Holds until a trailing stop takes it out."""

    def next(self) -> None:
        if not self.position and not self.broker.get_orders_open():
            entry = self.buy(size=10, transmit=False)
            self.sell(size=10, exectype=backtrader.Order.StopTrail, trailpercent=0.02, parent=entry)


class AnyOrders(Telling):
    """Sends orders of every kind at random, and asks at the end whether all books agree."""

    params = (("seed", 0),)

    def __init__(self) -> None:
        super().__init__()
        self.chance = seeded(self.p.seed)
        self.sent: list[Any] = []

    def next(self) -> None:
        for _ in range(self.chance.randint(0, 2)):
            self.chance.choice((self.one, self.family, self.linked, self.undo))()

    def one(self) -> None:
        """Send an order of its own."""
        close = self.data.close[0]
        price = round(close * self.chance.uniform(0.97, 1.03), 4)
        kinds = (ORDER.Market, ORDER.Close, ORDER.Limit, ORDER.Stop, ORDER.StopLimit)
        send = self.chance.choice((self.buy, self.sell))
        valid = self.chance.choice((None, None, ORDER.DAY, timedelta(hours=30)))
        size = self.chance.choice((1, 10, 0.3))
        kind = self.chance.choice(kinds)
        self.sent.append(send(size=size, exectype=kind, price=price, plimit=price, valid=valid))

    def family(self) -> None:
        """Send an entry with a limit and a stop."""
        close = self.data.close[0]
        prices = {"stopprice": close * 0.98, "limitprice": close * 1.02}
        self.sent += self.buy_bracket(size=5, price=close, **prices)

    def linked(self) -> None:
        """Send two orders of which one cancels the other."""
        close = self.data.close[0]
        first = self.buy(size=10, exectype=ORDER.Limit, price=close * 0.99)
        self.sent += [first, self.sell(size=4, exectype=ORDER.Limit, price=close * 1.01, oco=first)]

    def undo(self) -> None:
        """Cancel an order, whatever became of it."""
        if self.sent:
            self.broker.cancel(self.chance.choice(self.sent))


SAMPLES = (AverageCross, TargetShare, Bracketed, Signalled, OneOfTwo, Trailed)


def write_days(path: Path, days: Sequence[Day], symbol: str = "ACME") -> Path:
    """Write days from 2 March 2026 on."""
    first = date(2026, 3, 2)
    sessions = CALENDAR.sessions_between(first, first + timedelta(2 * len(days) + 10))
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEAD)
        for session, prices in zip(sessions, days, strict=False):
            rows.writerow([session.date, symbol, *prices, 1_000])
    return path


def write_minutes(folder: Path, count: int = 5) -> tuple[Path, Path]:
    """Write bars of a minute from the open of 2 March 2026 on, and a quote every ten seconds.

    The bid starts at 100.00 and rises by a cent with each quote; the ask is four cents above.
    """
    opened = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    bars, quotes = folder / "bars.csv", folder / "quotes.csv"
    rows = ["ts,ts_end,symbol,open,high,low,close,volume"]
    lines = ["ts,symbol,bid_price,ask_price,bid_size,ask_size"]
    for minute in range(count):
        start = opened + timedelta(minutes=minute)
        low = 100 + minute * 0.06
        rows.append(
            f"{start.isoformat()},{(start + timedelta(minutes=1)).isoformat()},ACME,"
            f"{low:.2f},{low + 0.05:.2f},{low:.2f},{low + 0.05:.2f},1000"
        )
        for step in range(6):
            bid = 100 + (minute * 6 + step) * 0.01
            at = start + timedelta(seconds=10 * step + 5)
            lines.append(f"{at.isoformat()},ACME,{bid:.2f},{bid + 0.04:.2f},50,50")
    bars.write_text("\n".join(rows))
    quotes.write_text("\n".join(lines))
    return bars, quotes


def waves(count: int) -> list[Day]:
    """Return days that rise and fall by turns."""
    found: list[Day] = []
    for number in range(count):
        middle = 100 + 8 * (abs(number % 16 - 8) / 8) + number * 0.1
        opened, closed = round(middle - 0.4, 2), round(middle + 0.3, 2)
        found.append((opened, round(middle + 1.5, 2), round(middle - 1.5, 2), closed))
    return found


def ran(
    files: Path | Sequence[Path],
    kind: type,
    broker: BacktraderBroker,
    *,
    cash: int = 100_000,
    settings: Any = SETTINGS,
    replay: dict[str, Any] | None = None,
    **parameters: Any,
) -> BacktestResult:
    """Run a strategy of this or another module on files of days."""
    fields: dict[str, Any] = {
        "bars": (files,) if isinstance(files, Path) else tuple(files),
        "strategy": f"{kind.__module__}:{kind.__name__}",
        "cash": Decimal(cash),
    }
    asked = ReplayRequest(**fields | (replay or {}))
    request = BacktestRequest(
        replay=asked, parameters=parameters, engine=EngineName.BACKTRADER, broker=broker
    )
    return app_backtest.backtest(request, settings)


class Outcome(Struct, frozen=True):
    """What one broker made of a plan."""

    result: BacktestResult
    script: Any

    @property
    def fills(self) -> list[tuple[Any, ...]]:
        """Return side, price and quantity of every fill."""
        return [(str(f.side), float(f.price), float(f.quantity)) for f in self.result.run.fills]


def by_both(
    files: Path | Sequence[Path], plan: Mapping[int, Callable[[Any], Any]], **options: Any
) -> tuple[Outcome, Outcome]:
    """Return what Backtrader's broker and what ours make of one plan."""
    theirs = Outcome(ran(files, Script, THEIRS, plan=plan, **options), Script.last)
    return theirs, Outcome(ran(files, Script, OURS, plan=plan, **options), Script.last)


def half_day(path: Path) -> Path:
    """Write the last three minutes before an early close, and the first three of the next session."""
    ends = [datetime(2026, 11, 27, 17, 58, tzinfo=UTC) + timedelta(minutes=n) for n in range(3)]
    ends += [datetime(2026, 11, 30, 14, 31, tzinfo=UTC) + timedelta(minutes=n) for n in range(3)]
    rows = ["ts,ts_end,symbol,open,high,low,close,volume"]
    for number, end in enumerate(ends, 1):
        start = end - timedelta(minutes=1)
        price = f"100.{number:02d}"
        rows.append(f"{start.isoformat()},{end.isoformat()},ACME,{price},101,99,{price},10")
    path.write_text("\n".join(rows))
    return path
