"""Signals for a recording that came without any: a plain day plan, made up and said to be so.

Nothing here claims an edge: every entry has an explicit size. Each session and symbol gets a small
order, an urgent one, one large enough to be sliced, and exits, so that every way of trading shows.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fillpath.backtest.replay import SessionTimes
from fillpath.core.models import Signal, SignalDirection
from fillpath.core.units import NANOSECONDS, QUANTITY_SCALE, moment
from fillpath.data.files.quotes import QuoteTape

PLAN_NAME: Final = "day-plan"
NOTE: Final = (
    "the recording came without signals: a plain day plan trades every symbol, with sizes that "
    "claim no edge"
)
_MINUTE: Final = 60 * NANOSECONDS
_SMALL: Final = Decimal("0.0005")
_MIDDLE: Final = Decimal("0.003")
_LARGE: Final = Decimal("0.012")
# minutes after the open, direction, strength, part of ADV (None closes)
_PLAN: Final[tuple[tuple[int, SignalDirection, str, Decimal | None], ...]] = (
    (1, SignalDirection.LONG, "0.5", _SMALL),
    (30, SignalDirection.LONG, "0.95", _SMALL),
    (60, SignalDirection.FLAT, "0.5", None),
    (90, SignalDirection.LONG, "0.5", _MIDDLE),
    (120, SignalDirection.FLAT, "0.95", None),
    (150, SignalDirection.LONG, "0.5", _LARGE),
    (180, SignalDirection.FLAT, "0.5", None),
)


def recorded_signals(
    tapes: Mapping[str, QuoteTape],
    sessions: tuple[SessionTimes, ...],
    adv: Mapping[tuple[str, date], int],
) -> tuple[Signal, ...]:
    """Return the day plan of every symbol with a known ADV and quotes on the day, oldest first.

    Args:
        tapes: quotes by symbol.
        sessions: trading days.
        adv: average daily volume in quantity units by symbol and day.
    """
    signals = [
        signal
        for session in sessions
        for symbol, tape in sorted(tapes.items())
        if (symbol, session.day) in adv and _quoted(tape, session)
        for signal in _day(symbol, session, adv[symbol, session.day])
    ]
    return tuple(sorted(signals, key=lambda signal: (signal.timestamp, signal.signal_id)))


def _quoted(tape: QuoteTape, session: SessionTimes) -> bool:
    low, high = tape.ts.searchsorted([session.open_at, session.close_at])
    return bool(low < high)


def _day(symbol: str, session: SessionTimes, adv: int) -> Iterator[Signal]:
    shares = Decimal(adv) / QUANTITY_SCALE
    for number, (minutes, direction, strength, part) in enumerate(_PLAN, start=1):
        at = session.open_at + minutes * _MINUTE
        if at >= session.close_at:
            return
        metadata: dict[str, Any] = {} if part is None else {"quantity": int(shares * part) or 1}
        yield Signal(
            symbol=symbol,
            direction=direction,
            strength=Decimal(strength),
            metadata=metadata,
            strategy_name=PLAN_NAME,
            signal_id=f"{session.day}-{symbol}-{number}",
            timestamp=moment(at),
        )
