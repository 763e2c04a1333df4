"""What an order would do to the margin: how it is asked, and what the answer comes to.

The question is an order with a mark on it that keeps the broker from sending it anywhere; it stands
alone, without group, parent or algorithm. The answer is the tighter of two: the margin that opening
asks for and the one that holding asks for, each against what the account is lent upon before or
after the order, whichever is less. Amounts come with the vendor's rounding errors, so they are put to
the cent, the change up and the headroom down.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from msgspec.structs import replace

from fillpath.core.capabilities import MarginAnswer
from fillpath.core.errors import Unavailable
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.heard import MarginShown
from fillpath.ibkr.words import LONGEST_REFERENCE

CENT: Final = Decimal("0.01")
REFERENCE: Final = "what-if "
"""How the reference of a question begins, so that nobody takes it for that of the order."""
_MOST: Final = Decimal(10) ** 15
"""More than any account has."""


def asking(form: OrderForm) -> OrderForm:
    """Return the question about an order: what it trades, marked as a question, linked to nothing."""
    return replace(
        form,
        what_if=True,
        transmit=True,
        order_ref=f"{REFERENCE}{form.order_ref}"[:LONGEST_REFERENCE].rstrip(),
        oca_group="",
        oca_type=0,
        parent_id=0,
        algo="",
        algo_params=(),
    )


def is_whole(shown: MarginShown) -> bool:
    """Return whether every amount is there; where the gateway has a warning, it says that first."""
    return None not in _amounts(shown)


def margin_answer(shown: MarginShown) -> MarginAnswer:
    """Return the tighter of the two margins of an answer.

    Raises:
        Unavailable: an amount is missing, or more than any account has.
    """
    amounts = [one for one in _amounts(shown) if one is not None and abs(one) < _MOST]
    if len(amounts) < len(_amounts(shown)):
        raise Unavailable("what_if: the gateway told amounts that cannot be")
    init, init_change, maint, maint_change, before, after = amounts
    equity = min(before, after)
    return min(
        _answer(init_change, equity - init), _answer(maint_change, equity - maint), key=_room
    )


def _amounts(shown: MarginShown) -> tuple[Decimal | None, ...]:
    return (
        shown.init_before,
        shown.init_change,
        shown.maint_before,
        shown.maint_change,
        shown.equity_before,
        shown.equity_after,
    )


def _answer(change: Decimal, excess: Decimal) -> MarginAnswer:
    return MarginAnswer(
        change=change.quantize(CENT, ROUND_CEILING), excess=excess.quantize(CENT, ROUND_FLOOR)
    )


def _room(answer: MarginAnswer) -> tuple[bool, Decimal]:
    """Return what is left, last of all that of an order that frees margin: such a one passes."""
    assert answer.change is not None, "it was just made"
    assert answer.excess is not None, "it was just made"
    return answer.change <= 0, answer.excess - answer.change


__all__ = ["CENT", "REFERENCE", "asking", "is_whole", "margin_answer"]
