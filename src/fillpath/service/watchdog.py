"""The watchdog: another process that cancels everything when the engine goes silent (A-11).

It shares nothing with the engine but two files: it reads the signs of life and writes the kill
latch. Its connection to the broker is its own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.risk.kill_switch import Latch
from fillpath.service.heartbeat import Beat, read_beat
from fillpath.service.latch import KillLatch

LOOKS: Final = 10
"""How often it looks within the time that an engine may be silent."""
ATTEMPTS: Final = 5
ATTEMPT_SECONDS: Final = 2.0
SLEPT: Final = 4
"""Looks that it must have missed before it believes that it slept itself."""


class EmergencyBroker(Protocol):
    """The one thing that is asked of a broker when nothing else works any more."""

    async def cancel_all(self) -> list[str]:
        """Cancel every order of the account, whoever sent it, and return their names.

        Asking again is harmless.

        Raises:
            Unavailable: it is not known whether it was heard; ask again.
        """
        ...


class NoOrdersOutside:
    """A broker that lives in the engine's process: its orders die, or stand still, with it."""

    async def cancel_all(self) -> list[str]:
        """Cancel nothing, because nothing works outside."""
        return []


class Vigil:
    """Decide when a silence has lasted too long; told the time, so that it needs no clock.

    Args:
        patience: seconds of silence that are borne.
    """

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.pause = patience / LOOKS
        self._heard: tuple[int, int, int] | None = None
        self._since = 0.0
        self._looked: float | None = None

    def is_over(self, beat: Beat | None, now: float) -> bool:
        """Return whether to act; ``now`` in seconds that only count up.

        An engine that never lived, or ended cleanly, may be silent. Who slept himself begins anew.
        """
        slept = self._looked is not None and now - self._looked > SLEPT * self.pause
        self._looked = now
        heard = None if beat is None else (beat.pid, beat.started_at, beat.pulse)
        if slept or (heard is not None and heard != self._heard):
            self._since = now
            self._heard = heard or self._heard
        if self._heard is None or (beat is not None and beat.stopped):
            self._since = now
            return False
        return now - self._since >= self.patience


class Barked(Struct, frozen=True):
    """What the watchdog did.

    Args:
        latched: whether the kill latch is set, by it or before.
        cancelled: names of the orders that it had cancelled.
        problem: why the broker could not be told; empty when it was.
    """

    latched: bool
    cancelled: tuple[str, ...] = ()
    problem: str = ""

    @property
    def text(self) -> str:
        """Return it for a person."""
        latch = "the kill latch is set" if self.latched else "THE KILL LATCH CANNOT BE WRITTEN"
        if self.problem:
            return f"{latch}; CANCEL AT THE BROKER BY HAND: {self.problem}"
        orders = ", ".join(self.cancelled) or "none worked"
        return f"{latch}; cancelled at the broker: {orders}"


class Watchdog:
    """Watch one engine until it goes silent, and then stop what it left.

    Args:
        folder: of the account.
        latch: its kill latch.
        broker: a connection of its own.
        patience: seconds of silence that are borne.
    """

    def __init__(
        self, folder: Path, latch: KillLatch, broker: EmergencyBroker, patience: float
    ) -> None:
        self._folder = folder
        self._latch = latch
        self._broker = broker
        self._vigil = Vigil(patience)

    async def watch(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Return once the engine has been silent for too long."""
        time = asyncio.get_running_loop().time
        while not self._vigil.is_over(read_beat(self._folder), time()):
            await sleep(self._vigil.pause)

    async def bark(self, at: int) -> Barked:
        """Set the latch, so that a waking engine sends nothing, and cancel everything.

        Args:
            at: nanoseconds UTC.
        """
        reason = f"no sign of life of the engine for {self._vigil.patience:g} s"
        try:
            self._latch.set(Latch(reason, "watchdog", at))
            latched = True
        except OSError:
            latched = False
        problem = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(attempt)
            try:
                async with asyncio.timeout(ATTEMPT_SECONDS):
                    return Barked(latched, tuple(await self._broker.cancel_all()))
            except (Unavailable, BrokerRefused, OSError, TimeoutError) as error:
                problem = str(error) or "it did not answer in time"
        return Barked(latched, (), problem)


__all__ = ["Barked", "EmergencyBroker", "NoOrdersOutside", "Vigil", "Watchdog"]
