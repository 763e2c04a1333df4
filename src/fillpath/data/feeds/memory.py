"""Quotes in memory: the feed of tests, demos and of everyone who has quotes already."""

from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Final

from fillpath.core.events import MarketView
from fillpath.core.holdings import Holding
from fillpath.core.models import Quote, check_symbol
from fillpath.core.units import Number, nanoseconds, positive, price_units, quantity_units

_UNKNOWN: Final = MarketView()
_SMALLEST: Final = Decimal("0.000001")


class MemoryFeed:
    """Keep the last quote and the average daily volume of every symbol; a feed and a market.

    It judges nothing: a crossed, one-sided or old quote is kept and returned as it came.
    """

    def __init__(self) -> None:
        self._quotes: dict[str, Quote] = {}
        self._views: dict[str, MarketView] = {}
        self._adv: dict[str, Decimal] = {}
        self._marks: dict[str, int] = {}
        self._watched: set[str] = set()
        self._sinks: list[Callable[[str], None]] = []

    @property
    def refusal(self) -> str:
        """Return nothing: what cannot be a quote is refused where it is set."""
        return ""

    def set_quote(self, quote: Quote) -> None:
        """Replace the quote of its symbol and tell every subscriber.

        Raises:
            ModelError: a price with more than 8 decimals or a size with more than 6.
        """
        symbol = quote.symbol
        view = self._seen(quote)
        self._quotes[symbol] = quote
        self._views[symbol] = view
        if view.bid is not None and view.ask is not None and view.bid <= view.ask:
            self._marks[symbol] = (view.bid + view.ask) // 2
        for sink in self._sinks:
            sink(symbol)

    def set_adv(self, symbol: str, shares: Number) -> None:
        """Set the average daily volume of at least 20 past sessions, in shares, above 0.

        Raises:
            ModelError: not a symbol, or not a finite number above 0.
        """
        check_symbol(symbol)
        self._adv[symbol] = positive(shares, "shares")
        quote = self._quotes.get(symbol)
        self._views[symbol] = (
            MarketView(adv=self._adv_units(symbol)) if quote is None else self._seen(quote)
        )

    def subscribe(self, sink: Callable[[str], None]) -> None:
        """Call ``sink`` with the symbol after each ``set_quote``, in the order of subscription."""
        self._sinks.append(sink)

    async def get_quote(self, symbol: str) -> Quote | None:
        """Return the last quote, or None; never raises."""
        return self._quotes.get(symbol)

    async def get_adv(self, symbol: str) -> Decimal | None:
        """Return the average daily volume in shares, or None."""
        return self._adv.get(symbol)

    def last_quote(self, symbol: str) -> Quote | None:
        """Return the last quote, or None, without waiting."""
        return self._quotes.get(symbol)

    def view(self, symbol: str) -> MarketView:
        """Return quote and ADV in exact integers; the same object until one of them changes."""
        return self._views.get(symbol, _UNKNOWN)

    def mark(self, symbol: str) -> int | None:
        """Return the mid of the last two-sided, uncrossed quote in price units, rounded down."""
        return self._marks.get(symbol)

    def values(self, holdings: Mapping[str, Holding]) -> tuple[int, int]:
        """Return the value of all longs and of all shorts at their marks, both 0 or more."""
        longs = shorts = 0
        for symbol, holding in holdings.items():
            mark = self._marks.get(symbol)
            value = holding.cost if mark is None else holding.quantity * mark
            if value > 0:
                longs += value
            else:
                shorts -= value
        return longs, shorts

    def watch(self, symbol: str) -> None:
        """Remember that someone waits for a usable quote of ``symbol``."""
        self._watched.add(symbol)

    def take_watch(self, symbol: str) -> bool:
        """Return whether a watched symbol has a two-sided, uncrossed quote now, and forget it."""
        view = self.view(symbol)
        usable = view.bid is not None and view.ask is not None and view.bid <= view.ask
        if not usable or symbol not in self._watched:
            return False
        self._watched.discard(symbol)
        return True

    def _seen(self, quote: Quote) -> MarketView:
        bid, ask, ts = quote.bid_price, quote.ask_price, quote.ts
        return MarketView(
            bid=None if bid is None else price_units(bid),
            ask=None if ask is None else price_units(ask),
            bid_size=quantity_units(quote.bid_size),
            ask_size=quantity_units(quote.ask_size),
            quote_at=None if ts is None else nanoseconds(ts),
            adv=self._adv_units(quote.symbol),
        )

    def _adv_units(self, symbol: str) -> int | None:
        shares = self._adv.get(symbol)
        # An average may have any number of decimals; less than a millionth of a share is noise.
        return None if shares is None else quantity_units(shares.quantize(_SMALLEST, ROUND_DOWN))
