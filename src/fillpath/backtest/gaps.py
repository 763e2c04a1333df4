"""Gaps over a night that look like a split nobody named: raw prices make a loss or a gain of them."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
from msgspec import Struct

from fillpath.backtest.replay import ReplayInputs, SessionTimes
from fillpath.data.files.tape import QuoteTape

LEAST: Final = 1.35
"""A smaller jump is left alone: a split of 3 for 2 makes one of 1.5."""
MOST_NOTES: Final = 3
LONGEST_DAYS: Final = 31
"""What changed over a longer hole in the data is no gap over a night."""
_LOOKED_AT: Final = 50


class Gap(Struct, frozen=True):
    """A jump between two sessions.

    Args:
        symbol: ticker.
        day: the session that opened with it.
        ratio: price after over price before.
    """

    symbol: str
    day: date
    ratio: float


def gap_notes(inputs: ReplayInputs) -> Iterator[str]:
    """Yield what a reader must know about jumps that no split explains."""
    known = [(split.symbol, split.ex_date) for split in inputs.splits]
    found = [gap for tape in inputs.tapes.values() for gap in _gaps(tape, inputs.sessions, known)]
    for gap in found[:MOST_NOTES]:
        way = "lower" if gap.ratio < 1 else "higher"
        yield (
            f"{gap.symbol} opened {abs(gap.ratio - 1):.1%} {way} on {gap.day} than it was before, "
            "and no split is known: if it was one, name it in --corporate-actions"
        )
    if len(found) > MOST_NOTES:
        yield f"{len(found) - MOST_NOTES} more gaps like that are in the data"


def _gaps(
    tape: QuoteTape, sessions: Sequence[SessionTimes], known: Sequence[tuple[str, date]]
) -> Iterator[Gap]:
    opens = np.searchsorted(tape.ts, [one.open_at for one in sessions], side="left").tolist()
    closes = np.searchsorted(tape.ts, [one.close_at for one in sessions], side="right").tolist()
    traded = [
        (session.day, first, last)
        for session, first, last in zip(sessions, opens, closes, strict=True)
        if first < last
    ]
    for (before, start, last), (day, first, end) in pairwise(traded):
        left = _sides(tape, range(last - 1, start - 1, -1))
        right = _sides(tape, range(first, end))
        if left is None or right is None or (day - before).days > LONGEST_DAYS:
            continue
        ratios = [now / then for now, then in zip(right, left, strict=True)]
        jumped = min(ratios) > LEAST or max(ratios) < 1 / LEAST
        if jumped and not any(name == tape.symbol and before < at <= day for name, at in known):
            yield Gap(tape.symbol, day, sum(ratios) / len(ratios))


def _sides(tape: QuoteTape, rows: range) -> tuple[int, int] | None:
    """Return bid and ask of the first of these rows that has both; None where none soon has."""
    for row in rows[:_LOOKED_AT]:
        bid, ask = int(tape.bid[row]), int(tape.ask[row])
        if 0 < bid <= ask:
            return bid, ask
    return None


__all__ = ["LEAST", "Gap", "gap_notes"]
