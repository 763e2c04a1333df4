"""Working a sliced parent: release each slice at its time, carry what is left, end it cleanly.

One timer runs for a parent at a time, named after it. A slice that finds an unusable quote, or
slices of before whose cancel is not confirmed, waits; when the next grid point comes first, it was
missed, and its quantity is spread over the slices that are left.
"""

from typing import Final

from msgspec.structs import replace

from fillpath.core.commands import (
    ClearTimer,
    Command,
    RaiseAlarm,
    SetTimer,
    Ticket,
    WatchQuote,
)
from fillpath.core.events import MarketView
from fillpath.core.ids import child_order_id
from fillpath.core.models import (
    OrderSide,
    OrderStatus,
    Refusal,
    RiskAction,
)
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.book import reserve_rest
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.draft import Draft, reasons, record
from fillpath.execution.desk.gating import CANCELLED_UNSENT, NEVER_REACHED, PASSING, gate
from fillpath.execution.desk.participating import PARTICIPATION, bounded, pace, price_moved
from fillpath.execution.desk.placing import (
    MOMENTARY,
    Question,
    far_touch,
    first_reason,
    judge_now,
    momentary,
    remember_sent,
    sent_order,
    total_equity,
    worst_price,
)
from fillpath.execution.desk.resting import watch_resting
from fillpath.execution.desk.slice_records import sent_record, slice_record
from fillpath.execution.desk.state import DeskState, OrderState, ParentState
from fillpath.execution.desk.ticking import on_tick
from fillpath.execution.instructing import Instruction, instruct
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.routing import (
    Style,
    expected_participation,
    quote_problem,
    slice_style,
)
from fillpath.execution.slicing import (
    Schedule,
    catch_up,
    due,
    end_of,
    new_schedule,
    release,
    skip,
    twap_slices,
)
from fillpath.risk.approving import approved_order
from fillpath.risk.checks.session import HALTED, halt
from fillpath.risk.remembering import order_sent, parent_ordered

BEFORE_CLOSE: Final = 60 * NANOSECONDS
"""How long before the close the interval of the last slice has to be over."""

BUY: Final = OrderSide.BUY
REJECT: Final = RiskAction.REJECT
REDUCE: Final = RiskAction.REDUCE_SIZE
REJECTED: Final = OrderStatus.REJECTED
TWAP: Final = "twap"
UNFILLED_AT_CLOSE: Final = "UNFILLED_AT_CLOSE"


def timer_name(parent_id: str) -> str:
    """Return the name of a parent's only timer."""
    return f"slice:{parent_id}"


def start_schedule(
    state: DeskState, policy: DeskPolicy, draft: Draft, ticket: Ticket
) -> list[Command]:
    """Begin a sliced parent: its record, its first slice and the timer of the next."""
    routed = draft.routed
    sized = draft.sized
    assert routed is not None, "routing came before"
    assert sized is not None, "sizing came before"
    router = policy.router
    sizes = twap_slices(ticket.quantity, router.lot, router.twap_num_slices)
    interval = ticket.interval_seconds * NANOSECONDS
    ticket = replace(ticket, slice_count=len(sizes))
    parent = ParentState(
        ticket=ticket,
        schedule=new_schedule(draft.at, interval, sizes),
        style=None if routed.route == TWAP else routed.style,
        reduces=sized.closes,
        worst=far_touch(ticket.side, draft.market),
        allowed_by=draft.allowed_by,
    )
    state.parents[ticket.order_id] = parent
    parent_ordered(state.risk, policy.risk, ticket, draft.at, parent.worst, exits=parent.reduces)
    _count_running(state, ticket, 1)
    commands: list[Command] = []
    adv = draft.market.adv
    if adv:  # an order that was sliced for another reason than its size may have none
        parent.pace = pace(router, adv, interval)
        draft.participation = expected_participation(ticket.quantity, adv, len(sizes), interval)
        if draft.participation > router.participation:
            text = f"the schedule is {draft.participation / 10**6:.0f} % of the expected volume"
            commands.append(RaiseAlarm(draft.at, PARTICIPATION, text, ticket.order_id))
    commands.append(record(draft, state.book, "ORDERED"))
    reserve_again(state, parent)
    commands.extend(_next_timer(parent, 1))
    commands.extend(release_slice(state, policy, parent, 0, (draft.at, draft.market)))
    return commands


