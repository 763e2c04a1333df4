"""May this order leave? The checks as a table, and the verdict over all that object.

A row says at which gate a check runs, whether exits answer to it, and when the limits switch it
off. ``Cascade`` makes of the table, once for each set of limits, the lists that are walked: what is
switched off costs nothing and is named with its reason.

Gates: ``parent`` judges what was decided about a signal as a whole (G2), ``child`` what is sent
now (G4). An order that is sent whole is both at once; of a sliced one the parent is judged when it
is decided and every slice at its release. ``sending`` is asked once more, with a fresh market, at
the last moment before an order leaves for a broker outside this process.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Flag, auto
from types import MappingProxyType
from typing import Final, NamedTuple

from fillpath.core.models import RiskAction
from fillpath.risk import arming
from fillpath.risk.asking import Ask
from fillpath.risk.checks import (
    autonomy,
    breakers,
    exposure,
    inputs,
    permissions,
    prices,
    rates,
    rules,
    session,
    sizes,
    stopping,
)
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection, Verdict

Check = Callable[[Ask, RiskMemory, RiskLimits], Objection | None]
Off = Callable[[RiskLimits], str]


def always(_limits: RiskLimits) -> str:
    """Return that no limit switches the check off."""
    return ""


class At(Flag):
    """Where a check runs.

    ``PARENT``: on what is decided about a signal (G2). ``CHILD``: on what is sent now (G4).
    ``SENDING``: again at the last moment before a broker outside. ``EXIT``: exits answer to it too.
    ``MARKET``: it needs a quote, which a question without a market cannot bring.
    """

    PARENT = auto()
    CHILD = auto()
    SENDING = auto()
    EXIT = auto()
    MARKET = auto()


ENTRIES: Final = At.PARENT | At.CHILD
SENT: Final = ENTRIES | At.SENDING
ALL: Final = SENT | At.EXIT
ORDER: Final = At.CHILD | At.SENDING


class Row(NamedTuple):
    """One check and where it stands.

    Args:
        control: id of the control it decides.
        code: the reason code it gives.
        check: the function.
        at: where it runs.
        off: why the limits switch it off, empty when they do not.
    """

    control: str
    code: str
    check: Check
    at: At
    off: Off = always


ROWS: Final[tuple[Row, ...]] = (
    Row("C-44", stopping.KILL_SWITCH, stopping.check_kill_switch, ALL),
    Row("C-36", inputs.INPUT, inputs.check_input, ALL),
    Row("C-08", prices.NO_REFERENCE, prices.check_reference, ALL | At.MARKET),
    Row("C-36", sizes.QUANTITY_FORM, sizes.check_whole_shares, SENT),
    Row(
        "C-06",
        permissions.PERMISSION,
        permissions.check_permission,
        ENTRIES,
        permissions.everyone_may,
    ),
    Row(
        "C-07",
        permissions.RESTRICTED,
        permissions.check_restricted,
        SENT,
        permissions.nothing_restricted,
    ),
    Row("C-07", prices.PRICE_FLOOR, prices.check_price_floor, ENTRIES),
    Row(
        "C-37",
        permissions.CONTRACT_CHANGED,
        permissions.check_contract,
        SENT,
        permissions.contracts_unknown,
    ),
    Row("C-13", sizes.MAX_QUANTITY, sizes.check_max_quantity, ORDER),
    Row("C-14", sizes.MAX_NOTIONAL, sizes.check_max_notional, ORDER),
    Row("C-15", sizes.ADV_SHARE, sizes.check_parent_adv, At.PARENT),
    Row("C-15", sizes.ADV_SHARE, sizes.check_child_adv, ORDER),
    Row("C-16", sizes.BASKET, sizes.check_basket, At.PARENT),
    Row(
        "C-05",
        rates.DUPLICATIVE,
        rates.check_duplicative,
        At.PARENT,
        rates.never_duplicative,
    ),
    Row("C-21", rates.OPEN_ORDERS, rates.check_open_orders, At.CHILD),
    Row("C-22", rates.ORDER_RATE, rates.check_order_rate, At.CHILD),
    Row("C-26", rates.DAILY_ORDERS, rates.check_daily_orders, At.PARENT),
    Row("C-26", rates.TURNOVER, rates.check_turnover, At.PARENT),
    Row("C-10", prices.PRICE_COLLAR, prices.check_collar, ORDER | At.EXIT | At.MARKET),
    Row("C-11", prices.PERIOD_COLLAR, prices.check_period_collar, At.CHILD | At.MARKET),
    Row("C-12", prices.LULD_BAND, prices.check_band, ORDER),
    Row("C-35", prices.TICK_SIZE, prices.check_tick, ORDER),
    Row("C-34", session.HALTED, session.check_halt, SENT),
    Row("C-33", session.NEAR_CLOSE, session.check_near_close, ORDER, session.no_buffer),
    Row("C-29", session.SHORT_SALE, session.check_short_sale, ORDER),
    Row(
        "C-29",
        session.SHORT_SALE_RESTRICTION,
        session.check_short_restriction,
        ORDER | At.MARKET,
    ),
    Row("C-17", exposure.MAX_POSITIONS, exposure.check_max_positions, ENTRIES),
    Row("C-17", exposure.POSITION_CAP, exposure.check_position_cap, SENT),
    Row("C-20", exposure.SECTOR_CAP, exposure.check_sector, ENTRIES, exposure.no_sectors),
    Row("C-19", exposure.CASH, exposure.check_cash, SENT),
    Row("C-32", exposure.UNSETTLED_FUNDS, exposure.check_settlement, SENT),
    Row("C-18", exposure.GROSS_EXPOSURE, exposure.check_gross, SENT),
    Row("C-18", exposure.NET_EXPOSURE, exposure.check_net, SENT),
    Row("C-27", exposure.SELF_CROSS, exposure.check_self_cross, ORDER),
    Row("C-28", exposure.ACCIDENTAL_SHORT, exposure.check_accidental_short, ALL),
    Row("C-28", exposure.ACCIDENTAL_LONG, exposure.check_accidental_long, ALL),
    Row("C-25", breakers.DAILY_LOSS, breakers.check_equity, ENTRIES),
    Row("C-25", breakers.VOLATILITY, breakers.check_volatility_index, SENT),
    Row(
        "C-25",
        breakers.OPERATOR_SILENT,
        breakers.check_operator_seen,
        ENTRIES,
        breakers.nobody_has_to_be_there,
    ),
    Row("C-30", rules.DAY_TRADES, rules.check_day_trades, ENTRIES, rules.day_trades_free),
    Row("C-31", rules.INTRADAY_MARGIN, rules.check_intraday_margin, ENTRIES, rules.margin_free),
    Row("C-43", arming.NOT_ARMED, arming.check_armed, SENT, autonomy.off_without_real_money),
    Row(
        "C-41", autonomy.PAPER_ONLY, autonomy.check_paper_only, ALL, autonomy.off_without_paper_only
    ),
    Row(
        "C-51",
        autonomy.HUMAN_APPROVAL,
        autonomy.check_human_approval,
        At.PARENT,
        autonomy.off_without_questions,
    ),
)
"""The order of the cascade. What broke comes early: a broken number ends it."""

ENDING: Final = frozenset({inputs.INPUT, prices.NO_REFERENCE, "CTRL_08_INPUT"})
"""Codes after which nothing else can be judged: there are no numbers, or no price, to judge by."""


class Walk(NamedTuple):
    """The checks of one gate.

    Args:
        checks: in order.
        controls: the ids of the controls that run, in order, each once.
    """

    checks: tuple[Check, ...]
    controls: tuple[str, ...]


NOT_JUDGED: Final = Walk((), ())
"""Of what never came before the checks."""


class Cascade:
    """The checks that a set of limits leaves on, as lists to walk.

    Args:
        limits: what no order may exceed.
        rows: the table; ``ROWS`` when left out.
    """

    def __init__(self, limits: RiskLimits, rows: Sequence[Row] | None = None) -> None:
        rows = ROWS if rows is None else rows
        self.limits = limits
        on = [row for row in rows if not row.off(limits)]
        self.skipped: Mapping[str, str] = MappingProxyType(_skipped(limits, rows, on))
        entry = [row for row in on if row.code != exposure.ACCIDENTAL_LONG]
        exits = [row for row in on if At.EXIT in row.at]
        self.parent = _walk(r for r in entry if At.PARENT in r.at)
        self.child = _walk(r for r in entry if At.CHILD in r.at)
        self.whole = _walk(r for r in entry if r.at & ENTRIES)
        self.exit = _walk(exits)
        self.sending = _walk(r for r in entry if At.SENDING in r.at)
        self.sending_exit = _walk(r for r in exits if At.SENDING in r.at)
        self.told = _walk(r for r in entry if r.at & ENTRIES and At.MARKET not in r.at)
        self.told_exit = _walk(r for r in exits if At.MARKET not in r.at)


def _walk(rows: Iterable[Row]) -> Walk:
    told = tuple(rows)
    controls = dict.fromkeys(row.control for row in told)
    return Walk(tuple(row.check for row in told), tuple(controls))


def _skipped(limits: RiskLimits, rows: Sequence[Row], on: Sequence[Row]) -> dict[str, str]:
    running = {row.control for row in on}
    return {row.control: row.off(limits) for row in rows if row.control not in running}


def judge(ask: Ask, memory: RiskMemory, limits: RiskLimits, walk: Walk) -> Verdict:
    """Return the verdict of the checks of one gate, with every objection.

    The size is cut to the smallest allowed quantity in whole lots; below one lot it is rejected.
    """
    objections: list[Objection] = []
    for check in walk.checks:
        objection = check(ask, memory, limits)
        if objection is not None:
            objections.append(objection)
            if objection.check in ENDING:
                break
    if not objections:
        return Verdict(RiskAction.APPROVE, ask.quantity, ())
    return _answer(ask, objections)


def _answer(ask: Ask, objections: list[Objection]) -> Verdict:
    """Return what follows: no, less, a person's leave, or what that person has given."""
    told = tuple(objections)
    hard = [objection for objection in told if not objection.asks]
    allowed = min([ask.quantity, *(objection.allowed for objection in hard)])
    if allowed > 0:
        allowed -= allowed % ask.lot
    if allowed <= 0:
        return Verdict(RiskAction.REJECT, 0, told)
    if len(hard) < len(told) and not ask.allowed_by:
        return Verdict(RiskAction.REQUIRE_HUMAN_APPROVAL, allowed, told)
    if not hard:
        return Verdict(RiskAction.APPROVE, ask.quantity, told)
    return Verdict(RiskAction.REDUCE_SIZE, allowed, told)


__all__ = [
    "ALL",
    "ENTRIES",
    "NOT_JUDGED",
    "ROWS",
    "SENT",
    "At",
    "Cascade",
    "Check",
    "Row",
    "Walk",
    "always",
    "judge",
]
