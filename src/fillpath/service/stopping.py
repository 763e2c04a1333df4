"""What a person may ask of a running engine about stopping: kill a scope, and let it trade again."""

from collections.abc import Mapping
from typing import Any, Final

from fillpath.core.errors import ConfigError
from fillpath.core.events import FlattenAsked, KillSwitchSet, TradingReleased
from fillpath.core.units import NANOSECONDS, iso, moment, quantity_decimal
from fillpath.execution.desk.state import DeskState
from fillpath.execution.reconciling import JOURNAL_BEHIND
from fillpath.risk.kill_switch import KILL_SWITCH, Latch, Scope, latch_of
from fillpath.service.approvals import REASON, named
from fillpath.service.control import PersonalAct, Request
from fillpath.service.guards import SAFE_HOLD, StartLog
from fillpath.service.live import Live
from fillpath.service.peers import Peer

RESUMABLE: Final = (SAFE_HOLD, JOURNAL_BEHIND)
"""Holds that end only when a person says so; every other ends with its cause."""

MOST_TURNS: Final = 3
EVERYTHING: Final = "ALL"
"""What a person types to let every account trade again."""


class Stops:
    """Answer kills and resumes.

    Args:
        live: the engine.
        starts: forgets unclean starts when a person ends the hold that they led to.
        delay: nanoseconds that must pass between a stop and its clearing.
    """

    def __init__(self, live: Live, starts: StartLog, delay: int) -> None:
        self._live = live
        self._starts = starts
        self._delay = delay

    def acts(self) -> Mapping[str, PersonalAct]:
        """Return what can be asked, by name."""
        return {
            "kill": self.kill,
            "covered": self.covered,
            "flatten": self.flatten,
            "resume": self.resume,
        }

    async def kill(self, request: Request, _peer: Peer) -> Mapping[str, Any]:
        """Stop a scope now, whoever says so; the answer comes when the engine has taken it."""
        latch = asked(request, self._live.parts.clock.nanoseconds())
        first = self._live.stop_trading(latch)
        latches = self._live.desk.state.latches
        for _ in range(MOST_TURNS):  # the one under way may have begun before
            await self._live.stops.next_turn()
            if latch.code in latches.kept.get(latch.key, ()):
                break
        orders = self._live.desk.state.orders.values()
        left = sum(latch.covers(o.ticket.strategy_name, o.ticket.symbol) for o in orders)
        return {"first": first, "open_orders": left}

    async def covered(self, request: Request, _peer: Peer) -> Mapping[str, Any]:
        """Return what is held of a scope, by symbol, and whether its name was ever heard here."""
        self._scope(request)
        latch, desk = asked(request, 0), self._live.desk.state
        held: dict[str, int] = {}
        for (strategy, symbol), shares in desk.book.by_strategy.items():
            if latch.covers(strategy, symbol):
                held[symbol] = held.get(symbol, 0) + shares
        return {
            "held": {name: f"{quantity_decimal(held[name]):f}" for name in sorted(held)},
            "known": latch.is_wide or _heard_of(desk, latch),
        }

    async def flatten(self, request: Request, peer: Peer) -> Mapping[str, Any]:
        """Give up every position of a scope that is killed; asking twice changes nothing."""
        live = self._live
        scope, target = self._scope(request)
        desk = live.desk.state
        latch = desk.latches.kept.get((scope, target), {}).get(KILL_SWITCH)
        if latch is None:
            raise ConfigError(
                f"only what is killed is flattened: {_nothing(desk.latches, scope, target)}"
            )
        held = sum(latch.covers(*share) for share in desk.book.by_strategy)
        reason = str(request.get("reason") or REASON)
        now = live.parts.clock.nanoseconds()
        live.engine.offer(FlattenAsked(now, named(request, peer), scope, target, reason))
        live.wake()
        await live.turnstile.next_turn()
        return {"positions": held}

    async def resume(self, request: Request, peer: Peer) -> Mapping[str, Any]:
        """Clear every latch of a scope, and with the account the holds that a person ends."""
        live = self._live
        scope, target = self._scope(request)
        desk = live.desk.state
        held = [code for code in RESUMABLE if code in desk.holds and scope is Scope.ACCOUNT]
        latches = desk.latches.kept.get((scope, target), {})
        if any(
            name in desk.orders for one in desk.flattening.values() for name in one.exits.values()
        ):
            raise ConfigError("positions are being given up: wait, or kill to end that")
        if not latches and not held:
            raise ConfigError(_nothing(desk.latches, scope, target))
        word = EVERYTHING if scope is Scope.ALL else live.parts.account
        if request.get("word") != word:
            what = f"type {word}" if scope is Scope.ALL else f"type the account's name, {word},"
            raise ConfigError(f"{what} to resume")
        by = named(request, peer)
        if latches:
            self._check_delay(max(latch.at for latch in latches.values()))
            live.resume_trading(by, scope, target)
        for code in held:
            self._starts.end()
            live.engine.offer(TradingReleased(live.parts.clock.nanoseconds(), code, by))
            live.wake()
        await live.turnstile.next_turn()
        now = live.parts.clock.nanoseconds()
        return {"resumed_at": iso(moment(now)), "still": [latch.text for latch in desk.latches]}

    def _scope(self, request: Request) -> tuple[Scope, str]:
        try:
            return Scope(request.get("scope") or Scope.ACCOUNT), str(request.get("target") or "")
        except ValueError:
            allowed = ", ".join(Scope)
            scope = request.get("scope")
            raise ConfigError(f"scope must be one of {allowed}, got {scope!r}") from None

    def _check_delay(self, since: int) -> None:
        now = self._live.parts.clock.nanoseconds()
        since = 0 if since > now else since  # the clock may have been ahead then
        left = since + self._delay - now
        if left > 0:
            raise ConfigError(f"wait {left / NANOSECONDS:.0f} s more; resuming takes its time")


def asked(request: Request, at: int) -> Latch:
    """Return the latch that a request asks for; what it does not say stops the account."""
    return latch_of(
        KillSwitchSet(
            at,
            str(request.get("reason") or ""),
            str(request.get("by") or "unknown"),
            str(request.get("scope") or Scope.ACCOUNT),
            str(request.get("target") or ""),
        )
    )


def _heard_of(desk: DeskState, latch: Latch) -> bool:
    """Return whether a signal, an order or a position is of what the scope names."""
    orders = ((o.ticket.strategy_name, o.ticket.symbol) for o in desk.orders.values())
    return any(latch.covers(*place) for place in (*desk.newest, *desk.book.by_strategy, *orders))


def _nothing(latches: Any, scope: Scope, target: str) -> str:
    """Return why there is nothing to resume, and what is stopped instead."""
    others = "; ".join(latch.text for latch in latches)
    if scope is Scope.ACCOUNT and not others:
        return "trading is neither killed nor in a hold that a person ends"
    what = scope if scope is Scope.ACCOUNT or scope is Scope.ALL else f"{scope} {target}"
    return f"{what} is not stopped{f', but {others}' if others else ''}"
