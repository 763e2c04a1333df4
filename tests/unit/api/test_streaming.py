"""An answer that goes on ends with its reader, with a reader that does not read, and with the server."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from typing import Any

from fillpath.api.streaming import EventResponse

Message = MutableMapping[str, Any]
SCOPE: dict[str, Any] = {"type": "http"}


class Content:
    """Yields what it is given, then waits; remembers whether it was closed."""

    def __init__(self, *chunks: bytes, ends: bool = False) -> None:
        self._chunks = chunks
        self._ends = ends
        self.closed = False

    async def run(self) -> AsyncGenerator[bytes]:
        try:
            for chunk in self._chunks:
                yield chunk
            if not self._ends:
                await asyncio.Event().wait()
        finally:
            self.closed = True


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def gone() -> Message:
    return {"type": "http.disconnect"}


class Reader:
    """Takes what is sent.

    Args:
        trouble: raised or awaited for every part of the body.
    """

    def __init__(self, trouble: Callable[[], Awaitable[None]] | None = None) -> None:
        self.sent: list[Message] = []
        self._trouble = trouble

    async def __call__(self, message: Message) -> None:
        if self._trouble is not None and message["type"] == "http.response.body":
            await self._trouble()
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


async def answered(
    content: Content,
    reader: Reader,
    receive: Callable[[], Awaitable[Message]] = never,
    ended: asyncio.Event | None = None,
) -> None:
    response = EventResponse(content.run(), ended or asyncio.Event(), patience=0.01)
    async with asyncio.timeout(5):
        await response(SCOPE, receive, reader)


async def test_what_comes_is_sent_and_the_end_is_told() -> None:
    content, reader = Content(b"a", b"b", ends=True), Reader()

    await answered(content, reader)

    assert reader.body == b"ab"
    assert reader.sent[-1]["more_body"] is False
    assert dict(reader.sent[0]["headers"])[b"content-type"].startswith(b"text/event-stream")


async def test_a_reader_that_leaves_ends_it() -> None:
    content = Content()

    await answered(content, Reader(), gone)

    assert content.closed


async def test_a_reader_that_never_reads_is_given_up() -> None:
    content = Content(b"a")

    await answered(content, Reader(asyncio.Event().wait))  # type: ignore[arg-type]  # never returns

    assert content.closed


async def test_a_broken_connection_ends_it() -> None:
    async def broken() -> None:
        raise OSError("broken pipe")

    content = Content(b"a")

    await answered(content, Reader(broken))

    assert content.closed


async def test_the_end_of_the_server_ends_it() -> None:
    content, ended = Content(b"a"), asyncio.Event()
    ended.set()

    await answered(content, Reader(), ended=ended)

    assert content.closed
