"""What may not be sent for now: kill switch, hold, quarantine and doubt, asked at every gate."""

from typing import Final

from fillpath.core.models import OrderSide, Refusal
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.state import DeskState

KILL_SWITCH: Final = "KILL_SWITCH"
TRADING_HELD: Final = "TRADING_HELD"
SYMBOL_QUARANTINED: Final = "SYMBOL_QUARANTINED"
IN_DOUBT: Final = "IN_DOUBT"
APPROVAL_EXPIRED: Final = "APPROVAL_EXPIRED"
NEVER_REACHED: Final = "NEVER_REACHED_BROKER"
"""Code of an order that reconciliation has found nowhere; given by it alone."""

OWN_GATE: Final = frozenset(
    {KILL_SWITCH, TRADING_HELD, SYMBOL_QUARANTINED, IN_DOUBT, APPROVAL_EXPIRED}
)
"""Codes of refusals that are our own: the order never left the process."""

PASSING: Final = frozenset({TRADING_HELD, IN_DOUBT, APPROVAL_EXPIRED})
"""Those among them that end by themselves."""

APPROVAL_NS: Final = 5 * NANOSECONDS
"""How long the approval of an order lasts; it was judged by the market of its moment."""


def expired(decided_at: int, now: int) -> Refusal | None:
    """Return why an order that was decided at ``decided_at`` may not leave any more, or None."""
    age = now - decided_at
    if age <= APPROVAL_NS:
        return None
    return Refusal(APPROVAL_EXPIRED, f"it was approved {age / NANOSECONDS:.3f} s ago")


def gate(state: DeskState, symbol: str, side: OrderSide) -> Refusal | None:
    """Return why no order of this symbol and side may leave now, or None.

    While an order is in doubt its exposure is counted and nothing may be added to it.
    """
    if state.killed:
        return Refusal(KILL_SWITCH, f"trading is off: {state.killed}")
    reason = state.quarantined.get(symbol)
    if reason is not None:
        return Refusal(SYMBOL_QUARANTINED, f"{symbol} waits for a person: {reason}")
    if state.holds:
        reasons = ", ".join(f"{code} {text}".strip() for code, text in state.holds.items())
        return Refusal(TRADING_HELD, f"nothing leaves for now: {reasons}")
    for order_id, doubted in state.doubts.items():
        if doubted == symbol and state.orders[order_id].ticket.side is side:
            return Refusal(IN_DOUBT, f"the broker has yet to say what became of {order_id}")
    return None


def regate(state: DeskState) -> None:
    """Remember whether ``gate`` has to be asked; call it whenever its answer may change."""
    state.gated = bool(state.killed or state.holds or state.quarantined or state.doubts)
