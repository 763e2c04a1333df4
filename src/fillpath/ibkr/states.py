"""How a connection stands, and what it is worth telling a person about it."""

from enum import StrEnum

from msgspec import Struct


class State(StrEnum):
    """How far a connection has come."""

    DISCONNECTED = "disconnected"
    """There is no socket; it connects again after a wait."""
    TCP = "tcp"
    """A socket is being opened."""
    HANDSHAKE = "handshake"
    """The socket is open, the gateway has not greeted yet."""
    READY = "ready"
    """The gateway has told its accounts and its next order id."""
    VERIFY = "verify"
    """Account and mode are those that were meant; the clock is compared."""
    RECONCILE = "reconcile"
    """Everything is compared with the gateway; look-ups and cancels leave, orders do not."""
    CLEAN = "clean"
    """Everything was compared."""
    TRADING = "trading"
    """Orders leave."""
    DEGRADED = "degraded"
    """The gateway has lost the broker: everything is heard, cancels alone leave."""
    EXPECTED_DOWN = "expected_down"
    """There is no socket, within a window in which that is no surprise."""
    REFUSED = "refused"
    """It stays down until a person has seen to it and starts it again."""


class Trouble(StrEnum):
    """What an alarm of a connection is about."""

    CLIENT_ID_IN_USE = "CLIENT_ID_IN_USE"
    """Another program has the client id, perhaps a second engine; it stays down and pages."""
    CLIENT_ID_LINGERS = "CLIENT_ID_LINGERS"
    """The gateway still holds the client id of our own lost socket; it is tried again for a while."""
    CLOCK_OFF = "CLOCK_OFF"
    """Our clock and the gateway's differ by too much; it pages, and stays down if it begins so."""
    CONNECTION_BROKEN = "CONNECTION_BROKEN"
    """A part of the engine failed under the connection; it stays down and pages."""
    CONNECTIVITY_LOST = "CONNECTIVITY_LOST"
    """The gateway has lost the broker (1100, 2110); within a window nothing is said."""
    DISCONNECTED = "DISCONNECTED"
    """The socket is gone; within a window nothing is said."""
    DOWN_TOO_LONG = "DOWN_TOO_LONG"
    """No order can be sent for longer than the patience or the window allows; it pages."""
    GATEWAY_TOO_OLD = "GATEWAY_TOO_OLD"
    """The gateway speaks a version of the protocol that is not known here; it stays down and pages."""
    MESSAGE_RATE = "MESSAGE_RATE"
    """The gateway says that too many messages came (100); nothing is sent for a second, it pages."""
    PORT_CHANGED = "PORT_CHANGED"
    """The gateway moves to another port (1300), which is not followed; it pages."""
    WRONG_ACCOUNT = "WRONG_ACCOUNT"
    """The login has not the account that was meant; it stays down and pages."""
    WRONG_MODE = "WRONG_MODE"
    """Real money behind a paper setting, or the other way round; it stays down and pages."""


class Because(StrEnum):
    """Why everything must be compared with the gateway again."""

    CONNECTED = "connected"
    DATA_LOST = "data_lost"
    DATA_KEPT = "data_kept"


class Alarm(Struct, frozen=True):
    """Something that a person should know.

    Args:
        code: a `Trouble` of the connection; the same code again is the same trouble.
        text: one sentence.
        page: whether somebody must be woken; otherwise it is shown.
        over: whether the trouble with this code has ended.
    """

    code: str
    text: str
    page: bool = False
    over: bool = False


__all__ = ["Alarm", "Because", "State", "Trouble"]
