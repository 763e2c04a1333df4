"""From a signal to orders: price, size, route, instruct, judge, place.

The risk gates see the order as it would be sent: routing and pricing come first because they are
pure, and judging afterwards makes the worst price exact. A parent that is sent whole in the same
step is the very order that was judged, so one judgement is both gates; every slice is judged again
at its release. When risk reduces the size, the smaller order is routed and judged anew.
"""

from typing import Final

from fillpath.core.commands import Command, SetTimer, Ticket, WatchQuote
from fillpath.core.destinations import KEY
from fillpath.core.events import MarketView, SignalReceived
from fillpath.core.ids import parent_order_id
from fillpath.core.models import (
    OrderSide,
    OrderType,
    Refusal,
    RiskAction,
    Signal,
    SignalDirection,
    TimeInForce,
)
from fillpath.execution.desk.admission import age_limit
from fillpath.execution.desk.book import held_on_side, own_working
from fillpath.execution.desk.directing import asked_for, directed, directions, unreachable
from fillpath.execution.desk.draft import Draft, record
from fillpath.execution.desk.gating import (
    PASSING,
    SESSION_CLOSED,
    gate,
    latched,
    waits_for_a_person,
)
from fillpath.execution.desk.opposing import cancel_opposing
from fillpath.execution.desk.placing import (
    Question,
    far_touch,
    first_reason,
    judge_now,
    remember_sent,
    sent_order,
    total_equity,
)
from fillpath.execution.desk.queueing import ask_a_person, keep_waiting, outdated
from fillpath.execution.desk.resting import watch_resting
from fillpath.execution.desk.state import DeskState
from fillpath.execution.desk.ticking import on_tick
from fillpath.execution.desk.watching import watch_parent
from fillpath.execution.desk.working import start_schedule
from fillpath.execution.instructing import Instruction, instruct, twap_interval
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.pricing import off_market, protective_stop, signal_price_units
from fillpath.execution.routing import quote_problem, route, strength_units
from fillpath.execution.sizing import SizingInput, size
from fillpath.risk.approving import approved_order
from fillpath.risk.remembering import order_sent, parent_ordered
from fillpath.risk.verdicts import Verdict

REJECT: Final = RiskAction.REJECT
REDUCE: Final = RiskAction.REDUCE_SIZE
ASK: Final = RiskAction.REQUIRE_HUMAN_APPROVAL
BUY: Final = OrderSide.BUY
SELL: Final = OrderSide.SELL
DAY: Final = TimeInForce.DAY
FLAT: Final = SignalDirection.FLAT
LONG: Final = SignalDirection.LONG
SHORT: Final = SignalDirection.SHORT
NO_INSTRUCTION: Final = Instruction(OrderType.LIMIT, None)


def decide(
    state: DeskState,
    policy: DeskPolicy,
    event: SignalReceived,
    now: tuple[int, MarketView],
    signal_at: int,
    *,
    waiting: bool = False,
) -> list[Command]:
    """Turn an admitted signal of ``signal_at`` into commands; ``now`` is this attempt's.

    ``waiting`` says that the signal was held before, which is on record already.
    """
    at, market = now
    signal = event.signal
    order_id = parent_order_id(signal.strategy_name, signal.signal_id or "")
    equity = total_equity(state, market)
    strength = strength_units(signal.strength)
    # A strategy whose clock runs ahead said it when it came: nothing is filled before it was said.
    said_at = min(event.at, signal_at)
    draft = Draft(at, signal, market, order_id, equity, said_at, strength, waiting)
    return decide_draft(state, policy, draft, event)


def decide_draft(
    state: DeskState, policy: DeskPolicy, draft: Draft, event: SignalReceived
) -> list[Command]:
    """Turn a draft into commands; one that a person has allowed is judged as if it were new."""
    at, market, signal = draft.at, draft.market, draft.signal
    shut = _shut(state, signal) if state.gated or state.closed else None
    shut = shut or _destined(draft)
    if shut is not None:
        return _refused(draft, state, shut)
    state.equity = draft.equity
    cancels = cancel_opposing(state, signal, at)
    if cancels is not None:
        blocked = Refusal("CANCELLING_OPPOSITE", "opposite orders of the strategy are cancelled")
        return [*cancels, *_hold(state, policy, draft, event, blocked)]
    urgent = draft.strength > policy.router.urgent
    problem = quote_problem(market, at, policy.urgent_age_ns if urgent else policy.quote_age_ns)
    refusal = _price(draft, problem, event.market, policy.risk.price.signal_deviation)
    if refusal is None:
        refusal = _size(draft, state, policy)
    elif refusal is NO_PRICE:
        return _hold(state, policy, draft, event, refusal)
    if refusal is not None:
        return _refused(draft, state, refusal)
    if state.gated and problem is None:
        problem = _shut_for(state, draft)
    if problem is not None:
        return _hold(state, policy, draft, event, problem)
    return _order(state, policy, draft, event)


