"""Facts about what people allow: single orders that wait for them, and live trading.

They are facts like those of ``core/events.py``, which names them too.
"""

from msgspec import Struct

from fillpath.core.market_view import MarketView


class ApprovalGiven(Struct, frozen=True, array_like=True, tag="approval_given"):
    """A person allows the order of a signal that waits for one; it is judged again as of now.

    Args:
        at: nanoseconds UTC.
        order_id: the order that would come to be.
        by: who it was.
        market: the market of its symbol at this moment.
    """

    at: int
    order_id: str
    by: str
    market: MarketView


class ApprovalDeclined(Struct, frozen=True, array_like=True, tag="approval_declined"):
    """A person does not allow the order of a signal that waits for one."""

    at: int
    order_id: str
    by: str
    reason: str
