"""What one control is: the row of the table that the docs, the tests and the command line share."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Kind(StrEnum):
    """How strict a control is."""

    HARD = "hard"
    """No order passes it, and nobody may wave one through while the engine runs."""
    SOFT = "soft"
    """A person may allow the one order."""
    MONITOR = "monitor"
    """It watches what works already, and acts."""
    LATCH = "latch"
    """What it stops stays stopped until a person clears it."""


SAME: Final = "same"
"""A simulated default that is the live one."""


class Control(Struct, frozen=True, kw_only=True):
    """One control.

    Args:
        id: C- before a trade, A- while it works, P- after it.
        codes: reason codes that it gives, the chief one first.
        title: what it demands.
        family: the subject it belongs to.
        gates: where it is asked: G0 intake, G1 sizing, G2 the parent, G4 every order at the last
            instruction before the broker; ``start`` of the engine, ``at`` work, ``post`` trade.
        kind: how strict it is.
        settings: keys that move its limit; empty where there is nothing to choose.
        live: default with a real broker, paper accounts included.
        simulated: default in simulation, replay and on the stub.
        decided_in: module of fillpath that decides.
        rationale: why it is there, with the source of the fact.
        waits_for: what its data, or all of it, still waits for; empty when nothing.
    """

    id: str
    codes: tuple[str, ...]
    title: str
    family: str
    gates: tuple[str, ...]
    kind: Kind
    settings: tuple[str, ...]
    live: str
    simulated: str
    decided_in: str
    rationale: str
    waits_for: str = ""

    @property
    def code(self) -> str:
        """Return the chief reason code."""
        return self.codes[0]


BANDS: Final = "no source tells the bands: Interactive Brokers has none in its interface"

__all__ = ["BANDS", "SAME", "Control", "Kind"]
