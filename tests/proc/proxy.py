"""A wire that can be cut at a word: it swallows everything from there on, until it is told to heal."""

import asyncio
from contextlib import suppress

CHUNK = 1 << 16


class Proxy:
    """Stand between a program and a server on 127.0.0.1.

    Args:
        port: where the server listens.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._word = b""
        self._in_answers = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.caught = asyncio.Event()

    @property
    def port(self) -> int:
        """Return where it listens."""
        assert self._server is not None, "it was started"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def close(self) -> None:
        """Stop, and cut every connection."""
        assert self._server is not None, "it was started"
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    def swallow(self, word: bytes) -> None:
        """Let the next call with this word vanish, and everything behind it."""
        self.caught.clear()
        self._word, self._in_answers = word, False

    def swallow_answer(self, word: bytes) -> None:
        """Let the next answer with this word vanish, and everything behind it."""
        self.swallow(word)
        self._in_answers = True

    def heal(self) -> None:
        """Let new connections through as before."""
        self._word = b""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, back}
        try:
            async with asyncio.TaskGroup() as group:
                answering = group.create_task(self._carry(there, writer, answers=True))
                await self._carry(reader, back, answers=False)
                answering.cancel()
        finally:
            self._writers -= {writer, back}
            for end in (writer, back):
                end.close()

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        before = b""
        with suppress(OSError):
            while content := await source.read(CHUNK):
                word = self._word if answers is self._in_answers else b""
                seen = before + content
                if word and word in seen:
                    self.caught.set()
                    await source.read(-1)
                    return
                # The word may come in two parts; only what is shorter than it is remembered.
                before = seen[max(len(seen) - len(word) + 1, 0) :] if word else b""
                target.write(content)
                await target.drain()
