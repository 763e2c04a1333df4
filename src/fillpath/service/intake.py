"""Signals from the bus into the journal: acknowledged only once they are there for good."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from fillpath.core.errors import JournalFull, ModelError, Refused, Unavailable
from fillpath.core.models import Signal
from fillpath.core.ports import Bus, Delivery
from fillpath.data.bus.origin import UnknownOrigin

BATCH: Final = 256
WAIT_SECONDS: Final = 1.0
RETRY_SECONDS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

Decode = Callable[[Delivery], Signal]
Offer = Callable[[Sequence[Signal]], "asyncio.Future[None]"]
Note = Callable[[Delivery, UnknownOrigin], Awaitable[None]]


class Intake:
    """Take signals off the bus, in order, and hand them to the engine.

    A message that no program could read is put aside with the reason and never stops the rest. One
    that could not be taken for a passing reason comes again, as often as the bus gives it.

    Args:
        bus: where signals come from.
        decode: turns a message into a signal; raises ModelError or Refused with one sentence.
        offer: gives signals to the engine and returns when they are durable.
        remember: keeps the id of the last message that the journal has, for a bus that forgets.
        note: journals a signal of unknown origin; returns when that is durable.
    """

    def __init__(
        self,
        bus: Bus,
        decode: Decode,
        offer: Offer,
        remember: Callable[[str], None] = lambda _: None,
        note: Note | None = None,
    ) -> None:
        self._bus = bus
        self._decode = decode
        self._offer = offer
        self._remember = remember
        self._note = note
        self.taken = 0
        self.rejected = 0
        self.failures = 0
        self.problem = ""

    async def run(self, ready: asyncio.Event) -> None:
        """Take signals while ``ready`` is set, until cancelled.

        Raises:
            JournalError: the journal cannot be written; nothing was acknowledged.
        """
        while True:
            await ready.wait()
            try:
                await self.step()
                self.failures, self.problem = 0, ""
            except JournalFull as error:
                self.problem = str(error)
                ready.clear()
            except Unavailable as error:
                self.problem = str(error)
                pause = RETRY_SECONDS[min(self.failures, len(RETRY_SECONDS) - 1)]
                self.failures += 1
                await asyncio.sleep(pause)

    async def step(self) -> int:
        """Take one batch and return how many signals the journal has of it.

        Raises:
            Unavailable: the bus did not answer; what was not acknowledged comes again.
            JournalError: the journal cannot be written.
        """
        deliveries = await self._bus.receive(BATCH, WAIT_SECONDS)
        signals: list[Signal] = []
        good: list[str] = []
        poison: list[tuple[Delivery, ModelError | Refused]] = []
        for delivery in deliveries:
            signal = self._read(delivery)
            if isinstance(signal, Signal):
                signals.append(signal)
                good.append(delivery.message_id)
            else:
                poison.append((delivery, signal))
        if signals:
            await self._offer(signals)
            self._remember(good[-1])
            await self._bus.acknowledge(good)
            self.taken += len(signals)
        for delivery, reason in poison:
            if self._note is not None and isinstance(reason, UnknownOrigin):
                await self._note(delivery, reason)
            await self._bus.reject(delivery, str(reason))
            self.rejected += 1
        return len(signals)

    def _read(self, delivery: Delivery) -> Signal | ModelError | Refused:
        try:
            return self._decode(delivery)
        except (ModelError, Refused) as error:
            return error
