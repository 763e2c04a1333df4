"""What stops every order, exits too."""

from typing import Final

from fillpath.risk.asking import Ask
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection

KILL_SWITCH: Final = "KILL_SWITCH"


def check_kill_switch(ask: Ask, _memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
    """Object to everything, exits too, while the kill switch is set."""
    if not ask.killed:
        return None
    return Objection(KILL_SWITCH, "the kill switch is set, no order leaves", 0, ask.quantity, 0)
