"""How much of the Kelly fraction a record of so many trades deserves."""

from fractions import Fraction


def shrinkage(win_rate: Fraction, payoff: Fraction, trades: int) -> Fraction:
    """Return the share k of the Kelly fraction that a measured edge deserves, from 0 to 1.

    An edge that was measured is uncertain, and betting on all of it bets too much. With
    ``e = (b + 1) p - 1`` and the variance ``s = p (1 - p) / n`` of the measured win rate it is
    ``k = e^2 / (e^2 + (b + 1)^2 s)``.

    Args:
        win_rate: p, above 0 and below 1.
        payoff: b, average win over average loss, above 0.
        trades: n, how many trades it was measured on, 1 or more.

    Source:
        Baker and McHale (2013), Optimal Betting Under Parameter Uncertainty.
    """
    edge = (payoff + 1) * win_rate - 1
    variance = win_rate * (1 - win_rate) / trades
    squared = edge * edge
    return squared / (squared + (payoff + 1) ** 2 * variance)


__all__ = ["shrinkage"]
