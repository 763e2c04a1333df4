"""What happens to a connection, and what is to be done about it, as plain values."""

from typing import Final

from msgspec import Struct

from fillpath.ibkr.heard import Heard
from fillpath.ibkr.states import Alarm, Because, State


class Started(Struct, frozen=True):
    """Somebody wants the connection up."""


class Stopped(Struct, frozen=True):
    """Somebody wants it down."""


class Failed(Struct, frozen=True):
    """An attempt to connect came to nothing."""

    reason: str


class Reconciled(Struct, frozen=True):
    """Everything was compared."""


class Unreconciled(Struct, frozen=True):
    """The comparison could not be finished."""

    reason: str


class Unanswered(Struct, frozen=True):
    """A look-up got no answer in time."""

    what: str


class Asked(Struct, frozen=True):
    """The question for the time had its turn and was written, or could not be."""


class Broken(Struct, frozen=True):
    """A part of our own failed that the connection cannot do without."""

    reason: str


class Passed(Struct, frozen=True):
    """Time went by."""


News = (
    Started
    | Stopped
    | Failed
    | Reconciled
    | Unreconciled
    | Unanswered
    | Asked
    | Broken
    | Passed
    | Heard
)

OWN: Final[frozenset[type]] = frozenset(
    {Started, Stopped, Failed, Reconciled, Unreconciled, Unanswered, Asked, Broken, Passed}
)
"""What was not said by the gateway."""


class Enter(Struct, frozen=True):
    """Tell that the state is another one."""

    state: State


class Connect(Struct, frozen=True):
    """Try to connect."""


class HangUp(Struct, frozen=True):
    """Close the socket, whatever it is doing."""

    reason: str


class AskTime(Struct, frozen=True):
    """Ask for the gateway's clock."""


class Compare(Struct, frozen=True):
    """Compare everything with the gateway, from the beginning."""

    because: Because


class Pause(Struct, frozen=True):
    """Write nothing before a moment, nanoseconds UTC."""

    until: int


class Tell(Struct, frozen=True):
    """Tell a person."""

    alarm: Alarm


Action = Enter | Connect | HangUp | AskTime | Compare | Pause | Tell

__all__ = [
    "OWN",
    "Action",
    "AskTime",
    "Asked",
    "Broken",
    "Compare",
    "Connect",
    "Enter",
    "Failed",
    "HangUp",
    "News",
    "Passed",
    "Pause",
    "Reconciled",
    "Started",
    "Stopped",
    "Tell",
    "Unanswered",
    "Unreconciled",
]
