"""Facts about stopping and letting go, for the whole account, a part of it or one order.

They are facts like those of ``core/events.py``, which names them too.
"""

from msgspec import Struct


class KillSwitchSet(Struct, frozen=True, array_like=True, tag="kill_switch_set"):
    """A person or a breaker stopped orders: none of the scope leaves until it is cleared.

    Args:
        at: nanoseconds UTC.
        reason: why.
        by: who.
        scope: strategy, symbol, account or all; any other word stops the account.
        target: the strategy or the symbol.
        code: reason code of the orders that it refuses.
        until: nanoseconds UTC at which it ends by itself; 0 when only a person ends it.
        exits: whether orders that only reduce a position leave all the same.
    """

    at: int
    reason: str
    by: str
    scope: str = "account"
    target: str = ""
    code: str = "KILL_SWITCH"
    until: int = 0
    exits: bool = False


class KillSwitchCleared(Struct, frozen=True, array_like=True, tag="kill_switch_cleared"):
    """A person allowed the orders of a scope again.

    Args:
        at: nanoseconds UTC.
        by: who.
        scope: strategy, symbol, account or all.
        target: the strategy or the symbol.
        code: only the latch of this code; every code of the scope when empty.
    """

    at: int
    by: str
    scope: str = "account"
    target: str = ""
    code: str = ""


class FlattenAsked(Struct, frozen=True, array_like=True, tag="flatten_asked"):
    """A person gives up every position of a scope that is killed; its exits may leave.

    Args:
        at: nanoseconds UTC.
        by: who.
        scope: strategy, symbol, account or all.
        target: the strategy or the symbol.
        reason: why.
    """

    at: int
    by: str
    scope: str = "account"
    target: str = ""
    reason: str = ""


class CancelAsked(Struct, frozen=True, array_like=True, tag="cancel_asked"):
    """A person cancels one order; of a sliced one the rest is given up too.

    Args:
        at: nanoseconds UTC.
        order_id: the order, or the parent of slices.
        by: who.
        reason: why.
    """

    at: int
    order_id: str
    by: str
    reason: str = ""
