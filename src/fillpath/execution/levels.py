"""Prices that the desk waits for: which of them the market has come to."""

from typing import Final

from fillpath.core.commands import WatchLevel
from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide

_BUY: Final = OrderSide.BUY


class Levels:
    """Watches on prices by symbol; each one is told of once."""

    def __init__(self) -> None:
        self._watches: dict[str, dict[str, WatchLevel]] = {}

    def __bool__(self) -> bool:
        return bool(self._watches)

    def set(self, watch: WatchLevel) -> None:
        """Wait for a price; the same name again moves the watch."""
        self._watches.setdefault(watch.symbol, {})[watch.watch_id] = watch

    def clear(self, watch_id: str, symbol: str) -> None:
        """Forget a watch; unknown names are ignored."""
        watches = self._watches.get(symbol)
        if watches is not None and watches.pop(watch_id, None) is not None and not watches:
            del self._watches[symbol]

    def waits(self, symbol: str) -> bool:
        """Return whether any price of the symbol is waited for."""
        return symbol in self._watches

    def reached(self, symbol: str, view: MarketView) -> list[str]:
        """Return the watches that this market is at or beyond, in the order of setting, and forget them.

        Nothing is reached in a crossed market or on a side without a price.
        """
        watches = self._watches.get(symbol, {})
        found = [name for name, watch in watches.items() if _is_reached(watch, view)]
        for name in found:
            self.clear(name, symbol)
        return found

    def bands(self, symbol: str) -> tuple[int | None, int | None, int | None, int | None]:
        """Return the nearest prices waited for: bid from above, bid from below, ask likewise.

        Nothing is reached before the bid is at or below the first or at or above the second, or the
        ask is at or below the third or at or above the fourth; None where nothing is waited for.
        """
        watches = self._watches.get(symbol, {}).values()
        bids = [watch for watch in watches if watch.side is not _BUY]
        asks = [watch for watch in watches if watch.side is _BUY]
        return (*_nearest(bids), *_nearest(asks))


def _is_reached(watch: WatchLevel, view: MarketView) -> bool:
    price = view.ask if watch.side is _BUY else view.bid
    if price is None or (view.bid is not None and view.ask is not None and view.bid > view.ask):
        return False
    return (watch.low is not None and price <= watch.low) or (
        watch.high is not None and price >= watch.high
    )


def _nearest(watches: list[WatchLevel]) -> tuple[int | None, int | None]:
    return (
        max((watch.low for watch in watches if watch.low is not None), default=None),
        min((watch.high for watch in watches if watch.high is not None), default=None),
    )
