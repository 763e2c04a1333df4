"""A person cancels one order, over the engine's own door."""

from collections.abc import Mapping
from typing import Any

from fillpath.core.errors import ConfigError
from fillpath.core.events import CancelAsked
from fillpath.execution.desk.withdrawing import why_not
from fillpath.service.approvals import REASON, named, said
from fillpath.service.control import PersonalAct, Request
from fillpath.service.live import Live
from fillpath.service.peers import Peer


class Withdrawals:
    """Answer people who cancel one order.

    Args:
        live: the account's engine.
    """

    def __init__(self, live: Live) -> None:
        self._live = live

    def acts(self) -> Mapping[str, PersonalAct]:
        """Return what can be asked, by name."""
        return {"cancel": self.cancel}

    async def cancel(self, request: Request, peer: Peer) -> Mapping[str, Any]:
        """Cancel one order; the answer comes when the journal has the question for good.

        Raises:
            ConfigError: it has ended, never was, or is not to be taken back by itself.
        """
        live = self._live
        order_id = str(request.get("order_id"))
        why = why_not(live.desk.state, order_id)
        if why:
            raise ConfigError(f"{order_id} cannot be cancelled: {why}")
        reason = said(request, "reason") or REASON
        now = live.parts.clock.nanoseconds()
        live.engine.offer(CancelAsked(now, order_id, named(request, peer), reason))
        turn = live.turnstile.next_turn()
        live.wake()
        await turn
        return {"order_id": order_id, **self._outcome(order_id)}

    def _outcome(self, order_id: str) -> Mapping[str, str]:
        """Return where the order stands after the question."""
        state = self._live.desk.state
        if order_id in state.orders or order_id in state.parents:
            text = "its cancel was asked for; it counts as working until that is confirmed"
            return {"outcome": "CANCEL_ASKED", "text": text}
        return {"outcome": "ENDED", "text": "nothing of it works any more"}


__all__ = ["Withdrawals"]
