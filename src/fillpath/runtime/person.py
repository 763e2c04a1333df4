"""Who sits at this machine."""

import getpass
import os


def person() -> str:
    """Return the name of the user; a container may know its user by number alone."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
