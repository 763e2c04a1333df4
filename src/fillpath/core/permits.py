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
        market: the market of its symbol at that moment; the engine adds it in the turn of the fact.
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


class OriginUnknown(Struct, frozen=True, array_like=True, tag="origin_unknown"):
    """A signal was set aside because nobody had shown that its strategy sent it.

    Args:
        at: nanoseconds UTC.
        message_id: the bus's name for it.
        strategy_name: the strategy that it names.
        text: why.
    """

    at: int
    message_id: str
    strategy_name: str
    text: str


class ArmingAsked(Struct, frozen=True, array_like=True, tag="arming_asked"):
    """A person asks for live trading; it begins when another confirms, or the same one later.

    Args:
        at: nanoseconds UTC.
        by: who it was.
        user_id: the operating-system user behind it, as the kernel says; -1 when unknown.
        account: the account, as the person typed it.
        strategies: those that may trade; empty for all.
        limits: hash of the limits that it is for.
    """

    at: int
    by: str
    user_id: int
    account: str
    strategies: tuple[str, ...]
    limits: str


class TradingArmed(Struct, frozen=True, array_like=True, tag="trading_armed"):
    """A person confirms what was asked for; the fields are those of the request."""

    at: int
    by: str
    user_id: int
    account: str
    strategies: tuple[str, ...]
    limits: str


class TradingDisarmed(Struct, frozen=True, array_like=True, tag="trading_disarmed"):
    """A person ends live trading; exits leave all the same."""

    at: int
    by: str
    reason: str
