"""The desk: one event in, the commands that follow from it out; same events, same commands."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from fillpath.core.commands import ClearTimer, Command, RaiseAlarm
from fillpath.core.events import (
    AccountDiffered,
    AccountOpened,
    AmendFailed,
    ApprovalDeclined,
    ApprovalGiven,
    ArmingAsked,
    CancelAsked,
    CancelFailed,
    CommissionReported,
    DividendPaid,
    EngineStarted,
    Event,
    FillCorrected,
    FlattenAsked,
    KillSwitchCleared,
    KillSwitchSet,
    LevelReached,
    MarketView,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderHeld,
    OrderInDoubt,
    OrderRefused,
    OriginUnknown,
    PolicyAdopted,
    PositionAdjusted,
    QuoteSeen,
    SessionClosed,
    SessionOpened,
    SignalReceived,
    SplitApplied,
    TimerFired,
    TradingArmed,
    TradingDisarmed,
    TradingHeld,
    TradingReleased,
)
from fillpath.core.models import Refusal
from fillpath.execution.desk.admission import (
    admit,
    on_origin_unknown,
    outlived,
    reused,
    signal_time,
)
from fillpath.execution.desk.amending import (
    on_adjusted,
    on_commission,
    on_corrected,
    on_dividend,
)
from fillpath.execution.desk.approving import on_approval_timer, on_declined, on_given
from fillpath.execution.desk.arming import (
    ARMING_TIMER,
    disarm,
    on_armed,
    on_arming_asked,
    on_arming_timer,
    on_disarmed,
)
from fillpath.execution.desk.book import apply_split, open_account
from fillpath.execution.desk.cancelling import (
    UNCONFIRMED,
    ask_again,
    on_cancel_failed,
    on_unconfirmed,
)
from fillpath.execution.desk.charging import TIMER as COMMISSION_TIMER
from fillpath.execution.desk.charging import charged, on_commission_timer
from fillpath.execution.desk.deciding import decide
from fillpath.execution.desk.facts import (
    on_accepted,
    on_cancelled,
    on_expired,
    on_filled,
    on_in_doubt,
    on_refused,
)
from fillpath.execution.desk.flattening import flattened, on_flatten
from fillpath.execution.desk.guarding import stretch
from fillpath.execution.desk.knowing import (
    first_look,
    knowing,
    on_split_known,
    session_ended,
)
from fillpath.execution.desk.latching import (
    on_held,
    on_released,
)
from fillpath.execution.desk.postponing import on_order_held
from fillpath.execution.desk.protecting import TIMER as PROTECT_TIMER
from fillpath.execution.desk.protecting import guarded, on_amend_failed, on_amended
from fillpath.execution.desk.queueing import drop_questions, superseded, turned_away
from fillpath.execution.desk.resting import TIMER as RESTING_TIMER
from fillpath.execution.desk.resting import on_resting_timer
from fillpath.execution.desk.ruling import on_policy
from fillpath.execution.desk.splitting import take_split
from fillpath.execution.desk.state import DeskState
from fillpath.execution.desk.stopping import (
    LATCH_TIMER,
    drop_held,
    on_kill,
    on_latch_due,
    on_resume,
)
from fillpath.execution.desk.watching import (
    report_handlers,
    watch_closed,
    watch_opened,
    watch_signal,
)
from fillpath.execution.desk.withdrawing import on_cancel_asked
from fillpath.execution.desk.working import on_grid, resume_waiting, stop_parent
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.rules import rules_read
from fillpath.risk.limits.account import StopKeeper
from fillpath.risk.remembering import day_began
from fillpath.risk.watching import await_marks


class Desk:
    """Decide everything about one account, and nothing else.

    No I/O, no clock, no randomness: the state after a list of events depends on those events and
    the policy alone, so replaying a journal gives the very same desk.

    Args:
        policy: the rules, until a journaled fact brings others.
    """

    def __init__(self, policy: DeskPolicy) -> None:
        self.state = DeskState()
        self._adopt(policy)
        self._take_timers()

    def _adopt(self, policy: DeskPolicy) -> None:
        self.policy = policy
        self._protects = policy.stop_keeper is not StopKeeper.NONE
        self._adds = self._protects or policy.late_commissions
        state = self.state
        self._handlers: Mapping[type, Callable[[Any], list[Command]]] = {
            SignalReceived: self._on_signal,
            OrderFilled: partial(on_filled, state, policy),
            OrderAccepted: partial(on_accepted, state),
            TimerFired: self._on_timer,
            QuoteSeen: self._on_quote,
            OrderCancelled: self._on_cancelled,
            OrderRefused: partial(on_refused, state, policy),
            OrderExpired: partial(on_expired, state, policy),
            OrderInDoubt: partial(on_in_doubt, state),
            CancelFailed: partial(on_cancel_failed, state),
            AccountOpened: self._on_opened,
            EngineStarted: self._on_started,
            CommissionReported: partial(on_commission, state, policy),
            FillCorrected: partial(on_corrected, state, policy),
            TradingHeld: partial(on_held, state),
            TradingReleased: partial(on_released, state),
            PositionAdjusted: partial(on_adjusted, state),
            AccountDiffered: _on_differed,
            PolicyAdopted: self._on_policy,
            **_stops(state),
            **knowing(state, policy),
            SplitApplied: self._on_split,
            DividendPaid: partial(on_dividend, state),
            OrderAmended: partial(on_amended, state, policy),
            AmendFailed: partial(on_amend_failed, state),
            OrderHeld: partial(on_order_held, state),
            LevelReached: _nothing,
            SessionOpened: self._on_session_opened,
            SessionClosed: self._on_session_closed,
            ApprovalGiven: partial(on_given, state, policy),
            ApprovalDeclined: partial(on_declined, state),
            ArmingAsked: partial(on_arming_asked, state),
            OriginUnknown: partial(on_origin_unknown, state),
            TradingArmed: partial(on_armed, state, policy),
            TradingDisarmed: partial(on_disarmed, state),
            **report_handlers(state, policy),
        }

    def _take_timers(self) -> None:
        state = self.state
        self._timers: Mapping[str, Callable[[str, int], list[Command]]] = {
            "hold": self._on_hold_timer,
            "approval": partial(on_approval_timer, state),
            "cancel": partial(ask_again, state),
            ARMING_TIMER: lambda _name, at: on_arming_timer(state, at),
            UNCONFIRMED: partial(on_unconfirmed, state),
            LATCH_TIMER: partial(on_latch_due, state),
            COMMISSION_TIMER: partial(on_commission_timer, state),
            PROTECT_TIMER: lambda _name, _at: [],
        }

    def step(self, event: Event) -> list[Command]:
        """Take one fact and return what should happen, in order."""
        state = self.state
        state.last_at = event.at
        commands = self._handlers[type(event)](event)
        if self._adds or state.guards or state.flattening:
            return self._and_more(event, commands)
        return commands

    def _and_more(self, event: Event, commands: list[Command]) -> list[Command]:
        """Add what protects positions, waits for commissions and gives positions up."""
        state = self.state
        if self._protects or state.guards:
            commands = guarded(state, self.policy, event, commands)
        if self.policy.late_commissions:
            commands = charged(state, event, commands)
        if state.flattening:
            return flattened(state, self.policy, event, commands)
        return commands

    def fingerprint(self) -> str:
        """Return a hash of the whole state; equal states give equal hashes in every process."""
        state = msgspec.structs.asdict(self.state)
        state["seen"] = sorted(self.state.seen)
        # In the journal a Decimal of a signal's metadata is the text of the same number.
        state["held"] = [
            (order_id, held.at, msgspec.json.encode(held.signal), held.market)
            for order_id, held in self.state.held.items()
        ]
        state["approvals"] = [
            (name, msgspec.json.encode(waiting)) for name, waiting in self.state.approvals.items()
        ]
        return hashlib.blake2b(repr(state).encode(), digest_size=16).hexdigest()

    def _on_signal(self, event: SignalReceived) -> list[Command]:
        signal_at = signal_time(event)
        state, policy = self.state, self.policy
        refusal = admit(state, event, signal_at, policy)
        if refusal is not None:
            return self._not_admitted(event, refusal)
        at, market = event.at, event.market
        before = watch_signal(state, policy, at, market)
        if state.risk.unopened:
            before.extend(first_look(state, policy, event.signal.symbol, at, market))
        commands = decide(state, policy, event, (at, market), signal_at)
        if state.approvals:
            commands.extend(superseded(state, at))
        return [*before, *commands] if before else commands

    def _not_admitted(self, event: SignalReceived, refusal: Refusal) -> list[Command]:
        commands = [turned_away(self.state, event, refusal, event.at)]
        if refusal.code == "DUPLICATE" and reused(self.state, event.signal):
            text = (
                f"{event.signal.signal_id} of {event.signal.strategy_name} came with other content"
            )
            commands.append(RaiseAlarm(event.at, "ID_REUSE", text))
        return commands

    def _on_hold_timer(self, order_id: str, at: int) -> list[Command]:
        held = self.state.held.pop(order_id, None)
        if held is None:
            return []
        text = "no usable quote came before the signal was too old"
        return [turned_away(self.state, held, Refusal("EXPIRED_SIGNAL", text), at)]

    def _on_timer(self, event: TimerFired) -> list[Command]:
        kind, _, name = event.timer_id.partition(":")
        heard = self._timers.get(kind)
        if heard is not None:
            return heard(name, event.at)
        if kind == RESTING_TIMER:
            return on_resting_timer(self.state, self.policy, name, event.at, event.market)
        parent = self.state.parents.get(name)
        if parent is None or parent.stopped:
            return []
        return on_grid(self.state, self.policy, parent, event.at, event.market)

    def _on_quote(self, event: QuoteSeen) -> list[Command]:
        commands = first_look(self.state, self.policy, event.symbol, event.at, event.market)
        waited = resume_waiting(self.state, self.policy, event.symbol, event.at, event.market)
        commands.extend(waited)
        commands.extend(self._retry_held(event.symbol, event.at, event.market))
        return commands

    def _on_cancelled(self, event: OrderCancelled) -> list[Command]:
        """Free what the order held back; a signal that waited for that is decided now."""
        order = self.state.orders.get(event.order_id)
        commands = on_cancelled(self.state, self.policy, event)
        if order is not None and event.market is not None and self.state.held:
            commands.extend(self._retry_held(order.ticket.symbol, event.at, event.market))
        return commands

    def _retry_held(self, symbol: str, at: int, market: MarketView) -> list[Command]:
        """Decide the held signals of a symbol again, unless they are too old or superseded."""
        state = self.state
        commands: list[Command] = []
        for order_id, held in list(state.held.items()):
            if held.signal.symbol != symbol:
                continue
            del state.held[order_id]
            refusal = outlived(state, held, at, self.policy)
            if refusal is None:
                signal_at = signal_time(held)
                commands.extend(
                    decide(state, self.policy, held, (at, market), signal_at, waiting=True)
                )
            else:
                commands.append(turned_away(self.state, held, refusal, at))
            if order_id not in state.held:
                commands.append(ClearTimer(f"hold:{order_id}"))
        return commands

    def _on_opened(self, event: AccountOpened) -> list[Command]:
        if self.state.account:
            text = f"account {self.state.account} is open already"
            return [RaiseAlarm(event.at, "UNEXPECTED_FACT", text)]
        self.state.account = event.account
        self.state.rules = event.policy_hash
        self.state.epoch = event.epoch
        self.state.risk.watched.operator_at = event.at
        open_account(self.state.book, event)
        self.state.forgotten.update(dict.fromkeys(event.executions))  # they are in it already
        return []

    def _on_started(self, event: EngineStarted) -> list[Command]:
        self.state.epoch = event.epoch
        self.state.risk.asked = None
        return disarm(self.state, event.at, "the engine was started again")

    def _on_policy(self, event: PolicyAdopted) -> list[Command]:
        before = self.policy
        self._adopt(rules_read(event.rules))
        commands = on_policy(self.state, event, before, self.policy)
        if before.risk != self.policy.risk:
            commands.extend(disarm(self.state, event.at, "the limits are others now"))
        return commands

    def _on_split(self, event: SplitApplied) -> list[Command]:
        if not take_split(self.state, event):
            return []
        if event.symbol in self.state.book.holdings:
            await_marks(self.state.risk.watched, event.at)
        self.state.risk.walks.pop(event.symbol, None)  # it was walked in prices of before
        commands = on_split_known(self.state, self.policy, event)
        if apply_split(self.state.book, event):
            text = "the split left less than the smallest quantity unit, which was dropped"
            commands.append(RaiseAlarm(event.at, "SPLIT_REMAINDER", text))
        stretch(self.state, self.policy, event)
        return commands

    def _on_session_opened(self, event: SessionOpened) -> list[Command]:
        self.state.closed = False
        self.state.closes_at = event.closes_at
        day_began(self.state.risk, event.at)
        watch_opened(self.state, event)
        return []

    def _on_session_closed(self, event: SessionClosed) -> list[Command]:
        state = self.state
        state.closed = True
        watch_closed(state, event)
        session_ended(state.risk)
        closed = Refusal("EXPIRED_SIGNAL", "the session closed before a usable quote came")
        commands = drop_held(state, closed, event.at)
        commands.extend(drop_questions(state, closed, event.at))
        for parent in list(state.parents.values()):
            stop = Refusal("UNFILLED_AT_CLOSE", "the session closed")
            commands.extend(stop_parent(state, parent, event.at, stop))
        return commands


def _nothing(_event: Event) -> list[Command]:
    """What follows is decided by the protection of positions alone."""
    return []


def _stops(state: DeskState) -> Mapping[type, Callable[[Any], list[Command]]]:
    """Return what takes the facts about stopping."""
    return {
        KillSwitchSet: partial(on_kill, state),
        KillSwitchCleared: partial(on_resume, state),
        FlattenAsked: partial(on_flatten, state),
        CancelAsked: partial(on_cancel_asked, state),
    }


def _on_differed(event: AccountDiffered) -> list[Command]:
    """Tell a person what reconciliation found."""
    text = f"{event.symbol}: {event.text}" if event.symbol else event.text
    return [RaiseAlarm(event.at, event.code, text, event.order_id)]
