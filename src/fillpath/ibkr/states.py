"""How a connection stands, and what it is worth telling a person about it."""

from enum import StrEnum

from msgspec import Struct


class State(StrEnum):
    """How far a connection has come."""

    DISCONNECTED = "disconnected"
    TCP = "tcp"
    HANDSHAKE = "handshake"
    READY = "ready"
    VERIFY = "verify"
    RECONCILE = "reconcile"
    CLEAN = "clean"
    TRADING = "trading"
    DEGRADED = "degraded"
    EXPECTED_DOWN = "expected_down"
    REFUSED = "refused"


class Because(StrEnum):
    """Why everything must be compared with the gateway again."""

    CONNECTED = "connected"
    DATA_LOST = "data_lost"
    DATA_KEPT = "data_kept"


class Alarm(Struct, frozen=True):
    """Something that a person should know.

    Args:
        code: one of the names that `standing.py` gives; the same code again is the same trouble.
        text: one sentence.
        page: whether somebody must be woken; otherwise it is shown.
        over: whether the trouble with this code has ended.
    """

    code: str
    text: str
    page: bool = False
    over: bool = False


__all__ = ["Alarm", "Because", "State"]
