"""When a working order may be changed (control A-18): never on a link that is in doubt.

A change that is lost on the way, or arrives twice, can leave two live orders. So nothing is changed
while the broker does not answer, nor within seconds after it does again; a cancel leaves all the
same.
"""

from typing import Final

from fillpath.core.models import Certainty, Refusal
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.state import DeskState, OrderState

MODIFY_REFUSED: Final = "MODIFY_REFUSED"
LINK: Final = frozenset({"RECONCILING", "DISCONNECTED"})
"""Holds that say that the link to the broker is in doubt."""
SETTLES_NS: Final = 5 * NANOSECONDS
"""How long after such a hold nothing is changed yet."""


def link_released(state: DeskState, code: str, at: int) -> None:
    """Note when the link was last in doubt."""
    if code in LINK:
        state.link_at = at


def modify_refusal(state: DeskState, order: OrderState, at: int) -> Refusal | None:
    """Return why an order may not be changed at ``at`` nanoseconds, or None."""
    down = LINK & state.holds.keys()
    if down:
        return Refusal(MODIFY_REFUSED, f"the link to the broker is in doubt: {min(down)}")
    if order.certainty is not Certainty.CONFIRMED or not order.broker_order_id:
        return Refusal(MODIFY_REFUSED, "the broker has not confirmed the order")
    left = settles_at(state) - at
    if left > 0:
        text = f"the link to the broker settles for {left / NANOSECONDS:.1f} s more"
        return Refusal(MODIFY_REFUSED, text)
    return None


def settles_at(state: DeskState) -> int:
    """Return from when on orders may be changed again, nanoseconds; 0 when they always could."""
    return state.link_at + SETTLES_NS if state.link_at else 0


__all__ = ["LINK", "MODIFY_REFUSED", "SETTLES_NS", "link_released", "modify_refusal", "settles_at"]
