"""What takes a second person, and what a person may not wave through alone.

Where nobody else may do the same, the engine's own rules stand alone: a typed word and a delay.
"""

import hashlib
from decimal import Decimal
from typing import Final

from fastapi import Request

from fillpath.api import acting
from fillpath.api.auth.desk import Desk
from fillpath.api.auth.second import Proposal
from fillpath.api.context import DESK
from fillpath.api.errors import Problem
from fillpath.api.ports import AccountParts
from fillpath.api.principal import Principal
from fillpath.api.roles import Permission, Role
from fillpath.api.schemas import ResumeBody, SignalBody

KEY: Final = "idempotency-key"


def desk_behind(request: Request) -> Desk | None:
    """Return who guards the server; None where nobody does, as in a test of a route."""
    desk = getattr(request.app.state, DESK, None)
    return desk if isinstance(desk, Desk) else None


def check_resume(request: Request, who: Principal, account: str, body: ResumeBody) -> None:
    """Let a scope trade again only on the word of two people, where there are two.

    Args:
        request: what was asked.
        who: asks.
        account: the account that is meant; empty: every account.
        body: what was asked for.

    Raises:
        Problem: the word waits for that of another person now.
    """
    desk = desk_behind(request)
    if desk is None or desk.alone(Permission.RESUME, account):
        return
    what = f"{body.scope} {body.target or ''} {body.word}"
    wanted = Proposal(act="resume", account=account, what=what, name=who.name, at=desk.now())
    other = desk.second.agreed(wanted)
    if other is None:
        raise _second_person("let trading go on")
    request.state.notes = {"before": f"proposed by {other.name}", "after": f"agreed by {who.name}"}


async def check_approval(
    request: Request, who: Principal, account: AccountParts, order_id: str
) -> None:
    """Refuse a person an order that is too large for them, or that they asked for themselves.

    Raises:
        Problem: another person has to allow it.
    """
    desk = desk_behind(request)
    if desk is None:
        return
    waiting = await acting.approvals(account.engine)
    order = next((row for row in waiting.rows if row.order_id == order_id), None)
    if order is None:
        return  # the engine says so, and what became of it
    worth = Decimal(order.quantity) * Decimal(order.worst_price)
    most = desk.guarding.approve_limit
    if who.role is Role.TRADER and worth > most:
        text = f"a trader may allow orders of at most {most:f}, and this one is worth {worth:f}"
        raise Problem(403, "above_your_limit", text)
    sender = desk.senders.of(account.name, order.strategy_name, order.signal_id)
    if sender == who.name and not desk.alone(Permission.APPROVE, account.name):
        raise _second_person("allow an order that you asked for")


def signed(request: Request, who: Principal, account: str, body: SignalBody) -> SignalBody:
    """Return a signal with an id, and note who sent it; the same request has the same id again."""
    desk = desk_behind(request)
    if desk is None:
        return body
    key = f"{who.name}\n{account}\n{request.headers.get(KEY, '')}"
    made = f"desk-{hashlib.blake2b(key.encode(), digest_size=10).hexdigest()}"
    signal_id = body.signal_id or made
    desk.senders.note(account, body.strategy_name, signal_id, who.name, desk.now())
    return body.model_copy(update={"signal_id": signal_id})


def _second_person(what: str) -> Problem:
    text = f"another person must say the same within 10 minutes, to {what}"
    return Problem(409, "second_person_needed", text)
