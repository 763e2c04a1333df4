"""Giving up every position of a stopped scope, because a person says so beside the kill (F-112).

An exit leaves once nothing else of the scope works in its symbol, so that no cancel is still under
way: one order at a time for each strategy and symbol, of what is held at that moment, so that all
exits together never sell more than that. They are the only orders that leave a killed scope. Asking
twice changes nothing; a kill of that scope that is new, or its clearing, takes the leave back.
"""

from typing import Final

from msgspec.structs import replace

from fillpath.core.commands import Command, RaiseAlarm, Ticket, WatchQuote
from fillpath.core.events import Event, FlattenAsked, MarketView, QuoteSeen
from fillpath.core.ids import parent_order_id
from fillpath.core.models import OrderSide, Refusal, RiskAction, TimeInForce
from fillpath.execution.desk.book import add_order
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.gating import gate
from fillpath.execution.desk.placing import (
    Question,
    ask_now,
    far_touch,
    first_reason,
    sent_order,
    worst_price,
)
from fillpath.execution.desk.state import DeskState, Flattening
from fillpath.execution.desk.ticking import on_tick
from fillpath.execution.instructing import Instruction, instruct
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.routing import Style, quote_problem
from fillpath.risk.approving import approved_order
from fillpath.risk.cascade import judge
from fillpath.risk.kill_switch import KILL_SWITCH, Latch, flatten_key

ROUTE: Final = "flatten"
FLATTENING: Final = "FLATTENING"
Share = tuple[str, str]
"""Strategy and symbol."""


def on_flatten(state: DeskState, event: FlattenAsked) -> list[Command]:
    """A person gives up every position of a scope that is killed."""
    key = flatten_key(event)
    latch = state.latches.kept.get(key, {}).get(KILL_SWITCH)
    if latch is None:
        text = f"{event.scope} {event.target}".strip() + " is not killed, so it is not flattened"
        return [RaiseAlarm(event.at, "UNEXPECTED_FACT", text)]
    if key in state.flattening:
        return []
    state.flattening[key] = Flattening(latch)
    text = f"{event.by}: every position of {_whose(latch)} is given up: {event.reason}"
    return [RaiseAlarm(event.at, FLATTENING, text)]


def take_back(state: DeskState, latch: Latch, at: int) -> list[Command]:
    """Let no further exit leave of what a newer stop, or a person, has taken over."""
    commands: list[Command] = []
    for key, flattening in list(state.flattening.items()):
        if not latch.exits and (latch.is_wide or latch.key == key):
            del state.flattening[key]
            for order_id in flattening.exits.values():
                order = state.orders.get(order_id)
                if order is not None:
                    commands.extend(cancel_order(order, at, "no longer flattened"))
    return commands


def flattened(
    state: DeskState, policy: DeskPolicy, event: Event, commands: list[Command]
) -> list[Command]:
    """Add to what follows from a fact what it means for the positions that are given up."""
    added: list[Command] = []
    for key, flattening in list(state.flattening.items()):
        held = _held(state, flattening.latch)
        for share in held:
            added.extend(_given_up(state, policy, flattening, share, event))
        if not held:
            del state.flattening[key]
            text = f"nothing is held any more of {_whose(flattening.latch)}"
            added.append(RaiseAlarm(event.at, "FLATTENED", text))
    return [*commands, *added]


def _whose(latch: Latch) -> str:
    return "the account" if latch.is_wide else latch.where


def _held(state: DeskState, latch: Latch) -> list[Share]:
    """Return every share of a position that the scope covers."""
    return [share for share in state.book.by_strategy if latch.covers(*share)]


def _given_up(
    state: DeskState, policy: DeskPolicy, flattening: Flattening, share: Share, event: Event
) -> list[Command]:
    """Return the exit of a share, if nothing is in its way; else wait for that or for a quote."""
    symbol = share[1]
    if _works(state, flattening.latch, symbol):
        flattening.watched.pop(symbol, None)
        return []
    if isinstance(event, QuoteSeen) and event.symbol == symbol:
        flattening.watched.pop(symbol, None)
        placed = _exit(state, policy, flattening, share, (event.at, event.market))
        if placed:
            return placed
    if symbol in flattening.watched:
        return []
    flattening.watched[symbol] = None
    return [WatchQuote(symbol)]


def _works(state: DeskState, latch: Latch, symbol: str) -> bool:
    """Return whether anything of the scope may still trade in the symbol."""
    tickets = [order.ticket for order in state.orders.values()]
    tickets += [parent.ticket for parent in state.parents.values()]
    return any(t.symbol == symbol and latch.covers(t.strategy_name, symbol) for t in tickets)


def _exit(
    state: DeskState,
    policy: DeskPolicy,
    flattening: Flattening,
    share: Share,
    now: tuple[int, MarketView],
) -> list[Command]:
    """Return the order that closes a share on a usable quote; none while it cannot leave."""
    at, market = now
    strategy, symbol = share
    held = state.book.by_strategy[share]
    side = OrderSide.SELL if held > 0 else OrderSide.BUY
    if state.closed or quote_problem(market, at, policy.router.max_age_ns) is not None:
        return []
    if gate(state, strategy, symbol, side, reduces=True, flattens=True) is not None:
        return []
    instruction = instruct(Style.MARKET, side, market, None, policy.router)
    instruction = on_tick(state, symbol, side, instruction)
    order_id = parent_order_id(strategy, f"flatten#{state.flattened + 1}")
    worst = worst_price(instruction, far_touch(side, market))
    limit = instruction.limit
    question = Question(
        symbol, side, abs(held), worst, limit, strategy, order_id, order_id, closes=True
    )
    ask = replace(ask_now(state, policy, now, question), killed=False)
    verdict = judge(ask, state.risk, policy.risk, policy.cascade.exit)
    if verdict.action not in {RiskAction.APPROVE, RiskAction.REDUCE_SIZE}:
        return _refused(flattening, at, symbol, first_reason(verdict))
    state.flattened += 1
    ticket = _ticket(order_id, share, (side, verdict.quantity), instruction, at)
    add_order(state, sent_order(ticket, at, market, reduces=True))
    flattening.exits[f"{strategy}/{symbol}"] = order_id
    return [approved_order(state.holder, at, ticket, verdict)]


def _refused(flattening: Flattening, at: int, symbol: str, refusal: Refusal) -> list[Command]:
    """Say once why an exit does not leave; it is tried again with each quote."""
    if flattening.refused == refusal.code:
        return []
    flattening.refused = refusal.code
    return [RaiseAlarm(at, "FLATTEN_REFUSED", f"{symbol}: {refusal.code} {refusal.text}")]


def _ticket(
    order_id: str,
    share: Share,
    what: tuple[OrderSide, int],
    instruction: Instruction,
    at: int,
) -> Ticket:
    strategy, symbol = share
    side, quantity = what
    return Ticket(
        order_id=order_id,
        parent_id=order_id,
        symbol=symbol,
        side=side,
        quantity=quantity,
        order_type=instruction.order_type,
        limit=instruction.limit,
        stop=None,
        time_in_force=TimeInForce.DAY,
        strategy_name=strategy,
        signal_id="",
        route=ROUTE,
        route_reason="a person gives up the position",
        protected=instruction.protected,
        slice_number=0,
        slice_count=0,
        interval_seconds=0,
        signal_price=None,
        signal_at=at,
        strength=0,
        kelly=None,
        sizing="",
    )


__all__ = ["FLATTENING", "ROUTE", "flattened", "on_flatten", "take_back"]
