"""A dumb second opinion on the limits: every order recounted from the journal, in plain decimals.

It shares no code with the cascade. It reads the limits as a person wrote them, in percent, and adds
up what the journal says was decided. Where it and the cascade would have to copy each other's
working to agree to the cent, it asks for less: what it objects to is certainly wrong.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from fillpath.chaos.ledger import DumbLedger
from fillpath.core.commands import Decision, Ticket
from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide
from fillpath.core.units import DAY_NS, NANOSECONDS, money_decimal, price_decimal, quantity_decimal
from fillpath.execution.policy import DeskPolicy

Expect = Callable[[int, object, str], None]

EXPOSURE = 6
LIMITS = 46
_CENT = Decimal("0.01")


class Parent(NamedTuple):
    """One entry that was decided."""

    at: int
    symbol: str
    side: str
    shares: Decimal
    value: Decimal


class Authority:
    """Recount what every entry is held to.

    Args:
        ledger: cash and positions as the journal has them.
        expect: counts a check and reports it when it does not hold.
    """

    def __init__(self, ledger: DumbLedger, expect: Expect) -> None:
        self._ledger = ledger
        self._expect = expect
        self._parents: dict[str, list[Parent]] = defaultdict(list)
        self._day_at = 0
        self._today = 0
        self._turnover = Decimal(0)

    def day_began(self, at: int) -> None:
        """Begin the counts of a day."""
        self._day_at = at
        self._today = 0
        self._turnover = Decimal(0)

    def decided(self, decision: Decision, policy: DeskPolicy, *, reduces: bool) -> None:
        """Recount a parent, whole or sliced."""
        market = decision.market
        assert isinstance(market, MarketView), "what is ordered was judged by a market"
        shares = quantity_decimal(decision.quantity)
        price = _worst(market, decision.side, decision.limit)
        parent = Parent(decision.at, decision.symbol, decision.side, shares, shares * price)
        if not reduces:
            self._parent(decision, parent, policy, self._equity(market))
        if decision.at - self._day_at >= DAY_NS:
            self.day_began(decision.at)
        self._today += 1
        self._turnover += parent.value
        if not reduces:
            self._parents[decision.strategy_name].append(parent)

    def placed(
        self, ticket: Ticket, market: MarketView, policy: DeskPolicy, working: dict[str, int]
    ) -> None:
        """Recount an entry that is sent.

        Args:
            ticket: the order.
            market: what it was judged by.
            policy: the rules.
            working: quantity units of the other working orders by symbol.
        """
        limits = policy.risk
        equity = self._equity(market)
        shares = quantity_decimal(ticket.quantity)
        value = shares * _worst(market, ticket.side, ticket.limit)
        self._within("one order", value, limits.size.max_notional_pct, equity, ticket.order_id)
        if market.adv:
            most = quantity_decimal(market.adv) * Decimal(limits.size.max_child_adv_pct) / 100
            text = f"{ticket.order_id}: {shares} of {most} that one order may be"
            self._expect(LIMITS, shares <= most, text)
        others = {symbol for symbol, shares in self._ledger.positions.items() if shares}
        others |= {symbol for symbol, units in working.items() if units}
        text = f"{ticket.order_id}: {sorted(others)} are held or worked already"
        room = ticket.symbol in others or len(others) < limits.max_positions
        self._expect(EXPOSURE, room, text)
        assert market.bid is not None, "it was judged by a usable quote"
        assert market.ask is not None, "it was judged by a usable quote"
        mid = price_decimal(market.bid + market.ask) / 2
        text = f"{ticket.order_id}: {ticket.symbol} at {mid} is below {limits.price_floor}"
        self._expect(LIMITS, mid + _CENT >= Decimal(limits.price_floor), text)
        forbidden = ticket.symbol in limits.restricted.split(",")
        self._expect(LIMITS, not forbidden, f"{ticket.order_id}: {ticket.symbol} is restricted")

    def funded(self, ticket: Ticket, market: MarketView, policy: DeskPolicy, reserved: int) -> None:
        """Recount the cash that all working buys may need at worst, this one included."""
        if ticket.side is not OrderSide.BUY:
            return
        keep = self._equity(market) * Decimal(policy.risk.cash_reserve_pct) / 100
        left = self._ledger.cash - money_decimal(reserved)
        text = f"{ticket.order_id}: {left} of cash would be left, {keep} is the reserve"
        self._expect(EXPOSURE, left >= keep, text)

    def _parent(
        self, decision: Decision, parent: Parent, policy: DeskPolicy, equity: Decimal
    ) -> None:
        limits, name = policy.risk, decision.order_id
        adv = decision.market.adv
        if adv:
            most = quantity_decimal(adv) * Decimal(limits.size.max_parent_adv_pct) / 100
            text = f"{name}: {parent.shares} of {most} that a parent may be"
            self._expect(LIMITS, parent.shares <= most, text)
        begun = self._parents[decision.strategy_name]
        window = int(Decimal(limits.size.basket_seconds) * NANOSECONDS)
        basket = sum((p.value for p in begun if decision.at - p.at <= window), parent.value)
        self._within("a basket", basket, limits.size.basket_pct, equity, name)
        text = f"{name} is number {self._today + 1} of {limits.max_trades_per_day} today"
        fresh = decision.at - self._day_at >= DAY_NS
        self._expect(LIMITS, fresh or self._today < limits.max_trades_per_day, text)
        turnover = parent.value + (Decimal(0) if fresh else self._turnover)
        self._within("a day", turnover, limits.max_turnover_pct, equity, name)
        self._alone(parent, policy, name)

    def _alone(self, parent: Parent, policy: DeskPolicy, name: str) -> None:
        """No two entries that look alike within the window."""
        rates = policy.risk.rates
        window = int(Decimal(rates.duplicate_seconds) * NANOSECONDS)
        alike = [
            other
            for begun in self._parents.values()
            for other in begun
            if window
            and parent.at - other.at < window
            and (other.symbol, other.side, other.shares)
            == (parent.symbol, parent.side, parent.shares)
        ]
        self._expect(LIMITS, not alike, f"{name} looks like {alike}")

    def _within(
        self, what: str, value: Decimal, most_pct: object, equity: Decimal, name: str
    ) -> None:
        most = equity * Decimal(str(most_pct)) / 100
        text = f"{name}: {what} would be worth {value}, {most} is allowed"
        self._expect(LIMITS, value <= most, text)

    def _equity(self, market: MarketView) -> Decimal:
        return self._ledger.cash + money_decimal(market.long_value - market.short_value)


def _worst(market: MarketView, side: str, limit: int | None) -> Decimal:
    """Return the price that an order pays at worst: its limit, else the far touch."""
    touch = market.ask if side == OrderSide.BUY else market.bid
    price = touch if limit is None else limit
    assert price is not None, "it was judged by a usable quote"
    return price_decimal(price)


__all__ = ["Authority"]
