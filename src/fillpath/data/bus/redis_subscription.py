"""Following channels: subscribe, hear whether the line is alive, and come back after every cut."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, NoReturn

from msgspec import Struct

from fillpath.core.errors import Unavailable
from fillpath.data.bus.redis_group import as_text
from fillpath.data.bus.redis_link import RedisLink, pause_seconds

_QUIET_ANSWERS: Final = 2.5
"""After so many times the wait for an answer without a word, the server is asked for one."""
_POLL_SECONDS: Final = 0.25
_BREATH: Final = 25
"""Messages taken in a row before others may use the event loop."""


class Follower(Struct, frozen=True, kw_only=True):
    """Who follows.

    Args:
        wanted: the channels to follow now; a name with ``*`` is a pattern. It may grow.
        joined: called when a channel is followed, the first time and after every cut.
        heard: called with channel and payload of each message, in order.
        lost: called with the reason when the line is cut.
    """

    wanted: Callable[[], frozenset[str]]
    joined: Callable[[str], Awaitable[None]]
    heard: Callable[[str, bytes], Awaitable[None]]
    lost: Callable[[str], None]


class Subscription:
    """Keep a follower informed, for as long as it runs.

    Args:
        link: the server; used by this subscription alone.
        follower: who follows.
    """

    def __init__(self, link: RedisLink, follower: Follower) -> None:
        self._link = link
        self._follower = follower
        self._quiet_seconds = _QUIET_ANSWERS * link.answer_seconds
        self._asked: set[str] = set()
        self._losses = 0
        self._heard_at = 0.0
        self._pinged_at = 0.0

    async def run(self) -> NoReturn:
        """Follow until cancelled; a lost line is found again, with longer pauses each time."""
        while True:
            line = self._link.client.pubsub()
            try:
                await self._follow(line)
            except Unavailable as err:
                self._follower.lost(str(err))
            finally:
                await line.aclose()
            # Asking for a channel needs no answer, so only a message shows that the line is back.
            await asyncio.sleep(pause_seconds(self._losses))
            self._losses += 1

    async def _follow(self, line: Any) -> NoReturn:
        self._asked = set()
        self._heard_at = self._pinged_at = asyncio.get_running_loop().time()
        while True:
            await self._ask_for_more(line)
            for _ in range(_BREATH):
                listen = partial(line.get_message, timeout=_POLL_SECONDS)
                message = await self._link.ask(listen, _POLL_SECONDS)
                if message is None:
                    break
                await self._took(message)
            await self._check_alive(line)
            await asyncio.sleep(0)

    async def _ask_for_more(self, line: Any) -> None:
        missing = sorted(self._follower.wanted() - self._asked)
        for name in missing:
            join = line.psubscribe if "*" in name else line.subscribe
            await self._link.ask(partial(join, name))
            self._asked.add(name)

    async def _took(self, message: dict[str, Any]) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        self._losses = 0
        match message["type"]:
            case "message" | "pmessage":
                await self._follower.heard(as_text(message["channel"]), message["data"])
            case "subscribe" | "psubscribe":
                await self._follower.joined(as_text(message["channel"]))
            case _:  # the answer to our question whether it is there
                return

    async def _check_alive(self, line: Any) -> None:
        """Ask a server that says nothing; a line without an end looks exactly like a quiet one.

        Raises:
            Unavailable: it was asked and does not answer.
        """
        now = asyncio.get_running_loop().time()
        if now - self._heard_at < self._quiet_seconds:
            return
        if self._pinged_at <= self._heard_at:
            await self._link.ask(line.ping)
            self._pinged_at = now
        elif now - self._pinged_at > self._link.answer_seconds:
            raise self._link.failed(TimeoutError())
