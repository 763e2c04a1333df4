"""A TCP proxy on 127.0.0.1 that a test can make slow, deaf, cut or cut short.

It lives in the event loop of the test, so nothing has to be waited for from outside.
"""

import asyncio
from typing import Self


class Proxy:
    """Forward everything to a port, until told otherwise.

    Args:
        port: where the real server listens.
    """

    def __init__(self, port: int) -> None:
        self.port = 0
        self.connections = 0
        self.delay_seconds = 0.0
        self._target = port
        self._deaf = asyncio.Event()
        self._refusing = False
        self._bytes_left: int | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving = 0
        self._idle = asyncio.Event()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Return the address of the proxy, as that of a Redis."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def __aenter__(self) -> Self:
        """Listen on a port that the system chooses."""
        self._idle.set()
        self._deaf.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cut everything and stop to listen."""
        assert self._server is not None
        self._refusing = True
        self.hear()
        self.cut()
        self._server.close()
        await self._idle.wait()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break every connection at once, as a cable does."""
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()

    def refuse(self) -> None:
        """Break every connection, and every new one as soon as it is made."""
        self._refusing = True
        self.cut()

    def accept(self) -> None:
        """Take new connections again."""
        self._refusing = False

    def turn_deaf(self) -> None:
        """Forward nothing and say nothing: half-open lines, that look exactly like quiet ones."""
        self._deaf.clear()

    def hear(self) -> None:
        """Forward again, first of all what was held back."""
        self._deaf.set()

    def cut_after(self, count: int) -> None:
        """Let so many more bytes of answers through, then break the connection."""
        self._bytes_left = count

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._serving += 1
        self._idle.clear()
        try:
            await self._forward(reader, writer)
        finally:
            self._serving -= 1
            if not self._serving:
                self._idle.set()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, up_writer}
        self._writers |= pair
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pump(reader, up_writer, answers=False))
                tasks.create_task(self._pump(up_reader, writer, answers=True))
        finally:
            for end in pair:
                end.transport.abort()
            self._writers -= pair

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        try:
            while data := await reader.read(65_536):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                await self._deaf.wait()
                if answers and self._bytes_left is not None:
                    data = data[: self._bytes_left]
                    self._bytes_left -= len(data)
                writer.write(data)
                await writer.drain()
                if self._bytes_left == 0:
                    self._bytes_left = None
                    break
        except OSError:
            pass
        writer.close()
