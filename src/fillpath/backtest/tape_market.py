"""The market of a replay: recorded columns behind a moving now; the future cannot be asked for.

Python touches only the quotes that matter. A cursor for each symbol follows the simulated time in
growing steps, and the next quote that crosses a resting price is found by scanning whole columns.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fillpath.backtest.foreseen import Foreseen
from fillpath.backtest.reaching import Bands, Reaching
from fillpath.core.events import MarketView
from fillpath.core.holdings import Holding
from fillpath.core.models import Quote
from fillpath.core.units import quantity_decimal
from fillpath.data.files.tape import QuoteTape

UNKNOWN: Final = MarketView()
FIRST_CHUNK: Final = 256
LAST_CHUNK: Final = 65_536
NEVER: Final = 1 << 63


def _items(column: NDArray[np.int64]) -> "memoryview[int]":
    """Return the column for fast reading of single items as Python integers."""
    items: memoryview[int] = np.ascontiguousarray(column).data
    return items


class Cursor:
    """Where one tape stands: ``index`` is the last row known now, -1 before the first."""

    __slots__ = (
        "adv",
        "ask",
        "ask_size",
        "bid",
        "bid_size",
        "index",
        "mark_column",
        "marks",
        "next_at",
        "reaching",
        "shown_at",
        "size",
        "sought",
        "tape",
        "ts",
        "view",
        "viewed",
    )

    def __init__(self, tape: QuoteTape) -> None:
        self.tape = tape
        self.ts = _items(tape.ts)
        self.bid = _items(tape.bid)
        self.ask = _items(tape.ask)
        self.bid_size = _items(tape.bid_size)
        self.ask_size = _items(tape.ask_size)
        self.size = len(tape)
        self.index = -1
        self.next_at = self.ts[0] if self.size else NEVER
        self.adv: int | None = None
        self.view = UNKNOWN
        self.viewed = -1
        self.shown_at = -1
        self.marks: memoryview[int] | tuple[()] = ()
        self.mark_column: NDArray[np.int64] | None = None
        self.reaching: Reaching | None = None
        self.sought: tuple[Bands | None, int | None] = (None, None)

    def advance(self, now: int) -> int:
        """Move to the last row with ``ts <= now`` and return its index."""
        if self.next_at > now:
            return self.index
        low = self.index + 1
        high = low + 1
        later = self.ts[high] if high < self.size else NEVER
        if later <= now:
            low, high = self._gallop(high, now)
            later = self.ts[high] if high < self.size else NEVER
        self.index = low
        self.next_at = later
        return low

    def _gallop(self, low: int, now: int) -> tuple[int, int]:
        """Return the last row with ``ts <= now``, which ``low`` fulfils, and the one after it."""
        ts = self.ts
        size = self.size
        step = 1
        high = low + 1
        while high < size and ts[high] <= now:
            low = high
            high += step
            step += step
        high = min(high, size)
        while high - low > 1:
            middle = (low + high) >> 1
            if ts[middle] <= now:
                low = middle
            else:
                high = middle
        return low, high

    def look(self, now: int) -> MarketView:
        """Return the market as known at ``now``."""
        return self.show(self.advance(now) if self.next_at <= now else self.index)

    def show(self, index: int) -> MarketView:
        """Return the market of a row that is known, -1 for none."""
        if index == self.viewed:
            return self.view
        self.viewed = index
        self.view = view = MarketView(
            self.bid[index] or None,
            self.ask[index] or None,
            self.bid_size[index],
            self.ask_size[index],
            self.ts[index],
            self.adv,
        )
        return view

    def value(self, now: int) -> int | None:
        """Return the mid of the last two-sided, uncrossed quote known at ``now``."""
        marks = self.marks or self.mark_rows()
        return marks[self.advance(now)] or None

    def mark_rows(self) -> "memoryview[int]":
        """Return the mark at every row, 0 before the first; row -1 has none either.

        Worked out for the whole tape at once, the first time that its symbol is valued.
        """
        bid, ask = self.tape.bid, self.tape.ask
        marks = np.zeros(self.size + 1, dtype=np.int64)
        usable = np.flatnonzero((bid > 0) & (ask >= bid))
        if usable.size:
            lengths = np.diff(usable, append=self.size)
            mids = (bid[usable] + ask[usable]) >> 1
            marks[usable[0] : self.size] = np.repeat(mids, lengths)
        self.mark_column = marks
        self.marks = rows = _items(marks)
        return rows

    def columns(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the times and the marks of all rows; the marks end with one row for none."""
        if self.mark_column is None:
            self.mark_rows()
        assert self.mark_column is not None, "the marks were just worked out"
        return self.tape.ts, self.mark_column

    def next_row(self, now: int, bands: Bands) -> int | None:
        """Return the first row after ``now`` that reaches a band, or None.

        What was found last stands as long as it still lies ahead and nothing else is waited for.
        """
        start = self.advance(now) + 1
        waited_for, found = self.sought
        if waited_for != bands or (found is not None and found < start):
            if self.reaching is None:
                self.reaching = Reaching(self.tape)
            found = self.reaching.first(start, bands)
            self.sought = (bands, found)
        return found

    def set_adv(self, adv: int | None) -> None:
        """Set the average daily volume, quantity units."""
        self.adv = adv
        self.viewed = self.shown_at = -1
        self.view = MarketView(adv=adv)


