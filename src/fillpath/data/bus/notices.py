"""What a bus or a feed has to say to a person, beside doing its work."""

from collections.abc import Callable

from msgspec import Struct


class Notice(Struct, frozen=True):
    """Something about the transport that a person should know.

    Args:
        code: ``BUS_GAP`` (signals may be lost), ``BUS_GROUP_MADE`` (the consumer group was missing
            and was made again), ``BUS_UNSAFE`` (the server may throw messages away),
            ``BRIDGE_GAP`` (a producer's numbers jump, or the bridge was cut off), ``FEED_LOST`` and
            ``FEED_BACK`` (quotes stopped, and came again), ``FEED_GAP`` (no quote is believed until it
            is told anew), ``FEED_SILENT`` (no word in an open market), ``FEED_LINES`` (more symbols
            than lines), ``FEED_REFUSED`` and ``FEED_DELAYED`` (a symbol has no live data),
            ``FEED_COMPETING`` (the login shows data elsewhere), ``DATA_LOST`` (the adapter of
            historical data is not connected), ``ADV_MISSING``, ``REFERENCE_MISSING`` and
            ``ACCOUNT_UNKNOWN`` (what the broker cannot tell of a symbol, or of the account).
        text: one sentence with the ids or the reason.
    """

    code: str
    text: str


Tell = Callable[[Notice], None]


def tell_nobody(notice: Notice) -> None:
    """Let a notice go unheard."""
    del notice
