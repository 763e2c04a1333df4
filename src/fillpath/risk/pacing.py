"""How many messages a broker gets in a second, with room that orders leave for cancels."""

from collections import deque
from typing import Final

from fillpath.core.models import Refusal
from fillpath.core.units import NANOSECONDS
from fillpath.risk.limits import RateLimits

MESSAGE_RATE: Final = "MESSAGE_RATE"
MOST_MESSAGES: Final = 1_000
"""Messages that are remembered, the most that a second may be allowed to have."""


class MessageBudget:
    """The messages of the last second.

    Cancels, amendments and exits are counted and never kept back; an entry leaves while what is not
    reserved for them has room. What is kept back is refused and not sent later.
    """

    def __init__(self) -> None:
        self._sent: deque[int] = deque(maxlen=MOST_MESSAGES)

    def count(self, now: int) -> None:
        """Count a message that leaves at ``now`` nanoseconds whatever comes."""
        self._sent.append(now)

    def order(self, now: int, rates: RateLimits, *, exits: bool) -> Refusal | None:
        """Count an order that is about to leave, or return why it may not."""
        sent = self._sent
        while sent and now - sent[0] >= NANOSECONDS:
            sent.popleft()
        most = rates.messages_per_second - rates.cancel_reserve_per_second
        if not exits and len(sent) >= most:
            text = f"{len(sent)} messages left within a second, an entry may be one of {most}"
            return Refusal(MESSAGE_RATE, text)
        sent.append(now)
        return None


__all__ = ["MESSAGE_RATE", "MOST_MESSAGES", "MessageBudget"]
