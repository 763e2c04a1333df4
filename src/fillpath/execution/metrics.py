"""How well an order was executed: costs signed so that positive is worse, for buys and sells.

The desk calls the integer forms (see ``core/units.py``), people the Decimal ones; both give the
same digits. Results are unrounded: quotients have 28 significant digits, everything else is exact.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Context, Decimal
from functools import reduce
from typing import Final

from msgspec import Struct

from fillpath.core.models import OrderSide
from fillpath.core.units import BPS, RATIO_SCALE, exact
from fillpath.execution.policy import QualityPolicy

_BUY: Final = OrderSide.BUY
_QUOTIENT: Final = Context(prec=28)
_EXACT: Final = Context(prec=200)
_MICROSECOND: Final = timedelta(microseconds=1)
_PERCENT: Final = 100
_ZERO: Final = Decimal(0)


def cost_bps(side: OrderSide, reference: int, value: int, filled: int) -> Decimal:
    """Return the cost of a VWAP against a reference price, in basis points.

    Args:
        side: BUY or SELL.
        reference: the price meant to be paid, price units, above 0.
        value: sum of price times quantity over the fills, money units.
        filled: quantity units, above 0; ``value / filled`` is the VWAP.
    """
    meant = reference * filled
    over = value - meant if side is _BUY else meant - value
    return _QUOTIENT.divide(Decimal(over * BPS), Decimal(meant))


def exceeds_bps(side: OrderSide, reference: int, value: int, filled: int, limit: int) -> bool:
    """Return whether ``cost_bps`` would be strictly above a limit, by integers alone.

    Args:
        side: BUY or SELL.
        reference: the price meant to be paid, price units, above 0.
        value: sum of price times quantity over the fills, money units.
        filled: quantity units, above 0.
        limit: ratio units as in ``QualityPolicy.slippage``, so that 10 bps is 100_000.
    """
    meant = reference * filled
    over = value - meant if side is _BUY else meant - value
    return over * RATIO_SCALE > limit * meant


def slippage_bps(side: OrderSide, reference: Decimal, filled: Decimal) -> Decimal:
    """Return the cost of a fill price against a reference price, in basis points.

    Args:
        side: BUY or SELL.
        reference: the price meant to be paid, above 0: limit price, or arrival price.
        filled: VWAP of all fills.

    Source:
        Perold (1988), The Implementation Shortfall: Paper versus Reality.
    """
    if side is _BUY:
        over = _EXACT.subtract(filled, reference)
    else:
        over = _EXACT.subtract(reference, filled)
    return _QUOTIENT.divide(_EXACT.multiply(over, BPS), reference)


def latency_ms(start: datetime, end: datetime) -> Decimal:
    """Return the milliseconds from ``start`` to ``end``, exact to the microsecond.

    Negative where the clocks disagree: what was recorded is shown, not corrected.
    """
    microseconds = (end - start) // _MICROSECOND
    whole, rest = divmod(microseconds, 1_000)
    return Decimal(whole) if rest == 0 else _EXACT.scaleb(microseconds, -3).normalize(_EXACT)


def alerts(slippage: Decimal | None, latency: Decimal, policy: QualityPolicy) -> tuple[str, ...]:
    """Return the alerts of a measurement, ``SLIPPAGE`` and ``LATENCY``; strictly above only.

    Args:
        slippage: cost in basis points, None when unknown; an improvement is negative.
        latency: signal to fill in milliseconds.
        policy: the thresholds.
    """
    costly = slippage is not None and slippage > exact(policy.max_slippage_bps, "max_slippage_bps")
    slow = latency > exact(policy.max_latency_ms, "max_latency_ms")
    return (*(("SLIPPAGE",) if costly else ()), *(("LATENCY",) if slow else ()))


class CostSummary(Struct, frozen=True, kw_only=True):
    """Many costs in five numbers, basis points; None where there is nothing to sum up.

    Args:
        count: measurements.
        mean: every measurement counts the same.
        median: half of them cost no more.
        p95: 95 % of them cost no more.
        notional_weighted: sum of costs in money over sum of notionals; None without notional.
    """

    count: int
    mean: Decimal | None = None
    median: Decimal | None = None
    p95: Decimal | None = None
    notional_weighted: Decimal | None = None


def summarise(measured: Iterable[tuple[Decimal, Decimal]]) -> CostSummary:
    """Return the summary of (cost in basis points, notional in money) pairs.

    Mean and notional-weighted cost answer different questions and usually differ: one is the
    typical order, the other the typical dollar.
    """
    pairs = list(measured)
    if not pairs:
        return CostSummary(count=0)
    costs = sorted(cost for cost, _ in pairs)
    total = _sum(costs)
    paid = _sum(_EXACT.multiply(cost, notional) for cost, notional in pairs)
    notional = _sum(notional for _, notional in pairs)
    return CostSummary(
        count=len(costs),
        mean=_QUOTIENT.divide(total, len(costs)),
        median=percentile(costs, 50),
        p95=percentile(costs, 95),
        notional_weighted=_QUOTIENT.divide(paid, notional) if notional else None,
    )


def percentile(ordered: Sequence[Decimal], percent: int) -> Decimal:
    """Return a percentile of ascending values, interpolated linearly (type 7, as numpy does).

    Args:
        ordered: at least one value, ascending.
        percent: 0 to 100.

    Source:
        Hyndman and Fan (1996), Sample Quantiles in Statistical Packages, definition 7.
    """
    assert ordered, "there is something to rank"
    assert 0 <= percent <= _PERCENT, "a percentile is from 0 to 100"
    below, rest = divmod((len(ordered) - 1) * percent, _PERCENT)
    low = ordered[below]
    if rest == 0:
        return low
    gap = _EXACT.subtract(ordered[below + 1], low)
    share = _EXACT.divide(_EXACT.multiply(gap, rest), _PERCENT)
    return _QUOTIENT.plus(_EXACT.add(low, share))


class Outcome(Struct, frozen=True, kw_only=True):
    """What was meant and what became of it; the input of ``implementation_shortfall``.

    Args:
        side: BUY or SELL.
        quantity: shares that the decision wanted, above 0.
        fills: price and shares of each execution.
        decision_price: price when it was decided, above 0.
        arrival_price: price when the order reached the market.
        end_price: price when the rest was given up.
        fees: commissions and fees in money.
    """

    side: OrderSide
    quantity: Decimal
    fills: tuple[tuple[Decimal, Decimal], ...]
    decision_price: Decimal
    arrival_price: Decimal
    end_price: Decimal
    fees: Decimal


class Shortfall(Struct, frozen=True, kw_only=True):
    """Where the paper portfolio and the real one part, basis points of the paper trade.

    Args:
        delay: from decision to arrival, on what was filled.
        execution: from arrival to the fills.
        opportunity: from decision to the end, on what was not filled.
        fees: commissions and fees.
        total: the sum of the four.
    """

    delay: Decimal
    execution: Decimal
    opportunity: Decimal
    fees: Decimal
    total: Decimal


def implementation_shortfall(outcome: Outcome) -> Shortfall:
    """Return the paper gain less the real gain, by cause; positive is a cost.

    Source:
        Perold (1988), The Implementation Shortfall: Paper versus Reality. The delay is charged
        to the filled shares and the whole move since the decision to the unfilled ones; Wagner's
        split moves a part from the second to the first, with the same total.
    """
    multiply = _EXACT.multiply
    subtract = _EXACT.subtract
    filled = _sum(shares for _, shares in outcome.fills)
    spent = _sum(multiply(price, shares) for price, shares in outcome.fills)
    decided = outcome.decision_price
    arrived = outcome.arrival_price
    # Differences of products, not products of differences: those have a zero with a sign.
    delay = subtract(multiply(filled, arrived), multiply(filled, decided))
    execution = subtract(spent, multiply(filled, arrived))
    missed = subtract(outcome.quantity, filled)
    opportunity = subtract(multiply(missed, outcome.end_price), multiply(missed, decided))
    if outcome.side is not _BUY:
        delay, execution, opportunity = (
            _EXACT.minus(part) for part in (delay, execution, opportunity)
        )
    paper = multiply(outcome.quantity, decided)
    return Shortfall(
        delay=_bps_of(delay, paper),
        execution=_bps_of(execution, paper),
        opportunity=_bps_of(opportunity, paper),
        fees=_bps_of(outcome.fees, paper),
        total=_bps_of(_sum((delay, execution, opportunity, outcome.fees)), paper),
    )


def _bps_of(part: Decimal, whole: Decimal) -> Decimal:
    return _QUOTIENT.divide(_EXACT.multiply(part, BPS), whole)


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return reduce(_EXACT.add, numbers, _ZERO)


__all__ = [
    "CostSummary",
    "Outcome",
    "Shortfall",
    "alerts",
    "cost_bps",
    "exceeds_bps",
    "implementation_shortfall",
    "latency_ms",
    "percentile",
    "slippage_bps",
    "summarise",
]
