"""Prices on the tick that the broker told of a contract (control C-35), where it told one.

A limit is rounded to its passive side and a stop towards its entry, as everywhere; what is left to
refuse is a price that no tick can hold.
"""

from msgspec.structs import replace

from fillpath.core.models import OrderSide
from fillpath.execution.desk.state import DeskState
from fillpath.execution.instructing import Instruction
from fillpath.execution.pricing import to_step


def told_tick(state: DeskState, symbol: str) -> int:
    """Return the tick that the broker told of a symbol, price units; 0 while nobody did."""
    facts = state.risk.symbols.get(symbol)
    return 0 if facts is None else max(facts.tick, 0)


def on_tick(
    state: DeskState, symbol: str, side: OrderSide, instruction: Instruction
) -> Instruction:
    """Return an instruction whose limit stands on the tick of its contract."""
    limit = instruction.limit
    if limit is None or symbol not in state.risk.symbols:  # nobody told a tick
        return instruction
    tick = told_tick(state, symbol)
    if not tick or not limit % tick:
        return instruction
    return replace(instruction, limit=to_step(limit, side, tick))


def stop_on_tick(level: int, entry: int, exits: OrderSide, tick: int) -> int:
    """Return a stop on a tick, rounded towards the entry and never carried beyond it.

    Args:
        level: price units.
        entry: average price paid, price units.
        exits: the side of the stop.
        tick: price units; 0 leaves the level.
    """
    stepped = to_step(level, exits, tick)
    carried = level <= entry < stepped if exits is OrderSide.SELL else stepped < entry <= level
    if not carried:
        return stepped
    other = OrderSide.BUY if exits is OrderSide.SELL else OrderSide.SELL
    return to_step(entry, other, tick) or level


__all__ = ["on_tick", "stop_on_tick", "told_tick"]
