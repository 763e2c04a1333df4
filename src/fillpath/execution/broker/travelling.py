"""Messages on their way to the market: each takes its time, and none overtakes another of its order."""

from enum import StrEnum
from heapq import heappop, heappush

from msgspec import Struct

from fillpath.execution.simulating.latency import latency
from fillpath.execution.simulating.policy import RealisticPolicy

_MICROSECOND = 1_000


class Kind(StrEnum):
    """What a message asks for."""

    ORDER = "order"
    CANCEL = "cancel"
    AMEND = "amend"
    LOOK = "look"


class Message(Struct, frozen=True, order=True, gc=False):
    """Something that arrives.

    Args:
        due: when, nanoseconds UTC, in whole microseconds.
        number: keeps equal moments in the order of sending.
        kind: what it asks for.
        name: the order, or the symbol that is to be looked at again.
        quantity: of an amendment, the whole order, quantity units.
        stop: of an amendment, the trigger, price units; None to leave it.
    """

    due: int
    number: int
    kind: Kind
    name: str
    quantity: int = 0
    stop: int | None = None


class Post:
    """The messages of one account.

    Args:
        rules: how long they take, and the seed of that.
    """

    def __init__(self, rules: RealisticPolicy) -> None:
        self._rules = rules
        self._heap: list[Message] = []
        self._count = 0
        self._last: dict[str, tuple[int, int]] = {}
        self._looks: set[tuple[int, str]] = set()

    def send(
        self, kind: Kind, order_id: str, at: int, quantity: int = 0, stop: int | None = None
    ) -> None:
        """Send what an order is asked for at ``at`` nanoseconds on its way."""
        sent, last = self._last.get(order_id, (0, 0))
        rules = self._rules
        way = latency(rules.seed, f"{order_id}/{sent}", rules.shortest, rules.longest)
        due = max(-(-(at + way) // _MICROSECOND) * _MICROSECOND, last)
        self._last[order_id] = (sent + 1, due)
        self._push(due, kind, order_id, quantity, stop)

    def remind(self, symbol: str, due: int) -> None:
        """Ask for another look at a symbol, once for each moment."""
        if (due, symbol) not in self._looks:
            self._looks.add((due, symbol))
            self._push(due, Kind.LOOK, symbol, 0, None)

    def forget(self, order_id: str) -> None:
        """Forget how far the messages of an order have come; it has ended."""
        self._last.pop(order_id, None)

    def next_due(self) -> int | None:
        """Return when the next message arrives, nanoseconds UTC, or None."""
        return self._heap[0].due if self._heap else None

    def arrived(self, now: int) -> Message | None:
        """Take the next message that has arrived, or return None."""
        if not self._heap or self._heap[0].due > now:
            return None
        message = heappop(self._heap)
        if message.kind is Kind.LOOK:
            self._looks.discard((message.due, message.name))
        return message

    def _push(self, due: int, kind: Kind, name: str, quantity: int, stop: int | None) -> None:
        self._count += 1
        heappush(self._heap, Message(due, self._count, kind, name, quantity, stop))