class TapeMarket:
    """Recorded quotes as market and feed; only what is known at ``now`` can be seen.

    Args:
        tapes: one tape for each symbol.
    """

    def __init__(self, tapes: Iterable[QuoteTape]) -> None:
        self.cursors = {tape.symbol: Cursor(tape) for tape in tapes}
        self.now = 0
        self.watched: list[str] = []
        self._foreseen = Foreseen()

    def foresee(self, moments: Sequence[int], symbols: Collection[str]) -> None:
        """Work out in columns what will be known of the symbols at these ascending moments.

        It changes no answer, only how fast one comes: every other moment is looked up as ever.
        """
        cursors = self.cursors
        columns = {name: cursors[name].columns() for name in symbols if name in cursors}
        self._foreseen = Foreseen(moments, columns)

    def view(self, symbol: str) -> MarketView:
        """Return quote and ADV of the symbol as known now."""
        cursor = self.cursors.get(symbol)
        if cursor is None:
            return UNKNOWN
        now = self.now
        if cursor.shown_at == now:  # the broker asks for what the engine has just looked at
            return cursor.view
        cursor.shown_at = now
        foreseen = self._foreseen
        answer = foreseen.answers.get(now)
        place = foreseen.places.get(symbol)
        if answer is None or place is None:
            return cursor.look(now)
        return cursor.show(answer[place])

    def mark(self, symbol: str) -> int | None:
        """Return the last mid in price units, or None when never quoted."""
        cursor = self.cursors.get(symbol)
        return None if cursor is None else cursor.value(self.now)

    def values(self, holdings: Mapping[str, Holding]) -> tuple[int, int]:
        """Return the value of all longs and of all shorts at their marks, money units."""
        foreseen = self._foreseen
        answer = foreseen.answers.get(self.now)
        worth = foreseen.worth(answer, holdings) if answer and holdings else None
        return self._values(holdings) if worth is None else (worth, 0)

    def _values(self, holdings: Mapping[str, Holding]) -> tuple[int, int]:
        """Return the value of longs and shorts symbol by symbol, whatever is held."""
        longs = shorts = 0
        now = self.now
        for symbol, holding in holdings.items():
            cursor = self.cursors.get(symbol)
            mark = None if cursor is None else cursor.value(now)
            value = holding.quantity * mark if mark else holding.cost
            if value > 0:
                longs += value
            else:
                shorts -= value
        return longs, shorts

    def watch(self, symbol: str) -> None:
        """Remember that the next usable quote of the symbol is wanted."""
        self.watched.append(symbol)

    async def get_quote(self, symbol: str) -> Quote | None:
        """Return the last quote known now."""
        return self.last_quote(symbol)

    async def get_adv(self, symbol: str) -> Decimal | None:
        """Return the average daily volume in shares."""
        cursor = self.cursors.get(symbol)
        return None if cursor is None or cursor.adv is None else quantity_decimal(cursor.adv)

    def last_quote(self, symbol: str) -> Quote | None:
        """Return the last quote known now, without waiting."""
        cursor = self.cursors.get(symbol)
        if cursor is None or cursor.advance(self.now) < 0:
            return None
        return cursor.tape.quote(cursor.index)

    def next_usable(self, symbol: str) -> int | None:
        """Return when the next two-sided, uncrossed quote after now comes, or None."""
        cursor = self.cursors.get(symbol)
        if cursor is None:
            return None
        start = cursor.advance(self.now) + 1
        tape = cursor.tape
        chunk = FIRST_CHUNK
        while start < cursor.size:
            stop = min(start + chunk, cursor.size)
            bid = tape.bid[start:stop]
            hit = (bid > 0) & (tape.ask[start:stop] >= bid)
            first = int(hit.argmax())
            if hit[first]:
                return cursor.ts[start + first]
            start = stop
            chunk = min(chunk * 4, LAST_CHUNK)
        return None

    def next_reaching(self, symbol: str, bands: Bands) -> int | None:
        """Return when the market next reaches one of the prices that are waited for, or None."""
        cursor = self.cursors.get(symbol)
        if cursor is None:
            return None
        row = cursor.next_row(self.now, bands)
        return None if row is None else cursor.ts[row]
