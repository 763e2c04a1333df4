"""Seeded bugs of risk: controls that are missing, inverted, blind in one eye, or gone round."""

# a bug lives inside what it breaks

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from fillpath.core.commands import PlaceOrder
from fillpath.core.models import OrderSide, RiskAction
from fillpath.risk.verdicts import Verdict

Mutant = tuple[str, str, Callable[[Any], Any], str]

_ROWS: Final = "fillpath.risk.cascade:ROWS"
_JUDGE: Final = "fillpath.execution.desk.placing:judge"
_REMEMBERING: Final = "fillpath.risk.remembering:"


def _without(*codes: str) -> Callable[[Any], Any]:
    """Return a mutant whose cascade lacks the checks of these codes."""
    return lambda rows: tuple(row for row in rows if row.code not in codes)


def _seeing(changed: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a mutant whose checks see another order than the one that is sent."""

    def broken(sound: Any) -> Any:
        def judge(ask: Any, memory: Any, limits: Any, walk: Any) -> Any:
            seen = changed(ask)
            verdict = sound(seen, memory, limits, walk)
            if verdict.action is RiskAction.APPROVE:
                return Verdict(verdict.action, ask.quantity, verdict.objections)
            return verdict

        return judge

    return broken


def _sells_are_fine(sound: Any) -> Any:
    def judge(ask: Any, *rest: Any) -> Any:
        if ask.side is OrderSide.SELL:
            return Verdict(RiskAction.APPROVE, ask.quantity, ())
        return sound(ask, *rest)

    return judge


def _reductions_ignored(sound: Any) -> Any:
    def judge(ask: Any, *rest: Any) -> Any:
        verdict = sound(ask, *rest)
        if verdict.action is RiskAction.REDUCE_SIZE:
            return Verdict(RiskAction.APPROVE, ask.quantity, verdict.objections)
        return verdict

    return judge


def _first_check_only(sound: Any) -> Any:
    def judge(ask: Any, memory: Any, limits: Any, walk: Any) -> Any:
        return sound(ask, memory, limits, walk._replace(checks=walk.checks[:1]))

    return judge


def _nothing(_sound: Any) -> Any:
    return lambda *_arguments, **_named: None


def _short_basket(sound: Any) -> Any:
    def add(memory: Any, ticket: Any, sent: Any, _window: int) -> Any:
        return sound(memory, ticket, sent, 1)

    return add


def _always_a_new_day(_sound: Any) -> Any:
    return lambda _memory, _at: True


def _bigger_than_approved(sound: Any) -> Any:
    def approved(holder: Any, at: int, ticket: Any, verdict: Any) -> Any:
        place = sound(holder, at, ticket, verdict)
        more = replace(place.ticket, quantity=place.ticket.quantity * 2)
        return PlaceOrder(at, more, place.approval)

    return approved


def _no_approval_needed(_sound: Any) -> Any:
    from fillpath.risk.approving import Approved  # noqa: PLC0415

    return lambda _holder, place, _now: Approved(place)


RISK_BUGS: Final[tuple[Mutant, ...]] = (
    ("sells are never sized", _JUDGE, _sells_are_fine, "origin project: SELL skipped every check"),
    ("a reduction is taken for a yes", _JUDGE, _reductions_ignored, "REDUCE_SIZE sent whole"),
    ("one check is enough", _JUDGE, _first_check_only, "short circuit on the first pass"),
    (
        "market orders cost nothing",
        _JUDGE,
        _seeing(lambda ask: replace(ask, worst_price=1)),
        "origin project: MARKET valued at zero",
    ),
    (
        "the cap ignores what works",
        _JUDGE,
        _seeing(lambda ask: replace(ask, working_buy=0, working_sell=0)),
        "exposure without open orders",
    ),
    (
        "the cap ignores what is held",
        _JUDGE,
        _seeing(lambda ask: replace(ask, account_held=0)),
        "C-17 on the order alone",
    ),
    (
        "reserved cash is spent twice",
        _JUDGE,
        _seeing(lambda ask: replace(ask, reserved=0)),
        "C-19 without open orders",
    ),
    (
        "equity is counted twice",
        _JUDGE,
        _seeing(lambda ask: replace(ask, equity=2 * ask.equity)),
        "percent of gross",
    ),
    (
        "every symbol counts as open",
        _JUDGE,
        _seeing(lambda ask: replace(ask, symbol_is_open=True)),
        "C-17 count never asked",
    ),
    (
        "volume in lots of a hundred",
        _JUDGE,
        _seeing(lambda ask: replace(ask, adv=100 * ask.adv)),
        "C-15 unit mistake",
    ),
    (
        "prices in cents",
        _JUDGE,
        _seeing(lambda ask: replace(ask, price=100 * ask.price)),
        "F-82 unit switch at the floor",
    ),
    ("no price floor", _ROWS, _without("PRICE_FLOOR"), "C-07 deleted"),
    ("restricted symbols trade", _ROWS, _without("RESTRICTED"), "C-07 deleted"),
    ("no limit on one order", _ROWS, _without("MAX_NOTIONAL"), "C-14 deleted"),
    ("no limit on volume", _ROWS, _without("ADV_SHARE"), "C-15 deleted"),
    ("no limit on a basket", _ROWS, _without("BASKET"), "C-16 deleted"),
    ("no limit on symbols", _ROWS, _without("MAX_POSITIONS"), "C-17 deleted"),
    ("no cap", _ROWS, _without("POSITION_CAP"), "C-17 deleted"),
    ("no cash limit", _ROWS, _without("CASH"), "C-19 deleted"),
    ("no limit on a day", _ROWS, _without("DAILY_ORDERS"), "C-26 deleted"),
    ("no limit on turnover", _ROWS, _without("TURNOVER"), "C-26 deleted"),
    ("shorts without leave", _ROWS, _without("ACCIDENTAL_SHORT"), "C-28 deleted"),
    ("baskets forget at once", _REMEMBERING + "_add_to_basket", _short_basket, "C-16 window"),
    (
        "every order begins a day",
        "fillpath.risk.checks.rates:day_is_over|fillpath.risk.remembering:day_is_over",
        _always_a_new_day,
        "C-26 counts never add up",
    ),
    (
        "more is sent than was approved",
        "fillpath.execution.desk.deciding:approved_order|fillpath.execution.desk.working:approved_order",
        _bigger_than_approved,
        "approval not bound to the order",
    ),
    (
        "nothing needs an approval",
        "fillpath.execution.engine:checked",
        _no_approval_needed,
        "C-50 gone round",
    ),
)
