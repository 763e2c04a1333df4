"""Who is on the other end of the engine's own door: the kernel says it, not the caller."""

import pwd
import socket
import struct
from typing import Any, Final

from msgspec import Struct

_CREDENTIALS: Final = struct.Struct("3i")
UNKNOWN: Final = -1
ROOT: Final = 0


class Peer(Struct, frozen=True):
    """An operating-system user.

    Args:
        user_id: its number; -1 where the kernel does not tell.
        name: its name.
    """

    user_id: int
    name: str


NOBODY: Final = Peer(UNKNOWN, "an unknown user")


def peer_of(connection: Any) -> Peer:
    """Return who opened a unix socket's other end.

    Args:
        connection: the socket, or what a transport says of it; None when there is none.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None or connection is None:
        return NOBODY
    answer = connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    _, user_id, _ = _CREDENTIALS.unpack(answer)
    return Peer(user_id, name_of(user_id))


def name_of(user_id: int) -> str:
    """Return the name of a user; one that the machine has no name for is called by its number."""
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"user {user_id}"
