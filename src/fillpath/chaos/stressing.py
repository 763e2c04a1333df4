"""The stress test: twice the busiest load that was ever recorded, with every invariant checked.

Signals come evenly, as many in each second as twice the messages of the busiest one, and trade
until there are twice as many executions as on the busiest day. Nothing is broken meanwhile: what is
tested is the engine under load, while a campaign tests it under faults.
"""

from typing import Final

from msgspec import Struct

from fillpath.chaos.busy import Load
from fillpath.chaos.faults import Swarm
from fillpath.chaos.simulation import Ran, simulate

FACTOR: Final = 2
DAYS: Final = 5
"""Trading days of seven minutes each: 35 minutes."""
LEAST: Final = 1
"""Messages a second of a journal that holds none."""


class Stressed(Struct, frozen=True, kw_only=True):
    """What a stress test came to.

    Args:
        wanted: twice the recorded load.
        reached: what the engine had to do at most.
        ran: the run.
    """

    wanted: Load
    reached: Load
    ran: Ran

    @property
    def problem(self) -> str:
        """Return why the test is not passed; empty when it is."""
        violation = self.ran.violation
        if violation is not None:
            return f"invariant {violation.number} is broken: {violation.text}"
        short = [
            f"{reached:,} of {wanted:,} {name}"
            for name, wanted, reached in (
                ("messages in a second", self.wanted.messages, self.reached.messages),
                ("executions", self.wanted.executions, self.reached.executions),
            )
            if reached < wanted
        ]
        return f"it was not loaded enough: {', '.join(short)}" if short else ""


def stress(recorded: Load, seed: int, days: int = DAYS) -> Stressed:
    """Run an engine under twice a recorded load and return what it came to.

    Args:
        recorded: the most that a journal shows.
        seed: of everything random.
        days: short trading days.
    """
    wanted = recorded.times(FACTOR)
    ran = simulate(seed, days, swarm=Swarm({}), flood=max(wanted.messages, LEAST))
    return Stressed(wanted=wanted, reached=ran.load, ran=ran)


def told(stressed: Stressed) -> list[str]:
    """Return the lines that say what a stress test came to."""
    ran, wanted, reached = stressed.ran, stressed.wanted, stressed.reached
    return [
        f"{ran.virtual_seconds / 60:.0f} minutes, {ran.orders:,} orders, {ran.fills:,} fills",
        f"messages in a second  {reached.messages:>9,} of {wanted.messages:,}",
        f"executions            {reached.executions:>9,} of {wanted.executions:,}",
        f"checks                {sum(ran.checks.values()):>9,}",
        stressed.problem or "passed",
    ]


__all__ = ["FACTOR", "Stressed", "stress", "told"]
