"""What the demo asks the engine to do: four example strategies, and a desk with its own orders.

The strategies claim what their rules earned on the real days before, nothing else. The desk's
orders are made by hand so that every row of the routing table, a sliced order and the usual
refusals are sure to be seen; they say so in their strategy name, ``desk``.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from typing import Any, Final

import numpy as np
from msgspec import Struct, field

from fillpath.backtest.demo_market import DemoMarket
from fillpath.core.models import ZERO, Bar, Signal, SignalDirection
from fillpath.core.units import (
    NANOSECONDS,
    QUANTITY_SCALE,
    moment,
    price_decimal,
)
from fillpath.data.files.quotes import QuoteTape
from fillpath.scheduling.calendar import Session, new_york_date
from fillpath.strategy.examples import DayStrategy, Gap, Reversal, Trend, Weakness

DEMO_CASH: Final = Decimal(200_000_000)
"""So much, because 1 % of a day's volume in these shares costs millions."""

DESK: Final = "desk"
_MINUTE: Final = 60 * NANOSECONDS
_WIDE_BPS: Final = 24
_NEEDED_TRADES: Final = 30
# Who is short in a symbol and who is long do not meet, so that every exit has something to close.
_TRADED: Final[dict[type[DayStrategy], tuple[str, ...]]] = {
    Trend: ("GOOG", "IBM", "MSFT"),
    Weakness: ("AAPL", "FB"),
    Gap: ("GOOG", "IBM", "MSFT"),
    Reversal: ("GOOG", "IBM", "MSFT"),
}


def demo_signals(market: DemoMarket) -> tuple[Signal, ...]:
    """Return every signal of the demo, oldest first; the same market gives the same signals.

    Each signal uses only prices that were known at its time.
    """
    signals = [*_strategies(market), *_desk(market)]
    return tuple(sorted(signals, key=attrgetter("timestamp", "strategy_name", "signal_id")))


def minute_bars(tape: QuoteTape, sessions: Iterable[Session]) -> list[Bar]:
    """Return the mid prices of each minute of the sessions as bars, oldest first."""
    mid = (tape.bid + tape.ask) // 2
    bars = []
    for session in sessions:
        edges = np.arange(session.open_ns, session.close_ns + 1, _MINUTE)
        rows = np.searchsorted(tape.ts, edges).tolist()
        for number, (first, last) in enumerate(pairwise(rows)):
            prices = mid[first:last]
            start = session.open_ns + number * _MINUTE
            bars.append(
                Bar(
                    symbol=tape.symbol,
                    ts=moment(start),
                    ts_end=moment(start + _MINUTE),
                    open=price_decimal(int(prices[0])),
                    high=price_decimal(int(prices.max())),
                    low=price_decimal(int(prices.min())),
                    close=price_decimal(int(prices[-1])),
                )
            )
    return bars


class _Believer(Struct):
    """A view for strategies that speak before anything trades: what has an edge is held."""

    now: datetime
    cash: Decimal = DEMO_CASH
    equity: Decimal = DEMO_CASH
    held: dict[str, Decimal] = field(default_factory=dict)

    def position(self, symbol: str) -> Decimal:
        """Return 1 after an entry that sizing will not refuse, else 0."""
        return self.held.get(symbol, ZERO)

    def working(self, symbol: str) -> Decimal:
        """Return 0: what it believes is done at once."""
        del symbol
        return ZERO

    def believe(self, signal: Signal) -> None:
        """Take note of an entry or an exit."""
        believed = signal.direction is not SignalDirection.FLAT and _has_edge(signal.metadata)
        self.held[signal.symbol] = Decimal(1) if believed else ZERO


def _has_edge(claims: dict[str, Any]) -> bool:
    rate, win, loss = (claims.get(name) for name in ("win_rate", "avg_win_pct", "avg_loss_pct"))
    if rate is None or win is None or loss is None or claims["n_trades"] < _NEEDED_TRADES:
        return False
    return bool(rate > (1 - rate) * loss / win)


def _strategies(market: DemoMarket) -> Iterator[Signal]:
    """Yield what the example strategies say: taught by real days, timed by modelled minutes."""
    first_day = market.sessions[0].open_ns
    bars = [bar for prices in market.daily.values() for bar in prices.bars]
    for tape in market.tapes.values():
        bars += minute_bars(tape, market.sessions)
    bars.sort(key=attrgetter("ts_end", "ts", "symbol"))
    for kind, symbols in _TRADED.items():
        traded = [bar for bar in bars if bar.symbol in symbols]
        yield from _spoken(kind(), traded, moment(first_day))


