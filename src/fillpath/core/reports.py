"""Facts that others tell about the account and the world around it, beside orders and quotes.

They are facts like those of ``core/events.py``, which names them too. What a number cannot be (NaN,
an empty field) is None here: unknown.
"""

from msgspec import Struct


class AccountReported(Struct, frozen=True, array_like=True, tag="account_reported"):
    """The broker told how the account stands; every report replaces the one before.

    Args:
        at: nanoseconds UTC.
        equity: net liquidation value, money units; None when it is missing.
        settled_cash: money units; None when it is missing.
        day_trades_left: day trades that the broker still allows, -1 for no limit; None when it does
            not say.
        margin_excess: what is left above the maintenance margin, money units, negative when it is
            not met; None when it does not say.
        kind: ``cash`` or ``margin``; empty when it does not say.
    """

    at: int
    equity: int | None = None
    settled_cash: int | None = None
    day_trades_left: int | None = None
    margin_excess: int | None = None
    kind: str = ""


class AccountValued(Struct, frozen=True, array_like=True, tag="account_valued"):
    """What is held was valued at its marks, with no order to decide on.

    Args:
        at: nanoseconds UTC.
        long_value: value of all long positions, money units.
        short_value: value of all short positions, money units, 0 or more.
    """

    at: int
    long_value: int
    short_value: int


class VolatilitySeen(Struct, frozen=True, array_like=True, tag="volatility_seen"):
    """The volatility index of the market became known, or was lost.

    Args:
        at: nanoseconds UTC.
        value: index points of 1e-8; None when it is not known any more.
    """

    at: int
    value: int | None = None


class OperatorSeen(Struct, frozen=True, array_like=True, tag="operator_seen"):
    """A person did something that shows that somebody is there.

    Args:
        at: nanoseconds UTC.
        by: who.
        act: what was done.
    """

    at: int
    by: str
    act: str = ""


__all__ = ["AccountReported", "AccountValued", "OperatorSeen", "VolatilitySeen"]
