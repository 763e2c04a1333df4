"""The rules of a run, drawn so that every limit binds in some of them."""

from dataclasses import replace
from typing import Any

from fillpath.chaos.chance import Chance
from fillpath.chaos.market import SYMBOLS
from fillpath.core.capabilities import BrokerCapabilities
from fillpath.core.units import Number
from fillpath.execution.policy import DeskPolicy, RouterPolicy, SizingPolicy
from fillpath.risk.limits import (
    Autonomy,
    AutonomyLimits,
    BreakerLimits,
    RateLimits,
    RiskLimits,
    SizeLimits,
)
from fillpath.risk.limits.account import ProtectionLimits, StopKeeper


def draw_policy(chance: Chance) -> DeskPolicy:
    """Return rules that differ from run to run where that changes what is exercised."""
    rng = chance.of("policy")
    return DeskPolicy(
        sizing=SizingPolicy(max_position_pct=5, stop_loss_pct=draw_distance(chance)),
        router=RouterPolicy(
            twap_num_slices=rng.choice((3, 5)),
            twap_interval_seconds=rng.choice((15, 30)),
            max_quote_age_seconds=rng.choice((5, 10)),
        ),
        risk=draw_limits(chance, allow_short=rng.random() < 0.6),
        stop_keeper=draw_keeper(chance),
    )


def wide_policy() -> DeskPolicy:
    """Return rules that let as much through as can be: what is tested is the load."""
    breakers = BreakerLimits(pnl_shock_pct=100, slippage_fills=0)
    return DeskPolicy(
        router=RouterPolicy(max_quote_age_seconds=10),
        risk=RiskLimits(
            max_drawdown_pct=100,
            max_daily_loss_pct=100,
            max_trades_per_day=10_000_000,
            max_turnover_pct=100_000_000,
            size=SizeLimits(basket_pct=10_000),
            rates=RateLimits(repeated_count=0, order_to_trade=0),
            breakers=breakers,
        ),
        stop_keeper=StopKeeper.BROKER,
    )


def draw_keeper(chance: Chance) -> StopKeeper:
    """Return who keeps the stops: mostly the broker."""
    keepers = (StopKeeper.BROKER,) * 4 + (StopKeeper.ENGINE,) + (StopKeeper.NONE,) * 3
    return chance.of("keeper").choice(keepers)


def draw_capabilities(chance: Chance) -> BrokerCapabilities:
    """Return what the venue says that it can do; not every one changes orders in one step."""
    amend = chance.of("capabilities").random() < 0.8
    return BrokerCapabilities(in_process=False, stops=True, oca=True, amend=amend)


def draw_protection(chance: Chance) -> ProtectionLimits:
    """Return how far targets and trailing stops are, where there are any."""
    rng = chance.of("protection")
    target = rng.choice((None, None, "0.2", 2))
    return ProtectionLimits(target_pct=target, trailing_pct=rng.choice((None, None, "0.3")))


def draw_distance(chance: Chance) -> Number:
    """Return how far stops are: often so near that they are reached."""
    return chance.of("distance").choice(("0.2", "0.5", 2))


def draw_limits(chance: Chance, *, allow_short: bool) -> RiskLimits:
    """Return limits that bind now and then, each in another run."""
    rng = chance.of("limits")

    def mostly(usual: Number, *others: Number) -> Number:
        return usual if rng.random() < 0.78 else rng.choice(others)

    return RiskLimits(
        **draw_losses(chance),
        allow_short=allow_short,
        max_position_pct=mostly(5, 1, 2),
        max_positions=int(mostly(20, 1, 2)),
        price_floor=mostly(5, 60, 110),
        cash_reserve_pct=mostly(10, 88, 94, 97),
        max_trades_per_day=int(mostly(500, 3, 8)),
        max_turnover_pct=mostly(2_000, 15, 30),
        restricted=rng.choice(("", "", SYMBOLS[0])),
        size=_in_baskets(
            chance,
            SizeLimits(
                max_notional_pct=mostly(6, 2, 4),
                max_parent_adv_pct=mostly(5, 1, 2),
                max_child_adv_pct=mostly(1, "0.3"),
                basket_pct=mostly(100, 3, 6),
                basket_seconds=mostly(60, 300),
            ),
        ),
        rates=RateLimits(repeated_count=int(mostly(0, 4, 8))),
        autonomy=draw_autonomy(chance),
        protection=draw_protection(chance),
    )


def _in_baskets(chance: Chance, size: SizeLimits) -> SizeLimits:
    """Return the limits, sometimes with baskets of a few small orders: every one of them has to count."""
    rng = chance.of("basket")
    if rng.random() >= 0.35:
        return size
    return replace(size, max_notional_pct=1, basket_pct=rng.choice((2, "2.5")), basket_seconds=120)


def draw_losses(chance: Chance) -> dict[str, Any]:
    """Return what may be lost: mostly anything, sometimes so little that a breaker trips."""
    rng = chance.of("losses")
    limits: dict[str, Any] = {"max_drawdown_pct": 100, "max_daily_loss_pct": 100}
    limits["breakers"] = BreakerLimits(pnl_shock_pct=100, slippage_bps=rng.choice((10, 10, 3)))
    kind = rng.choice(("none", "none", "drawdown", "day", "shock"))
    if kind == "shock":
        limits["breakers"] = BreakerLimits(pnl_shock_pct=rng.choice(("0.01", "0.01", "0.02")))
    elif kind != "none":
        name = "max_drawdown_pct" if kind == "drawdown" else "max_daily_loss_pct"
        limits[name] = rng.choice(("0.01", "0.01", "0.02"))
    return limits


def draw_autonomy(chance: Chance) -> AutonomyLimits:
    """Return who is asked: mostly nobody, sometimes a person, who then has to be quick."""
    rng = chance.of("autonomy")
    modes = (Autonomy.PAPER_ONLY,) * 4 + (Autonomy.MANUAL_APPROVAL, Autonomy.BOUNDED_AUTONOMOUS)
    return AutonomyLimits(mode=rng.choice(modes), approval_minutes=rng.choice((1, 5)))
