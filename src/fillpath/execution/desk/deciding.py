"""From a signal to orders: price, size, judge, route, instruct, judge again, place."""

from typing import Final

from fillpath.core.commands import Command, PlaceOrder, SetTimer, Ticket, WatchQuote
from fillpath.core.events import MarketView, SignalReceived
from fillpath.core.ids import parent_order_id
from fillpath.core.models import OrderType, Refusal, RiskAction, TimeInForce
from fillpath.execution.desk.admission import age_limit, signal_time
from fillpath.execution.desk.book import add_order, strategy_held
from fillpath.execution.desk.draft import Draft, record
from fillpath.execution.desk.placing import far_touch, judge_now, sent_order, worst_price
from fillpath.execution.desk.state import Book, DeskState
from fillpath.execution.desk.working import cancel_opposing, start_schedule
from fillpath.execution.instructing import Instruction, instruct
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.pricing import off_market, protective_stop, signal_price_units
from fillpath.execution.routing import quote_problem, route, strength_units
from fillpath.execution.sizing import SizingInput, size
from fillpath.risk.pre_trade import Verdict

REJECT: Final = RiskAction.REJECT
REDUCE: Final = RiskAction.REDUCE_SIZE
DAY: Final = TimeInForce.DAY


def decide(
    state: DeskState, policy: DeskPolicy, event: SignalReceived, at: int, market: MarketView
) -> list[Command]:
    """Turn an admitted signal into commands; ``at`` and ``market`` are those of this attempt."""
    signal = event.signal
    book = state.book
    draft = Draft(
        at=at,
        signal=signal,
        market=market,
        order_id=parent_order_id(signal.strategy_name, signal.signal_id or ""),
        equity=book.cash + market.long_value - market.short_value,
        signal_at=signal_time(event),
    )
    if state.killed:
        return [_refused(draft, book, Refusal("KILL_SWITCH", f"trading is off: {state.killed}"))]
    cancels = cancel_opposing(state, signal, at)
    if cancels is not None:
        waiting = Refusal("CANCELLING_OPPOSITE", "opposite orders of the strategy are cancelled")
        return [*cancels, *_hold(state, policy, draft, event, waiting)]
    problem = quote_problem(market, at, policy.router.max_age_ns)
    refusal = _price(draft, problem)
    if refusal is not None:
        return _held_or_refused(state, policy, draft, event, refusal)
    refusal = _size(draft, book, policy)
    if refusal is not None:
        return [_refused(draft, book, refusal)]
    if problem is not None:
        return _hold(state, policy, draft, event, problem)
    return _order(state, policy, draft)


def _held_or_refused(
    state: DeskState, policy: DeskPolicy, draft: Draft, event: SignalReceived, refusal: Refusal
) -> list[Command]:
    if refusal.code == "PRICE_UNAVAILABLE":
        return _hold(state, policy, draft, event, refusal)
    return [_refused(draft, state.book, refusal)]


def _refused(draft: Draft, book: Book, refusal: Refusal) -> Command:
    return record(draft, book, "REFUSED", refusal)


def _hold(
    state: DeskState, policy: DeskPolicy, draft: Draft, event: SignalReceived, refusal: Refusal
) -> list[Command]:
    """Keep the signal for the next good quote, until it is too old."""
    commands: list[Command] = [WatchQuote(draft.signal.symbol)]
    if draft.order_id not in state.held:
        due = draft.signal_at + age_limit(policy)
        commands.append(SetTimer(f"hold:{draft.order_id}", due, draft.signal.symbol))
        commands.append(record(draft, state.book, "HELD", refusal))
    state.held[draft.order_id] = event
    return commands


def _price(draft: Draft, problem: Refusal | None) -> Refusal | None:
    """Find the reference price: the signal's own if the market agrees, else the mid."""
    raw = draft.signal.metadata.get("signal_price")
    market = draft.market
    if raw is None:
        if problem is not None or market.bid is None or market.ask is None:
            return Refusal("PRICE_UNAVAILABLE", "no signal_price and no usable quote")
        draft.price = (market.bid + market.ask) // 2
        return None
    price = signal_price_units(raw)
    if isinstance(price, Refusal):
        return price
    draft.price = price
    if problem is None and market.bid is not None and market.ask is not None:
        return off_market(price, market.bid + market.ask)
    return None


