"""Which prices a contract takes: by its market rule, which has a step of its own for every range.

A price that is sent stands on a step. A buy goes down to it and a sell up, limits and triggers
alike, so that rounding never pays more than was meant and a stop never waits longer.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from itertools import pairwise

from msgspec import Struct

from fillpath.core.errors import BrokerRefused, ModelError
from fillpath.core.models import OrderSide
from fillpath.core.units import exact
from fillpath.ibkr.heard import ContractFound, RuleShown

_DOWN = Context(prec=60, rounding=ROUND_FLOOR)
_EXACT = Context(prec=60)
_UP = Context(prec=60, rounding=ROUND_CEILING)


class PriceSteps(Struct, frozen=True):
    """The steps of prices: from each low edge on, dollars; the first edge is the lowest price.

    Raises:
        ModelError: no step, an edge below 0 or not above the one before, or a step not above 0.
    """

    steps: tuple[tuple[Decimal, Decimal], ...]

    def __post_init__(self) -> None:
        """Check every edge and step."""
        if not self.steps:
            raise ModelError("steps must hold at least one edge with its step, got none")
        for edge, step in self.steps:
            if exact(step, "step") <= 0 or exact(edge, "edge") < 0:
                raise ModelError(f"edge must be 0 or more and step above 0, got {edge} and {step}")
        for (low, _), (high, _) in pairwise(self.steps):
            if low >= high:
                raise ModelError(f"edges must go up, got {low} and {high}")

    def holds(self, price: Decimal) -> bool:
        """Return whether a price stands on a step."""
        return price > 0 and self.rounded(price, OrderSide.BUY) == price

    def rounded(self, price: Decimal, side: OrderSide) -> Decimal | None:
        """Return the price on a step, a buy down and a sell up; None where there is none above 0.

        Args:
            price: dollars, finite.
            side: BUY or SELL.
        """
        found = self._below(price) if side is OrderSide.BUY else self._above(price)
        return found if found is not None and found > 0 else None

    def _below(self, price: Decimal) -> Decimal | None:
        """Return the highest price on a step that is not above ``price``."""
        top: Decimal | None = None
        for edge, step in reversed(self.steps):
            if edge > price:
                continue
            if top is None:
                count = _DOWN.divide(price, step).to_integral_value(ROUND_FLOOR)
            else:  # strictly below the edge of the range above
                count = _UP.divide(top, step).to_integral_value(ROUND_CEILING) - 1
            if _EXACT.multiply(count, step) >= edge:
                return _EXACT.multiply(count, step)
            top = edge
        return None

    def _above(self, price: Decimal) -> Decimal:
        """Return the lowest price on a step that is not below ``price``."""
        for (edge, step), (next_edge, _) in pairwise(self.steps):
            found = _ceiling(max(price, edge), step)
            if found < next_edge:
                return found
        edge, step = self.steps[-1]
        return _ceiling(max(price, edge), step)


def _ceiling(price: Decimal, step: Decimal) -> Decimal:
    return _EXACT.multiply(_UP.divide(price, step).to_integral_value(ROUND_CEILING), step)


def on_step(price: object, side: OrderSide, steps: PriceSteps, field: str) -> Decimal:
    """Return a price that may be sent.

    Raises:
        BrokerRefused: no finite number above zero, or none of the contract's prices is near.
    """
    try:
        number = exact(price, field)
    except ModelError as error:
        raise BrokerRefused("INVALID_PRICE", str(error)) from None
    if number <= 0:
        raise BrokerRefused("INVALID_PRICE", f"{field} must be above 0, got {price}")
    found = steps.rounded(number, side)
    if found is None:
        lowest = steps.steps[0][1]
        raise BrokerRefused(
            "INVALID_PRICE", f"{field} must be at least one step of {lowest} dollars, got {price}"
        )
    return found


def rule_number(found: ContractFound, exchange: str) -> int | None:
    """Return the id of the market rule of a contract on an exchange, None where it names none."""
    return dict(zip(found.exchanges, found.rules, strict=False)).get(exchange)


def steps_of(found: ContractFound, rule: RuleShown | None) -> PriceSteps:
    """Return the steps of a contract: of its market rule, else of its smallest step.

    Raises:
        BrokerRefused: neither is known, or one of them cannot be.
    """
    try:
        if rule is not None:
            return PriceSteps(rule.steps)
        if found.min_tick is not None:
            return PriceSteps(((Decimal(0), found.min_tick),))
    except ModelError as error:
        raise BrokerRefused("NO_PRICE_STEPS", f"{found.symbol}: {error}") from None
    raise BrokerRefused(
        "NO_PRICE_STEPS", f"{found.symbol} must have a market rule or a smallest step, got neither"
    )


__all__ = ["PriceSteps", "on_step", "rule_number", "steps_of"]
