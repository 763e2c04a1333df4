"""The specified face of risk: one order and one portfolio in, the verdict with every reason out."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from fillpath.core.errors import ModelError
from fillpath.core.models import (
    Order,
    OrderSide,
    PortfolioSnapshot,
    RiskAction,
    RiskCheckResult,
    RiskReason,
)
from fillpath.core.units import (
    MONEY_SCALE,
    PRICE_SCALE,
    QUANTITY_SCALE,
    money_decimal,
    positive,
    price_decimal,
    quantity_decimal,
    quantity_units,
)
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import Cascade, judge
from fillpath.risk.checks.exposure import (
    ACCIDENTAL_LONG,
    ACCIDENTAL_SHORT,
    CASH,
    GROSS_EXPOSURE,
    MAX_POSITIONS,
    NET_EXPOSURE,
    POSITION_CAP,
)
from fillpath.risk.checks.inputs import INPUT
from fillpath.risk.checks.prices import PRICE_FLOOR
from fillpath.risk.checks.sizes import LIMIT_UNSET, MAX_NOTIONAL, MAX_QUANTITY, QUANTITY_FORM
from fillpath.risk.checks.stopping import KILL_SWITCH
from fillpath.risk.kill_switch import KillSwitch, Latch, Scope
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection

NO_REFERENCE: Final = "NO_REFERENCE"

_ZERO: Final = Decimal(0)


class RiskManager:
    """Judges orders before they leave, and holds the kill switch.

    Args:
        settings: what no order may exceed; the defaults when left out.
    """

    def __init__(self, settings: RiskLimits | None = None) -> None:
        self._limits = RiskLimits() if settings is None else settings
        self._cascade = Cascade(self._limits)
        self._memory = RiskMemory()
        self._switch = KillSwitch()

    @property
    def killed(self) -> bool:
        """Return whether the whole account is stopped."""
        return self._switch.killed

    def kill(self, reason: str, by: str, scope: Scope = Scope.ACCOUNT, target: str = "") -> None:
        """Stop every order of a scope, exits too, until ``resume``.

        Args:
            reason: why.
            by: who.
            scope: strategy, symbol, account or all.
            target: the strategy or the symbol; empty for account and all.

        Raises:
            ModelError: no reason or no name is given, or a scope names nothing or too much.
        """
        self._switch = self._switch.set(reason, by, None, scope, target)

    def resume(self, by: str, scope: Scope = Scope.ACCOUNT, target: str = "") -> None:
        """Allow orders of that very scope again; what else is stopped stays stopped.

        Raises:
            ModelError: no name is given.
        """
        self._switch = self._switch.cleared(by, None, scope, target)

    def check_pre_trade(self, order: Order, portfolio: PortfolioSnapshot) -> RiskCheckResult:
        """Return whether the order may be sent, in which size, and every objection.

        An order against the account's position is an exit: it is cut to what is held and never
        turns the position over. ``portfolio.working`` must not count the order itself.
        """
        strategy = str(order.metadata.get("strategy_name") or "")
        latch = self._switch.stopped(strategy, order.symbol)
        try:
            judged = risk_input(order, portfolio, killed=latch is not None)
        except ModelError as error:
            return _rejected(INPUT, str(error))
        if judged is None:
            return _rejected(
                NO_REFERENCE,
                f"{order.symbol} has no limit_price, no signal_price and no marked position",
            )
        walk = self._cascade.told_exit if judged.reduces else self._cascade.told
        verdict = judge(judged, self._memory, self._limits, walk)
        if verdict.action is RiskAction.APPROVE:
            return RiskCheckResult(action=verdict.action, approved_quantity=order.quantity)
        return RiskCheckResult(
            action=verdict.action,
            reasons=tuple(_reason(objection, latch) for objection in verdict.objections),
            approved_quantity=quantity_decimal(verdict.quantity),
        )


def risk_input(order: Order, portfolio: PortfolioSnapshot, *, killed: bool) -> Ask | None:
    """Return what the cascade needs of an order and a portfolio, or None without any price.

    The reference price is the order's limit, else its ``signal_price``, else the position's mark.
    A sell takes the highest of them: its limit says nothing about how much it may be worth.

    Raises:
        ModelError: a number of the order cannot be used.
    """
    prices = _prices(order, portfolio)
    if not prices:
        return None
    price = prices[0] if order.side is OrderSide.BUY else max(prices)
    symbol = order.symbol
    held = _units(portfolio.held(symbol), QUANTITY_SCALE)
    working = _units(portfolio.working.get(symbol, _ZERO), QUANTITY_SCALE)
    longs, shorts = _values(portfolio)
    open_symbols = {position.symbol for position in portfolio.positions if position.quantity}
    open_symbols.update(name for name, quantity in portfolio.working.items() if quantity)
    return Ask(
        symbol=symbol,
        side=order.side,
        quantity=quantity_units(order.quantity),
        price=price,
        worst_price=price,
        account_held=held,
        working_buy=max(working, 0),
        working_sell=max(-working, 0),
        cash=_units(portfolio.cash, MONEY_SCALE),
        reserved=_units(portfolio.reserved_cash, MONEY_SCALE),
        equity=_units(portfolio.total_equity, MONEY_SCALE),
        open_symbols=len(open_symbols),
        symbol_is_open=symbol in open_symbols,
        reduces=order.side.sign * held < 0,
        killed=killed,
        long_value=longs,
        short_value=shorts,
    )


def _prices(order: Order, portfolio: PortfolioSnapshot) -> list[int]:
    marks = (p.market_price for p in portfolio.positions if p.symbol == order.symbol)
    told = order.metadata.get("signal_price")
    known = (
        order.limit_price,
        None if told is None else positive(told, "signal_price"),
        next((mark for mark in marks if mark is not None), None),
    )
    return [_units(price, PRICE_SCALE) for price in known if price is not None]


def _values(portfolio: PortfolioSnapshot) -> tuple[int, int]:
    """Return what longs and shorts are worth at their marks, else at what was paid; -1: unknown."""
    longs = shorts = 0
    for position in portfolio.positions:
        price = position.average_price if position.market_price is None else position.market_price
        if price is None:
            if position.quantity:
                return -1, -1
            continue
        value = _units(position.quantity * price, MONEY_SCALE)
        longs += max(value, 0)
        shorts -= min(value, 0)
    return longs, shorts


def _reason(objection: Objection, latch: Latch | None) -> RiskReason:
    text = objection.text
    if objection.check == KILL_SWITCH and latch is not None:
        text = f"{text}: {latch.where} was stopped by {latch.by} because {latch.reason}"
    with_unit = _WITH_UNIT.get(objection.check)
    return RiskReason(
        check=objection.check,
        text=text,
        limit="" if with_unit is None else with_unit(objection.limit),
        value="" if with_unit is None else with_unit(objection.value),
        allowed_quantity=quantity_decimal(objection.allowed) if objection.allowed else None,
    )


def _units(value: Decimal, scale: int) -> int:
    """Return ``value`` as an integer of 1/scale; what is finer is cut off, towards zero."""
    numerator, denominator = value.as_integer_ratio()
    magnitude = abs(numerator) * scale // denominator
    return magnitude if numerator >= 0 else -magnitude


def _rejected(check: str, text: str) -> RiskCheckResult:
    return RiskCheckResult(action=RiskAction.REJECT, reasons=(RiskReason(check=check, text=text),))


def _symbols(value: int) -> str:
    return f"{value} symbols"


def _shares(value: int) -> str:
    return f"{quantity_decimal(value)} shares"


def _money(value: int) -> str:
    return f"{money_decimal(value)} in account currency"


def _price(value: int) -> str:
    return f"{price_decimal(value)} per share"


_WITH_UNIT: Final[Mapping[str, Callable[[int], str]]] = MappingProxyType(
    {
        PRICE_FLOOR: _price,
        MAX_POSITIONS: _symbols,
        POSITION_CAP: _money,
        GROSS_EXPOSURE: _money,
        NET_EXPOSURE: _money,
        CASH: _money,
        ACCIDENTAL_SHORT: _shares,
        ACCIDENTAL_LONG: _shares,
        QUANTITY_FORM: _shares,
        MAX_QUANTITY: _shares,
        LIMIT_UNSET: _shares,
        MAX_NOTIONAL: _money,
    }
)

__all__ = ["NO_REFERENCE", "RiskManager", "risk_input"]
