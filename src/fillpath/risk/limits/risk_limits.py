"""All limits of an account in one frozen value.

Names are the keys of ``config/risk_limits.yaml``: ``risk.price.collar_liquid_pct`` is
``limits.price.collar_liquid_pct`` here, and ``limits.price.collar_liquid`` its exact integer.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from fillpath.core.checking import check_symbol
from fillpath.core.units import Number, exact
from fillpath.risk.limits.account import (
    AutonomyLimits,
    BreakerLimits,
    DayTradeLimits,
    ProtectionLimits,
    SessionLimits,
    WatchdogLimits,
)
from fillpath.risk.limits.limit import (
    LimitGroup,
    choice,
    derived,
    level,
    limits_of,
    multiple,
    percent,
    whole,
)
from fillpath.risk.limits.listings import Instruments, Permissions, Sectors
from fillpath.risk.limits.orders import PriceLimits, RateLimits, SizeLimits

MOST_POSITIONS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits(LimitGroup):
    """What no order may exceed.

    Args:
        permissions: what each strategy may trade.
        instruments: the symbols that were reviewed.
        sectors: the sector of each symbol.
        real_money: no limit but a fact: orders go to a live account of a real broker.

    Raises:
        ModelError: a limit is out of its range.
    """

    max_position_pct: Number = percent(
        "5",
        ("0.01", "100"),
        "cap",
        "the most one symbol may hold, working included",
        of="equity",
    )
    max_sector_pct: Number = percent(
        "25",
        ("0.01", "100"),
        "max_sector",
        "the most one sector may hold; symbols of no known sector count as one",
        of="equity",
    )
    stop_loss_pct: Number = percent(
        "2", ("0.01", "50"), "stop_loss", "distance from the entry price to the protective stop"
    )
    price_floor: Number = level(
        "5",
        ("0", "1000000"),
        "floor",
        "lowest price at which an entry may be made; 0: off",
        "account currency",
    )
    max_leverage: Number = multiple(
        "1", ("0.01", "10"), "max_leverage_ratio", "the most that may be held and worked",
        "times equity",
    )  # fmt: skip
    max_net_pct: Number = percent(
        "100",
        ("0.01", "1000"),
        "max_net",
        "the most by which longs may outweigh shorts or shorts longs, working included",
        of="equity",
    )
    max_drawdown_pct: Number = percent(
        "10",
        ("0.01", "100"),
        "max_drawdown",
        "a loss of this much from the highest equity stops all entries",
        of="equity",
    )
    max_daily_loss_pct: Number = percent(
        "3",
        ("0.01", "100"),
        "max_daily_loss",
        "a loss of this much since the start of the day stops all entries",
        of="equity",
    )
    max_positions: int = whole(
        20, (1, MOST_POSITIONS), "symbols", "symbols that may be held or worked at once"
    )
    max_trades_per_day: int = whole(
        500, (0, 10_000_000), "parents", "of one day; null: 50 live, else 500", live=50
    )
    max_turnover_pct: Number = percent(
        "2000",
        ("0", "100000000"),
        "max_turnover",
        "the most all parents of one day may be worth; null: 200 live, else 2000",
        of="equity",
        live="200",
    )
    cash_reserve_pct: Number = percent(
        "10", ("0", "100"), "reserve", "cash that entries leave untouched", of="equity"
    )
    allow_short: bool = choice(
        default=True,
        meaning="whether a sell may open a short position; null: false live, else true",
        live=False,
    )
    restricted: str = choice("", "symbols that may not be entered, with commas between")
    require_contract: bool = choice(
        default=False,
        meaning="whether a symbol may be entered only while the broker's contract is the one of the "
        "instrument file; null: true live, else false",
        live=True,
    )
    what_if_margin: bool = choice(
        default=False,
        meaning="whether the broker is asked before each entry what it would do to the margin; no "
        "answer refuses it",
    )
    pdt_guard: DayTradeLimits = field(default_factory=DayTradeLimits)
    price: PriceLimits = field(default_factory=PriceLimits)
    size: SizeLimits = field(default_factory=SizeLimits)
    rates: RateLimits = field(default_factory=RateLimits)
    breakers: BreakerLimits = field(default_factory=BreakerLimits)
    autonomy: AutonomyLimits = field(default_factory=AutonomyLimits)
    session: SessionLimits = field(default_factory=SessionLimits)
    watchdog: WatchdogLimits = field(default_factory=WatchdogLimits)
    protection: ProtectionLimits = field(default_factory=ProtectionLimits)
    permissions: Permissions = field(default_factory=Permissions)
    instruments: Instruments = field(default_factory=Instruments)
    sectors: Sectors = field(default_factory=Sectors)
    real_money: bool = False

    cap: int = derived()
    max_sector: int = derived()
    stop_loss: int = derived()
    floor: int = derived()
    max_leverage_ratio: int = derived()
    max_net: int = derived()
    max_drawdown: int = derived()
    max_daily_loss: int = derived()
    max_turnover: int = derived()
    reserve: int = derived()
    restricted_symbols: frozenset[str] = derived()

    def __post_init__(self) -> None:
        """Check every limit and derive the exact integers."""
        LimitGroup.__post_init__(self)
        words = {word for text in self.restricted.split(",") if (word := text.strip())}
        symbols = frozenset(map(check_symbol, words))
        object.__setattr__(self, "restricted", ",".join(sorted(symbols)))
        object.__setattr__(self, "restricted_symbols", symbols)

    def at_quote_age(self, before: Number, after: Number) -> Self:
        """Return the limits where a quote stays usable for another time.

        Ages that followed the time before follow the time after; ages of their own stay.

        Args:
            before: seconds that a quote was usable for.
            after: seconds that it is usable for now.
        """
        old, new = exact(before, "before"), exact(after, "after")
        ages: dict[str, Any] = {
            name: new * limit.quote_ages
            for name, limit in limits_of(PriceLimits)
            if limit.quote_ages and getattr(self.price, name) == old * limit.quote_ages
        }
        return replace(self, price=replace(self.price, **ages))
