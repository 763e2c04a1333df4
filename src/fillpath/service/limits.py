"""The limits in force: tell them, tighten them while the account trades, loosen them at a start.

Run time may only tighten. What loosens needs a restart, and where orders are real the reason of the
person who starts; without one the start ends before anything is written.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.events import PolicyAdopted
from fillpath.core.units import iso, moment
from fillpath.execution.rules import loosened_rules, rules_hash, tightened_rules, written_rules
from fillpath.execution.using import day_trades_left, uses
from fillpath.risk.limits.tightening import told
from fillpath.service.control import Act, Request
from fillpath.service.live import Live


def check_looser(live: Live) -> None:
    """Refuse a start whose rules are looser than those of the journal, unless somebody says why.

    Raises:
        ConfigError: nobody does; names each rule.
    """
    looser = loosened_rules(live.desk.policy, live.parts.policy)
    if looser and not live.parts.accepted:
        raise ConfigError(
            f"limits would be looser than before: {'; '.join(looser)}; put them back, or start with "
            '--accept-looser-limits "why"'
        )


def adopted(live: Live, at: int) -> PolicyAdopted:
    """Return the fact that the account trades under the rules of this start."""
    parts = live.parts
    looser = loosened_rules(live.desk.policy, parts.policy)
    why = parts.accepted if looser else ""
    return PolicyAdopted(at, parts.policy_hash, written_rules(parts.policy), parts.operator, why)


class LimitActs:
    """What a person may ask about the limits of a running account.

    Args:
        live: its engine.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._busy = False

    def acts(self) -> Mapping[str, Act]:
        """Return the acts by the name under which they are asked for."""
        return {"limits": self.tell, "tighten": self.tighten}

    async def tell(self, _request: Request) -> Mapping[str, Any]:
        """Return every limit in force, whose they are and since when, and how much of each is used."""
        state, limits = self._live.desk.state, self._live.desk.policy.risk
        at = self._live.parts.clock.nanoseconds()
        longs, shorts = self._live.parts.market.values(state.book.holdings)
        equity = state.book.cash + longs - shorts
        return {
            "account": self._live.parts.account,
            "hash": state.rules,
            "since": iso(moment(state.rules_at)) if state.rules_at else "",
            "by": state.rules_by,
            "reason": state.rules_reason,
            "limits": told(limits),
            "uses": msgspec.to_builtins(uses(state, limits, at, self._marks())),
            "day_trades": msgspec.to_builtins(day_trades_left(state, limits, at, equity)),
        }

    def _marks(self) -> dict[str, int]:
        """Return the mid of everything that is held or worked on, where one is known."""
        mark = self._live.parts.market.mark
        marks = {symbol: mark(symbol) for symbol in self._live.in_use()}
        return {symbol: price for symbol, price in marks.items() if price is not None}

    async def tighten(self, request: Request) -> Mapping[str, Any]:
        """Change limits from now on, all of them towards the tighter side.

        Raises:
            ConfigError: something would get looser or cannot be, or nobody says who and why.
        """
        reason, by = (str(request.get(name) or "").strip() for name in ("reason", "by"))
        if not reason or not by:
            raise ConfigError("reason must say why the limits change, and by must say who did it")
        if self._busy:
            raise ConfigError("another change of limits is under way; ask again")
        live = self._live
        before = live.desk.policy
        after = tightened_rules(before, _changes(request))
        fact = PolicyAdopted(
            live.parts.clock.nanoseconds(), rules_hash(after), written_rules(after), by, reason
        )
        self._busy = True  # two changes at once would be made of the same limits
        try:
            live.engine.offer(fact)
            turn = live.turnstile.next_turn()
            live.wake()
            await turn
        finally:
            self._busy = False
        old, new = told(before.risk), told(after.risk)
        return {
            "hash": fact.policy_hash,
            "changes": [
                f"{name} {old[name]} -> {new[name]}" for name in old if old[name] != new[name]
            ],
        }


def _changes(request: Request) -> dict[str, str]:
    changes = request.get("changes")
    if not isinstance(changes, dict):
        raise ModelError(f"changes must name limits and their values, got {changes!r}")
    return {str(name): str(value) for name, value in changes.items()}


__all__ = ["LimitActs", "adopted", "check_looser"]
