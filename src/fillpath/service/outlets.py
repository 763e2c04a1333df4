"""What is fed from the journal behind the engine: tables and bus, each at its own pace."""

from contextlib import suppress
from typing import Protocol

from fillpath.core.errors import Unavailable
from fillpath.service.status import Part

LATE_SECONDS = 60.0
"""An outlet that is further behind than this is not healthy, whatever it says of itself."""


class Lagging(Protocol):
    """How far a destination is behind the journal."""

    @property
    def records(self) -> int | None:
        """Return the durable records that it was not told; None where nobody counts them."""
        ...

    @property
    def seconds(self) -> float:
        """Return the age of the first of them."""
        ...

    @property
    def problem(self) -> str:
        """Return why it does not get on; empty when it does."""
        ...


class Feeding(Protocol):
    """Carries journal records to one destination."""

    @property
    def lag(self) -> Lagging:
        """Return how far the destination is behind."""
        ...

    async def run(self) -> None:
        """Carry records until cancelled."""
        ...

    async def drain(self) -> None:
        """Carry everything there is now."""
        ...


class FedOutlet:
    """One destination with a name.

    Args:
        name: store or bus.
        kind: what it stands on.
        feeding: carries the records.

    ``late_seconds`` is how far behind it may be, by the clock that stamps the records.
    """

    def __init__(self, name: str, kind: str, feeding: Feeding) -> None:
        self.late_seconds = LATE_SECONDS
        self._name = name
        self._kind = kind
        self._feeding = feeding

    async def run(self) -> None:
        """Feed until cancelled; a destination that is away is waited for."""
        await self._feeding.run()

    async def drain(self) -> None:
        """Feed what is left; a destination that is away gets it after the next start."""
        with suppress(Unavailable):
            await self._feeding.drain()

    def part(self) -> Part:
        """Return how it is."""
        lag = self._feeding.lag
        return Part(
            name=self._name,
            kind=self._kind,
            healthy=not lag.problem and lag.seconds <= self.late_seconds,
            detail=lag.problem or f"{lag.seconds:.1f} s behind",
            lag=lag.records,
        )
