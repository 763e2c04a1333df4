"""Ids of stream entries, ``milliseconds-count``, as the server orders them."""

from typing import Final

_MS: Final = 1_000


def stream_id(text: str) -> tuple[int, int]:
    """Return what an id is compared by; an empty id comes before all others."""
    milliseconds, _, count = text.partition("-")
    return int(milliseconds or 0), int(count or 0)


def oldest_kept(acknowledged: str, pending: str, kept_seconds: int) -> str:
    """Return the first id that must stay, or an empty text when none may go.

    Args:
        acknowledged: an id that was acknowledged.
        pending: the oldest id that was not.
        kept_seconds: how long acknowledged entries stay.
    """
    milliseconds, _ = stream_id(acknowledged)
    limit = milliseconds - kept_seconds * _MS
    if limit <= 0:
        return ""
    return min(f"{limit}-0", pending, key=stream_id)
