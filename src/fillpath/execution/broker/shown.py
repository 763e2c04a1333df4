"""How much of the size that is showing is still there to be taken."""

from msgspec import Struct

from fillpath.core.events import MarketView


class Shown(Struct):
    """The size of one symbol's quote, less what simulated orders have taken of it.

    Args:
        quote: the quote that is showing: its time, prices and sizes.
        bids: quantity units left at the bid.
        offers: quantity units left at the ask.
    """

    quote: tuple[int | None, ...] = ()
    bids: int = 0
    offers: int = 0

    def show(self, view: MarketView) -> None:
        """Start again with the full size when ``view`` is another quote than before."""
        quote = (view.quote_at, view.bid, view.ask, view.bid_size, view.ask_size)
        if quote != self.quote:
            self.quote = quote
            self.bids = view.bid_size
            self.offers = view.ask_size
