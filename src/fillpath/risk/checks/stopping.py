"""What stops every order, exits too."""

from fillpath.risk.asking import Ask
from fillpath.risk.kill_switch import KILL_SWITCH
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection

__all__ = ["KILL_SWITCH", "check_kill_switch"]


def check_kill_switch(ask: Ask, _memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
    """Object to everything, exits too, while the kill switch is set."""
    if not ask.killed:
        return None
    return Objection(KILL_SWITCH, "the kill switch is set, no order leaves", 0, ask.quantity, 0)
