"""Bytes of the socket become the fields of messages, or are refused before anything believes them."""

from collections.abc import Iterator
from typing import Final

from fillpath.core.errors import FillpathError

LARGEST: Final = 0xFFFFFF
"""Bytes of the largest message; the vendor's own limit."""
_PREFIX: Final = 4


class Garbage(FillpathError):
    """What came cannot be what the gateway meant: the connection must be given up."""


class Frames:
    """Put bytes together until they are messages; each begins with its length."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Iterator[list[str]]:
        """Yield the fields of each message that is complete now.

        Raises:
            Garbage: a length that cannot be, or a message that does not end as every one does.
        """
        self._bytes += data
        while (body := self._next()) is not None:
            if not body.endswith(b"\0"):
                raise Garbage(f"a message of {len(body)} bytes does not end in a zero byte")
            yield body[:-1].decode(errors="backslashreplace").split("\0")

    def _next(self) -> bytes | None:
        if len(self._bytes) < _PREFIX:
            return None
        size = int.from_bytes(self._bytes[:_PREFIX])
        if not 0 < size <= LARGEST:
            raise Garbage(f"a message cannot have {size} bytes")
        end = _PREFIX + size
        if len(self._bytes) < end:
            return None
        body = bytes(self._bytes[_PREFIX:end])
        del self._bytes[:end]
        return body


def framed(body: bytes) -> bytes:
    """Return a message with its length in front."""
    return len(body).to_bytes(_PREFIX) + body


__all__ = ["LARGEST", "Frames", "Garbage", "framed"]
