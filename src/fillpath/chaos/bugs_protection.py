"""Seeded bugs of what protects: stops and targets, linked orders, alarms, breakers of the account."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from fillpath.core.commands import AmendOrder, PlaceOrder
from fillpath.core.events import EngineStarted
from fillpath.core.models import OrderSide, OrderType, TimeInForce
from fillpath.execution.desk.watching import BY
from fillpath.risk.approving import approved_exit

Mutant = tuple[str, str, Callable[[Any], Any], str]

_KEEPING: Final = "fillpath.execution.desk.keeping:"
_PROTECTING: Final = "fillpath.execution.desk.protecting:"
_FOLLOWING: Final = "fillpath.execution.desk.following:"
_STEP: Final = "fillpath.execution.desk.desk:Desk.step"
_WATCHING: Final = "fillpath.risk.watching:"


def _nothing(_sound: Any) -> Any:
    return lambda *_arguments: None


def _deaf(_sound: Any) -> Any:
    return lambda *_arguments, **_words: []


def _without_stops(sound: Any) -> Any:
    def keep(*told: Any) -> Any:
        commands = sound(*told)
        return [c for c in commands if not isinstance(c, PlaceOrder) or c.ticket.limit is not None]

    return keep


def _too_large(sound: Any) -> Any:
    def placed(state: Any, guard: Any, key: Any, what: Any, at: int) -> Any:
        held, guard.paid.quantity = guard.paid.quantity, 2 * guard.paid.quantity
        place = sound(state, guard, key, what, at)
        guard.paid.quantity = held
        return place

    return placed


def _for_the_day(sound: Any) -> Any:
    def placed(state: Any, guard: Any, key: Any, what: Any, at: int) -> Any:
        place = sound(state, guard, key, what, at)
        order = state.orders[place.ticket.order_id]
        order.ticket = replace(place.ticket, group="")
        return approved_exit(state.holder, at, order.ticket)

    return placed


def _taken_for_granted(sound: Any) -> Any:
    def changed(*told: Any, open_now: bool) -> Any:
        order, commands = told[-2], sound(*told, open_now=open_now)
        for command in commands:
            if isinstance(command, AmendOrder):
                order.ticket = replace(order.ticket, quantity=command.quantity, stop=command.stop)
                order.asked = None
        return commands

    return changed


def _only_the_level(sound: Any) -> Any:
    def changed(*told: Any, open_now: bool) -> Any:
        guard, order = told[-3:-1]
        if order.filled + abs(guard.held) > order.ticket.quantity:
            return []
        return sound(*told, open_now=open_now)

    return changed


def _never_smaller(sound: Any) -> Any:
    def fit(guard: Any, book: Any, key: Any, wanted: int) -> Any:
        if guard.held * wanted >= 0 and abs(wanted) < abs(guard.held):
            return False
        return sound(guard, book, key, wanted)

    return fit


def _grows_only(sound: Any) -> Any:
    def traded(guard: Any, signed: int, value: int) -> Any:
        return guard.held * signed >= 0 and sound(guard, signed, value)

    return traded


def _where_it_was(sound: Any) -> Any:
    def anchor(state: Any, policy: Any, key: Any, guard: Any) -> None:
        if not guard.level:
            sound(state, policy, key, guard)

    return anchor


def _wrong_way(_sound: Any) -> Any:
    return lambda held: OrderSide.BUY if held > 0 else OrderSide.SELL


def _covered(_sound: Any) -> Any:
    return lambda *_arguments: ""


def _silent(sound: Any) -> Any:
    def said(state: Any, policy: Any, guard: Any, key: Any, at: int) -> Any:
        commands = sound(state, policy, guard, key, at)
        return [c for c in commands if getattr(c, "code", "") != "UNPROTECTED"]

    return said


def _once_only(sound: Any) -> Any:
    def failed(guard: Any, at: int, text: str) -> None:
        sound(guard, at, text)
        guard.again_at = at + (1 << 60)

    return failed


def _forget_guards(sound: Any) -> Any:
    def step(desk: Any, event: Any) -> Any:
        if isinstance(event, EngineStarted):
            desk.state.guards.clear()
            desk.state.uncovered.clear()
        return sound(desk, event)

    return step


def _forget_breakers(sound: Any) -> Any:
    def step(desk: Any, event: Any) -> Any:
        commands = sound(desk, event)
        if isinstance(event, EngineStarted):
            latches = desk.state.latches
            for latch in [one for one in latches if one.by == BY]:
                latches.clear(latch.scope, latch.target, latch.code)
        return commands

    return step


def _stops_exits_too(sound: Any) -> Any:
    return lambda *told: replace(sound(*told), exits=False)


def _from_the_start(sound: Any) -> Any:
    def mark(marks: Any, *told: Any) -> Any:
        marks.peak = marks.start
        return sound(marks, *told)

    return mark


def _unlinked(_sound: Any) -> Any:
    return lambda _state, command: command


def _unlinked_on_the_wire(sound: Any) -> Any:
    return lambda ticket, at: sound(replace(ticket, group=""), at)


def _adds_all_the_same(sound: Any) -> Any:
    def gate(*told: Any, **words: Any) -> Any:
        refusal = sound(*told, **words)
        return None if refusal is not None and refusal.code == "UNPROTECTED" else refusal

    return gate


def _plain_limits(sound: Any) -> Any:
    def ticket(*told: Any) -> Any:
        made = sound(*told)
        if made.order_type is not OrderType.STOP:
            return made
        return replace(made, order_type=OrderType.LIMIT, limit=made.stop, stop=None)

    return ticket


def _ends_with_the_day(sound: Any) -> Any:
    return lambda *told: replace(sound(*told), time_in_force=TimeInForce.DAY)


PROTECTION_BUGS: Final[tuple[Mutant, ...]] = (
    ("no stop is ever placed", _KEEPING + "keep", _without_stops, "the level is only shown"),
    ("stops are too large", _KEEPING + "_placed", _too_large, "sized by what works"),
    ("stops do not grow", _KEEPING + "_changed", _only_the_level, "sized by the first part"),
    ("stops do not shrink", _PROTECTING + "fit", _never_smaller, "sized filled, not less exited"),
    ("stops stay at the first price", _FOLLOWING + "anchor", _where_it_was, "not re-anchored"),
    ("stops on the wrong side", _KEEPING + "exit_side", _wrong_way, "sign bug"),
    ("a stop is a limit", _KEEPING + "protective_ticket", _plain_limits, "sells at once"),
    ("a stop ends with the day", _KEEPING + "protective_ticket", _ends_with_the_day, "DAY stop"),
    ("stops stay after the exit", _KEEPING + "_let_go", _deaf, "orphaned stop"),
    ("a change is taken for granted", _KEEPING + "_changed", _taken_for_granted, "amend lost"),
    ("nobody waits for a change", _PROTECTING + "_timed", _deaf, "amend lost"),
    (
        "a failed stop stays failed",
        f"{_PROTECTING}failed|{_FOLLOWING}failed",
        _once_only,
        "no retry",
    ),
    ("everything counts as covered", _PROTECTING + "_uncovered", _covered, "alarm not raised"),
    ("the alarm is not raised", _PROTECTING + "_said", _silent, "alarm not raised"),
    (
        "entries go on without a stop",
        "fillpath.execution.desk.deciding:gate|fillpath.execution.desk.working:gate|fillpath.execution.engine:gate",
        _adds_all_the_same,
        "added to a naked position",
    ),
    ("exits are not linked", _FOLLOWING + "_linked", _unlinked, "OCA forgotten"),
    (
        "links are lost on the wire",
        "fillpath.execution.sending:order_from",
        _unlinked_on_the_wire,
        "OCA forgotten",
    ),
    ("stop and target are not linked", _KEEPING + "_placed", _for_the_day, "OCA forgotten"),
    ("stops are forgotten on restart", _STEP, _forget_guards, "F-14"),
    ("a price that came is not acted on", _FOLLOWING + "_fires", _covered, "stop of the engine"),
    (
        "nobody watches the price",
        "fillpath.execution.desk.selling:_watched",
        _deaf,
        "stop of the engine",
    ),
    ("restart clears the breakers", _STEP, _forget_breakers, "F-110"),
    ("breakers stop exits", "fillpath.execution.desk.watching:_latch", _stops_exits_too, "C-25"),
    (
        "losses are not looked at",
        _WATCHING + "mark_equity",
        lambda _sound: lambda *_told: (),
        "C-25 deleted",
    ),
    ("drawdown from the start", _WATCHING + "mark_equity", _from_the_start, "C-25 without a peak"),
    ("shocks are not looked at", _WATCHING + "shock", _nothing, "A-17 deleted"),
    (
        "losses do not latch",
        "fillpath.execution.desk.watching:stop_tripped",
        _deaf,
        "C-25 not latched",
    ),
)