def begin_schedule(state: DeskState, parent: ParentState, why: Refusal, at: int) -> list[Command]:
    """Begin a sliced parent whose order was decided before; its first slice waits for a quote."""
    ticket = parent.ticket
    state.parents[ticket.order_id] = parent
    _count_running(state, ticket, 1)
    parent.awaiting = 0
    reserve_again(state, parent)
    told = slice_record(state, parent, at, "HELD", why)
    return [*_next_timer(parent, 1), WatchQuote(ticket.symbol), told]


def _count_running(state: DeskState, ticket: Ticket, change: int) -> None:
    key = (ticket.strategy_name, ticket.symbol, ticket.side is BUY)
    count = state.running.get(key, 0) + change
    if count:
        state.running[key] = count
    else:
        del state.running[key]


def _next_timer(parent: ParentState, number: int) -> list[Command]:
    """Return the timer of slice ``number``; one past the last is the end of the schedule."""
    name = timer_name(parent.ticket.order_id)
    return [SetTimer(name, due(parent.schedule, number), parent.ticket.symbol)]


def on_grid(
    state: DeskState, policy: DeskPolicy, parent: ParentState, at: int, market: MarketView
) -> list[Command]:
    """A grid point of the schedule has come; release its slice or end the schedule."""
    changed = parent.awaiting is not None
    parent.awaiting = None
    for number in catch_up(parent.schedule, at):
        parent.schedule = skip(parent.schedule, number, policy.router.lot)
        changed = True
    if changed:
        reserve_again(state, parent)
    number = parent.schedule.next_slice
    if number >= len(parent.schedule.sizes):
        return finish_if_done(state, parent, at)
    if due(parent.schedule, number) > at:
        return _next_timer(parent, number)
    commands = _next_timer(parent, number + 1)
    commands.extend(release_slice(state, policy, parent, number, (at, market)))
    return commands


def release_slice(
    state: DeskState,
    policy: DeskPolicy,
    parent: ParentState,
    number: int,
    now: tuple[int, MarketView],
) -> list[Command]:
    """Send slice ``number`` (from 0), or say what it waits for."""
    at, market = now
    parent.awaiting = number
    state.equity = total_equity(state, market)
    closes = state.closes_at
    if closes and due(parent.schedule, number + 1) > closes - BEFORE_CLOSE:
        text = "the interval of the slice would reach the close"
        return stop_parent(state, parent, at, Refusal(UNFILLED_AT_CLOSE, text))
    if parent.working:
        return cancel_working(state, parent, at, "repriced at the next slice")
    waits = _waits(state, policy, parent, number, now)
    if waits:
        return waits
    moved = None if parent.reduces else price_moved(policy.router, parent.ticket, market)
    if moved is not None:
        told = RaiseAlarm(at, moved.code, f"slices wait: {moved.text}", parent.ticket.order_id)
        return [told, *_miss_slice(state, parent, number, at, moved)]
    parent.awaiting = None
    before = parent.schedule
    if number < before.next_slice:  # released before, and cut short by a late fill
        ended = at >= end_of(parent.schedule)
        quantity = 0 if ended else parent.schedule.released - parent.filled
    else:
        parent.schedule, quantity = release(parent.schedule, number, parent.filled, 0)
    if quantity <= 0:
        return finish_if_done(state, parent, at)
    quantity = bounded(parent, number, quantity)
    return _send_slice(state, policy, parent, (number, quantity, before), now)


def _waits(
    state: DeskState,
    policy: DeskPolicy,
    parent: ParentState,
    number: int,
    now: tuple[int, MarketView],
) -> list[Command]:
    """Return what is said of a slice that has to wait; nothing when it may go."""
    at, market = now
    ticket = parent.ticket
    if state.gated:
        shut = gate(state, ticket.strategy_name, ticket.symbol, ticket.side, reduces=parent.reduces)
        if shut is not None:  # its end looks at the market again
            return [slice_record(state, parent, at, "HELD", shut)]
    halted = halt(ticket.symbol, state.risk)
    if halted:  # an exit waits too: all its slices would meet in one auction
        return [slice_record(state, parent, at, "HELD", Refusal(HALTED, halted))]
    crosses = parent.style is Style.MARKET or number == len(parent.schedule.sizes) - 1
    problem = quote_problem(market, at, policy.urgent_age_ns if crosses else policy.slice_age_ns)
    if problem is None:
        return []
    return [WatchQuote(ticket.symbol), slice_record(state, parent, at, "HELD", problem)]


