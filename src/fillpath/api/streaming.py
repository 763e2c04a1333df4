"""An answer that goes on: it ends when the reader leaves, does not read, or the server stops."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

SEND_SECONDS: Final = 20.0
"""How long a reader may take for what was sent before the connection is given up."""
MEDIA: Final = "text/event-stream"


class EventResponse(Response):
    """Send what a generator yields.

    Args:
        content: yields bytes; it is closed when the reader has left.
        ended: set when the server stops.
        patience: seconds that a reader may take for what was sent.
    """

    def __init__(
        self,
        content: AsyncGenerator[bytes],
        ended: asyncio.Event,
        patience: float = SEND_SECONDS,
    ) -> None:
        self.status_code = 200
        self.background = None
        self.body = b""
        self._content = content
        self._ended = ended
        self._patience = patience
        self._finished = False
        self.init_headers(
            {
                "content-type": f"{MEDIA}; charset=utf-8",
                "cache-control": "no-store",
                "x-accel-buffering": "no",
            }
        )
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        assert scope["type"] == "http", "routed so"
        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(head)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(work)
                for work in (self._send(send), self._gone(receive), self._ended.wait())
            ]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
        if self._ended.is_set():  # a clean end, so that a browser comes back at once
            await self._finish(send)

    async def _send(self, send: Send) -> None:
        try:
            async for chunk in self._content:
                async with asyncio.timeout(self._patience):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await self._finish(send)
        except (OSError, TimeoutError):
            return  # the reader has left, or does not read
        finally:
            await self._content.aclose()

    async def _finish(self, send: Send) -> None:
        if self._finished:
            return
        self._finished = True
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(self._patience):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


__all__ = ["MEDIA", "EventResponse"]
