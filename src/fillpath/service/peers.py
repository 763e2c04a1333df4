"""Who is on the other end of the engine's own door: the kernel says it, not the caller."""

import grp
import os
import pwd
import socket
import struct
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from fillpath.core.errors import ConfigError

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


def let_in(path: Path, group: str) -> None:
    """Let the members of a group open a socket, and pass through its folder to get there.

    Raises:
        ConfigError: the machine has no such group, or does not let us.
    """
    try:
        number = grp.getgrnam(group).gr_gid
        for place, mode in ((path.parent, 0o710), (path, 0o660)):
            os.chown(place, -1, number)
            place.chmod(mode)
    except KeyError:
        raise ConfigError(
            f"engine.operators must be a group of this machine, got {group}"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"engine.operators: {group} cannot be let in: {error.strerror}"
        ) from error


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
