"""Short tapes and replays, row by row."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from fillpath.backtest.moments import Moments
from fillpath.backtest.replay import Replay, ReplayInputs, ReplayPlan, SessionTimes
from fillpath.core.commands import Decision
from fillpath.core.models import Signal
from fillpath.core.ports import Journal
from fillpath.core.units import NANOSECONDS, moment, price_units, quantity_units
from fillpath.data.files.quote_rows import Resolution
from fillpath.data.files.quotes import QuoteTape, ResolutionSpan
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.reports.recorder import RunRecorder
from fillpath.testing.builders import a_signal

OPEN = 1_381_152_600 * NANOSECONDS  # 2013-10-07 09:30 in New York
DAY = date(2013, 10, 7)
A_DAY = 86_400
SESSION = SessionTimes(DAY, OPEN, OPEN + 23_400 * NANOSECONDS)

# Seconds after the open, bid and ask; "" for a side that is missing.
Row = tuple[float, str, str]


def at(seconds: float) -> int:
    """Return so many seconds after the open, in nanoseconds."""
    return OPEN + round(seconds * NANOSECONDS)


def a_tape(rows: Sequence[Row], symbol: str = "AAPL", size: int = 1_000) -> QuoteTape:
    """Return a tape with these quotes."""
    bids = [price_units(Decimal(bid)) if bid else 0 for _, bid, _ in rows]
    asks = [price_units(Decimal(ask)) if ask else 0 for _, _, ask in rows]
    sizes = np.full(len(rows), quantity_units(Decimal(size)), dtype=np.int64)
    return QuoteTape(
        symbol=symbol,
        ts=np.array([at(seconds) for seconds, _, _ in rows], dtype=np.int64),
        bid=np.array(bids, dtype=np.int64),
        ask=np.array(asks, dtype=np.int64),
        bid_size=sizes,
        ask_size=sizes,
        spans=(ResolutionSpan(0, Resolution.SECOND),),
    )


def every_second(count: int, bid: str = "149.99", ask: str = "150.01") -> list[Row]:
    """Return the same quote, once a second."""
    return [(float(n), bid, ask) for n in range(count)]


def a_wish(seconds: float, direction: str = "LONG", **changes: Any) -> Signal:
    """Return a signal at so many seconds after the open, named after them."""
    metadata = {"signal_price": None, "win_rate": 0.55, "avg_win_pct": 2, "avg_loss_pct": 1}
    given: dict[str, Any] = {
        "direction": direction,
        "signal_id": f"s{seconds:g}",
        "timestamp": moment(at(seconds)),
        "metadata": metadata | changes.pop("metadata", {}),
    }
    return a_signal(**(given | changes))


class Run:
    """A replay with everything at hand.

    Args:
        tapes: what was recorded.
        signals: oldest first.
        shares_a_day: the ADV of every symbol.
        journal: of an interrupted run.
        simulation: the broker's rules; 1,000,000 in cash without them.
        rules: hash of the settings.
        changes: of the inputs; ``policy`` are other rules of the desk.
    """

    def __init__(
        self,
        tapes: Sequence[QuoteTape],
        signals: Sequence[Signal] = (),
        *,
        shares_a_day: int | None = 1_000_000,
        journal: Journal | None = None,
        simulation: SimulationPolicy | None = None,
        rules: str = "rules",
        **changes: Any,
    ) -> None:
        adv = None if shares_a_day is None else quantity_units(Decimal(shares_a_day))
        given: dict[str, Any] = {
            "tapes": {tape.symbol: tape for tape in tapes},
            "sessions": (SESSION,),
            "signals": signals,
            "adv": lambda _symbol, _day: adv,
        }
        rules_of_desk = changes.pop("policy", DeskPolicy())
        plan = ReplayPlan(
            policy=replace(rules_of_desk, router=RouterPolicy(max_quote_age_seconds=30)),
            simulation=simulation
            or SimulationPolicy(profile=FillProfile.QUOTES, cash=Decimal(1_000_000)),
            policy_hash=rules,
            version="1",
        )
        self.journal = MemoryJournal() if journal is None else journal
        self.recorder = RunRecorder()
        self.replay = Replay(ReplayInputs(**(given | changes)), plan, self.journal, self.recorder)

    def go(
        self,
        shows: Sequence[Moments] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> "Run":
        """Run it to its end."""
        asyncio.run(self.replay.run(shows, progress))
        return self

    @property
    def fills(self) -> list[tuple[float, str, str, str]]:
        """Seconds after the open, side, shares and price of every fill."""
        found = []
        for fill in self.recorder.fills:
            seconds = (fill.ts - moment(OPEN)).total_seconds()
            found.append((seconds, fill.side.value, str(fill.quantity), str(fill.price)))
        return found

    @property
    def outcomes(self) -> list[str]:
        """Outcome and reason of every decision about a signal."""
        return [
            f"{d.outcome} {d.reason}".strip()
            for d in self.recorder.of_kind(Decision)
            if d.stage == "SIGNAL"
        ]

    @property
    def words(self) -> list[str]:
        """The kinds of everything in the journal."""
        return [type(record).__name__ for record in self.journal.records()]
