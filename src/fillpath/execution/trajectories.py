"""In which steps a large order should trade: the schedules of Almgren-Chriss and Obizhaeva-Wang.

They are offered for a schedule that minimises the shortfall, and decide nothing yet. Both are worked
out by recurrences of the four basic operations, in Decimal, so that every machine gives the same
digits. The hyperbolic sines of Almgren and Chriss hide in one of them: ``s(k+1) = 2 c s(k) - s(k-1)``
is the sine of ``k`` steps for ``c = cosh(kappa tau)``, and for ``c < 1`` the trigonometric one.
"""

from decimal import Decimal, localcontext
from itertools import pairwise
from math import acos, acosh
from typing import Final

from msgspec import Struct

from fillpath.core.errors import ModelError

DIGITS: Final = 50
_LEAST: Final = 2


class Liquidation(Struct, frozen=True, kw_only=True):
    """An order of Almgren and Chriss, and the market that it trades in.

    Args:
        shares: ``X``.
        days: ``T``, the horizon.
        steps: ``N``, 1 or more.
        volatility: ``sigma``, account currency per share and square root of a day.
        permanent: ``gamma``, account currency per share, for each share.
        temporary: ``eta``, account currency per share, for each share a day.
        fixed: ``epsilon``, such as half the spread, account currency per share.
        aversion: ``lambda``, per account currency; below 0 for who likes risk.
    """

    shares: Decimal
    days: Decimal
    steps: int
    volatility: Decimal
    permanent: Decimal
    temporary: Decimal
    fixed: Decimal
    aversion: Decimal


class Trajectory(Struct, frozen=True, kw_only=True):
    """A schedule of Almgren and Chriss, and what it costs.

    Args:
        holdings: what is left before the first step, after it, ..., and after the last.
        cost: expected shortfall, account currency.
        variance: of the shortfall, account currency squared.
        urgency: ``kappa``, per day; its inverse is the half-life of the order. 0 for an even
            schedule; where risk is liked, the frequency of the trigonometric solution.
    """

    holdings: tuple[Decimal, ...]
    cost: Decimal
    variance: Decimal
    urgency: float


def almgren_chriss(order: Liquidation) -> Trajectory:
    """Return the schedule with the best mix of expected cost and variance.

    ``x(j) = X sinh(kappa (T - t(j))) / sinh(kappa T)`` with ``2 (cosh(kappa tau) - 1) = tau^2 lambda
    sigma^2 / eta~`` and ``eta~ = eta - gamma tau / 2``; ``E = gamma X^2 / 2 + epsilon sum |n| + eta~ /
    tau sum n^2``; ``V = sigma^2 tau sum x^2``.

    Raises:
        ModelError: no step, or a permanent impact so large that trading fast is always better.

    Source:
        Almgren and Chriss (2000), Optimal Execution of Portfolio Transactions.
    """
    if order.steps < 1:
        raise ModelError(f"steps must be 1 or more, got {order.steps}")
    with localcontext(prec=DIGITS):
        step = order.days / order.steps
        slope = order.temporary - order.permanent * step / 2
        if slope <= 0:
            raise ModelError(
                f"temporary must be above permanent times half a step, got {order.temporary} and "
                f"{order.permanent * step / 2}"
            )
        curve = 1 + step * step * order.aversion * order.volatility**2 / slope / 2
        holdings = _holdings(order, curve)
        return Trajectory(
            holdings=holdings,
            cost=_cost(order, holdings, slope / step),
            variance=order.volatility**2 * step * sum((x * x for x in holdings[1:]), Decimal(0)),
            urgency=_urgency(float(curve)) / float(step),
        )


def _holdings(order: Liquidation, curve: Decimal) -> tuple[Decimal, ...]:
    sines = [Decimal(0), Decimal(1)]
    while len(sines) <= order.steps:
        sines.append(2 * curve * sines[-1] - sines[-2])
        if sines[-1] <= 0:
            raise ModelError(f"aversion must not be so far below 0, got {order.aversion}")
    last = sines[order.steps]
    return tuple(order.shares * sine / last for sine in reversed(sines[: order.steps + 1]))


def _cost(order: Liquidation, holdings: tuple[Decimal, ...], slope: Decimal) -> Decimal:
    trades = [before - after for before, after in pairwise(holdings)]
    fixed = order.fixed * sum((abs(n) for n in trades), Decimal(0))
    moving = slope * sum((n * n for n in trades), Decimal(0))
    return order.permanent * order.shares**2 / 2 + fixed + moving


def _urgency(curve: float) -> float:
    return acosh(curve) if curve >= 1 else acos(curve)


def obizhaeva_wang(shares: Decimal, recovery: Decimal, trades: int) -> tuple[Decimal, ...]:
    """Return the ``trades`` sizes that cost least in a book that fills again, evenly spaced.

    ``a = exp(-rho T / (n - 1))``; the first and the last are ``X / ((n - 2) (1 - a) + 2)``, each other
    one ``1 - a`` of that.

    Args:
        shares: ``X``.
        recovery: ``rho T``, above 0; the book forgets 1 - 1/e of a trade in one of these.
        trades: ``n``, 2 or more.

    Raises:
        ModelError: fewer than two trades, or no recovery.

    Source:
        Obizhaeva and Wang (2013), Optimal trading strategy and supply/demand dynamics.
    """
    if trades < _LEAST:
        raise ModelError(f"trades must be {_LEAST} or more, got {trades}")
    _check_recovery(recovery)
    with localcontext(prec=DIGITS):
        kept = (-recovery / (trades - 1)).exp()
        block = shares / ((trades - 2) * (1 - kept) + 2)
        return (block, *([block * (1 - kept)] * (trades - 2)), block)


def obizhaeva_wang_limit(shares: Decimal, recovery: Decimal) -> tuple[Decimal, Decimal]:
    """Return the block at each end and what trades evenly in between, for ever more trades.

    ``X / (rho T + 2)`` at both ends, and ``rho T`` times as much in between.
    """
    _check_recovery(recovery)
    with localcontext(prec=DIGITS):
        block = shares / (recovery + 2)
        return block, block * recovery


def _check_recovery(recovery: Decimal) -> None:
    if recovery <= 0:
        raise ModelError(f"recovery must be above 0, got {recovery}")


__all__ = [
    "Liquidation",
    "Trajectory",
    "almgren_chriss",
    "obizhaeva_wang",
    "obizhaeva_wang_limit",
]
