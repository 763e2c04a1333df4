"""Arming over the engine's own door: the first word asks, the second one arms."""

from collections.abc import Mapping
from typing import Any, Final

from fillpath.core.errors import ConfigError
from fillpath.core.events import ArmingAsked, Event, TradingArmed, TradingDisarmed
from fillpath.core.units import iso, moment
from fillpath.execution.rules import limits_hash
from fillpath.risk.arming import ASKED_NS, Scope, scope_of, why_not
from fillpath.service.approvals import REASON, named, said
from fillpath.service.control import PersonalAct, Request
from fillpath.service.live import Live
from fillpath.service.peers import Peer

MOST_STRATEGIES: Final = 100


class Arming:
    """Answer people who arm and disarm a live account.

    Args:
        live: the account's engine.
    """

    def __init__(self, live: Live) -> None:
        self._live = live

    def acts(self) -> Mapping[str, PersonalAct]:
        """Return what can be asked, by name."""
        return {"arm": self._arm, "disarm": self._disarm}

    async def _arm(self, request: Request, peer: Peer) -> Mapping[str, Any]:
        """Ask for live trading, or confirm what was asked for."""
        live = self._live
        policy = live.desk.policy
        account = live.parts.account
        if not policy.risk.real_money:
            raise ConfigError(f"{account} is no live account: there is nothing to arm")
        if request.get("word") != account:
            raise ConfigError(f"type the account's name, {account}, to arm it")
        now = live.parts.clock.nanoseconds()
        names = _strategies(request)
        by = named(request, peer)
        what = (account, names, limits_hash(policy))
        confirmed = TradingArmed(now, by, peer.user_id, *what)
        asked = live.desk.state.risk.asked
        cooling = policy.risk.autonomy.cooling_off_ns
        if asked is None or not _stands(asked, confirmed, cooling):
            await self._told(ArmingAsked(now, by, peer.user_id, *what))
            return {"asked_at": iso(moment(now)), "alone_at": iso(moment(now + cooling))}
        why = why_not(asked, confirmed, policy.risk.autonomy, Scope(account, (), what[2]))
        if why:
            raise ConfigError(f"{account} is not armed: {why}")
        await self._told(confirmed)
        permit = live.desk.state.risk.permit
        if permit is None:
            raise ConfigError(f"{account} is not armed: something else came first")
        return {"armed_until": iso(moment(permit.until)), "by": permit.by}

    async def _disarm(self, request: Request, peer: Peer) -> Mapping[str, Any]:
        by, reason = named(request, peer), said(request, "reason") or REASON
        was = self._live.desk.state.risk.permit is not None
        now = self._live.parts.clock.nanoseconds()
        await self._told(TradingDisarmed(now, by, reason))
        return {"was_armed": was}

    async def _told(self, fact: Event) -> None:
        """Tell the engine, and wait until its answer is in the journal for good."""
        self._live.engine.offer(fact)
        turn = self._live.turnstile.next_turn()
        self._live.wake()
        await turn


def _stands(asked: ArmingAsked, confirmed: TradingArmed, cooling: int) -> bool:
    """Return whether a request is the one that is confirmed, and young enough."""
    same = scope_of(asked) == scope_of(confirmed)
    return same and confirmed.at <= asked.at + cooling + ASKED_NS


def _strategies(request: Request) -> tuple[str, ...]:
    text = str(request.get("strategies") or "")
    names = sorted({word.strip() for word in text.split(",")} - {""})
    if len(names) > MOST_STRATEGIES or not text.isprintable():
        raise ConfigError(f"strategies must be at most {MOST_STRATEGIES} printable names")
    return tuple(names)
