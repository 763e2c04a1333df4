"""What may not be sent for now: latch, hold, quarantine and doubt, asked at every gate."""

from typing import Final

from fillpath.core.models import OrderSide, Refusal
from fillpath.execution.desk.state import DeskState
from fillpath.risk.approving import APPROVAL_EXPIRED, NOT_APPROVED
from fillpath.risk.cascade import ROWS
from fillpath.risk.circuit_breaker import STALE_DATA
from fillpath.risk.kill_switch import is_latch_code
from fillpath.risk.pacing import MESSAGE_RATE
from fillpath.risk.verdicts import BROKEN
from fillpath.risk.what_if import WHAT_IF_MARGIN

TRADING_HELD: Final = "TRADING_HELD"
SYMBOL_QUARANTINED: Final = "SYMBOL_QUARANTINED"
IN_DOUBT: Final = "IN_DOUBT"
UNPROTECTED: Final = "UNPROTECTED"
SESSION_CLOSED: Final = "SESSION_CLOSED"
NEVER_REACHED: Final = "NEVER_REACHED_BROKER"
"""Code of an order that reconciliation has found nowhere; given by it alone."""
VANISHED: Final = "VANISHED"
"""The same of an order that the broker had before: nobody said that it ended."""
UNSEEN: Final = (NEVER_REACHED, VANISHED)
"""How the reason of an order begins whose end was concluded from silence."""

PASSING: Final = frozenset({TRADING_HELD, IN_DOUBT, APPROVAL_EXPIRED, UNPROTECTED, MESSAGE_RATE})
"""Codes of our own refusals that end by themselves."""

ENTRIES_ONLY: Final = frozenset({STALE_DATA, "ALERTS_UNHEARD"})
"""Holds that take no new risk on: exits and stops leave all the same, as far as they can be priced."""

CANCELLED_UNSENT: Final = "CANCELLED_UNSENT"
"""Code of an order whose cancel was asked for before a byte of it had left."""
_GATES: Final = {NOT_APPROVED, SESSION_CLOSED, WHAT_IF_MARGIN, CANCELLED_UNSENT}
_OWN: Final = PASSING | _GATES | {row.code for row in ROWS}


def waits_for_a_person(code: str) -> bool:
    """Return whether a refusal of ours lasts until somebody has looked, or a latch ends."""
    return code == SYMBOL_QUARANTINED or is_latch_code(code)


def is_own(code: str) -> bool:
    """Return whether a refusal is our own: the order never left the process."""
    return code in _OWN or waits_for_a_person(code) or code.startswith(BROKEN)


def latched(
    state: DeskState, strategy: str, symbol: str, *, reduces: bool = False
) -> Refusal | None:
    """Return which latch keeps an order of the strategy in the symbol from leaving, or None."""
    latch = state.latches.stopped(strategy, symbol, reduces=reduces)
    return None if latch is None else Refusal(latch.code, latch.text)


def flattens(state: DeskState, order_id: str) -> bool:
    """Return whether a person lets the order leave though its scope is stopped."""
    return any(order_id in flattening.exits.values() for flattening in state.flattening.values())


def gate(
    state: DeskState,
    strategy: str,
    symbol: str,
    side: OrderSide,
    *,
    reduces: bool = False,
    flattens: bool = False,
) -> Refusal | None:
    """Return why no order of this strategy, symbol and side may leave now, or None.

    While an order is in doubt its exposure is counted and nothing may be added to it. One that
    flattens a stopped position answers to everything but the latches.
    """
    shut = None if flattens else latched(state, strategy, symbol, reduces=reduces)
    if shut is not None:
        return shut
    reason = state.quarantined.get(symbol)
    if reason is not None:
        return Refusal(SYMBOL_QUARANTINED, f"{symbol} waits for a person: {reason}")
    holds = [hold for hold in state.holds.items() if not (reduces and hold[0] in ENTRIES_ONLY)]
    if holds:
        reasons = ", ".join(f"{code} {text}".strip() for code, text in holds)
        return Refusal(TRADING_HELD, f"nothing leaves for now: {reasons}")
    for (_, uncovered), text in state.uncovered.items():
        if uncovered == symbol and not reduces:
            return Refusal(UNPROTECTED, f"{symbol} is held without a stop: {text}")
    for order_id, doubted in state.doubts.items():
        if doubted == symbol and state.orders[order_id].ticket.side is side:
            return Refusal(IN_DOUBT, f"the broker has yet to say what became of {order_id}")
    return None


def regate(state: DeskState) -> None:
    """Remember whether ``gate`` has to be asked; call it whenever its answer may change."""
    state.gated = bool(
        state.latches or state.holds or state.quarantined or state.doubts or state.uncovered
    )
