"""What a strategy said, made ready to be sent: its own name, an id that a restart repeats, a time."""

from collections.abc import Collection
from datetime import datetime

from msgspec.structs import replace

from fillpath.core.errors import ModelError
from fillpath.core.models import Signal

MOST_SIGNALS = 100
"""Signals of one answer at most."""


class Speaker:
    """Name the signals of one strategy.

    A signal without an id gets one from its symbol and the moment of what it answers, so that the same
    bar or quote, shown again after a restart, gives the same id, which the engine takes once.

    Args:
        name: the strategy.
        symbols: what it may speak of.
    """

    def __init__(self, name: str, symbols: Collection[str]) -> None:
        self._name = name
        self._symbols = frozenset(symbols)
        self._last: dict[str, tuple[datetime, int]] = {}

    def ready(self, signals: Collection[Signal], moment: datetime, now: datetime) -> list[Signal]:
        """Return the signals with a name, an id and a time.

        Args:
            signals: an answer, whole.
            moment: from which what it answers is known.
            now: when it came.

        Raises:
            ModelError: there are too many, or one speaks for another strategy or of another symbol.
        """
        if len(signals) > MOST_SIGNALS:
            raise ModelError(
                f"an answer must have {MOST_SIGNALS} signals at most, got {len(signals)}"
            )
        for signal in signals:
            self._check(signal)
        return [self._named(signal, moment, now) for signal in signals]

    def _check(self, signal: Signal) -> None:
        if signal.strategy_name not in {"", self._name}:
            raise ModelError(f"strategy_name must be {self._name}, got {signal.strategy_name!r}")
        if signal.symbol not in self._symbols:
            shown = ", ".join(sorted(self._symbols))
            raise ModelError(f"symbol must be one of --symbols, {shown}, got {signal.symbol!r}")

    def _named(self, signal: Signal, moment: datetime, now: datetime) -> Signal:
        signal_id = signal.signal_id or self._id(signal.symbol, moment)
        return replace(
            signal,
            strategy_name=self._name,
            signal_id=signal_id,
            timestamp=signal.timestamp or now,
        )

    def _id(self, symbol: str, moment: datetime) -> str:
        last, number = self._last.get(symbol, (None, 0))
        number = number + 1 if last == moment else 1
        self._last[symbol] = (moment, number)
        return f"{symbol}-{moment:%Y%m%dT%H%M%S%f}-{number}"


__all__ = ["MOST_SIGNALS", "Speaker"]
