"""Leases among engines of one process: for tests and simulations."""

from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS


class LeaseBoard:
    """What all engines of the process look at."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, int]] = {}


class MemoryLeases:
    """One engine's view of a board.

    Args:
        board: shared with the other engines.
        owner: this engine's name.
        clock: tells when a lease is over.
        seconds: how long a lease lasts.
    """

    def __init__(
        self, board: LeaseBoard, owner: str, clock: EngineClock, seconds: float = 3.0
    ) -> None:
        self._board = board
        self._owner = owner
        self._clock = clock
        self._seconds = seconds

    @property
    def seconds(self) -> float:
        """Return how long a lease lasts when it is not held again."""
        return self._seconds

    async def hold(self, account: str) -> bool:
        """Take the account's lease, or lengthen it; False when somebody else has it."""
        now = self._clock.nanoseconds()
        owner, until = self._board.held.get(account, ("", 0))
        if owner != self._owner and until > now:
            return False
        self._board.held[account] = (self._owner, now + int(self._seconds * NANOSECONDS))
        return True

    async def release(self, account: str) -> None:
        """Give the lease back."""
        if self._board.held.get(account, ("", 0))[0] == self._owner:
            del self._board.held[account]

    async def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