def _spoken(strategy: DayStrategy, bars: list[Bar], start: datetime) -> Iterator[Signal]:
    view = _Believer(now=start)
    for bar in bars:
        view.now = bar.ts_end
        for signal in strategy.on_bar(bar, view):
            view.believe(signal)
            yield signal


class HandOrder(Struct, frozen=True, kw_only=True):
    """One order made by hand.

    Args:
        name: what it is there to show.
        symbol: ticker.
        day: index of the modelled day.
        minutes: after the open.
        direction: LONG to buy, FLAT to leave what the desk holds.
        strength: above 0.9 is urgent.
        volume_share: size as a share of the average daily volume; None says no size.
        price_factor: what a slip of the keyboard does to the signal price.
    """

    name: str
    symbol: str
    day: int
    minutes: int
    direction: SignalDirection = SignalDirection.LONG
    strength: str = "0.5"
    volume_share: str | None = None
    price_factor: str = "1"


_FLAT: Final = SignalDirection.FLAT
_BY_HAND: Final = (
    HandOrder(
        name="urgent", symbol="GOOG", day=0, minutes=20, strength="0.95", volume_share="0.0006"
    ),
    HandOrder(
        name="leave-urgent", symbol="GOOG", day=0, minutes=200, direction=_FLAT, strength="1"
    ),
    HandOrder(name="large", symbol="IBM", day=0, minutes=120, volume_share="0.0125"),
    HandOrder(name="leave-large", symbol="IBM", day=0, minutes=330, direction=_FLAT),
    HandOrder(name="no-size", symbol="FB", day=0, minutes=40),
    HandOrder(
        name="mistyped", symbol="FB", day=0, minutes=50, volume_share="0.001", price_factor="0.1"
    ),
    HandOrder(name="small", symbol="MSFT", day=1, minutes=45, volume_share="0.0005"),
    HandOrder(name="medium", symbol="MSFT", day=2, minutes=75, volume_share="0.003"),
    HandOrder(name="small-again", symbol="MSFT", day=3, minutes=150, volume_share="0.0004"),
)
_WHEN_WIDE: Final = (("IBM", 0), ("MSFT", 1), ("IBM", 2), ("MSFT", 3))
_WIDE_SHARE: Final = "0.0003"


def _desk(market: DemoMarket) -> Iterator[Signal]:
    """Yield the orders made by hand, as far as the market has their symbol and day."""
    for order in _BY_HAND:
        if order.symbol in market.tapes and order.day < len(market.sessions):
            session = market.sessions[order.day]
            yield by_hand(market, order, session.open_ns + order.minutes * _MINUTE)
    for symbol, day in _WHEN_WIDE:
        at = _wide_moment(market, symbol, day)
        if at is not None:
            order = HandOrder(
                name=f"wide-{day}", symbol=symbol, day=day, minutes=0, volume_share=_WIDE_SHARE
            )
            yield by_hand(market, order, at)


def by_hand(market: DemoMarket, order: HandOrder, at: int) -> Signal:
    """Return the signal of an order made by hand, sent at ``at`` nanoseconds."""
    tape = market.tapes[order.symbol]
    row = int(np.searchsorted(tape.ts, at, side="right")) - 1
    mid = price_decimal(int(tape.bid[row] + tape.ask[row]) // 2)
    metadata: dict[str, Any] = {"signal_price": mid * Decimal(order.price_factor)}
    if order.volume_share is not None:
        adv = market.adv(order.symbol, new_york_date(at)) or 0
        hundreds = int(adv * Decimal(order.volume_share)) // (100 * QUANTITY_SCALE)
        metadata["quantity"] = max(hundreds, 1) * 100
    return Signal(
        symbol=order.symbol,
        direction=order.direction,
        strength=Decimal(order.strength),
        metadata=metadata,
        strategy_name=DESK,
        signal_id=f"{order.symbol}-{order.name}",
        timestamp=moment(at),
    )


def _wide_moment(market: DemoMarket, symbol: str, day: int) -> int | None:
    """Return a moment in the symbol's first wide spell outside the first and last half hour."""
    tape = market.tapes.get(symbol)
    if tape is None or day >= len(market.sessions):
        return None
    session = market.sessions[day]
    wide = (tape.ask - tape.bid) * 20_000 > _WIDE_BPS * (tape.ask + tape.bid)
    calm = (tape.ts >= session.open_ns + 30 * _MINUTE) & (tape.ts < session.close_ns - 30 * _MINUTE)
    rows = np.flatnonzero(wide & calm)
    # A microsecond later the quote is known, and the next one is not there yet.
    return int(tape.ts[rows[0]]) + 1_000 if rows.size else None
