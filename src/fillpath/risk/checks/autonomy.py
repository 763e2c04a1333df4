"""How much may be sent without a person: nothing on a live account, everything asked for, or both."""

from typing import Final

from fillpath.core.units import MONEY_SCALE, RATIO_SCALE, money_decimal, quantity_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.limits import Autonomy, RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection

PAPER_ONLY: Final = "PAPER_ONLY"
HUMAN_APPROVAL: Final = "HUMAN_APPROVAL"

NOT_REAL: Final = "nothing real is at risk"
_CENT: Final = MONEY_SCALE // 100


def off_without_real_money(limits: RiskLimits) -> str:
    """Return why a check of live trading does not run."""
    return "" if limits.real_money else NOT_REAL


def off_without_paper_only(limits: RiskLimits) -> str:
    """Return why orders may reach the account that is there."""
    if limits.autonomy.mode is not Autonomy.PAPER_ONLY:
        return f"the mode is {limits.autonomy.mode}"
    return off_without_real_money(limits)


def off_without_questions(limits: RiskLimits) -> str:
    """Return why nobody is asked."""
    mode = limits.autonomy.mode
    asks = mode is Autonomy.MANUAL_APPROVAL or mode is Autonomy.BOUNDED_AUTONOMOUS
    return "" if asks else f"{mode} asks nobody"


def check_paper_only(ask: Ask, _memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
    """Object to everything on a live account in a mode that is for paper; it runs only there."""
    text = "risk.autonomy.mode PAPER_ONLY never reaches a live account"
    return Objection(PAPER_ONLY, text, 0, ask.quantity, 0)


def check_human_approval(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Ask a person for every entry, or for those beyond the bounds of the mode."""
    autonomy = limits.autonomy
    value = ask.quantity * ask.worst_price
    order = (
        f"{ask.side} {quantity_decimal(ask.quantity)} {ask.symbol} for at most "
        f"{money_decimal(value)}"
    )
    if autonomy.mode is Autonomy.MANUAL_APPROVAL:
        return _question(ask, f"{order}: every entry needs a person", 0, value)
    bound = autonomy.bounded_notional * ask.equity
    if value * RATIO_SCALE > bound:
        most = bound // RATIO_SCALE
        pct = autonomy.bounded_notional_pct
        shown = money_decimal(most // _CENT * _CENT)
        text = f"{order}: above {shown}, {pct} % of equity, a person is asked"
        return _question(ask, text, most, value)
    if memory.parents_today >= autonomy.bounded_orders_per_day:
        count = autonomy.bounded_orders_per_day
        text = f"{order}: after {count} parents of the day a person is asked"
        return _question(ask, text, count, memory.parents_today + 1)
    return None


def _question(ask: Ask, text: str, limit: int, value: int) -> Objection:
    return Objection(HUMAN_APPROVAL, text, limit, value, ask.quantity, asks=True)


__all__ = [
    "HUMAN_APPROVAL",
    "PAPER_ONLY",
    "check_human_approval",
    "check_paper_only",
    "off_without_paper_only",
    "off_without_questions",
    "off_without_real_money",
]