def _send_slice(
    state: DeskState,
    policy: DeskPolicy,
    parent: ParentState,
    piece: tuple[int, int, Schedule],
    now: tuple[int, MarketView],
) -> list[Command]:
    number, quantity, before = piece
    at, market = now
    ticket = parent.ticket
    style = slice_style(parent.style, market, policy.router)
    last = number == len(parent.schedule.sizes) - 1
    instruction = instruct(style, ticket.side, market, None, policy.router, cross=last)
    instruction = on_tick(state, ticket.symbol, ticket.side, instruction)
    worst = worst_price(instruction, far_touch(ticket.side, market))
    question = Question(
        ticket.symbol,
        ticket.side,
        quantity,
        worst,
        instruction.limit,
        ticket.strategy_name,
        child_order_id(ticket.order_id, parent.sent + 1),
        ticket.order_id,
        ticket.signal_price or 0,
        parent.reduces,
        parent.allowed_by,
    )
    reserve_rest(state.book, parent, 0)  # the schedule must not stand in its own way
    walk = policy.cascade.exit if parent.reduces else policy.cascade.child
    verdict = judge_now(state, policy, now, question, walk)
    if verdict.action is REJECT:
        reason = first_reason(verdict)
        if not momentary(verdict, policy.router.lot):
            return stop_parent(state, parent, at, reason)
        parent.schedule = before
        return _miss_slice(state, parent, number, at, reason)
    if verdict.action is REDUCE:
        parent.cut = reasons(verdict)[0]
    parent.sent += 1
    parent.reached = number + 1
    child = _child(ticket, parent.sent, verdict.quantity, instruction, number + 1)
    order = sent_order(child, at, market, reduces=parent.reduces)
    remember_sent(state, policy, order)
    order_sent(state.risk, policy.risk, child, at, exits=parent.reduces)
    parent.working.append(child.order_id)
    reserve_again(state, parent)
    placed = approved_order(state.holder, at, child, verdict)
    watched = watch_resting(state, policy, order, at, market)
    return [placed, sent_record(state, child, (at, market), verdict, walk), *watched]


def _miss_slice(
    state: DeskState, parent: ParentState, number: int, at: int, reason: Refusal
) -> list[Command]:
    """Let a slice go by that may not be sent at this moment; the next ones take what it was."""
    parent.awaiting = number
    parent.cut = f"{reason.code}: {reason.text}"
    reserve_again(state, parent)
    return [slice_record(state, parent, at, "HELD", reason)]


def reserve_again(state: DeskState, parent: ParentState) -> None:
    """Reserve what the schedule has still to send; nothing once it sends no more."""
    schedule = parent.schedule
    rest = 0
    if not parent.stopped and (
        schedule.next_slice < len(schedule.sizes) or parent.awaiting is not None
    ):
        rest = parent.ticket.quantity - schedule.unplaced - parent.filled
        for order_id in parent.working:
            rest -= state.orders[order_id].remaining
        rest = max(rest, 0)
    if rest != parent.rest:
        reserve_rest(state.book, parent, rest)


def _child(
    parent: Ticket, sent: int, quantity: int, instruction: Instruction, slice_number: int
) -> Ticket:
    return Ticket(
        child_order_id(parent.order_id, sent),
        parent.parent_id,
        parent.symbol,
        parent.side,
        quantity,
        instruction.order_type,
        instruction.limit,
        parent.stop,
        parent.time_in_force,
        parent.strategy_name,
        parent.signal_id,
        parent.route,
        parent.route_reason,
        instruction.protected,
        slice_number,
        parent.slice_count,
        parent.interval_seconds,
        parent.signal_price,
        parent.signal_at,
        parent.strength,
        parent.kelly,
        parent.sizing,
    )


def cancel_working(state: DeskState, parent: ParentState, at: int, reason: str) -> list[Command]:
    """Ask for the cancel of every slice of the parent that still works."""
    orders = [state.orders[order_id] for order_id in parent.working]
    return [c for order in orders for c in cancel_order(order, at, reason)]


