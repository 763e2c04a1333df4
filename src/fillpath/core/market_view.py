"""What the engine knew of a market at one moment."""

from msgspec import Struct


class MarketView(Struct, frozen=True, array_like=True, gc=False):
    """The market as the engine knew it when a fact arrived; the inputs of a decision.

    Args:
        bid: best bid in price units, None when missing.
        ask: best ask in price units, None when missing.
        bid_size: shares at the bid in quantity units.
        ask_size: shares at the ask in quantity units.
        quote_at: nanoseconds from which the quote was known, None when there is no quote.
        adv: average daily volume in quantity units, None when unknown.
        long_value: value of all long positions at their marks, money units.
        short_value: value of all short positions at their marks, money units, 0 or more.
        sector_value: value of what is held in the symbol's sector, longs and shorts together, money
            units; 0 where no sectors are known.
        mean: mean of the mids of the last five minutes, price units; 0 while nobody knows it.
    """

    bid: int | None = None
    ask: int | None = None
    bid_size: int = 0
    ask_size: int = 0
    quote_at: int | None = None
    adv: int | None = None
    long_value: int = 0
    short_value: int = 0
    sector_value: int = 0
    mean: int = 0
