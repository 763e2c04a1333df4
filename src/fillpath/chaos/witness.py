"""The witness: reads what the disk has for certain, and replays it beside the engine.

It sees nothing but synced bytes. Its own desk takes every durable fact, so that the live engine can
be compared with a replay of its journal at every step, and the record of each order is kept for the
invariants that look back.
"""

from collections import deque
from collections.abc import Callable, Iterator
from decimal import Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from fillpath.chaos.disk import Disk
from fillpath.core.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    Intent,
    Ticket,
)
from fillpath.core.events import (
    AmendFailed,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderFilled,
    SignalReceived,
)
from fillpath.core.models import Certainty, OrderStatus, OrderType
from fillpath.core.units import quantity_decimal
from fillpath.data.codec import Record, decode_group
from fillpath.data.journal.frames import CURRENT, GENESIS, HEADER_SIZE, chained
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy


class OrderLog(Struct):
    """What the journal says about one order, kept for ever.

    Args:
        ticket: as it was sent.
        sequence: number of its intent.
        decided_at: nanoseconds of the decision.
        reduces: whether the desk calls it an exit.
        status: where it stands.
        certainty: how sure the desk is.
        fills: quantity units by execution.
        overfill: whether an alarm has said that it was filled too much.
        late: whether a fill came after its end.
        doubted: whether it ever was in doubt.
        broker_order_id: the broker's name, empty until it has accepted.
        asked: quantity units of a change that was asked for and is not answered; 0 for none.
        most: the most quantity units that it was ever asked to be.
    """

    ticket: Ticket
    sequence: int
    decided_at: int
    reduces: bool = False
    status: OrderStatus = OrderStatus.PENDING
    certainty: Certainty = Certainty.CONFIRMED
    fills: dict[str, int] = field(default_factory=dict)
    overfill: bool = False
    late: bool = False
    doubted: bool = False
    broker_order_id: str = ""
    asked: int = 0
    most: int = 0

    @property
    def protects(self) -> bool:
        """Return whether it is a stop or a target, which count beside the position that they close."""
        return self.ticket.route == "protect" and self.ticket.order_type is not OrderType.MARKET

    @property
    def filled(self) -> int:
        """Return quantity units filled."""
        return sum(self.fills.values())

    @property
    def working(self) -> int:
        """Return quantity units that may still fill."""
        if self.status.is_terminal:
            return 0
        return max(self.ticket.quantity - self.filled, 0)


class Step(Struct, frozen=True):
    """One durable record, and what the replaying desk made of it.

    Args:
        sequence: its number.
        record: the record.
        commands: what the desk answered; empty for an intent.
        cause: the fact before an intent; the record itself for a fact.
        answer: what the desk answered to the cause.
    """

    sequence: int
    record: Event | Intent
    commands: list[Command]
    cause: Event | None
    answer: list[Command]


class DurableFrames:
    """Reads the journal's frames from the durable bytes alone, as far as they are sound.

    Args:
        content: the durable bytes; they grow.
    """

    def __init__(self, content: bytearray) -> None:
        self._content = content
        self._at = HEADER_SIZE
        self._digest = GENESIS

    def new(self) -> Iterator[tuple[int, Record]]:
        """Yield every record that was not yielded before, with its number."""
        while True:
            start = self._at + CURRENT.head_size
            head = CURRENT.read_head(bytes(self._content[self._at : start]))
            if head is None or start + head.length > len(self._content):
                return
            payload = bytes(self._content[start : start + head.length])
            if chained(self._digest, head.label, payload) != head.digest:
                return
            self._at, self._digest = start + head.length, head.digest
            if head.records:
                group = decode_group(payload)
                yield from enumerate(group.records, group.sequence)

    @property
    def sound(self) -> bytes:
        """Return the bytes that were found sound."""
        return bytes(self._content[: self._at])


class Witness:
    """Follow the durable journal of a run through all its processes.

    Args:
        disk: where the journal is.
        policy: rules that the desk starts with.
        judge: called with each step, in order.
    """

    def __init__(self, disk: Disk, policy: DeskPolicy, judge: Callable[[Step], None]) -> None:
        self.desk = Desk(policy)
        self.orders: dict[str, OrderLog] = {}
        self.cancels: set[str] = set()
        self.amends: dict[tuple[str, Decimal], AmendOrder] = {}
        self.records = 0
        self.journal: list[tuple[int, Record]] = []
        self.diverged = ""
        self.frames = DurableFrames(disk.durable)
        self._judge = judge
        self.followed: Callable[[Step], None] = lambda _step: None
        self.varied: Callable[[Desk, SignalReceived], Callable[[list[Command]], None]] | None = None
        self._expected: deque[Intent] = deque()
        self._cause: Event | None = None
        self.answer: list[Command] = []

    def look(self) -> None:
        """Take every record that has become durable."""
        for sequence, record in self.frames.new():
            self._take(sequence, record)

    def _take(self, sequence: int, record: Event | Intent) -> None:
        if sequence != self.records:
            self.diverged = f"record {sequence} follows record {self.records - 1}"
        self.records += 1
        self.journal.append((sequence, record))
        commands: list[Command] = []
        if isinstance(record, Intent):
            self._intend(sequence, record)
        else:
            if self._expected:
                self.diverged = f"record {sequence}: the journal lacks {self._expected[0]!r}"
                self._expected.clear()
            compare = None
            if self.varied is not None and isinstance(record, SignalReceived):
                compare = self.varied(self.desk, record)
            commands = self.answer = self.desk.step(record)
            if compare is not None:
                compare(commands)
            self._cause = record
            intents = [c for c in commands if isinstance(c, Intent)]
            self._expected.extend(intents)
        step = Step(sequence, record, commands, self._cause, self.answer)
        self._judge(step)
        self._follow(record)
        self.followed(step)

    def _intend(self, sequence: int, intent: Intent) -> None:
        decided = self._expected.popleft() if self._expected else None
        if decided != intent:
            self.diverged = f"record {sequence} is {intent!r}, a replay decides {decided!r}"
        if isinstance(intent, CancelOrder):
            self.cancels.add(intent.broker_order_id)
            return
        if isinstance(intent, AmendOrder):
            log = self.orders[intent.order_id]
            log.asked, log.most = intent.quantity, max(log.most, intent.quantity)
            self.amends[intent.broker_order_id, quantity_decimal(intent.quantity)] = intent
            return
        ticket = intent.ticket
        state = self.desk.state.orders.get(ticket.order_id)
        reduces = state is not None and state.reduces
        self.orders[ticket.order_id] = OrderLog(ticket, sequence, intent.at, reduces)

    def _follow(self, record: Event | Intent) -> None:
        """Bring the log of the order that the record names up to date."""
        order_id = getattr(record, "order_id", None)
        log = None if order_id is None else self.orders.get(order_id)
        if log is None or order_id is None:
            return
        state = self.desk.state
        order = state.orders.get(order_id) or state.recent.get(order_id)
        if isinstance(record, OrderFilled):
            log.late = log.late or log.status.is_terminal
        elif isinstance(record, OrderAccepted):
            log.broker_order_id = record.broker_order_id
        elif isinstance(record, OrderAmended):
            stop = log.ticket.stop if record.stop is None else record.stop
            log.ticket = replace(log.ticket, quantity=record.quantity, stop=stop)
        if isinstance(record, OrderAmended | AmendFailed):
            log.asked = 0
        if order is not None:
            log.fills = {name: filled.quantity for name, filled in order.fills.items()}
        if order is not None:
            log.status = order.status
            log.certainty = order.certainty
            log.doubted = log.doubted or order.certainty is Certainty.IN_DOUBT
