"""The environment of programs that must learn nothing from ours."""

import os
from typing import Final

KEPT: Final = frozenset(
    {"HOME", "LANG", "LANGUAGE", "PATH", "PYTHONHASHSEED", "PYTHONHOME", "PYTHONPATH"}
    | {"PYTHONWARNINGS", "TMPDIR", "TZ", "VIRTUAL_ENV"}
)
"""Names that say where things are and how they are shown, and carry no secret."""


def plain_environment() -> dict[str, str]:
    """Return the variables of this process that say where things are, and no other."""
    return {
        name: value for name, value in os.environ.items() if name in KEPT or name.startswith("LC_")
    }


__all__ = ["KEPT", "plain_environment"]
