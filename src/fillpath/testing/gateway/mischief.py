"""Which faults are armed, and what they do to what the gateway says."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.testing.gateway.faults import (
    REQUEST_FAULTS,
    Behind,
    Crumbs,
    CutInside,
    Delay,
    Fault,
    Garbage,
    Hold,
    Merge,
    Repeat,
    Rewrite,
)
from fillpath.testing.gateway.requests import Request
from fillpath.testing.gateway.session import Session
from fillpath.testing.gateway.wire import Message

Later = Callable[[float, Callable[[], None]], None]
_CODE: Final = 3


class _Armed(Struct):
    """A fault, and how often it has been looked at and has happened."""

    fault: Fault
    seen: int = 0
    done: int = 0

    def happens(self) -> bool:
        """Count one message of the kind; return whether the fault happens to it."""
        self.seen += 1
        over = self.fault.times and self.done >= self.fault.times
        if self.seen <= self.fault.skip or over:
            return False
        self.done += 1
        return True


class Mischief:
    """Keep the faults.

    Args:
        later: calls something after so many seconds.
    """

    def __init__(self, later: Later) -> None:
        self.held: list[tuple[Session, Message]] = []
        self._armed: list[_Armed] = []
        self._behind: list[tuple[int, Session, Message]] = []
        self._later = later

    def arm(self, *faults: Fault) -> None:
        """Let these happen, each as often as it says."""
        self._armed += [_Armed(fault) for fault in faults]

    def disarm(self) -> None:
        """Let nothing happen any more; what is held stays held."""
        self._armed.clear()

    def happened(self, kind: type[Fault]) -> int:
        """Return how often faults of a sort have happened."""
        return sum(each.done for each in self._armed if isinstance(each.fault, kind))

    def to_request(self, client_id: int, request: Request) -> Fault | None:
        """Return the fault that happens to a request, or None."""
        for armed in self._armed:
            fault = armed.fault
            if not isinstance(fault, REQUEST_FAULTS):
                continue
            ref = request.order.order_ref if request.order else ""
            if (
                fault.kind in {"*", request.kind}
                and fault.client in {None, client_id}
                and fault.about in {None, request.about}
                and fault.ref in {"", ref}
                and armed.happens()
            ):
                return fault
        return None

    def send(self, session: Session, message: Message) -> None:
        """Send a message, with whatever happens to it."""
        copies = [message]
        for fault in self._to_message(session.client_id, message):
            copies = self._apply(fault, session, copies)
        for each in copies:
            session.send(each)
        self._count_down(session, len(copies))

    def release(self) -> None:
        """Send what is held, and what waits for others."""
        held, self.held = self.held, []
        behind, self._behind = self._behind, []
        for session, message in held:
            session.send(message)
        for _, session, message in behind:
            session.send(message)

    def _to_message(self, client_id: int, message: Message) -> list[Fault]:
        found = []
        for armed in self._armed:
            fault = armed.fault
            code = message.fields[_CODE] if message.kind == "error" else "0"
            if (
                not isinstance(fault, REQUEST_FAULTS)
                and fault.kind in {"*", message.kind}
                and fault.client in {None, client_id}
                and fault.about in {None, message.about}
                and str(fault.code) in {"0", code}
                and armed.happens()
            ):
                found.append(fault)
        return found

    def _apply(self, fault: Fault, session: Session, copies: list[Message]) -> list[Message]:
        """Return what is left to send now."""
        match fault:
            case Repeat(more=more):
                return copies * (more + 1)
            case Rewrite(fields=fields):
                return [_rewritten(each, fields) for each in copies]
            case Merge(count=count):
                session.gather(count)
                return copies
            case Garbage(data=data):
                session.write(data)
                return copies
            case _:
                self._withhold(fault, session, copies)
                return []

    def _withhold(self, fault: Fault, session: Session, copies: list[Message]) -> None:
        """Send the messages later, or not whole, or never."""
        match fault:
            case Delay(seconds=seconds):
                self._later(seconds, lambda: _send_all(session, copies))
            case Behind(count=count):
                self._behind += [(count, session, each) for each in copies]
            case Hold():
                self.held += [(session, each) for each in copies]
            case Crumbs():
                session.trickle(_joined(copies))
            case CutInside():
                data = _joined(copies)
                session.write(data[: len(data) // 2])
                session.close()
            case _:
                pass  # lost

    def _count_down(self, session: Session, sent: int) -> None:
        """Send what waited until so many others were sent."""
        waiting, self._behind = self._behind, []
        for count, whose, message in waiting:
            left = count - sent if whose is session else count
            if left <= 0 and whose is session and sent:
                session.send(message)
            else:
                self._behind.append((left, whose, message))


def _joined(messages: list[Message]) -> bytes:
    return b"".join(each.frame() for each in messages)


def _send_all(session: Session, messages: list[Message]) -> None:
    for each in messages:
        session.send(each)


def _rewritten(message: Message, fields: dict[int, str]) -> Message:
    texts = tuple(fields.get(place, text) for place, text in enumerate(message.fields))
    return replace(message, fields=texts)


__all__ = ["Later", "Mischief"]
