"""The cascade, written down once more: what is asked, in which order, at which gate; and its limits.

Whoever takes a check out, or moves it to another gate, has to say so here too.
"""

from enum import StrEnum
from typing import Final

from fillpath.risk.cascade import ROWS, At
from fillpath.risk.limits import RiskLimits
from fillpath.risk.limits.limit import Limit, limits_of, parts_of
from tests.unit.risk.limit_rows import LIMIT_ROWS

CASCADE: Final = (
    ("C-44", "KILL_SWITCH", "check_kill_switch", "PARENT | CHILD | SENDING | EXIT", "always"),
    ("C-36", "INPUT", "check_input", "PARENT | CHILD | SENDING | EXIT", "always"),
    (
        "C-08",
        "NO_REFERENCE",
        "check_reference",
        "PARENT | CHILD | SENDING | EXIT | MARKET",
        "always",
    ),
    ("C-36", "QUANTITY_FORM", "check_whole_shares", "PARENT | CHILD | SENDING", "always"),
    ("C-06", "PERMISSION", "check_permission", "PARENT | CHILD", "everyone_may"),
    ("C-07", "RESTRICTED", "check_restricted", "PARENT | CHILD | SENDING", "nothing_restricted"),
    ("C-07", "PRICE_FLOOR", "check_price_floor", "PARENT | CHILD", "always"),
    ("C-37", "CONTRACT_CHANGED", "check_contract", "PARENT | CHILD | SENDING", "contracts_unknown"),
    ("C-13", "MAX_QUANTITY", "check_max_quantity", "CHILD | SENDING", "always"),
    ("C-14", "MAX_NOTIONAL", "check_max_notional", "CHILD | SENDING", "always"),
    ("C-15", "ADV_SHARE", "check_parent_adv", "PARENT", "always"),
    ("C-15", "ADV_SHARE", "check_child_adv", "CHILD | SENDING", "always"),
    ("C-16", "BASKET", "check_basket", "PARENT", "always"),
    ("C-05", "DUPLICATIVE", "check_duplicative", "PARENT", "never_duplicative"),
    ("C-21", "OPEN_ORDERS", "check_open_orders", "CHILD", "always"),
    ("C-22", "ORDER_RATE", "check_order_rate", "CHILD", "always"),
    ("C-26", "DAILY_ORDERS", "check_daily_orders", "PARENT", "always"),
    ("C-26", "TURNOVER", "check_turnover", "PARENT", "always"),
    ("C-10", "PRICE_COLLAR", "check_collar", "CHILD | SENDING | EXIT | MARKET", "always"),
    ("C-11", "PERIOD_COLLAR", "check_period_collar", "CHILD | MARKET", "always"),
    ("C-12", "LULD_BAND", "check_band", "CHILD | SENDING", "always"),
    ("C-35", "TICK_SIZE", "check_tick", "CHILD | SENDING", "always"),
    ("C-34", "HALTED", "check_halt", "PARENT | CHILD | SENDING", "always"),
    ("C-33", "NEAR_CLOSE", "check_near_close", "CHILD | SENDING", "no_buffer"),
    ("C-29", "SHORT_SALE", "check_short_sale", "CHILD | SENDING", "always"),
    (
        "C-29",
        "SHORT_SALE_RESTRICTION",
        "check_short_restriction",
        "CHILD | SENDING | MARKET",
        "always",
    ),
    ("C-17", "MAX_POSITIONS", "check_max_positions", "PARENT | CHILD", "always"),
    ("C-17", "POSITION_CAP", "check_position_cap", "PARENT | CHILD | SENDING", "always"),
    ("C-20", "SECTOR_CAP", "check_sector", "PARENT | CHILD", "no_sectors"),
    ("C-19", "CASH", "check_cash", "PARENT | CHILD | SENDING", "always"),
    ("C-32", "UNSETTLED_FUNDS", "check_settlement", "PARENT | CHILD | SENDING", "always"),
    ("C-18", "GROSS_EXPOSURE", "check_gross", "PARENT | CHILD | SENDING", "always"),
    ("C-18", "NET_EXPOSURE", "check_net", "PARENT | CHILD | SENDING", "always"),
    ("C-27", "SELF_CROSS", "check_self_cross", "CHILD | SENDING", "always"),
    (
        "C-28",
        "ACCIDENTAL_SHORT",
        "check_accidental_short",
        "PARENT | CHILD | SENDING | EXIT",
        "always",
    ),
    (
        "C-28",
        "ACCIDENTAL_LONG",
        "check_accidental_long",
        "PARENT | CHILD | SENDING | EXIT",
        "always",
    ),
    ("C-25", "DAILY_LOSS", "check_equity", "PARENT | CHILD", "always"),
    ("C-25", "VOLATILITY_INDEX", "check_volatility_index", "PARENT | CHILD | SENDING", "always"),
    ("C-25", "OPERATOR_SILENT", "check_operator_seen", "PARENT | CHILD", "nobody_has_to_be_there"),
    ("C-30", "DAY_TRADES", "check_day_trades", "PARENT | CHILD", "day_trades_free"),
    ("C-31", "INTRADAY_MARGIN", "check_intraday_margin", "PARENT | CHILD", "margin_free"),
    ("C-43", "NOT_ARMED", "check_armed", "PARENT | CHILD | SENDING", "off_without_real_money"),
    (
        "C-41",
        "PAPER_ONLY",
        "check_paper_only",
        "PARENT | CHILD | SENDING | EXIT",
        "off_without_paper_only",
    ),
    ("C-51", "HUMAN_APPROVAL", "check_human_approval", "PARENT", "off_without_questions"),
)


def _gates(at: At) -> str:
    return " | ".join(gate.name or "" for gate in At if gate in at)


def test_the_cascade_asks_this_in_this_order() -> None:
    table = [
        (row.control, row.code, row.check.__name__, _gates(row.at), row.off.__name__)
        for row in ROWS
    ]

    assert table == list(CASCADE)


def _told(limit: Limit) -> str:
    """Return default and range of a limit in one line."""
    default = str(limit.default)
    if issubclass(limit.kind, StrEnum):
        return f"{default} of {', '.join(limit.kind)}"
    words = [default or '""']
    if limit.by_mode:
        words.append(f"live {limit.live}")
    if limit.unit:
        words.append(f"from {limit.low} to {limit.high} {limit.unit}")
    if limit.optional:
        words.append("or none")
    if limit.quote_ages:
        words.append(f"{limit.quote_ages} quote ages")
    return ", ".join(words)


def test_every_limit_has_this_default_and_this_range() -> None:
    groups = [("", RiskLimits), *((f"{part}.", group) for part, group in parts_of(RiskLimits))]
    table = [
        f"{part}{name}: {_told(limit)}"
        for part, group in groups
        for name, limit in limits_of(group)
    ]

    assert table == LIMIT_ROWS.splitlines()
