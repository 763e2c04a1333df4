"""Intraday margin: what an entry leaves of it, and the deficits that were made.

FINRA's rule since 2026-06-04 (4210(a)(17)-(19), (d)(2)). The intraday margin level is what could be
withdrawn while the maintenance margin is still met: equity less maintenance. A transaction that
reduces it while it is negative makes a deficit, one a day, the worst of it. A deficit is met by an
equal rise of the level from the end of its day to the end of a later one, and lapses after fifteen
business days. Who makes a practice of missing the fifth day may not add to a short position or a
debit for ninety days, or until it is met.

Known through quotations in secondary sources, not from the text of the rule. Two of them differ on
whether a fall of prices after the transaction counts; here it does not.
"""

from typing import Final

from msgspec import Struct, field

from fillpath.core.models import OrderSide
from fillpath.core.units import (
    DAY_NS,
    MONEY_SCALE,
    PRICE_SCALE,
    RATIO_SCALE,
    money_decimal,
)

INTRADAY_MARGIN: Final = "INTRADAY_MARGIN"
MARGIN_FREEZE: Final = "MARGIN_FREEZE"
MARGIN_MINIMUM: Final = "MARGIN_MINIMUM"
INPUT: Final = "CTRL_31_INPUT"
PRICED_SHORT: Final = 5 * PRICE_SCALE
"""From this price on a short needs at least this much margin a share (4210(c)(2) and (3))."""
CHEAP_SHORT: Final = 5 * PRICE_SCALE // 2
"""Below it a share needs its whole value, and at least this much."""


class MarginRules(Struct, frozen=True, kw_only=True, gc=False):
    """What margin is asked for, and what becomes of a deficit.

    Args:
        long_share: maintenance of a long position, a ratio of 1e-8 of its value.
        short_share: maintenance of a short position, likewise.
        least: equity below which nothing may be sold short, money units.
        minor_amount: a deficit up to this is minor, money units ...
        minor_share: ... as long as it is no more than this ratio of equity either.
        due: business days in which a deficit has to be met.
        lapse: business days after which it is no longer outstanding.
        practice: missed deficits within ``memory`` that make a practice; FINRA names no number,
            so the first one does.
        memory: business days for which a missed deficit is remembered.
        freeze_ns: how long new debits and shorts are refused then, nanoseconds.
    """

    long_share: int = 25 * RATIO_SCALE // 100
    short_share: int = 30 * RATIO_SCALE // 100
    least: int = 2_000 * MONEY_SCALE
    minor_amount: int = 1_000 * MONEY_SCALE
    minor_share: int = 5 * RATIO_SCALE // 100
    due: int = 5
    lapse: int = 15
    practice: int = 1
    memory: int = 252
    freeze_ns: int = 90 * DAY_NS


class Standing(Struct, frozen=True, gc=False):
    """Where the account stands before an order.

    Args:
        equity: money units; None when it is not known.
        maintenance: margin that its positions need, money units; None when it is not known.
        working_buys: value of all opening buys that may still fill, money units.
        working_sells: value of all opening sells that may still fill, money units.
        broker_excess: intraday margin level by the broker's own account, money units; None when it
            does not say or said it too long ago.
    """

    equity: int | None
    maintenance: int | None
    working_buys: int = 0
    working_sells: int = 0
    broker_excess: int | None = None


class Leg(Struct, frozen=True, gc=False):
    """The part of an order that opens.

    Args:
        side: BUY or SELL.
        quantity: quantity units, without what only closes.
        price: at which it will be marked, price units.
        worst: the worst price at which it may fill, price units.
        costs: fees, money units.
    """

    side: OrderSide
    quantity: int
    price: int
    worst: int
    costs: int = 0


class Blocked(Struct, frozen=True, gc=False):
    """Why an opening leg may not leave.

    Args:
        code: ``INTRADAY_MARGIN``, ``MARGIN_MINIMUM``, ``MARGIN_FREEZE`` or ``CTRL_31_INPUT``.
        text: one sentence with the numbers.
        limit: the least that is allowed, money units.
        value: what it would come to, money units.
    """

    code: str
    text: str
    limit: int = 0
    value: int = 0


