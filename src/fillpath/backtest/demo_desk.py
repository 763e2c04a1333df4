"""What happens on the desk that people watch: the demo's signals, and more of them by hand.

Made so that every page has something true to show within the first minutes: orders of every route,
a large one in slices, one that a slip of the keyboard spoils, one that waits for its opposite to be
cancelled, and some too large to be sent without a person. What becomes of each is up to the limits
and the market, not to this list.
"""

from collections.abc import Iterator
from operator import attrgetter
from typing import Final

from fillpath.backtest.demo_market import DemoMarket
from fillpath.backtest.demo_signals import HandOrder, by_hand, demo_signals
from fillpath.core.models import Signal, SignalDirection
from fillpath.core.units import NANOSECONDS

_MINUTE: Final = 60 * NANOSECONDS
_SECOND_THOUGHT: Final = 2 * NANOSECONDS
"""Soon enough that what it turns from still rests."""
_FLAT: Final = SignalDirection.FLAT
_SHORT: Final = SignalDirection.SHORT
_FIRST_MINUTES: Final = (
    ("wake", "GOOG", 1, SignalDirection.LONG, "0.95", "0.0004", "1"),
    ("rest", "MSFT", 2, SignalDirection.LONG, "0.5", "0.0004", "1"),
    ("keep", "AAPL", 3, SignalDirection.LONG, "0.5", "0.0005", "1"),
    ("slip", "FB", 4, SignalDirection.LONG, "0.5", "0.001", "0.1"),
    ("sliced", "IBM", 5, SignalDirection.LONG, "0.5", "0.0105", "1"),
    ("ask", "AAPL", 8, SignalDirection.LONG, "0.6", "0.0009", "1"),
    ("doubt", "FB", 11, SignalDirection.LONG, "0.5", "0.0004", "1"),
    ("turn", "FB", 11, _SHORT, "0.5", "0.0003", "1"),
    ("ask-again", "IBM", 14, SignalDirection.LONG, "0.5", "0.0125", "1"),
)
_ROUND_SYMBOLS: Final = ("FB", "GOOG", "MSFT", "IBM", "AAPL")
_ROUND_SHARES: Final = ("0.0003", "0.0006", "0.0012", "0.0004", "0.002")
_ROUND_STRENGTHS: Final = ("0.5", "0.5", "0.6", "0.95")
_ROUNDS: Final = range(17, 360, 8)
_HELD_MINUTES: Final = 21


def desk_signals(market: DemoMarket) -> tuple[Signal, ...]:
    """Return every signal of the desk that people watch, oldest first."""
    signals = [*demo_signals(market), *_by_hand(market)]
    return tuple(sorted(signals, key=attrgetter("timestamp", "strategy_name", "signal_id")))


def _by_hand(market: DemoMarket) -> Iterator[Signal]:
    for day, session in enumerate(market.sessions):
        for order in (*_first_minutes(day), *_rounds(day)):
            later = _SECOND_THOUGHT if order.direction is _SHORT else 0
            at = session.open_ns + order.minutes * _MINUTE + later
            if order.symbol in market.tapes and at < session.close_ns:
                yield by_hand(market, order, at)


def _first_minutes(day: int) -> Iterator[HandOrder]:
    for name, symbol, minutes, direction, strength, share, slip in _FIRST_MINUTES:
        yield HandOrder(
            name=f"{name}-{day}",
            symbol=symbol,
            day=day,
            minutes=minutes,
            direction=direction,
            strength=strength,
            volume_share=share,
            price_factor=slip,
        )


def _rounds(day: int) -> Iterator[HandOrder]:
    """Yield an order every few minutes, and later the one that leaves what it has bought."""
    for number, minutes in enumerate(_ROUNDS):
        symbol = _ROUND_SYMBOLS[number % len(_ROUND_SYMBOLS)]
        strength = _ROUND_STRENGTHS[number % len(_ROUND_STRENGTHS)]
        share = _ROUND_SHARES[number % len(_ROUND_SHARES)]
        enter = HandOrder(
            name=f"round-{day}-{number}",
            symbol=symbol,
            day=day,
            minutes=minutes,
            strength=strength,
            volume_share=share,
        )
        yield enter
        yield HandOrder(
            name=f"leave-{day}-{number}",
            symbol=symbol,
            day=day,
            minutes=minutes + _HELD_MINUTES,
            direction=_FLAT,
            strength=strength,
        )


__all__ = ["desk_signals"]
