"""What the desk is told about symbols and the market, and what follows when it cannot be true.

A symbol that is not the contract it was, or that opens far from its last close, is quarantined: no
order is sized until a person has looked. A halt cancels nothing and sends nothing: what rests keeps
its place and its limit, slices wait, and those that are missed are spread over the rest of their
grid.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fillpath.core.commands import Command, RaiseAlarm, WatchQuote
from fillpath.core.events import (
    MarketHalted,
    MarketView,
    ReferenceSeen,
    SplitApplied,
    SymbolQuarantined,
    SymbolReleased,
    TradingStatusSeen,
)
from fillpath.core.models import OrderType, Refusal
from fillpath.core.units import RATIO_SCALE, price_decimal, ratio_decimal
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.gating import regate
from fillpath.execution.desk.latching import (
    on_quarantined,
    on_symbol_released,
    quarantine,
    waiting,
)
from fillpath.execution.desk.state import DeskState
from fillpath.execution.desk.working import stop_parent
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.routing import quote_problem
from fillpath.risk.checks.session import HALTED, halt
from fillpath.risk.memory import RiskMemory, SymbolFacts

CONTRACT_CHANGED: Final = "CONTRACT_CHANGED"
CORPORATE_ACTION: Final = "CORPORATE_ACTION"
END_OF_DAY: Final = 3
"""The level of a market-wide halt after which the day has no more trading."""

_STOPS: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})


def knowing(state: DeskState, policy: DeskPolicy) -> dict[type, Callable[[Any], list[Command]]]:
    """Return who takes down which fact."""
    return {
        ReferenceSeen: partial(on_reference, state, policy),
        TradingStatusSeen: partial(on_status, state),
        MarketHalted: partial(on_market_halted, state),
        SymbolQuarantined: partial(on_quarantined, state),
        SymbolReleased: partial(on_symbol_released, state),
    }


def on_reference(state: DeskState, policy: DeskPolicy, event: ReferenceSeen) -> list[Command]:
    """Take down what a symbol is; another contract under the same name is no longer traded."""
    memory = state.risk
    facts = memory.symbols.setdefault(event.symbol, SymbolFacts())
    changes = _changes(facts, policy, event)
    facts.con_id = event.con_id or facts.con_id
    facts.instrument_class = event.instrument_class or facts.instrument_class
    facts.currency = event.currency or facts.currency
    facts.exchange = event.exchange or facts.exchange
    facts.tick = event.tick or facts.tick
    facts.prior_close = event.prior_close or facts.prior_close
    facts.reference_at = event.at
    commands: list[Command] = []
    if changes:
        reason = f"{CONTRACT_CHANGED}: {', '.join(changes)}"
        commands.extend(quarantine(state, event.symbol, reason, event.at))
    if facts.prior_close > 0 and not facts.opened:
        memory.unopened[event.symbol] = None
        if _is_open(state, event.symbol):  # its first price is looked at before anything trades
            commands.append(WatchQuote(event.symbol))
    return commands


def _changes(facts: SymbolFacts, policy: DeskPolicy, event: ReferenceSeen) -> list[str]:
    """Return what is another than before, or than in the reviewed list."""
    pinned = policy.risk.instruments.by_symbol.get(event.symbol)
    told = (
        ("con_id", event.con_id, facts.con_id, pinned and pinned.con_id),
        ("currency", event.currency, facts.currency, pinned and pinned.currency),
        ("exchange", event.exchange, facts.exchange, pinned and pinned.primary_exchange),
    )
    changes = []
    for name, now, before, reviewed in told:
        if now and before and now != before:
            changes.append(f"{name} was {before} and is {now}")
        elif now and reviewed and now != reviewed:
            changes.append(f"{name} was reviewed as {reviewed} and is {now}")
    return changes


def _is_open(state: DeskState, symbol: str) -> bool:
    book = state.book
    return symbol in book.holdings or symbol in book.buying or symbol in book.selling


def first_look(
    state: DeskState, policy: DeskPolicy, symbol: str, at: int, market: MarketView
) -> list[Command]:
    """Compare the first price of a session with the close before; call it while any is unopened.

    Further apart than a market moves in a night, something has happened to the shares. What rests
    was priced for the old ones and is cancelled; protective stops stay, because the broker adjusts
    them and a position without one has no bound.
    """
    memory = state.risk
    if symbol not in memory.unopened or quote_problem(market, at, policy.router.max_age_ns):
        return []
    del memory.unopened[symbol]
    facts = memory.symbols[symbol]
    bid, ask = market.bid, market.ask
    assert bid is not None, "the quote was found usable"
    assert ask is not None, "the quote was found usable"
    facts.opened = (bid + ask) >> 1
    share = policy.risk.price.corporate_action
    if _near(facts, share):
        return []
    reason = (
        f"{CORPORATE_ACTION}: it opens at {price_decimal(facts.opened)}, more than "
        f"{ratio_decimal(share * 100)} % away from the close before of "
        f"{price_decimal(facts.prior_close)}"
    )
    commands = quarantine(state, symbol, reason, at)
    for order in list(state.orders.values()):
        ticket = order.ticket
        if ticket.symbol == symbol and ticket.order_type not in _STOPS:
            commands.extend(cancel_order(order, at, CORPORATE_ACTION))
    return commands


def _near(facts: SymbolFacts, share: int) -> bool:
    close = facts.prior_close
    return abs(facts.opened - close) * RATIO_SCALE <= share * close


def on_split_known(state: DeskState, policy: DeskPolicy, event: SplitApplied) -> list[Command]:
    """Put what is remembered of a symbol into new shares; a split that explains the open clears it.

    A close that was told at the moment of the split or after it is in new shares already.
    """
    facts = state.risk.symbols.get(event.symbol)
    if facts is None or facts.reference_at >= event.at:
        return []
    facts.prior_close = facts.prior_close * event.old_shares // event.new_shares
    facts.lower_band = facts.upper_band = 0
    reason = state.quarantined.get(event.symbol, "")
    if not reason.startswith(CORPORATE_ACTION) or not _near(
        facts, policy.risk.price.corporate_action
    ):
        return []
    del state.quarantined[event.symbol]
    regate(state)
    return [RaiseAlarm(event.at, "SYMBOL_RELEASED", f"{event.symbol}: by its split")]


def session_ended(memory: RiskMemory) -> None:
    """Forget what was told for one session alone: the close before it, its open and its bands."""
    memory.unopened.clear()
    for facts in memory.symbols.values():
        facts.prior_close = facts.opened = facts.lower_band = facts.upper_band = 0


def on_status(state: DeskState, event: TradingStatusSeen) -> list[Command]:
    """Take down whether a symbol may trade; when it may again, what waits looks at its market."""
    facts = state.risk.symbols.setdefault(event.symbol, SymbolFacts())
    before = halt(event.symbol, state.risk)
    facts.status = event.status or "UNKNOWN"
    facts.lower_band = event.lower_band
    facts.upper_band = event.upper_band
    facts.short_restricted = event.short_restricted
    facts.shortable = event.shortable
    facts.delayed = event.delayed
    after = halt(event.symbol, state.risk)
    if after == before:
        return []
    if after:
        return [RaiseAlarm(event.at, HALTED, f"{after}; nothing is sent, what rests stays")]
    commands: list[Command] = [RaiseAlarm(event.at, "HALT_ENDED", f"{event.symbol} trades again")]
    if event.symbol in waiting(state):
        commands.append(WatchQuote(event.symbol))
    return commands


def on_market_halted(state: DeskState, event: MarketHalted) -> list[Command]:
    """The whole market stops or goes on; at the highest level the day is over for schedules."""
    memory = state.risk
    before = memory.market_halted
    memory.market_halted = event.reason
    if event.reason == before:
        return []
    if not event.reason:
        again = [WatchQuote(symbol) for symbol in dict.fromkeys(waiting(state))]
        return [RaiseAlarm(event.at, "HALT_ENDED", "the market trades again"), *again]
    text = f"the whole market, level {event.level}: {event.reason}"
    commands: list[Command] = [RaiseAlarm(event.at, HALTED, text)]
    if event.level >= END_OF_DAY:
        for parent in list(state.parents.values()):
            commands.extend(stop_parent(state, parent, event.at, Refusal(HALTED, text)))
    return commands
