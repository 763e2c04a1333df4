"""Numbers that no decision can rest on."""

from typing import Final

from fillpath.core.units import money_decimal, price_decimal, quantity_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection

INPUT: Final = "INPUT"


def check_input(ask: Ask, _memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
    """Object to numbers that no decision can rest on; the cascade ends there."""
    if (
        ask.price > 0
        and ask.worst_price > 0
        and ask.quantity > 0
        and ask.lot > 0
        and ask.working_buy >= 0
        and ask.working_sell >= 0
        and (ask.reduces or (ask.equity > 0 and ask.reserved >= 0))
    ):
        return None
    return _broken_input(ask)


def _broken_input(ask: Ask) -> Objection:
    broken = [
        f"{name} must be above 0, got {text}"
        for name, value, text in (
            ("price", ask.price, price_decimal(ask.price)),
            ("worst_price", ask.worst_price, price_decimal(ask.worst_price)),
            ("quantity", ask.quantity, quantity_decimal(ask.quantity)),
            ("lot", ask.lot, quantity_decimal(ask.lot)),
            ("equity", 1 if ask.reduces else ask.equity, money_decimal(ask.equity)),
        )
        if value <= 0
    ]
    broken += [
        f"{name} must be 0 or more, got {text}"
        for name, value, text in (
            ("working_buy", ask.working_buy, quantity_decimal(ask.working_buy)),
            ("working_sell", ask.working_sell, quantity_decimal(ask.working_sell)),
            ("reserved", 0 if ask.reduces else ask.reserved, money_decimal(ask.reserved)),
        )
        if value < 0
    ]
    return Objection(INPUT, "; ".join(broken), 0, ask.quantity, 0)
