"""A live session decided once more: its facts from the journal, its market from the recorded quotes.

Whatever came from outside is taken as the journal has it: signals, answers of the broker, hours,
acts of people, average volumes, and the market that came with the end of an order. Everything else
about the market is read anew, by the market of backtests, from the quotes that were recorded, at the
moment of each fact. Two desks go side by side, one on each picture, and every decision and every
order of the one is held against the other's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from msgspec import Struct
from msgspec.structs import asdict, replace

from fillpath.backtest.tape_market import TapeMarket
from fillpath.core.commands import AmendOrder, CancelOrder, Command, Decision, Intent, PlaceOrder
from fillpath.core.events import (
    AccountValued,
    Event,
    LevelReached,
    MarketView,
    QuoteSeen,
    SignalReceived,
    TimerFired,
)
from fillpath.core.holdings import Holding
from fillpath.core.ports import MarketData
from fillpath.core.units import moment
from fillpath.data.files.recording import RecordedQuotes
from fillpath.execution.desk import Desk
from fillpath.execution.desk.valuing import same_sector, valued

_TOLD: Final = (Decision, PlaceOrder, AmendOrder, CancelOrder)
_SEEN: Final = (QuoteSeen, TimerFired, LevelReached)


class Difference(Struct, frozen=True):
    """Where the two sides part.

    Args:
        record: number of the journal record, from 0.
        at: nanoseconds UTC.
        text: what live was, and what it is now.
    """

    record: int
    at: int
    text: str

    def __str__(self) -> str:
        """Return it as one sentence."""
        return f"record {self.record}, {moment(self.at):%Y-%m-%dT%H:%M:%S.%fZ}: {self.text}"


class Agreement(Struct, kw_only=True):
    """What a live session and its rerun have in common.

    Args:
        records: of the journal that were looked at.
        signals: that were received.
        decisions: that are the same.
        orders: placed, changed or cancelled, that are the same.
        markets: read from the recorded quotes.
        other_markets: of them, those that the journal has otherwise.
        first_market: the first of those, None without one.
        difference: the first decision or order that differs; None where all agree.
    """

    records: int = 0
    signals: int = 0
    decisions: int = 0
    orders: int = 0
    markets: int = 0
    other_markets: int = 0
    first_market: Difference | None = None
    difference: Difference | None = None


class Means(Protocol):
    """A market whose views also tell the mean mid of the last minutes."""

    def moved(self, symbol: str, at: int) -> None:
        """Take the present quote of a symbol down."""
        ...

    def view(self, symbol: str) -> MarketView:
        """Return the market of a symbol with that mean."""
        ...


MakeMeans = Callable[[MarketData], Means]


def rerun(
    records: Iterable[Event | Intent],
    desks: tuple[Desk, Desk],
    quotes: Sequence[RecordedQuotes],
    means: MakeMeans,
) -> Agreement:
    """Decide a session once more and return how far it agrees; the first difference ends it.

    Args:
        records: the journal, oldest first.
        desks: two fresh ones with the policy in force.
        quotes: what was recorded, oldest first.
        means: adds the mean mid of the last minutes, as the live engine does.
    """
    live, again = desks
    market = RecordedMarket(quotes, again, means)
    found = Agreement()
    for number, record in enumerate(records):
        found.records += 1
        if isinstance(record, Intent):
            continue  # what the live desk decides is held against it by ``recover``
        found.signals += isinstance(record, SignalReceived)
        seen = market.seen(record)
        if seen is not None:
            _compare_markets(found, number, record, seen)
        told = [one for one in live.step(record) if isinstance(one, _TOLD)]
        now = [
            one for one in again.step(record if seen is None else seen) if isinstance(one, _TOLD)
        ]
        text = _parting(found, told, now)
        if text:
            found.difference = Difference(number, record.at, text)
            break
    return found


class RecordedMarket:
    """The market as it stands on recorded quotes, for what a desk holds.

    Args:
        quotes: oldest first.
        desk: whose holdings are valued.
        means: adds the mean mid.
    """

    def __init__(self, quotes: Sequence[RecordedQuotes], desk: Desk, means: MakeMeans) -> None:
        self._waiting = list(quotes)
        self._desk = desk
        self._means = means
        self._part = _Part(RecordedQuotes(0, {}, {}), means)

    def seen(self, fact: Event) -> Event | None:
        """Return the fact with the market of its moment; None where it carries none that was looked up."""
        while self._waiting and self._waiting[0].began <= fact.at:
            self._part = _Part(self._waiting.pop(0), self._means)
        self._part.market.now = fact.at
        if isinstance(fact, SignalReceived):
            return replace(fact, market=self._view(fact.signal.symbol, fact.market))
        if isinstance(fact, _SEEN):
            return replace(fact, market=self._view(fact.symbol, fact.market))
        if isinstance(fact, AccountValued):
            longs, shorts = self._part.market.values(self._holdings)
            return replace(fact, long_value=longs, short_value=shorts)
        return None

    @property
    def _holdings(self) -> dict[str, Holding]:
        return self._desk.state.book.holdings

    def _view(self, symbol: str, was: MarketView) -> MarketView:
        view = replace(self._part.view(symbol), adv=was.adv)
        held = self._holdings
        if not held:
            return view
        market, sectors = self._part.market, self._desk.policy.risk.sectors
        about = same_sector(sectors, held, symbol) if sectors.by_symbol else {}
        return valued(view, market.values(held), sum(market.values(about)))


class _Part:
    """One stretch of a recording, between two starts of the engine."""

    def __init__(self, quotes: RecordedQuotes, means: MakeMeans) -> None:
        self.market = TapeMarket(quotes.tapes.values())
        self._made = quotes.made
        self._shown = _Shown()
        self._means = means(self._shown)
        self._taken: dict[str, int] = {}

    def view(self, symbol: str) -> MarketView:
        """Return quote and mean of a symbol at the moment of the market."""
        seen = self.market.view(symbol)
        cursor = self.market.cursors.get(symbol)
        if cursor is None or cursor.index < 0:
            return seen
        first = self._taken.get(symbol, 0)
        for row in range(first, cursor.index + 1):
            self._shown.now = MarketView(cursor.bid[row] or None, cursor.ask[row] or None)
            self._means.moved(symbol, cursor.ts[row])
        self._taken[symbol] = cursor.index + 1
        made = int(self._made[symbol][cursor.index])
        self._shown.now = replace(seen, quote_at=None if made < 0 else made)
        return self._means.view(symbol)


class _Shown:
    """One quote at a time, for the mean over all of them."""

    def __init__(self) -> None:
        self.now = MarketView()

    def view(self, symbol: str) -> MarketView:
        """Return it."""
        del symbol
        return self.now

    def mark(self, symbol: str) -> int | None:
        """Return nothing: only quotes are asked for."""
        del symbol
        return None

    def watch(self, symbol: str) -> None:
        """Forget it: nothing comes after."""

    def values(self, holdings: Mapping[str, Holding]) -> tuple[int, int]:
        """Return nothing: only quotes are asked for."""
        del holdings
        return 0, 0


def _compare_markets(found: Agreement, number: int, was: Any, now: Any) -> None:
    found.markets += 1
    if was == now:
        return
    found.other_markets += 1
    if found.first_market is None:
        pair = (was, now) if isinstance(was, AccountValued) else (was.market, now.market)
        text = f"the market of {type(was).__name__} {_differing(*pair)}"
        found.first_market = Difference(number, was.at, text)


def _parting(found: Agreement, told: Sequence[Command], now: Sequence[Command]) -> str:
    """Count what is the same, and return how the first that is not differs."""
    for was, same in zip(told, now, strict=False):
        text = _unlike(was, same)
        if text:
            return text
        if isinstance(was, Decision):
            found.decisions += 1
        else:
            found.orders += 1
    if len(told) > len(now):
        return f"live came to {_named(told[len(now)])}, the rerun does not"
    if len(now) > len(told):
        return f"the rerun comes to {_named(now[len(told)])}, live did not"
    return ""


def _unlike(was: Command, now: Command) -> str:
    """Return how two acts differ; what a decision says of its market is compared with the market."""
    if isinstance(was, Decision) and isinstance(now, Decision):
        was, now = replace(was, market=None), replace(now, market=None)
    if was == now:
        return ""
    if type(was) is not type(now):
        return f"live came to {_named(was)}, the rerun to {_named(now)}"
    return f"{_named(was)}: {_differing(was, now)}"


def _named(command: Command) -> str:
    if isinstance(command, Decision):
        about = f"{command.strategy_name}/{command.signal_id} {command.order_id}".strip()
        return f"the decision {command.stage} {command.outcome} {command.reason} on {about}"
    order = command.ticket.order_id if isinstance(command, PlaceOrder) else ""
    return f"{type(command).__name__} {order or getattr(command, 'order_id', '')}"


def _differing(was: Any, now: Any) -> str:
    """Return the first field that is another one, down to where it is."""
    before, after = asdict(was), asdict(now)
    for name, value in before.items():
        if value == after[name]:
            continue
        if isinstance(value, Struct) and type(value) is type(after[name]):
            return f"{name} {_differing(value, after[name])}"
        return f"{name} was {value}, is {after[name]}"
    return "is the same"


__all__ = ["Agreement", "Difference", "RecordedMarket", "rerun"]
