"""One page over HTTP on this machine only, for what watches a process; nothing else is there."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec import Struct

from fillpath.core.errors import ConfigError

HOST: Final = "127.0.0.1"
OK: Final = "200 OK"
UNAVAILABLE: Final = "503 Service Unavailable"
JSON: Final = "application/json"
TEXT: Final = "text/plain; charset=utf-8"
_LIMIT: Final = 8_192
_WAIT_SECONDS: Final = 5.0
_MOST_CALLERS: Final = 64


class Answer(NamedTuple):
    """What is answered.

    Args:
        body: the content.
        line: the status with its words.
        kind: the media type.
    """

    body: bytes
    line: str = OK
    kind: str = TEXT


class Shown(Struct, frozen=True):
    """The page.

    Args:
        path: where it is.
        answer: returns what is answered now.
        setting: names the setting of the port in errors.
    """

    path: str
    answer: Callable[[], Answer]
    setting: str


class LoopbackServer:
    """Answer ``GET`` and ``HEAD`` of one page and nothing else.

    Args:
        port: of 127.0.0.1, 0 for a free one.
        page: what is shown.
    """

    def __init__(self, port: int, page: Shown) -> None:
        self._port = port
        self._page = page
        self._server: asyncio.Server | None = None
        self._callers: set[asyncio.StreamWriter] = set()

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        assert self._server is not None, "start came before"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Listen.

        Raises:
            ConfigError: the port is taken, or not ours to take.
        """
        try:
            self._server = await asyncio.start_server(self._answer, HOST, self._port, limit=_LIMIT)
        except OSError as error:
            raise ConfigError(
                f"{self._page.setting} must be a free port of {HOST}, or 0 for none, got "
                f"{self._port}: {error.strerror}"
            ) from error

    async def run(self) -> None:
        """Answer until cancelled.

        Raises:
            ConfigError: the port is taken, or not ours to take.
        """
        await self.start()
        try:
            await asyncio.Event().wait()
        finally:
            await self.close()

    async def close(self) -> None:
        """Stop listening; who holds a connection open holds up no stop."""
        if self._server is not None:
            self._server.close()
            for writer in self._callers:
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._callers) >= _MOST_CALLERS:
            writer.close()
            return
        self._callers.add(writer)
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _WAIT_SECONDS)
            writer.write(self._response(head))
            await asyncio.wait_for(writer.drain(), _WAIT_SECONDS)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked has gone, or never finished asking
        finally:
            self._callers.discard(writer)
            writer.close()

    def _response(self, head: bytes) -> bytes:
        words = head.split(b"\r\n", 1)[0].split(b" ")
        if words[:1] not in ([b"GET"], [b"HEAD"]):
            return _http(Answer(b"only GET\n", "405 Method Not Allowed"))
        if words[1:2] != [self._page.path.encode()]:
            return _http(Answer(f"only {self._page.path} is here\n".encode(), "404 Not Found"))
        return _http(self._page.answer(), with_body=words[0] == b"GET")


def _http(answer: Answer, *, with_body: bool = True) -> bytes:
    head = (
        f"HTTP/1.1 {answer.line}\r\nContent-Type: {answer.kind}\r\n"
        f"Content-Length: {len(answer.body)}\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + (answer.body if with_body else b"")


__all__ = ["JSON", "OK", "TEXT", "UNAVAILABLE", "Answer", "LoopbackServer", "Shown"]
