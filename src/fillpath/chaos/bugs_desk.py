"""Seeded bugs of what decides: facts, book, schedules, admission."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from fillpath.core.events import EngineStarted
from fillpath.core.models import OrderSide, OrderStatus
from fillpath.execution.desk import working
from fillpath.risk.verdicts import Verdict

Mutant = tuple[str, str, Callable[[Any], Any], str]

_DESK: Final = "fillpath.execution.desk.desk:"
_BOOK: Final = "fillpath.execution.desk.book:"
_WORKING: Final = "fillpath.execution.desk.working:"
_WITHDRAWING: Final = "fillpath.execution.desk.withdrawing:"
_DECIDING: Final = "fillpath.execution.desk.deciding:"


def _of_fill(changed: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """Return a mutant that books another fill than the one reported; None books nothing."""

    def broken(sound: Any) -> Any:
        def on_filled(state: Any, policy: Any, event: Any) -> Any:
            event = changed(state, event)
            return [] if event is None else sound(state, policy, event)

        return on_filled

    return broken


def _unless_pending(state: Any, event: Any) -> Any:
    order = state.orders.get(event.order_id)
    return None if order is not None and order.status is OrderStatus.PENDING else event


def _twice(state: Any, event: Any) -> Any:
    order = state.orders.get(event.order_id)
    if order is not None:
        order.fills.pop(event.fill_id, None)
    return event


def _twice_when_ended(state: Any, event: Any) -> Any:
    order = state.recent.get(event.order_id)
    if order is not None:
        order.fills.pop(event.fill_id, None)
    return event


def _not_when_ended(state: Any, event: Any) -> Any:
    return None if event.order_id in state.recent else event


def _only_ours(state: Any, event: Any) -> Any:
    known = event.order_id in state.orders or event.order_id in state.recent
    return event if known else None


def _at_most_ordered(state: Any, event: Any) -> Any:
    order = state.orders.get(event.order_id) or state.recent.get(event.order_id)
    if order is None or order.filled + event.quantity <= order.ticket.quantity:
        return event
    left = order.ticket.quantity - order.filled
    return replace(event, quantity=left) if left > 0 else None


def _free_of_charge(_state: Any, event: Any) -> Any:
    return replace(event, commission=0)


def _charged_twice(_state: Any, event: Any) -> Any:
    return replace(event, commission=2 * event.commission)


def _in_cents(_state: Any, event: Any) -> Any:
    return replace(event, price=event.price - event.price % 10_000_000)


def _back_to_submitted(sound: Any) -> Any:
    def on_accepted(state: Any, event: Any) -> Any:
        commands = sound(state, event)
        order = state.orders.get(event.order_id)
        if order is not None:
            order.status = OrderStatus.SUBMITTED
        return commands

    return on_accepted


def _always_bought(sound: Any) -> Any:
    def move(book: Any, symbol: str, strategy: str, signed: int, value: int) -> None:
        if symbol not in book.holdings:
            signed, value = abs(signed), abs(value)
        sound(book, symbol, strategy, signed, value)

    return move


def _in_floats(sound: Any) -> Any:
    def move(book: Any, symbol: str, strategy: str, signed: int, value: int) -> None:
        sound(book, symbol, strategy, signed, value)
        book.cash = int(float(book.cash) * 1.0)

    return move


def _keep_reserve(sound: Any) -> Any:
    def free(book: Any, order: Any, quantity: int) -> None:
        before = book.reserved
        sound(book, order, quantity)
        book.reserved = max(book.reserved, before - 1)

    return free


def _never_missed(_sound: Any) -> Any:
    return lambda schedule, _at: range(schedule.next_slice, schedule.next_slice)


def _whole_again(sound: Any) -> Any:
    return lambda schedule, k, _filled, working: sound(schedule, k, 0, working)


def _assume_cancelled(sound: Any) -> Any:
    def cancel_working(state: Any, parent: Any, at: int, reason: str) -> Any:
        commands = sound(state, parent, at, reason)
        for order_id in list(parent.working):
            order = state.orders[order_id]
            order.ticket = replace(order.ticket, parent_id=order_id)
        parent.working.clear()
        return commands

    return cancel_working


def _seen_before(sound: Any) -> Any:
    def admit(state: Any, event: Any, signal_at: int, policy: Any) -> Any:
        refusal = sound(state, event, signal_at, policy)
        return None if refusal is not None and refusal.code == "DUPLICATE" else refusal

    return admit


def _approve(_sound: Any) -> Any:
    from fillpath.core.models import RiskAction  # noqa: PLC0415

    return lambda ask, *_rest: Verdict(RiskAction.APPROVE, ask.quantity, ())


def _no_opposition(_sound: Any) -> Any:
    return lambda _state, _signal, _at: None


def _forget_kill(sound: Any) -> Any:
    def step(desk: Any, event: Any) -> Any:
        commands = sound(desk, event)
        if isinstance(event, EngineStarted):
            desk.state.latches.kept.clear()
        return commands

    return step


def _stay_open(sound: Any) -> Any:
    def close(desk: Any, event: Any) -> Any:
        commands = sound(desk, event)
        desk.state.closed = False
        return commands

    return close


def _drop_silently(sound: Any) -> Any:
    def drop(*told: Any) -> Any:
        return [c for c in sound(*told) if type(c).__name__ != "Decision"]

    return drop


def _nothing_works(_sound: Any) -> Any:
    return lambda _state, _strategy, _symbol, _side: 0


def _early(sound: Any) -> Any:
    return lambda schedule, k: sound(schedule, k) - (5 * 10**9 if k else 0)


def _deaf(_sound: Any) -> Any:
    return lambda *_arguments: []


def _ageless(sound: Any) -> Any:
    return lambda holder, place, _now: sound(holder, place, place.at)


def _never_stopped(_sound: Any) -> Any:
    return lambda *_arguments, **_words: None


def _only_kill(_sound: Any) -> Any:
    def regate(state: Any) -> None:
        state.gated = bool(state.latches)

    return regate


def _on_top(sound: Any) -> Any:
    def corrected(state: Any, policy: Any, event: Any) -> Any:
        order = state.orders.get(event.order_id) or state.recent.get(event.order_id)
        was = None if order is None else order.fills.get(event.fill_id)
        if was is not None and event.quantity:
            event = replace(event, quantity=event.quantity + was.quantity)
        return sound(state, policy, event)

    return corrected


def _unreserved(_sound: Any) -> Any:
    return lambda _book, _parent, _rest: None


def _kept_working(sound: Any) -> Any:
    def remove(state: Any, order: Any) -> None:
        sound(state, order)
        remaining = order.ticket.quantity - order.filled
        if remaining > 0 and order.ticket.side is OrderSide.SELL:
            selling = state.book.selling
            selling[order.ticket.symbol] = selling.get(order.ticket.symbol, 0) + remaining

    return remove


def _certain(sound: Any) -> Any:
    def on_in_doubt(state: Any, event: Any) -> Any:
        commands = sound(state, event)
        order = state.orders.get(event.order_id)
        if order is not None:
            order.status = OrderStatus.CANCELLED
        return commands

    return on_in_doubt


def _anything_works(sound: Any) -> Any:
    return lambda state, order_id: "" if order_id in state.orders else sound(state, order_id)


def _only_what_works(_sound: Any) -> Any:
    def stop(state: Any, parent: Any, at: int, refusal: Any) -> Any:
        return working.cancel_working(state, parent, at, refusal.code)

    return stop


DESK_BUGS: Final[tuple[Mutant, ...]] = (
    ("fill before acceptance dropped", _DESK + "on_filled", _of_fill(_unless_pending), "F-66"),
    ("execution applied twice", _DESK + "on_filled", _of_fill(_twice), "ib_async T3, F-62"),
    ("late execution applied twice", _DESK + "on_filled", _of_fill(_twice_when_ended), "F-62"),
    ("late fill dropped", _DESK + "on_filled", _of_fill(_not_when_ended), "ib_async T2, F-67"),
    ("external fill dropped", _DESK + "on_filled", _of_fill(_only_ours), "F-59"),
    ("overfill cut", _DESK + "on_filled", _of_fill(_at_most_ordered), "F-69"),
    ("commission ignored", _DESK + "on_filled", _of_fill(_free_of_charge), "F-75"),
    ("commission doubled", _DESK + "on_filled", _of_fill(_charged_twice), "F-75"),
    ("fills at rounded prices", _DESK + "on_filled", _of_fill(_in_cents), "ib_async T12"),
    ("status goes back", _DESK + "on_accepted", _back_to_submitted, "ib_async T9, F-08"),
    ("doubt means cancelled", _DESK + "on_in_doubt", _certain, "F-45"),
    ("first sale books a purchase", _BOOK + "exchange_shares", _always_bought, "sign bug"),
    ("cash in floats", _BOOK + "exchange_shares", _in_floats, "invariant 24"),
    ("reserve leaks", _BOOK + "_free", _keep_reserve, "reserved cash leak"),
    (
        "ended sells keep working",
        "fillpath.execution.desk.ending:remove_order",
        _kept_working,
        "stuck exposure",
    ),
    ("rest of a schedule unreserved", _WORKING + "reserve_rest", _unreserved, "over-commitment"),
    ("missed slices are bunched", _WORKING + "catch_up", _never_missed, "F-89, F-97"),
    ("slices ignore what is filled", _WORKING + "release", _whole_again, "F-94"),
    ("slice cancel assumed", _WORKING + "cancel_working", _assume_cancelled, "F-93"),
    ("repeated signal trades again", _DESK + "admit", _seen_before, "F-24"),
    ("risk approves everything", "fillpath.execution.desk.placing:judge", _approve, "no limits"),
    ("opposite orders stay", _DECIDING + "cancel_opposing", _no_opposition, "F-96"),
    ("restart clears the kill", _DESK + "Desk.step", _forget_kill, "F-110"),
    ("the close is ignored", _DESK + "Desk._on_session_closed", _stay_open, "F-90"),
    (
        "held signals vanish",
        f"{_DESK}drop_held|fillpath.execution.desk.stopping:drop_held",
        _drop_silently,
        "F-20",
    ),
    (
        "exits forget what they sell already",
        f"{_DECIDING}own_working|fillpath.execution.desk.placing:own_working",
        _nothing_works,
        "accidental short",
    ),
    ("slices ahead of their time", _WORKING + "due", _early, "F-37"),
    ("corrections ignored", _DESK + "on_corrected", _deaf, "F-63"),
    ("corrections booked on top", _DESK + "on_corrected", _on_top, "ib_async T3, F-63"),
    ("late commissions ignored", _DESK + "on_commission", _deaf, "F-75"),
    ("approvals never expire", "fillpath.execution.engine:checked", _ageless, "F-04"),
    (
        "a strategy that is stopped trades on",
        "fillpath.risk.kill_switch:Latches.stopped|fillpath.service.latch:KillLatch.stopped",
        _never_stopped,
        "A-16",
    ),
    ("holds are ignored", "fillpath.execution.desk.latching:regate", _only_kill, "F-49"),
    ("nobody hears a person cancel", _DESK + "on_cancel_asked", _deaf, "deaf desk"),
    ("a person cancels a stop", _WITHDRAWING + "why_not", _anything_works, "A-16"),
    ("a cancelled schedule goes on", _WITHDRAWING + "stop_parent", _only_what_works, "F-91"),
)
