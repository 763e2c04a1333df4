"""At which price a simulated order trades: pure, exact, and seeded where chance is asked for.

Prices are price units, quantities quantity units, money money units and rates ratio units (see
``core/units.py``). Every rounding goes against the trader.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Final

from fillpath.core.errors import ModelError
from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, Position
from fillpath.core.units import RATIO_SCALE, Number, exact, money_units, percent_units
from fillpath.execution.simulating.policy import RealisticPolicy

STUB_SLIPPAGE: Final = 50_000
"""The most that the paper stub adds to or takes from the market price: 5 bps, in ratio units."""

_BUY: Final = OrderSide.BUY


class FillProfile(StrEnum):
    """How the simulated broker fills."""

    SPEC = "spec"
    QUOTES = "quotes"
    REALISTIC = "realistic"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationPolicy:
    """What the simulated account starts with, and how it fills.

    Args:
        profile: ``spec`` fills whole at the touch (the last price without a quote) worsened by
            ``slippage_pct``; ``quotes`` fills at the far touch, as quoted; ``realistic`` fills as
            ``realistic`` says.
        cash: opening cash, account currency, 0 or more.
        commission_pct: percent of the traded value.
        slippage_pct: percent that ``spec`` worsens the touch by; ``quotes`` adds none.
        displayed_size: fill at most the size shown at the far side of each quote; ``quotes`` only.
        positions: what is held at the start.
        realistic: how the profile of that name fills; None takes its defaults, and the other
            profiles have no use for it.
        of_bars: whether the market is made of bars, which show their extremes and nothing between:
            a limit that waited then fills at its price, not at the extreme. At an open, where bid
            and ask are one, it fills there.

    Raises:
        ModelError: a field is out of its range.
    """

    profile: FillProfile = FillProfile.SPEC
    cash: Number = Decimal(100_000)
    commission_pct: Number = Decimal("0.005")
    slippage_pct: Number = Decimal("0.05")
    displayed_size: bool = False
    positions: tuple[Position, ...] = ()
    realistic: RealisticPolicy | None = field(default=None, repr=False)
    of_bars: bool = field(default=False, repr=False)

    opening_cash: int = field(init=False, repr=False, compare=False)
    commission: int = field(init=False, repr=False, compare=False)
    slippage: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check every field and derive the exact integers."""
        put = object.__setattr__
        if self.profile not in set(FillProfile):
            allowed = ", ".join(FillProfile)
            raise ModelError(f"profile must be one of {allowed}, got {self.profile!r}")
        put(self, "profile", FillProfile(self.profile))
        put(self, "cash", _between(self.cash, "cash", 0, 10**12))
        put(self, "opening_cash", money_units(exact(self.cash, "cash")))
        put(self, "commission_pct", _between(self.commission_pct, "commission_pct", 0, 5))
        put(self, "commission", percent_units(exact(self.commission_pct, "commission_pct")))
        put(self, "slippage_pct", _between(self.slippage_pct, "slippage_pct", 0, 5))
        spec = self.profile is FillProfile.SPEC
        slippage = percent_units(exact(self.slippage_pct, "slippage_pct"))
        put(self, "slippage", slippage if spec else 0)
        put(self, "positions", tuple(self.positions))
        if spec and self.displayed_size:
            raise ModelError(
                "displayed_size must be False with profile spec, which fills whole, got True"
            )


def touch(side: OrderSide, view: MarketView) -> int | None:
    """Return the price at which ``side`` can trade now: the far side of an uncrossed market.

    None where the far side is missing; nothing trades in a crossed market.
    """
    bid, ask = view.bid, view.ask
    if bid is not None and ask is not None and bid > ask:
        return None
    return ask if side is _BUY else bid


def triggered(side: OrderSide, price: int, stop: int) -> bool:
    """Return whether the market at ``price`` sets off a stop: at or beyond it."""
    return price >= stop if side is _BUY else price <= stop


def fill_price(side: OrderSide, price: int, limit: int | None, slippage: int) -> int | None:
    """Return the price of a fill at the touch ``price``, or None when it is beyond ``limit``.

    The touch is worsened by ``slippage`` (ratio units), but the fill is never beyond the limit.
    """
    if side is _BUY:
        if limit is not None and price > limit:
            return None
        traded = -(-price * (RATIO_SCALE + slippage) // RATIO_SCALE) if slippage else price
        return traded if limit is None or traded <= limit else limit
    if limit is not None and price < limit:
        return None
    traded = max(price * (RATIO_SCALE - slippage) // RATIO_SCALE, 1) if slippage else price
    return traded if limit is None or traded >= limit else limit


def waited_price(traded: int, limit: int | None, view: MarketView) -> int:
    """Return the price at which an order that waited trades where bars are the market.

    The market went through its limit on the way to the extreme that ``view`` shows, and a limit
    trades on that way; without a way, where bid and ask are one, there was a jump to ``traded``.
    """
    return traded if limit is None or view.bid == view.ask else limit


def worst_price(price: int, limit: int | None, stop: int | None, slippage: int) -> int:
    """Return the most that a share of a buy that waits may cost, as far as can be known.

    Args:
        price: the touch, or the price that comes nearest to one.
        limit: worst price accepted; None for none.
        stop: trigger that was not set off yet; None for none.
        slippage: what the touch is worsened by, ratio units.
    """
    if limit is not None:
        return limit
    return -(-max(price, stop or 0) * (RATIO_SCALE + slippage) // RATIO_SCALE)


def any_price(view: MarketView, last: int | None) -> int | None:
    """Return the price that comes nearest to a touch where there is none: any that is known."""
    if view.ask is not None:
        return view.ask
    return view.bid if view.bid is not None else last


def commission(value: int, rate: int) -> int:
    """Return ``rate`` of a traded value: exact, or rounded up where 14 decimals end.

    With whole shares and a rate of at most 6 decimals in percent it is always exact.
    """
    return -(-value * rate // RATIO_SCALE)


def seeded(seed: int) -> Random:
    """Return the one source of chance: the same seed gives the same fills."""
    return Random(seed)  # noqa: S311  # it makes up demo prices and guards nothing


def jittered(side: OrderSide, price: int, limit: int | None, chance: Random) -> int:
    """Return ``price`` moved either way by chance, at most ``STUB_SLIPPAGE``, within ``limit``."""
    slippage = chance.randint(-STUB_SLIPPAGE, STUB_SLIPPAGE)
    traded = max(price * (RATIO_SCALE + slippage) // RATIO_SCALE, 1)
    if limit is None:
        return traded
    return min(traded, limit) if side is _BUY else max(traded, limit)


def _between(value: Number, name: str, low: int, high: int) -> Decimal:
    number = exact(value, name)
    if not low <= number <= high:
        raise ModelError(f"{name} must be from {low} to {high}, got {value!r}")
    return number
