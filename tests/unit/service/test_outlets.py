"""An outlet says how far it is behind, and never keeps the engine from stopping."""

from dataclasses import dataclass

import pytest

from fillpath.core.errors import Unavailable
from fillpath.service.outlets import LATE_SECONDS, FedOutlet


@dataclass
class Lag:
    """How far something is behind."""

    records: int | None = 3
    seconds: float = 0.0
    problem: str = ""


class Feeding:
    """Carries nothing, or fails to."""

    def __init__(self, lag: Lag, *, away: bool = False) -> None:
        self.lag = lag
        self._away = away
        self.ran = 0

    async def run(self) -> None:
        """Count the call."""
        self.ran += 1

    async def drain(self) -> None:
        """Fail where the destination is away."""
        if self._away:
            raise Unavailable("the database is away")


@pytest.mark.parametrize(
    ("lag", "healthy"),
    [
        (Lag(), True),
        (Lag(problem="away"), False),
        (Lag(seconds=LATE_SECONDS), True),
        (Lag(seconds=LATE_SECONDS + 1), False),
    ],
)
def test_an_outlet_is_healthy_while_it_gets_on(lag: Lag, healthy: bool) -> None:  # noqa: FBT001
    part = FedOutlet("store", "sqlite", Feeding(lag)).part()

    assert part.healthy is healthy
    assert part.lag == 3


def test_a_recording_that_is_played_fast_is_behind_by_recorded_seconds() -> None:
    outlet = FedOutlet("store", "sqlite", Feeding(Lag(seconds=LATE_SECONDS * 3)))
    outlet.late_seconds *= 4

    assert outlet.part().healthy


async def test_a_destination_that_is_away_does_not_stop_the_end() -> None:
    feeding = Feeding(Lag(), away=True)
    outlet = FedOutlet("store", "postgresql", feeding)

    await outlet.run()
    await outlet.drain()

    assert feeding.ran == 1