def child_ended(
    state: DeskState,
    policy: DeskPolicy,
    order: OrderState,
    at: int,
    market: MarketView | None,
) -> list[Command]:
    """A slice reached its end: go on with what waited for it, or end the parent."""
    parent = state.parents[order.ticket.parent_id]
    parent.working.remove(order.ticket.order_id)
    assert not parent.working, "one slice of a parent works at a time"
    reserve_again(state, parent)
    if order.status is REJECTED and not parent.stopped and _was_judged(order):
        refused = Refusal("SLICE_REJECTED", "the broker refused a slice")
        return stop_parent(state, parent, at, refused)
    if parent.awaiting is None or parent.stopped:
        return finish_if_done(state, parent, at)
    if market is None:
        return [WatchQuote(parent.ticket.symbol)]
    return _go_on(state, policy, parent, (at, market))


def _was_judged(order: OrderState) -> bool:
    """Return whether the broker has seen the rejected order, and not only our own gate.

    What never got there is carried to the next slice, like everything that was not filled.
    """
    code = order.reason.partition(":")[0]
    unsent = {NEVER_REACHED, CANCELLED_UNSENT}
    return code not in unsent and code not in PASSING and code not in MOMENTARY


def shrink_working(state: DeskState, parent_id: str, at: int) -> list[Command]:
    """Cancel what works of a parent when a late fill has left it too much, and send the rest anew."""
    parent = state.parents.get(parent_id)
    if parent is None:
        return []
    reserve_again(state, parent)
    if not parent.working:
        return []
    working = sum(state.orders[order_id].remaining for order_id in parent.working)
    if parent.filled + working <= parent.schedule.released:
        return []
    if parent.awaiting is None:
        parent.awaiting = parent.schedule.next_slice - 1
    return cancel_working(state, parent, at, "a late fill has left it too much")


def _go_on(
    state: DeskState, policy: DeskPolicy, parent: ParentState, now: tuple[int, MarketView]
) -> list[Command]:
    """Release the slice that waits; when its time has passed, the one whose time it is now."""
    at, market = now
    waiting = parent.awaiting
    assert waiting is not None, "a slice waits"
    if catch_up(parent.schedule, at):
        return on_grid(state, policy, parent, at, market)
    return release_slice(state, policy, parent, waiting, now)


def resume_waiting(
    state: DeskState, policy: DeskPolicy, symbol: str, at: int, market: MarketView
) -> list[Command]:
    """Release the slices of a symbol that wait for a usable quote."""
    commands: list[Command] = []
    for parent in list(state.parents.values()):
        waits = parent.awaiting is not None and not parent.working
        if parent.ticket.symbol == symbol and waits:
            commands.extend(_go_on(state, policy, parent, (at, market)))
    return commands


def stop_parent(state: DeskState, parent: ParentState, at: int, refusal: Refusal) -> list[Command]:
    """Release nothing more, cancel what works, and end when that is confirmed."""
    if not parent.stopped:
        parent.stopped = f"{refusal.code}: {refusal.text}"
    parent.awaiting = None
    reserve_rest(state.book, parent, 0)
    commands: list[Command] = [ClearTimer(timer_name(parent.ticket.order_id))]
    commands.extend(cancel_working(state, parent, at, refusal.code))
    commands.extend(finish_if_done(state, parent, at))
    return commands


def finish_if_done(state: DeskState, parent: ParentState, at: int) -> list[Command]:
    """End the parent once nothing of it works and nothing more will be released."""
    schedule = parent.schedule
    running = schedule.next_slice < len(schedule.sizes) or parent.awaiting is not None
    if parent.working or (running and not parent.stopped):
        return []
    reserve_rest(state.book, parent, 0)
    del state.parents[parent.ticket.order_id]
    _count_running(state, parent.ticket, -1)
    commands: list[Command] = [ClearTimer(timer_name(parent.ticket.order_id))]
    missing = parent.ticket.quantity - parent.filled
    if missing > 0:
        text = parent.stopped or parent.cut or "the schedule ended before everything was filled"
        commands.append(slice_record(state, parent, at, "UNFILLED", Refusal("UNFILLED", text)))
    return commands
