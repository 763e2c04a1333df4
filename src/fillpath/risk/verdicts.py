"""What risk answers: an objection with its numbers, and the verdict over all of them."""

from typing import Final

from msgspec import Struct

from fillpath.core.models import RiskAction

BROKEN: Final = "CTRL_"
"""How the codes begin of controls whose operands cannot be used."""


class Objection(Struct, frozen=True, gc=False):
    """What one check holds against an order.

    Args:
        check: the reason code; ``risk/controls.py`` says which control it belongs to.
        text: one sentence with the numbers.
        limit: what is allowed, in the unit of the code (``risk/showing.py``).
        value: what the order would make of it, in the same unit.
        allowed: quantity units that would pass, 0 for none.
        asks: a person may allow it; without that it is no approval.
    """

    check: str
    text: str
    limit: int = 0
    value: int = 0
    allowed: int = 0
    asks: bool = False


class Verdict(Struct, frozen=True, gc=False):
    """The answer to one order.

    Args:
        action: APPROVE, REJECT, REDUCE_SIZE or REQUIRE_HUMAN_APPROVAL.
        quantity: quantity units that may be sent (after a person's leave, where one is needed), 0
            when rejected.
        objections: every check that objected, in the order of the cascade.
    """

    action: RiskAction
    quantity: int
    objections: tuple[Objection, ...]


def broken_input(number: int, text: str) -> Objection:
    """Return the refusal of a control whose operands cannot be used: missing, stale, not sane.

    Args:
        number: of the control, as in ``C-15``.
        text: names the operand, what it is and what it must be.
    """
    return Objection(f"{BROKEN}{number:02}_INPUT", text)


__all__ = ["BROKEN", "Objection", "Verdict", "broken_input"]
