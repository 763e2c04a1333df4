"""What an examination of the engine's surroundings finds, one thing at a time."""

from msgspec import Struct


class Finding(Struct, frozen=True):
    """What was found about one thing.

    Args:
        name: the thing.
        healthy: whether it is as it should be.
        detail: what was seen.
        remedy: what to do about it; empty when it is healthy.
    """

    name: str
    healthy: bool
    detail: str
    remedy: str = ""


__all__ = ["Finding"]
