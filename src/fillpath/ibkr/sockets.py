"""A socket that keeps nothing back: what is written is on its way, what comes is passed on whole."""

import asyncio
from collections.abc import Callable
from typing import cast

from fillpath.ibkr.frames import Frames, Garbage
from fillpath.ibkr.line import NotSent


class Socket(asyncio.Protocol):
    """Bytes to messages and back, for one connection.

    Args:
        opened: called when it is open.
        heard: called with the fields of each message.
        lost: called with the reason when it is gone, or cannot be understood.
    """

    def __init__(
        self,
        opened: Callable[["Socket"], None],
        heard: Callable[["Socket", list[str]], None],
        lost: Callable[["Socket", str], None],
    ) -> None:
        self.is_open = False
        self._opened = opened
        self._heard = heard
        self._lost = lost
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be open."""
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True
        self._opened(self)

    def data_received(self, data: bytes) -> None:
        """Pass on every message that is complete, until the socket is given up."""
        try:
            for fields in self._frames.feed(data):
                self._heard(self, fields)
                if not self.is_open:
                    return
        except Garbage as error:
            self._lost(self, f"what the gateway sent cannot be read: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        """Be gone."""
        self.is_open = False
        self._lost(self, str(exc) if exc else "the gateway closed the connection")

    def write(self, data: bytes) -> None:
        """Write bytes at once.

        Raises:
            NotSent: it is closed, or earlier bytes still wait because nobody reads them.
        """
        transport = self._transport
        if transport is None or transport.is_closing() or not self.is_open:
            raise NotSent("the connection is down")
        if transport.get_write_buffer_size():
            raise NotSent("the gateway reads nothing more")
        transport.write(data)

    def close(self) -> None:
        """Close it; bytes that nobody read are thrown away."""
        self.is_open = False
        transport = self._transport
        if transport is None:
            return
        if transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.close()


__all__ = ["Socket"]