NO_PRICE: Final = Refusal("PRICE_UNAVAILABLE", "no signal_price and no usable quote")


def _shut(state: DeskState, signal: Signal) -> Refusal | None:
    """Return what stops an exit too; whether this is one is known when it is sized."""
    shut = latched(state, signal.strategy_name, signal.symbol, reduces=True)
    if shut is None and state.closed:
        return Refusal(SESSION_CLOSED, "the trading session is closed")
    return shut


def _destined(draft: Draft) -> Refusal | None:
    """Take note of where the order asks to be worked; return why it cannot be."""
    if KEY not in draft.signal.metadata:
        return None
    destination = asked_for(draft.signal)
    if isinstance(destination, Refusal):
        return destination
    draft.destination = destination
    return None


def _shut_for(state: DeskState, draft: Draft) -> Refusal | None:
    sized = draft.sized
    assert sized is not None, "sizing came before"
    signal = draft.signal
    return gate(state, signal.strategy_name, signal.symbol, sized.side, reduces=sized.closes)


def _refused(draft: Draft, state: DeskState, refusal: Refusal) -> list[Command]:
    return [record(draft, state.book, "REFUSED", refusal)]


def _hold(
    state: DeskState, policy: DeskPolicy, draft: Draft, event: SignalReceived, refusal: Refusal
) -> list[Command]:
    """Keep the signal for the next good quote or the end of a hold, until it is too old."""
    if waits_for_a_person(refusal.code):  # which takes longer than that
        return _refused(draft, state, refusal)
    if draft.asked is not None:
        return keep_waiting(state, draft, refusal)
    commands: list[Command] = []
    if refusal.code not in PASSING:  # whose end looks at the market again
        commands.append(WatchQuote(draft.signal.symbol))
    if not draft.waiting:
        due = draft.signal_at + age_limit(policy)
        commands.append(SetTimer(f"hold:{draft.order_id}", due, draft.signal.symbol))
        commands.append(record(draft, state.book, "HELD", refusal))
    state.held[draft.order_id] = event
    return commands


def _price(
    draft: Draft, problem: Refusal | None, at_signal: MarketView, deviation: int
) -> Refusal | None:
    """Find the reference price: the signal's own if the market agrees, else the mid.

    A signal without a price that had to wait is sized at the mid of now, and measured against the
    mid of the moment when it came.
    """
    raw = draft.signal.metadata.get("signal_price")
    market = draft.market
    mid = ((market.bid or 0) + (market.ask or 0)) >> 1
    if raw is None:
        if problem is not None:
            return NO_PRICE
        draft.price = draft.arrival = mid
        bid, ask = at_signal.bid, at_signal.ask
        if at_signal is not market and bid is not None and ask is not None:
            draft.arrival = (bid + ask) >> 1
        return None
    price = signal_price_units(raw)
    if isinstance(price, Refusal):
        return price
    draft.price = draft.arrival = price
    if problem is not None:
        return None
    refusal = off_market(price, (market.bid or 0) + (market.ask or 0), deviation)
    if refusal is not None and draft.signal.direction is FLAT:
        draft.price = mid  # an exit is never held back by what its signal believes of the price
        return None
    return refusal


def _size(draft: Draft, state: DeskState, policy: DeskPolicy) -> Refusal | None:
    signal = draft.signal
    symbol = signal.symbol
    book = state.book
    strategy = signal.strategy_name
    by_strategy = book.by_strategy
    held = 0
    if by_strategy:
        held = by_strategy.get((strategy, symbol), 0)
        if strategy:
            held += by_strategy.get(("", symbol), 0)  # what no strategy claims may be closed too
    direction = signal.direction
    account_held = held_on_side(book, symbol, SELL if direction is SHORT else BUY)
    buying = book.buying.get(symbol, 0) if book.buying else 0
    selling = book.selling.get(symbol, 0) if book.selling else 0
    if held and (direction is FLAT or (direction is LONG) is (held < 0)):
        # An exit: what others hold or work in the symbol is none of its business.
        account_held = held
        buying = own_working(state, strategy, symbol, BUY)
        selling = own_working(state, strategy, symbol, SELL)
    sized = size(
        SizingInput(
            direction,
            draft.strength,
            draft.price,
            book.cash - book.proceeds,
            book.reserved,
            draft.equity,
            held,
            account_held,
            buying,
            selling,
            signal.metadata,
        ),
        policy.sizing,
    )
    if isinstance(sized, Refusal):
        return sized
    draft.sized = sized
    draft.quantity = sized.quantity
    draft.flags = sized.flags
    if not sized.closes:
        draft.stop = protective_stop(draft.price, sized.side, policy.sizing.stop_distance)
    return None