def _size(draft: Draft, book: Book, policy: DeskPolicy) -> Refusal | None:
    signal = draft.signal
    symbol = signal.symbol
    holding = book.holdings.get(symbol)
    wanted = SizingInput(
        direction=signal.direction,
        strength=strength_units(signal.strength),
        price=draft.price,
        cash=book.cash,
        reserved=book.reserved,
        equity=draft.equity,
        held=strategy_held(book, signal.strategy_name, symbol),
        account_held=0 if holding is None else holding.quantity,
        working_buy=book.buying.get(symbol, 0),
        working_sell=book.selling.get(symbol, 0),
        metadata=signal.metadata,
    )
    sized = size(wanted, policy.sizing)
    if isinstance(sized, Refusal):
        return sized
    draft.sized = sized
    draft.quantity = sized.quantity
    draft.flags = sized.flags
    if not sized.closes:
        draft.stop = protective_stop(draft.price, sized.side, policy.sizing.stop_distance)
    return None


def _order(state: DeskState, policy: DeskPolicy, draft: Draft) -> list[Command]:
    """Judge, route and place; the quote is usable and the size is known."""
    book = state.book
    sized = draft.sized
    assert sized is not None, "sizing came before"
    market = draft.market
    side = sized.side
    closes = sized.closes
    touch = far_touch(side, market)
    symbol = draft.signal.symbol
    asked = (symbol, side, draft.quantity, touch)
    verdict = draft.verdict = judge_now(state, policy, market, asked, reduces=closes)
    if verdict.action is REJECT:
        return [_refused(draft, book, _objection(verdict))]
    draft.quantity = verdict.quantity
    if policy.adv_required and not market.adv:
        missing = Refusal("ADV_MISSING", "the average daily volume is unknown")
        return [_refused(draft, book, missing)]
    routed = draft.routed = route(
        side, draft.quantity, strength_units(draft.signal.strength), market, policy.router
    )
    draft.flags = draft.flags + routed.flags
    if routed.sliced:
        return _schedule(state, policy, draft)
    instruction = draft.instruction = instruct(routed.style, side, market, None, policy.router)
    asked = (symbol, side, draft.quantity, worst_price(instruction, touch))
    final = judge_now(state, policy, market, asked, reduces=closes)
    if final.action is REJECT:
        draft.verdict = final
        return [_refused(draft, book, _objection(final))]
    if final.action is REDUCE:
        draft.verdict = final
        draft.quantity = final.quantity
    return _place(state, draft, instruction)


def _objection(verdict: Verdict) -> Refusal:
    first = verdict.objections[0]
    return Refusal(first.check, first.text)


def _ticket(draft: Draft, instruction: Instruction, slices: int, interval_s: int) -> Ticket:
    signal = draft.signal
    sized = draft.sized
    routed = draft.routed
    assert sized is not None, "sizing came before"
    assert routed is not None, "routing came before"
    return Ticket(
        draft.order_id,
        draft.order_id,
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
        slices,
        interval_s,
        draft.price if "signal_price" in signal.metadata else None,
        draft.signal_at,
        strength_units(signal.strength),
        sized.kelly,
        sized.bound,
    )


def _place(state: DeskState, draft: Draft, instruction: Instruction) -> list[Command]:
    ticket = _ticket(draft, instruction, 0, 0)
    sized = draft.sized
    assert sized is not None, "sizing came before"
    add_order(state, sent_order(ticket, draft.at, draft.market, reduces=sized.closes))
    outcome = (
        "ORDERED" if draft.verdict is None or draft.verdict.action is not REDUCE else "REDUCED"
    )
    return [PlaceOrder(draft.at, ticket), record(draft, state.book, outcome)]


def _schedule(state: DeskState, policy: DeskPolicy, draft: Draft) -> list[Command]:
    sized = draft.sized
    routed = draft.routed
    assert sized is not None, "sizing came before"
    assert routed is not None, "routing came before"
    ticket = _ticket(
        draft,
        Instruction(OrderType.LIMIT, None),
        policy.router.twap_num_slices,
        policy.router.twap_interval_seconds,
    )
    return start_schedule(state, policy, draft, ticket)
