"""How much of an interval's volume an account may be: nobody trades all that is traded.

Source:
    The same cap stands in the volume share models of the public backtesters, per bar and usually
    at 2.5 or 10 percent. Where no volume of the interval is told, the average day is spread evenly over
    the session, which is too much at noon and too little at the close.
"""

from typing import Final

from fillpath.core.units import NANOSECONDS, QUANTITY_SCALE, RATIO_SCALE

SESSION_SECONDS: Final = 23_400
"""A regular session, 09:30 to 16:00."""


def interval_start(at: int, seconds: int) -> int:
    """Return when the interval of ``at`` began, nanoseconds UTC; intervals begin on the full minute."""
    return at - at % (seconds * NANOSECONDS)


def expected_volume(adv: int, seconds: int) -> int:
    """Return the volume of an interval when the average day is spread evenly, rounded down.

    Args:
        adv: average daily volume, quantity units.
        seconds: length of the interval.
    """
    return adv * seconds // SESSION_SECONDS


def allowance(volume: int, share: int, taken: int) -> int:
    """Return what may still be traded in an interval: whole shares, one in all at least.

    Args:
        volume: of the interval, quantity units.
        share: ratio units.
        taken: what was traded in it so far, quantity units.
    """
    allowed = volume * share // RATIO_SCALE
    allowed = max(allowed - allowed % QUANTITY_SCALE, QUANTITY_SCALE)
    return max(allowed - taken, 0)


__all__ = ["SESSION_SECONDS", "allowance", "expected_volume", "interval_start"]