def _order(
    state: DeskState, policy: DeskPolicy, draft: Draft, event: SignalReceived
) -> list[Command]:
    """Route, instruct, judge and place; the quote is usable and the size is known."""
    sized = draft.sized
    assert sized is not None, "sizing came before"
    market = draft.market
    unfit = _unfit(draft, state, policy)
    if unfit is not None:
        return _refused(draft, state, unfit)
    side = sized.side
    router = policy.router
    outcome = "ORDERED"
    while True:  # each round is smaller than the one before
        routed = route(side, draft.quantity, draft.strength, market, router)
        if draft.destination is not None:
            routed = directed(routed, draft, policy)
        draft.routed = routed
        instruction = instruct(routed.style, side, market, None, router)
        instruction = on_tick(state, draft.signal.symbol, side, instruction)
        verdict = _judged(state, policy, draft, instruction)
        if verdict.action is REJECT or verdict.action is ASK:
            draft.verdict = verdict
            if verdict.action is ASK:
                draft.instruction = instruction
                return ask_a_person(state, policy, draft, event)
            return _refused(draft, state, first_reason(verdict))
        if verdict.action is not REDUCE:
            break
        assert verdict.quantity < draft.quantity, "a reduction makes the order smaller"
        draft.quantity = verdict.quantity
        outcome = "REDUCED"
        draft.verdict = verdict
    draft.verdict = draft.verdict or verdict
    tripped = watch_parent(state, policy, draft)
    if tripped and not sized.closes:
        refusal = latched(state, draft.signal.strategy_name, draft.signal.symbol)
        assert refusal is not None, "what has tripped is latched"
        return [*tripped, *_refused(draft, state, refusal)]
    placed = _placed(state, policy, draft, instruction, verdict, outcome)
    return [*placed, *tripped] if tripped else placed


def _placed(
    state: DeskState,
    policy: DeskPolicy,
    draft: Draft,
    instruction: Instruction,
    verdict: Verdict,
    outcome: str,
) -> list[Command]:
    """Send what risk has approved: at once, or slice by slice."""
    sized, routed, market = draft.sized, draft.routed, draft.market
    assert sized is not None, "sizing came before"
    assert routed is not None, "routing came before"
    if routed.flags:
        draft.flags += routed.flags
    if routed.sliced:
        interval = twap_interval(draft.quantity, market.adv, policy.router)
        ticket = _ticket(draft, NO_INSTRUCTION, interval)
        return start_schedule(state, policy, draft, ticket)
    draft.instruction = instruction
    ticket = _ticket(draft, instruction, 0)
    order = sent_order(ticket, draft.at, market, reduces=sized.closes)
    remember_sent(state, policy, order)
    worst = order.worst_price
    parent_ordered(state.risk, policy.risk, ticket, draft.at, worst, exits=sized.closes)
    order_sent(state.risk, policy.risk, ticket, draft.at, exits=sized.closes)
    placed = approved_order(state.holder, draft.at, ticket, verdict)
    watched = watch_resting(state, policy, order, draft.at, market)
    return [placed, record(draft, state.book, outcome), *watched]


def _unfit(draft: Draft, state: DeskState, policy: DeskPolicy) -> Refusal | None:
    """Return why risk need not be asked, or None."""
    sized = draft.sized
    assert sized is not None, "sizing came before"
    if policy.adv_required and not draft.market.adv and not sized.closes:
        return Refusal("ADV_MISSING", "the average daily volume is unknown")
    if draft.destination is not None:
        refusal = unreachable(draft, state, policy)
        if refusal is not None:
            return refusal
    return None if draft.asked is None else outdated(draft, policy)


def _judged(
    state: DeskState, policy: DeskPolicy, draft: Draft, instruction: Instruction
) -> Verdict:
    """Ask risk about the order as it would be sent; of a sliced one, about the parent."""
    sized, routed = draft.sized, draft.routed
    assert sized is not None, "sizing came before"
    assert routed is not None, "routing came before"
    cascade = policy.cascade
    entry = cascade.parent if routed.sliced else cascade.whole
    walk = draft.walk = cascade.exit if sized.closes else entry
    limit = instruction.limit
    question = Question(
        draft.signal.symbol,
        sized.side,
        draft.quantity,
        far_touch(sized.side, draft.market) if limit is None else limit,
        limit,
        draft.signal.strategy_name,
        draft.order_id,
        draft.order_id,
        draft.arrival,
        sized.closes,
        draft.allowed_by,
    )
    return judge_now(state, policy, (draft.at, draft.market), question, walk)


def _ticket(draft: Draft, instruction: Instruction, interval_seconds: int) -> Ticket:
    signal = draft.signal
    sized = draft.sized
    routed = draft.routed
    assert sized is not None, "sizing came before"
    assert routed is not None, "routing came before"
    order_id = draft.order_id
    return Ticket(
        order_id,
        order_id,
        signal.symbol,
        sized.side,
        draft.quantity,
        instruction.order_type,
        instruction.limit,
        draft.stop,
        DAY,
        signal.strategy_name,
        signal.signal_id or "",
        routed.route,
        routed.reason,
        instruction.protected,
        0,
        0,
        interval_seconds,
        draft.arrival,
        draft.signal_at,
        draft.strength,
        sized.kelly,
        sized.bound,
        "",
        directions(draft),
    )
