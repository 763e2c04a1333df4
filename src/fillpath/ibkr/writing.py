"""The only one that writes to a line, at the pace that the vendor allows."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from fillpath.core.errors import Unavailable
from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.pacing import Lane, Pacing
from fillpath.ibkr.policy import ConnectionPolicy


class _Parcel(NamedTuple):
    """Something to write, and who waits for it."""

    write: Callable[[], None]
    written: "asyncio.Future[None] | None"


class Writer:
    """Write what is asked for in its turn, and tell whoever asked.

    Args:
        policy: how many messages in a second.
        clock: of the pace.
    """

    def __init__(self, policy: ConnectionPolicy, clock: EngineClock) -> None:
        self._pacing: Pacing[_Parcel] = Pacing(policy.messages, policy.others)
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None

    async def write(self, lane: Lane, write: Callable[[], None], messages: int = 1) -> None:
        """Call ``write`` when its turn comes; return when it was called.

        Raises:
            NotSent: it was not written, and will not be.
            Unavailable: a part of it was written.
        """
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pacing.add(lane, _Parcel(write, written), messages)
        self._pump()
        await written

    def post(self, lane: Lane, write: Callable[[], None]) -> None:
        """Call ``write`` when its turn comes; nobody waits, and whether it came is no matter."""
        self._pacing.add(lane, _Parcel(write, None))
        self._pump()

    def drop(self, reason: str, *lanes: Lane) -> int:
        """Take back what waits in lanes; tell whoever asked, cancels first; return how many."""
        dropped = self._pacing.drop(*lanes)
        for parcel in dropped:
            if parcel.written is not None and not parcel.written.done():
                parcel.written.set_exception(NotSent(reason))
        return len(dropped)

    def pause(self, until: int) -> None:
        """Write nothing before a moment, nanoseconds UTC."""
        self._pacing.pause(until)

    def _pump(self) -> None:
        """Write what may be written now, and come back for the rest."""
        while (parcel := self._pacing.take(self._clock.nanoseconds())) is not None:
            _write(parcel)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._pacing.due()
        if due is not None:
            seconds = max(0, due - self._clock.nanoseconds()) / NANOSECONDS
            self._timer = asyncio.get_running_loop().call_later(seconds, self._pump)


def _write(parcel: _Parcel) -> None:
    written = parcel.written
    if written is not None and written.done():
        return
    try:
        parcel.write()
    except (NotSent, Unavailable) as error:
        if written is not None:
            written.set_exception(error)
    else:
        if written is not None:
            written.set_result(None)


__all__ = ["Writer"]
