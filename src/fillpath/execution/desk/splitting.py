"""Splits of shares: which were applied, and what an execution of before them is in shares of now.

A broker reports an execution, and whatever becomes of it later, in the shares of its own moment. A
fill, a correction or a bust that is told after a split moves the position by the shares of now, and
the cash by exactly what was paid.
"""

from fillpath.core.events import OrderFilled, SplitApplied
from fillpath.execution.desk.state import DeskState


def take_split(state: DeskState, event: SplitApplied) -> bool:
    """Remember a split, and return whether it is news: of each symbol every moment counts once."""
    known = state.splits.setdefault(event.symbol, [])
    if any(split.at == event.at for split in known):
        return False
    known.append(event)
    return True


def shares_now(state: DeskState, filled: OrderFilled) -> int:
    """Return what an execution adds to the position, signed quantity units of now, towards zero."""
    quantity = filled.quantity
    for split in state.splits.get(filled.symbol, ()):
        if filled.traded_at < split.at:
            quantity = quantity * split.new_shares // split.old_shares
    return quantity * filled.side.sign


__all__ = ["shares_now", "take_split"]
