"""Tell a person of everything that stands, until somebody answers (control A-14).

Each page goes where alarms go, and to a program of the operator's choice, which may ring a phone.
The program gets one JSON object on its standard input. It has five seconds; one that fails or takes
longer is tried again with the next page, and the status says so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError
from fillpath.core.units import iso, moment
from fillpath.execution.desk.latching import ROUTINE
from fillpath.execution.desk.state import DeskState
from fillpath.risk.paging import EVERYTHING, Matters, Page
from fillpath.service.approvals import named
from fillpath.service.control import PersonalAct, Request
from fillpath.service.live import Live
from fillpath.service.peers import Peer
from fillpath.service.status import Part

UNANSWERED: Final = "UNANSWERED"
ALERT_LATENCY: Final = "ALERT_LATENCY"
LOOK_SECONDS: Final = 0.5
TELL_SECONDS: Final = 4.0
"""How long the program may take; with the look before it, less than a matter may take in all."""
LONGEST_ERROR: Final = 200

Tell = Callable[[bytes], Awaitable[None]]


def standing(state: DeskState) -> dict[str, str]:
    """Return what a person has to know of, texts by name."""
    found = {f"latch {latch.code} {latch.where}": latch.text for latch in state.latches}
    found |= {
        f"hold {code}": f"nothing leaves: {text or code}"
        for code, text in state.holds.items()
        if code not in ROUTINE
    }
    found |= {
        f"quarantine {symbol}": f"{symbol} is stopped: {reason}"
        for symbol, reason in state.quarantined.items()
    }
    found |= {
        f"doubt {order_id}": f"nobody knows what became of {order_id} in {symbol}"
        for order_id, symbol in state.doubts.items()
    }
    return found | {
        f"unprotected {symbol} {strategy}".strip(): f"{symbol} is without a stop: {text}"
        for (strategy, symbol), text in state.uncovered.items()
    }


class Pager:
    """Look at what stands, tell of it, and take answers.

    Args:
        live: the account's engine.
        tell: tells a person elsewhere; None where there is no such channel.
    """

    def __init__(self, live: Live, tell: Tell | None = None) -> None:
        self._live = live
        self._tell = tell
        self.matters = Matters()
        self.problem = ""

    def acts(self) -> Mapping[str, PersonalAct]:
        """Return what can be asked, by name."""
        return {"answer": self.answer, "unanswered": self.ask}

    async def run(self) -> None:
        """Look and tell until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Tell of everything that is due."""
        clock = self._live.parts.clock
        pages = self.matters.look(standing(self._live.desk.state), clock.nanoseconds())
        if not pages:
            return
        for page in pages:
            if page.times > 1 and not self.problem:  # of the first one the alarm itself has told
                text = f"{page.name}: {page.text}; page {page.times}, until fillpath answer"
                self._page(UNANSWERED, text)
        if self._tell is not None:
            await self._ring(self._tell, pages)

    async def _ring(self, tell: Tell, pages: Sequence[Page]) -> None:
        """Tell the channel, and say once when that did not go as it should."""
        before = self.problem
        self.problem = await self._told(tell, pages)
        if self.problem:
            self.matters.missed(pages)
        if self.problem and self.problem != before:
            self._page(ALERT_LATENCY, self.problem)

    def _page(self, code: str, text: str) -> None:
        parts = self._live.parts
        parts.page(RaiseAlarm(parts.clock.nanoseconds(), code, text))

    async def _told(self, tell: Tell, pages: Sequence[Page]) -> str:
        """Tell the channel; return why it did not take it, empty when it did."""
        message = {
            "account": self._live.parts.account,
            "at": iso(self._live.parts.clock.now()),
            "pages": [
                {
                    "name": page.name,
                    "text": page.text,
                    "since": iso(moment(page.since)),
                    "times": page.times,
                }
                for page in pages
            ],
        }
        try:
            async with asyncio.timeout(TELL_SECONDS):
                await tell(msgspec.json.encode(message) + b"\n")
        except TimeoutError:
            return f"the pager did not end within {TELL_SECONDS:g} s"
        except OSError as error:
            return f"the pager cannot be used: {error}"
        return ""

    async def ask(self, _request: Request, _peer: Peer) -> Mapping[str, Any]:
        """Return what nobody has answered."""
        return {"answered": [], "waiting": self.matters.unanswered()}

    async def answer(self, request: Request, peer: Peer) -> Mapping[str, Any]:
        """Take the word of a person that they know.

        Raises:
            ConfigError: nothing of that name stands.
        """
        name = str(request.get("name"))
        by = named(request, peer)
        if name != EVERYTHING and name not in self.matters.open:
            known = ", ".join(self.matters.unanswered()) or "nothing waits"
            raise ConfigError(f"name must be one of what stands ({known}), got {name!r}")
        answered = self.matters.answer(name, by)
        return {"answered": answered, "waiting": self.matters.unanswered()}

    def part(self) -> Part:
        """Return how the channel is."""
        if self._tell is None:
            text = "engine.page_program is empty: nobody is rung"
            return Part(name="pager", kind="none", healthy=False, detail=text)
        return Part(name="pager", kind="program", healthy=not self.problem, detail=self.problem)


class Program:
    """A program that tells a person.

    Args:
        path: it is run with no arguments, for each message.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __call__(self, message: bytes) -> None:
        """Run the program with a message on its standard input, and wait for its end.

        Raises:
            OSError: it cannot be run, or it said by its exit code that it failed.
        """
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            self._path, stdin=pipe, stdout=asyncio.subprocess.DEVNULL, stderr=pipe
        )
        try:
            _, told = await process.communicate(message)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            text = told.decode(errors="replace").strip()[:LONGEST_ERROR]
            raise OSError(f"it ended with {process.returncode}: {text}")


__all__ = ["ALERT_LATENCY", "UNANSWERED", "Pager", "Program", "standing"]
