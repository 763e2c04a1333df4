"""Market data: who has subscribed to what, what they may see, and what they are sent."""

from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from typing import Final

from msgspec import Struct, field

from fillpath.testing.gateway import answers
from fillpath.testing.gateway import data_answers as say
from fillpath.testing.gateway.catalogue import Contract
from fillpath.testing.gateway.market import Touch
from fillpath.testing.gateway.wire import Message, Value

COMPETING: Final = (10197, "No market data during competing live session")
NOT_SUBSCRIBED: Final = "Requested market data is not subscribed."
NEEDS_MORE: Final = "Requested market data requires additional subscription for API."
_LOT: Final = 100
_SHORTABLE: Final = "236"
_STATISTICS: Final = "165"
_DELAYED: Final = {0: 69, 1: 66, 2: 67, 3: 70, 4: 68, 5: 71, 6: 72, 7: 73, 8: 74, 9: 75, 14: 76}


Tick = Callable[..., Message]
News = tuple[Tick, int, tuple[Value, ...]]


class DataKind(IntEnum):
    """Sorts of data, by the vendor's numbers."""

    NONE = 0
    LIVE = 1
    FROZEN = 2
    DELAYED = 3
    DELAYED_FROZEN = 4


class Subscription(Struct):
    """What a client sees of one contract.

    Args:
        client_id: whose it is.
        request: its number.
        contract: what.
        tell: sends a message to its client.
        ticks: numbers of the generic ticks that are wanted too.
        kind: what it brings.
        sent: what was sent last, by tick number.
    """

    client_id: int
    request: int
    contract: Contract
    tell: Callable[[Message], None]
    ticks: frozenset[str]
    kind: DataKind
    sent: dict[int, Message] = field(default_factory=dict)


class Quoting:
    """Keep the subscriptions.

    Args:
        touch: returns the market of a contract.
    """

    def __init__(self, touch: Callable[[Contract], Touch]) -> None:
        self.allowed: dict[str, DataKind] = {}
        self.competing = False
        self.frozen = False
        self.subscriptions: list[Subscription] = []
        self._touch = touch
        self._wanted: dict[int, int] = {}

    def want(self, client_id: int, kind: int) -> None:
        """Take note of which sort of data a client wants from now on."""
        self._wanted[client_id] = kind

    def subscribe(self, new: Subscription, *, snapshot: bool) -> None:
        """Begin to send, after saying which sort it is, or say why there is nothing."""
        allowed = self.allowed.get(new.contract.symbol, DataKind.LIVE)
        wants_delayed = self._wanted.get(new.client_id, 1) in {3, 4}
        if self.competing:
            new.tell(answers.error(new.request, *COMPETING))
            return
        if allowed is DataKind.NONE or (allowed is DataKind.DELAYED and not wants_delayed):
            new.tell(answers.error(new.request, *_refusal(allowed, wants_delayed=wants_delayed)))
            return
        new.kind = self._kind(allowed)
        if new.kind in {DataKind.DELAYED, DataKind.DELAYED_FROZEN}:
            text = f"{NOT_SUBSCRIBED} Displaying delayed market data."
            new.tell(answers.error(new.request, 10167, text))
        new.tell(say.market_data_type(new.request, new.kind))
        new.tell(say.tick_parameters(new.request, new.contract.min_tick))
        self._send(new)
        if snapshot:
            new.tell(say.tick_snapshot_end(new.request))
        else:
            self.subscriptions.append(new)

    def unsubscribe(self, client_id: int, request: int | None = None) -> None:
        """End one subscription of a client, or all."""
        self.subscriptions = [
            each
            for each in self.subscriptions
            if each.client_id != client_id or request not in {None, each.request}
        ]

    def lose(self) -> None:
        """Forget every subscription, without anybody being told."""
        self.subscriptions.clear()

    def compete(self) -> None:
        """Let somebody else take the data: every subscription ends with an error."""
        self.competing = True
        for each in self.subscriptions:
            each.tell(answers.error(each.request, *COMPETING))
        self.lose()

    def freeze(self, *, frozen: bool) -> None:
        """Say of every subscription that its data stands still, or moves again."""
        self.frozen = frozen
        for each in self.subscriptions:
            each.kind = self._kind(self.allowed.get(each.contract.symbol, DataKind.LIVE))
            each.tell(say.market_data_type(each.request, each.kind))

    def moved(self, contract: Contract) -> None:
        """Send what changed in the market of a contract."""
        for each in self.subscriptions:
            if each.contract.con_id == contract.con_id:
                self._send(each)

    def _kind(self, allowed: DataKind) -> DataKind:
        if not self.frozen:
            return allowed
        return DataKind.FROZEN if allowed is DataKind.LIVE else DataKind.DELAYED_FROZEN

    def _send(self, to: Subscription) -> None:
        delayed = to.kind in {DataKind.DELAYED, DataKind.DELAYED_FROZEN}
        touch = self._touch(to.contract)
        news = _prices(touch) + _sizes(touch) + _generic(touch, to.ticks)
        for make, kind, values in news:
            told = make(to.request, _DELAYED.get(kind, kind) if delayed else kind, *values)
            if to.sent.get(kind) != told:
                to.sent[kind] = told
                to.tell(told)


def _refusal(allowed: DataKind, *, wants_delayed: bool) -> tuple[int, str]:
    if allowed is DataKind.DELAYED:
        return 10089, f"{NEEDS_MORE} Delayed market data is available."
    if wants_delayed:
        return 10168, f"{NOT_SUBSCRIBED} Delayed market data is not enabled."
    return 354, f"{NOT_SUBSCRIBED} Delayed market data is not available."


def _prices(touch: Touch) -> list[News]:
    """Return what is said about prices; nobody on a side is told as a price of -1."""
    news: list[News] = []
    if touch.bid is not None or touch.ask is not None:
        news.append((say.tick_price, 1, _side(touch.bid, touch.bid_size)))
        news.append((say.tick_price, 2, _side(touch.ask, touch.ask_size)))
    singles = ((6, touch.high), (7, touch.low), (9, touch.close), (14, touch.open))
    news += [(say.tick_price, kind, (price, 0)) for kind, price in singles if price is not None]
    if touch.last is not None:
        news.append((say.tick_price, 4, (touch.last, touch.last_size)))
    return news


def _side(price: Decimal | None, size: Decimal | None) -> tuple[Value, Value]:
    """Return price and size of one side; a size that the test left out is shown as a round lot."""
    if price is None:
        return -1, 0
    return price, _LOT if size is None else size


def _sizes(touch: Touch) -> list[News]:
    """Return what is said about sizes; volumes are in lots of a hundred."""
    lots = None if touch.volume is None else touch.volume / _LOT
    sizes = ((0, touch.bid_size), (3, touch.ask_size), (5, touch.last_size), (8, lots))
    return [(say.tick_size, kind, (size,)) for kind, size in sizes if size is not None]


def _generic(touch: Touch, ticks: frozenset[str]) -> list[News]:
    news: list[News] = [(say.tick_generic, 49, (touch.halted,))]
    if _SHORTABLE in ticks and touch.shortable is not None:
        news.append((say.tick_generic, 46, (touch.shortable,)))
    if _SHORTABLE in ticks and touch.shortable_shares is not None:
        news.append((say.tick_size, 89, (touch.shortable_shares,)))
    if _STATISTICS in ticks and touch.average_volume is not None:
        news.append((say.tick_size, 21, (touch.average_volume / _LOT,)))
    return news


__all__ = ["DataKind", "Quoting", "Subscription"]
