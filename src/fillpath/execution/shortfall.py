"""Where the paper portfolio and the real one part, in money, so that the parts add up exactly.

Source:
    Perold (1988), The Implementation Shortfall: Paper versus Reality; Wagner and Edwards (1993),
    Best Execution, for the split that charges the delay to everything wanted.
"""

from collections.abc import Iterable
from decimal import Context, Decimal
from functools import reduce
from typing import Final

from msgspec import Struct

from fillpath.core.models import ZERO, OrderSide
from fillpath.core.units import BPS

_EXACT: Final = Context(prec=200)
_QUOTIENT: Final = Context(prec=28)


class Trade(Struct, frozen=True, kw_only=True):
    """What was wanted and what became of it; a price that nobody knows is None.

    Args:
        side: BUY or SELL.
        wanted: shares that the decision wanted.
        filled: shares filled.
        value: sum of price times shares over the fills.
        decision: price when it was decided.
        arrival: price when the order was released.
        end: price when the rest was given up.
        fees: commissions and fees.
    """

    side: OrderSide
    wanted: Decimal
    filled: Decimal
    value: Decimal
    decision: Decimal | None
    arrival: Decimal | None
    end: Decimal | None
    fees: Decimal = ZERO


class Parts(Struct, frozen=True, kw_only=True):
    """A shortfall by cause, account currency; positive is a cost, None is not known.

    Args:
        delay: from decision to arrival.
        execution: from arrival to the fills.
        opportunity: what was missed on shares that were not filled.
        fees: commissions and fees.
    """

    delay: Decimal | None
    execution: Decimal | None
    opportunity: Decimal | None
    fees: Decimal

    @property
    def total(self) -> Decimal | None:
        """Return the sum of the four, None while one of them is not known."""
        known = [
            part for part in (self.delay, self.execution, self.opportunity) if part is not None
        ]
        return _sum([*known, self.fees]) if len(known) == 3 else None  # noqa: PLR2004  # all of them


def perold(trade: Trade) -> Parts:
    """Return the shortfall with the delay on the filled shares and the whole move on the others.

    Source:
        delay = s q (Pa - Pd), execution = s (value - q Pa), opportunity = s (Q - q)(Pe - Pd), with
        s = +1 for buys and -1 for sells (Perold 1988).
    """
    missed = _EXACT.subtract(trade.wanted, trade.filled)
    return Parts(
        delay=_moved(trade.side, trade.filled, trade.decision, trade.arrival),
        execution=_executed(trade),
        opportunity=_moved(trade.side, missed, trade.decision, trade.end),
        fees=trade.fees,
    )


def wagner(trade: Trade) -> Parts:
    """Return the shortfall with the delay on all shares and the rest of the move on the others.

    Source:
        delay = s Q (Pa - Pd), opportunity = s (Q - q)(Pe - Pa); the total is Perold's (Wagner and
        Edwards 1993).
    """
    missed = _EXACT.subtract(trade.wanted, trade.filled)
    return Parts(
        delay=_moved(trade.side, trade.wanted, trade.decision, trade.arrival),
        execution=_executed(trade),
        opportunity=_moved(trade.side, missed, trade.arrival, trade.end),
        fees=trade.fees,
    )


def paper_bps(amount: Decimal | None, trade: Trade) -> Decimal | None:
    """Return an amount in basis points of the paper trade, the wanted shares at the decision price."""
    if amount is None or trade.decision is None or not trade.wanted:
        return None
    paper = _EXACT.multiply(trade.wanted, trade.decision)
    return _QUOTIENT.divide(_EXACT.multiply(amount, BPS), paper)


def _executed(trade: Trade) -> Decimal | None:
    if not trade.filled:
        return ZERO
    if trade.arrival is None:
        return None
    meant = _EXACT.multiply(trade.filled, trade.arrival)
    return _signed(trade.side, meant, trade.value)


def _moved(
    side: OrderSide, shares: Decimal, before: Decimal | None, after: Decimal | None
) -> Decimal | None:
    """Return what a move of the price costs on some shares; nothing costs nothing."""
    if not shares:
        return ZERO
    if before is None or after is None:
        return None
    return _signed(side, _EXACT.multiply(shares, before), _EXACT.multiply(shares, after))


def _signed(side: OrderSide, meant: Decimal, was: Decimal) -> Decimal:
    # Differences of products, not products of differences: those have a zero with a sign.
    return _EXACT.subtract(was, meant) if side is OrderSide.BUY else _EXACT.subtract(meant, was)


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return reduce(_EXACT.add, numbers, ZERO)
