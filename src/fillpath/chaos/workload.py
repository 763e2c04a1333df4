"""What strategies and people do to an engine: signals of every kind, repeats, kills and resumes."""

from decimal import Decimal
from random import Random
from typing import Any, Final

from fillpath.chaos.market import SYMBOLS
from fillpath.core.models import Signal, SignalDirection
from fillpath.core.units import NANOSECONDS, moment

STRATEGIES: Final = ("north", "south")
_KELLY: Final = {"win_rate": Decimal("0.55"), "avg_win_pct": Decimal(2), "avg_loss_pct": Decimal(1)}


class Producer:
    """Makes the signals of all strategies.

    Args:
        rng: chance.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._count = 0
        self._made: list[Signal] = []

    def next(self, at: int) -> Signal:
        """Return what a strategy says at ``at`` nanoseconds: mostly new, sometimes a repeat."""
        rng = self._rng
        kind = rng.random()
        if kind < 0.04 and self._made:
            return rng.choice(self._made[-20:])
        self._count += 1
        age = 0
        if kind < 0.08:
            age = rng.choice((31, 60, 3_600)) * NANOSECONDS
        elif kind < 0.10:
            age = -5 * NANOSECONDS
        elif kind < 0.3:
            age = rng.randrange(3 * NANOSECONDS)
        signal = Signal(
            symbol=rng.choice(SYMBOLS),
            direction=self._direction(),
            strength=Decimal(rng.randrange(101)) / 100,
            metadata=self._metadata(),
            strategy_name=rng.choice(STRATEGIES),
            signal_id=f"s{self._count}",
            timestamp=moment(at - age),
        )
        self._made.append(signal)
        return signal

    def recent(self, since: int) -> list[Signal]:
        """Return what was made at or after ``since`` nanoseconds, oldest first."""
        return [s for s in self._made if s.timestamp is not None and s.timestamp >= moment(since)]

    def _direction(self) -> SignalDirection:
        kinds = (SignalDirection.LONG,) * 5 + (SignalDirection.SHORT,) * 3
        return self._rng.choice((*kinds, SignalDirection.FLAT, SignalDirection.FLAT))

    def _metadata(self) -> dict[str, Any]:
        kind = self._rng.random()
        if kind < 0.5:
            return {"quantity": self._rng.choice((1, 7, 40, 150, 150, 400, 400, 900, 3_000))}
        metadata: dict[str, Any] = dict(_KELLY)
        if kind < 0.55:
            metadata["win_rate"] = Decimal("0.2")
        elif kind < 0.6:
            del metadata["avg_loss_pct"]
        return metadata