def maintenance(long_value: int, short_value: int, rules: MarginRules) -> int:
    """Return the margin that positions of these values need, money units, rounded up."""
    needed = long_value * rules.long_share + short_value * rules.short_share
    return -(-needed // RATIO_SCALE)


def requirement(leg: Leg, rules: MarginRules) -> int:
    """Return the margin that a filled leg needs, money units, rounded up.

    A short needs a least amount for each share, which counts for cheap ones.
    """
    price = max(leg.price, leg.worst)
    if leg.side is OrderSide.BUY:
        return maintenance(leg.quantity * price, 0, rules)
    by_value = maintenance(0, leg.quantity * price, rules)
    if price >= PRICED_SHORT:
        return max(by_value, leg.quantity * PRICED_SHORT)
    return leg.quantity * max(price, CHEAP_SHORT)


def excess_after(level: int, leg: Leg, rules: MarginRules) -> int:
    """Return what a leg leaves of an intraday margin level when it fills at its worst.

    Args:
        level: equity less the maintenance of everything else, money units.
        leg: what would be opened.
        rules: the margin that is asked for.
    """
    lost = leg.quantity * max((leg.worst - leg.price) * leg.side.sign, 0)
    return level - lost - leg.costs - requirement(leg, rules)


def check_margin(standing: Standing, leg: Leg, rules: MarginRules) -> Blocked | None:
    """Return why an opening leg may not leave, or None; never ask it about an exit.

    The broker's own number can only make the level smaller: it may know of house requirements.
    """
    equity, needed = standing.equity, standing.maintenance
    if equity is None or equity <= 0:
        return Blocked(INPUT, f"equity must be known and above 0, it is {_said(equity)}")
    if needed is None or needed < 0:
        return Blocked(INPUT, f"maintenance must be known and 0 or more, it is {_said(needed)}")
    if leg.price <= 0 or leg.worst <= 0:
        return Blocked(INPUT, "the prices of an entry must be above 0")
    if leg.side is OrderSide.SELL and equity < rules.least:
        text = f"a short needs {money_decimal(rules.least)} of equity, it is {_said(equity)}"
        return Blocked(MARGIN_MINIMUM, text, rules.least, equity)
    level = equity - needed
    if standing.broker_excess is not None:
        level = min(level, standing.broker_excess)
    level -= maintenance(standing.working_buys, standing.working_sells, rules)
    left = excess_after(level, leg, rules)
    if left >= 0:
        return None
    text = f"the entry would leave an intraday margin of {money_decimal(left)}, 0 is the least"
    return Blocked(INTRADAY_MARGIN, text, 0, left)


def _said(value: int | None) -> str:
    return "unknown" if value is None else f"{money_decimal(value)}"


class Deficit(Struct):
    """The worst deficit of one day.

    Args:
        day: number of its session.
        amount: money units, above 0.
        minor: whether it counts towards no practice; once it does, it always does.
        end_level: intraday margin level at the end of its day; None until then, or when unknown.
        missed: whether its fifth day has ended without its being met.
    """

    day: int
    amount: int
    minor: bool
    end_level: int | None = None
    missed: bool = False


class Deficits(Struct):
    """Deficits that are outstanding, and what those before have led to.

    Args:
        outstanding: by the session of their day.
        misses: sessions whose deficits were not minor and not met in time, oldest first.
        frozen_until: nanoseconds UTC at which the freeze ends; 0 for none.
        frozen_by: the session whose deficit froze the account.
    """

    outstanding: dict[int, Deficit] = field(default_factory=dict)
    misses: list[int] = field(default_factory=list)
    frozen_until: int = 0
    frozen_by: int = 0


def reduced(
    state: Deficits, day: int, level: int, equity: int | None, rules: MarginRules
) -> Deficit | None:
    """Note the level right after a transaction that reduced it; return the day's deficit, if any.

    Only call it after such a transaction: a level that falls with the market is no deficit.
    """
    if level >= 0:
        return state.outstanding.get(day)
    minor = _minor(-level, equity, rules)
    deficit = state.outstanding.get(day)
    if deficit is None:
        deficit = state.outstanding[day] = Deficit(day, -level, minor)
        return deficit
    deficit.amount = max(deficit.amount, -level)
    deficit.minor = deficit.minor and minor
    return deficit


def _minor(amount: int, equity: int | None, rules: MarginRules) -> bool:
    """Return whether a deficit is minor; the limits themselves still are."""
    if equity is None or amount > rules.minor_amount:
        return False
    return amount * RATIO_SCALE <= equity * rules.minor_share


def day_ended(state: Deficits, day: int, at: int, level: int | None, rules: MarginRules) -> None:
    """Take the level at the end of a session: deficits are met, missed or lapse.

    A level that is not known meets nothing. Sessions whose end was not told are made up for at the
    next one.
    """
    for deficit in list(state.outstanding.values()):
        if deficit.day == day:
            deficit.end_level = level
        elif _met(deficit, level):
            _settle(state, deficit)
        else:
            _age(state, deficit, (day, at), rules)
    if state.frozen_until and at >= state.frozen_until:
        state.frozen_until = 0


def _met(deficit: Deficit, level: int | None) -> bool:
    start = deficit.end_level
    return level is not None and start is not None and level - start >= deficit.amount


def _settle(state: Deficits, deficit: Deficit) -> None:
    del state.outstanding[deficit.day]
    if state.frozen_until and state.frozen_by == deficit.day:
        state.frozen_until = 0


def _age(state: Deficits, deficit: Deficit, now: tuple[int, int], rules: MarginRules) -> None:
    day, at = now
    if day - deficit.day >= rules.due and not deficit.missed:
        deficit.missed = True
        if not deficit.minor:
            _miss(state, deficit.day, at, rules)
    if day - deficit.day >= rules.lapse:
        del state.outstanding[deficit.day]  # a freeze that it brought stays


def _miss(state: Deficits, day: int, at: int, rules: MarginRules) -> None:
    state.misses = [known for known in state.misses if known > day - rules.memory]
    state.misses.append(day)
    if len(state.misses) >= rules.practice:
        state.frozen_until = max(state.frozen_until, at + rules.freeze_ns)
        state.frozen_by = day


def check_freeze(state: Deficits, at: int, leg: Leg, cash_after: int | None) -> Blocked | None:
    """Return why a frozen account may not open this leg, or None.

    Shorts are refused, and buys that would be paid with a debit; ``cash_after`` is what would be
    left of the cash, None when that is not known.
    """
    if at >= state.frozen_until:
        return None
    if leg.side is OrderSide.BUY and cash_after is not None and cash_after >= 0:
        return None
    what = "a short position" if leg.side is OrderSide.SELL else "a debit"
    text = f"a margin deficit was not met in time: {what} may not grow while the account is frozen"
    return Blocked(MARGIN_FREEZE, text)


__all__ = [
    "INPUT",
    "INTRADAY_MARGIN",
    "MARGIN_FREEZE",
    "MARGIN_MINIMUM",
    "Blocked",
    "Deficit",
    "Deficits",
    "Leg",
    "MarginRules",
    "Standing",
    "check_freeze",
    "check_margin",
    "day_ended",
    "excess_after",
    "maintenance",
    "reduced",
    "requirement",
]
