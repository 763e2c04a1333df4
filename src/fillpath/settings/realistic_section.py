"""The settings of the fill profile ``realistic``, each with its unit, its bounds and its meaning."""

from typing import Literal

from fillpath.execution.simulating.policy import (
    AccountKind,
    CommissionPlan,
    FeeRounding,
    RealisticPolicy,
)
from fillpath.runtime.sections import Number, Section, choice, number, whole


class RealisticSettings(Section):
    """How the profile realistic fills, and what it takes for it; no other profile reads this."""

    latency_ms_min: Number = number(
        "50",
        "0",
        "60000",
        "milliseconds",
        "shortest way of an order, amendment or cancel to the market",
    )
    latency_ms_max: Number = number("250", "0", "60000", "milliseconds", "longest way of the same")
    participation_pct: Number = number(
        "10", "0.000001", "100", "percent", "most of an interval's expected volume that is ours"
    )
    participation_seconds: int = whole(
        60,
        1,
        23_400,
        "seconds",
        "length of an interval; the average day is spread evenly over them",
    )
    queue_power: int = whole(
        2, 1, 6, "power", "power of the queue model; higher says that cancels come more from behind"
    )
    traded_share_pct: Number = number(
        "0",
        "0",
        "100",
        "percent",
        "of what the level of a resting order loses, this much counts as trades; 0 fills it when the "
        "market trades through",
    )
    refill_seconds: Number = number(
        "1",
        "0",
        "3600",
        "seconds",
        "after this long the size at a price that we took is there again; 0: when the price has moved",
    )
    impact_coefficient: Number = number(
        "1",
        "0",
        "10",
        "times the law",
        "coefficient of the square-root law, 0.5 to 1 where measured; 0 for none",
    )
    daily_volatility_pct: Number = number(
        "2", "0", "100", "percent a day", "volatility of every symbol, for the square-root law"
    )
    commission: Literal["ibkr_fixed", "ibkr_tiered", "percent"] = choice(
        "ibkr_fixed", "whose commission is taken; percent takes simulation.commission_pct"
    )
    month_shares: Number = number(
        "0", "0", "1000000000000", "shares", "traded before in the month, for the tiers"
    )
    exchange_remove_fee: Number = number(
        "0.003", "0", "1", "account currency per share", "for taking liquidity, tiered only"
    )
    exchange_add_fee: Number = number(
        "0", "-1", "1", "account currency per share", "for giving it; below 0 for a rebate"
    )
    regulatory_fees: bool = choice(
        default=True, description="take the dated fees of Section 31, FINRA and the audit trail"
    )
    audit_trail_fee: Number | None = number(
        None,
        "0",
        "1",
        "account currency per share",
        "fee of the audit trail; null: the dated table",
    )
    fee_rounding: Literal["exact", "cent", "cent_up"] = choice(
        "exact", "how each regulatory fee of a fill is rounded; cent rounds half a cent up"
    )
    account_type: Literal["margin", "cash", "plain"] = choice(
        "margin",
        "margin may borrow after Regulation T, cash may spend what has settled and sell what it holds, "
        "plain may spend its cash and sell short without a margin",
    )
    initial_margin_pct: Number = number("50", "1", "100", "percent", "equity for what is opened")
    maintenance_long_pct: Number = number(
        "25", "0", "100", "percent", "equity for a long that is kept"
    )
    maintenance_short_pct: Number = number(
        "30", "0", "100", "percent", "equity for a short that is kept"
    )
    borrow_rate_pct: Number = number("1", "0", "1000", "percent a year", "for borrowed shares")
    hard_to_borrow: str = choice("", "symbols that cannot be sold short, with commas between")
    shortable_shares: Number | None = number(
        None, "0", "1000000000", "shares", "of each symbol that can be borrowed; null: any number"
    )
    check_ticks: bool = choice(
        default=True, description="refuse a price that is no step of the market"
    )
    half_penny: str = choice(
        "", "symbols whose step is half a cent from 2027-11-01 on, with commas between"
    )
    seed: int = whole(0, 0, 1 << 62, "seed", "seed of the latencies; a replay takes its own")

    def policy(self) -> RealisticPolicy:
        """Return the rules.

        Raises:
            ModelError: two settings contradict each other, or a symbol is none.
        """
        told = self.model_dump()
        told["account"] = AccountKind(told.pop("account_type"))
        told["commission"] = CommissionPlan(self.commission)
        told["fee_rounding"] = FeeRounding(self.fee_rounding)
        for name in ("hard_to_borrow", "half_penny"):
            told[name] = frozenset(filter(None, (part.strip() for part in told[name].split(","))))
        return RealisticPolicy(**told)


__all__ = ["RealisticSettings"]
