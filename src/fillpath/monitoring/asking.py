"""What the book of alerts is asked for, and what it says of a channel."""

from msgspec import Struct


class ChannelState(Struct, frozen=True, kw_only=True):
    """How a channel is.

    Args:
        name: as the channels file calls it.
        failing_since: nanoseconds UTC of the first failure in a row, 0 while it works.
        announced: whether people were told that it fails.
        delivered_at: nanoseconds UTC at which it last took a message, 0 for never.
        problem: why it did not take the last one.
        waiting: alerts that it was not told of yet.
    """

    name: str
    failing_since: int = 0
    announced: bool = False
    delivered_at: int = 0
    problem: str = ""
    waiting: int = 0


class Chosen(Struct, frozen=True, kw_only=True):
    """Which alerts; what is empty leaves a condition out.

    Args:
        account: only its alerts.
        code: only those of this code.
        since: none that was raised before, nanoseconds UTC.
        until: only those that were raised before, nanoseconds UTC.
        before: only those with a smaller number.
        standing: only those that somebody should still acknowledge.
    """

    account: str = ""
    code: str = ""
    since: int = 0
    until: int = 0
    before: int = 0
    standing: bool = False


__all__ = ["ChannelState", "Chosen"]
