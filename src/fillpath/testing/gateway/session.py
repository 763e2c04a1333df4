"""One socket: bytes in, requests out of them; messages in, bytes out of them."""

import asyncio
from collections import deque
from typing import Protocol, cast

from fillpath.testing.gateway.wire import BadFrame, Frames, Message


class Host(Protocol):
    """Who listens to the sockets."""

    def opened(self, session: "Session") -> None:
        """Take note of a new socket."""
        ...

    def closed(self, session: "Session") -> None:
        """Take note of a socket that is gone."""
        ...

    def heard(self, session: "Session", fields: list[str]) -> None:
        """Deal with one frame.

        Raises:
            BadFrame: the socket has to be closed.
        """
        ...


class Session(asyncio.Protocol):
    """One client.

    Args:
        host: who listens.
    """

    def __init__(self, host: Host) -> None:
        self.client_id = -1
        self.greeted = False
        self.is_open = False
        self.deaf = False
        self.muted = False
        self._gathered = b""
        self._to_gather = 0
        self._trickling: deque[bytes] = deque()
        self._host = host
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the socket."""
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True
        self._host.opened(self)

    def data_received(self, data: bytes) -> None:
        """Read what came; a deaf session reads it and does nothing."""
        try:
            for fields in self._frames.feed(data) if self._listens() else ():
                self._host.heard(self, fields)
                if not self._listens():
                    return
        except BadFrame:
            self.cut()

    def _listens(self) -> bool:
        return self.is_open and not self.deaf

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the socket."""
        del exc
        self.is_open = False
        self._host.closed(self)

    def send(self, message: Message) -> None:
        """Write a message, unless the socket is closed or deaf."""
        if not self._to_gather:
            self.write(message.frame())
            return
        self._gathered += message.frame()
        self._to_gather -= 1
        if not self._to_gather:
            self._flush()

    def gather(self, count: int) -> None:
        """Write the next messages in one go: so many, or those of this round of the event loop."""
        if not self._to_gather:
            self._to_gather = count
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        data, self._gathered, self._to_gather = self._gathered, b"", 0
        if data:
            self.write(data)

    def write(self, data: bytes) -> None:
        """Write bytes, unless the socket is closed or deaf."""
        if self._trickling:
            self._trickling.append(data)
        elif self._transport is not None and self._listens():
            self._transport.write(data)

    def trickle(self, data: bytes) -> None:
        """Write byte by byte, each in a round of the event loop of its own."""
        idle = not self._trickling
        self._trickling.extend(bytes([byte]) for byte in data)
        if idle:
            self._drip()

    def _drip(self) -> None:
        if self._transport is None or not self._listens():
            self._trickling.clear()
        elif self._trickling:
            self._transport.write(self._trickling.popleft())
            asyncio.get_running_loop().call_soon(self._drip)

    def close(self) -> None:
        """Write what is waiting, then close."""
        self.is_open = False
        if self._transport is not None:
            self._transport.close()

    def cut(self) -> None:
        """Break the socket at once, as a cable does."""
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()


__all__ = ["Host", "Session"]
