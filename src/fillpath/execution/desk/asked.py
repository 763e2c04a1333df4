"""Which controls were asked about a decision, for its record: those before the checks, and these.

What comes to the checks was let pass by everything before them, so the list follows from how far a
decision came. What is asked later, when the order leaves, is no part of it. The quote (C-08) is
looked at before them too, and told once, by the checks.
"""

from typing import Final

from fillpath.core.models import Signal
from fillpath.execution.sizing import Sized

ADMITTED: Final = ("C-03", "C-04")
"""Asked when a signal comes."""

_SIGNAL_PRICE: Final = ("C-09",)
_STATISTICS: Final = ("C-39",)
_SIZE: Final = ("C-40",)
_GATE: Final = ("C-45", "C-46")

RELEASED: Final = _GATE
"""Asked when a slice is due."""

# By whether the signal told a price, then by whether its size came from statistics.
_JUDGED: Final = (
    (
        (*ADMITTED, *_SIZE, *_GATE),
        (*ADMITTED, *_STATISTICS, *_SIZE, *_GATE),
    ),
    (
        (*ADMITTED, *_SIGNAL_PRICE, *_SIZE, *_GATE),
        (*ADMITTED, *_SIGNAL_PRICE, *_STATISTICS, *_SIZE, *_GATE),
    ),
)


def asked(signal: Signal, sized: Sized | None, checks: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids of the controls that an admitted signal was put before, in their order.

    Args:
        signal: it was admitted.
        sized: what sizing said; None where it said no, or was not asked.
        checks: those of the cascade; empty where it was not asked.
    """
    if sized is None:
        return ADMITTED
    if not checks:  # held back by its market or by a gate
        return (*ADMITTED, *_SIZE)
    told = signal.metadata.get("signal_price") is not None
    return _JUDGED[told][sized.kelly is not None] + checks


__all__ = ["ADMITTED", "RELEASED", "asked"]
