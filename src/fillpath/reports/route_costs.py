"""What execution cost by row of the routing table, split into what it was paid for."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.costs import OrderCostRow
from fillpath.core.models import ZERO

ALL: Final = "all"
_BPS: Final = Decimal(10_000)
_HALF: Final = Decimal(2)


class RouteCost(Struct, frozen=True, kw_only=True):
    """The cost of one row of the routing table; money in account currency, positive is a cost.

    Args:
        route: the row, or ``all``.
        orders: orders sent, slices one by one.
        known: those whose split is known: filled, with a two-sided quote at release.
        notional: traded by those that are known.
        slippage: paid against the mid at release.
        spread: half the quoted spread of what was traded; a part of ``slippage``.
        impact: the rest of ``slippage``: own impact, drift while working, and a rest's gain.
        fees: commission and fees of all orders.
        traded: notional of all orders, which the fees are a part of.
    """

    route: str
    orders: int
    known: int
    notional: Decimal
    slippage: Decimal
    spread: Decimal
    impact: Decimal
    fees: Decimal
    traded: Decimal

    def bps(self, amount: Decimal) -> Decimal | None:
        """Return an amount in basis points of what was traded; None without a trade."""
        return amount / self.notional * _BPS if self.notional else None

    @property
    def fees_bps(self) -> Decimal | None:
        """Return commission and fees in basis points of everything traded."""
        return self.fees / self.traded * _BPS if self.traded else None


def route_costs(rows: Iterable[OrderCostRow]) -> list[RouteCost]:
    """Return the cost of each route, then of all; a sliced parent counts as its slices."""
    sent = [row for row in rows if not row.slices]
    routes: defaultdict[str, list[OrderCostRow]] = defaultdict(list)
    for row in sent:
        routes[row.route].append(row)
    found = [_sum(route, routes[route]) for route in sorted(routes)]
    return [*found, _sum(ALL, sent)]


def _sum(route: str, rows: list[OrderCostRow]) -> RouteCost:
    known = [row for row in rows if row.execution is not None and row.quoted_spread_bps is not None]
    slippage = sum((row.execution or ZERO for row in known), ZERO)
    spread = sum(
        (row.notional * (row.quoted_spread_bps or ZERO) / _HALF / _BPS for row in known), ZERO
    )
    return RouteCost(
        route=route,
        orders=len(rows),
        known=len(known),
        notional=sum((row.notional for row in known), ZERO),
        slippage=slippage,
        spread=spread,
        impact=slippage - spread,
        fees=sum((row.fees for row in rows), ZERO),
        traded=sum((row.notional for row in rows), ZERO),
    )
