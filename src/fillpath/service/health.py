"""``/health`` over HTTP, on this machine only: 200 while the engine trades, 503 while it does not."""

import asyncio
from collections.abc import Callable
from typing import Final

from fillpath.core.errors import ConfigError
from fillpath.service.status import State, Status

_LIMIT: Final = 8_192
_WAIT_SECONDS: Final = 5.0
_TYPE: Final = "application/json"


class HealthServer:
    """Answer ``GET /health`` and nothing else.

    Args:
        port: of 127.0.0.1, 0 for a free one.
        status: returns the present status.
    """

    def __init__(self, port: int, status: Callable[[], Status]) -> None:
        self._port = port
        self._status = status
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
            self._server = await asyncio.start_server(
                self._answer, "127.0.0.1", self._port, limit=_LIMIT
            )
        except OSError as error:
            raise ConfigError(
                f"engine.health_port must be a free port of 127.0.0.1, or 0 for none, got "
                f"{self._port}: {error.strerror}"
            ) from error

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            for writer in self._callers:  # who holds a connection open holds up no stop
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
            return _http("405 Method Not Allowed", b'{"error":"only GET"}')
        if words[1:2] != [b"/health"]:
            return _http("404 Not Found", b'{"error":"only /health is here"}')
        status = self._status()
        line = "200 OK" if status.state is State.TRADING else "503 Service Unavailable"
        return _http(line, status.as_json(), with_body=words[0] == b"GET")


def _http(line: str, body: bytes, *, with_body: bool = True) -> bytes:
    head = (
        f"HTTP/1.1 {line}\r\nContent-Type: {_TYPE}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + (body if with_body else b"")
