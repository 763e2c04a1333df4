"""Where an order stands in the queue at its price, when only the size of the whole level is known.

All quantities are quantity units. Roundings go against the order: it never stands further ahead
than the formula says.
"""


def traded(front: int, left: int, quantity: int) -> tuple[int, int]:
    """Return the size ahead, and what of the order was filled, after a trade at its price.

    Trades take the front of the queue first, and the order with what is left of them.

    Args:
        front: size ahead of the order.
        left: of the order.
        quantity: of the trade.
    """
    ahead = min(front, quantity)
    return front - ahead, min(left, quantity - ahead)


def shrunk(front: int, before: int, after: int, power: int) -> int:
    """Return the size ahead after the level changed without a trade.

    ``front' = front - (1 - p) d + min(back - p d, 0)`` with ``d = before - after``, ``back = before -
    front`` and ``p = f(back) / (f(back) + f(front))``: ``p`` is how likely a cancel came from behind,
    ``f(x) = x ** power``. What joins, joins behind; nobody is ahead who is not there.

    Args:
        front: size ahead of the order, at most ``before``.
        before: size of the level, the order itself not counted.
        after: the same now.
        power: of ``f``, 1 or more.

    Source:
        The probability queue model of hftbacktest, after Rigtorp's estimate of a queue position.
    """
    gone = before - after
    if gone <= 0:
        return min(front, after)
    back = before - front
    behind, ahead = int(back**power), int(front**power)
    either = behind + ahead
    # Everything below is multiplied by `either`, so that no fraction is ever rounded on the way.
    from_behind = behind * gone
    estimate = front * either - ahead * gone + min(back * either - from_behind, 0)
    return max(min(-(-estimate // either), after), 0)


def trades_of(before: int, after: int, share: int, scale: int) -> int:
    """Return how much of what a level lost is taken for trades, rounded down.

    Args:
        before: size of the level.
        after: the same now.
        share: of the loss, in parts of ``scale``.
        scale: what stands for all of it.
    """
    return max(before - after, 0) * share // scale


__all__ = ["shrunk", "traded", "trades_of"]
