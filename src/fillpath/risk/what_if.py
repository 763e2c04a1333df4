"""The broker's own answer to "what if I sent this": does the margin that it wants fit?

Asked only where it is switched on, of a broker that can tell; the question is the adapter's. A
refusal is journaled with its numbers, so a replay decides alike and asks nobody.
"""

from typing import Final

from fillpath.core.units import money_decimal
from fillpath.risk.verdicts import Objection, broken_input

WHAT_IF_MARGIN: Final = "WHAT_IF_MARGIN"


def what_if_objection(change: int | None, headroom: int | None, why: str = "") -> Objection | None:
    """Object to an order that needs more margin than there is; no answer is no pass.

    Args:
        change: by how much the margin requirement would grow, money units; negative when it would
            shrink, None when the broker did not say.
        headroom: what may still be required, money units; None when it is unknown.
        why: why the broker did not say, empty when that is not known either.

    Returns:
        A refusal where a number is missing, what a person may allow where it does not fit, or None.
    """
    if change is None or headroom is None:
        missing = "margin change" if change is None else "margin excess"
        text = f"the broker must tell the {missing} of a what-if"
        return broken_input(53, f"{text}: {why}" if why else text)
    if change <= 0 or change <= headroom:
        return None
    text = (
        f"the broker would want {money_decimal(change)} more margin, "
        f"{money_decimal(headroom)} are there"
    )
    return Objection(WHAT_IF_MARGIN, text, headroom, change, asks=True)


__all__ = ["WHAT_IF_MARGIN", "what_if_objection"]
