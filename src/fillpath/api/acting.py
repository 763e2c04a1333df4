"""What people ask of an engine, over its own door, under their own names."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from fillpath.api import standing
from fillpath.api.answers import (
    Answered,
    Approval,
    Approvals,
    DayTrades,
    DrillAnswer,
    JobAnswer,
    KillAnswer,
    Limits,
    Outcome,
    ResumeAnswer,
    SlicePlan,
    SystemStatus,
    TablesShown,
    TightenAnswer,
)
from fillpath.api.errors import Problem
from fillpath.api.ports import AccountParts, Engine, Parts
from fillpath.api.principal import Principal
from fillpath.api.roles import Permission
from fillpath.api.schemas import DrillBody, KillBody, ResumeBody, SignalBody, TightenBody
from fillpath.api.standing import Heard
from fillpath.core.errors import ConfigError, FillpathError, Unavailable
from fillpath.core.jobs import JobRow
from fillpath.core.listings import JobShown, LimitUse
from fillpath.core.status import read_status

KILL: Final = "KILL"
"""What is typed to kill."""
NOT_FLATTENED: Final = "; positions are not given up: the role {role} may not send orders"
NANOSECONDS: Final = 1_000_000_000
_STATUS_SECONDS: Final = 2.0
_ANSWER_SECONDS: Final = 5.0


async def heard(engine: Engine) -> Heard:
    """Return what an engine says of itself, or its last word when it does not answer."""
    try:
        answer = await engine.ask({"do": "status"}, _STATUS_SECONDS)
    except Unavailable as error:
        return Heard(status=engine.last_word(), reachable=False, why=str(error))
    return Heard(status=read_status(answer["status"].encode()), reachable=True)


async def done(engine: Engine, act: str, who: Principal, given: Mapping[str, Any]) -> Outcome:
    """Return what became of an act that is about one order."""
    answer = await engine.ask({"do": act, "by": who.name, **given})
    return _outcome(answer)


async def plan(engine: Engine, order_id: str) -> list[SlicePlan]:
    """Return the slices of an order that are still to come; none while nobody can say."""
    try:
        answer = await engine.ask({"do": "plan", "order_id": order_id}, _STATUS_SECONDS)
    except FillpathError:
        return []
    return [
        SlicePlan(
            number=found["number"],
            order_id="",
            due_at=datetime.fromisoformat(found["due_at"]),
            sent_at=None,
            quantity=Decimal(found["quantity"]),
            filled=Decimal(0),
            status="PLANNED",
        )
        for found in answer["slices"]
    ]


def _outcome(answer: Mapping[str, Any]) -> Outcome:
    return Outcome(
        order_id=answer.get("order_id", ""),
        outcome=answer["outcome"],
        reason=answer.get("reason", ""),
        text=answer.get("text", ""),
        quantity=answer.get("quantity"),
    )


async def signal(engine: Engine, who: Principal, body: SignalBody) -> Outcome:
    """Return what became of a signal by hand."""
    metadata = {
        name: value
        for name in ("quantity", "signal_price")
        if (value := getattr(body, name)) is not None
    }
    message = {
        "v": 1,
        "symbol": body.symbol,
        "direction": body.direction,
        "strength": body.strength,
        "strategy_name": body.strategy_name,
        "metadata": metadata,
    }
    if body.signal_id is not None:
        message["signal_id"] = body.signal_id
    asked = {"do": "signal", "signal": json.dumps(message), "by": who.name}
    return _outcome(await engine.ask(asked))


async def approvals(engine: Engine) -> Approvals:
    """Return every order that waits for a person."""
    answer = await engine.ask({"do": "approvals"})
    return Approvals(msgspec.convert(answer["approvals"], list[Approval]))


async def limits(engine: Engine) -> Limits:
    """Return every limit in force with its use; those of the settings while no engine answers."""
    try:
        answer, reachable = await engine.ask({"do": "limits"}), True
    except Unavailable:
        answer, reachable = engine.rules(), False
    rows = answer.get("uses") or [
        {"name": name, "limit": value} for name, value in answer["limits"].items()
    ]
    return Limits(
        hash=answer["hash"],
        since=answer.get("since", ""),
        by=answer.get("by", ""),
        reason=answer.get("reason", ""),
        reachable=reachable,
        rows=msgspec.convert(rows, list[LimitUse]),
    )


async def tighten(engine: Engine, who: Principal, body: TightenBody) -> TightenAnswer:
    """Tighten limits, and return which."""
    asked = {"do": "tighten", "changes": dict(body.changes), "reason": body.reason, "by": who.name}
    return msgspec.convert(await engine.ask(asked), TightenAnswer)


async def day_trades(engine: Engine) -> DayTrades:
    """Return how many day trades are left."""
    try:
        answer = await engine.ask({"do": "limits"})
    except Unavailable as error:
        return standing.no_day_trades(str(error))
    return msgspec.convert({**answer["day_trades"], "reachable": True}, DayTrades)


async def kill(engines: Sequence[Engine], who: Principal, body: KillBody) -> KillAnswer:
    """Stop a scope: the latch on disk first, because it stops an engine that hangs.

    Args:
        engines: of every account that the scope is about.
        who: stops it.
        body: what, and why.

    Raises:
        Problem: the word is wrong, or neither disk nor engine took it.
    """
    if body.word != KILL:
        raise Problem(422, "invalid", f"type {KILL} to stop trading", field="word")
    asked = _scope(body, who) | {"reason": body.reason}
    flattens = body.flatten and who.may(Permission.SIGNAL)  # it sends orders; a kill sends none
    latched, first, why = False, False, ""
    try:
        first = engines[0].kill(asked)
        latched = True
    except Unavailable as error:
        why = str(error)
    left: list[int] = []
    for engine in engines:
        try:
            answer = await engine.ask({"do": "kill", **asked}, _ANSWER_SECONDS)
            if flattens:
                await engine.ask({"do": "flatten", **asked}, _ANSWER_SECONDS)
        except Unavailable as error:
            why = str(error)
            continue
        first = first or answer["first"]
        left.append(answer["open_orders"])
    if not latched and not left:
        raise Problem(503, "not_stopped", f"NOTHING IS STOPPED: {why}")
    everyone = len(left) == len(engines)
    return KillAnswer(
        first=first,
        reachable=everyone,
        open_orders=sum(left) if everyone else None,
        text=standing.killed_text(latched=latched, everyone=everyone, why=why)
        + (NOT_FLATTENED.format(role=who.role) if body.flatten and not flattens else ""),
    )


async def resume(engines: Sequence[Engine], who: Principal, body: ResumeBody) -> ResumeAnswer:
    """Let a scope trade again."""
    asked = {"do": "resume", "word": body.word} | _scope(body, who)
    answers = [await engine.ask(asked) for engine in engines]
    return ResumeAnswer(
        resumed_at=max(datetime.fromisoformat(answer["resumed_at"]) for answer in answers),
        still=[text for answer in answers for text in answer["still"]],
    )


async def drill(engine: Engine, who: Principal, body: DrillBody) -> DrillAnswer:
    """Practise a kill, and return how long each step took."""
    asked = _scope(body, who) | {
        "do": "drill",
        "reason": f"drill: {body.reason}",
        "wait": body.wait_seconds,
        "sure": body.sure,
    }
    answer = await engine.ask(asked, body.wait_seconds + _ANSWER_SECONDS)
    return msgspec.convert(answer, DrillAnswer)


async def unanswered(engine: Engine) -> Answered:
    """Return what stands and nobody has answered."""
    return msgspec.convert(await engine.ask({"do": "unanswered"}), Answered)


async def answer(engine: Engine, who: Principal, name: str) -> Answered:
    """Say that a person knows."""
    asked = {"do": "answer", "name": name, "by": who.name}
    return msgspec.convert(await engine.ask(asked), Answered)


async def jobs(engine: Engine) -> list[JobShown]:
    """Return what an engine's scheduler runs; nothing of one that has none."""
    try:
        answer = await engine.ask({"do": "jobs"})
    except ConfigError:
        return []
    return [_job(msgspec.convert(row, JobRow)) for row in answer["jobs"]]


async def run_job(engine: Engine, who: Principal, name: str) -> JobAnswer:
    """Run a job now; what takes long is not waited for."""
    known = [job.name for job in await jobs(engine)]
    if name not in known:
        text = f"there is no job {name!r}, only {', '.join(known) or 'none'}"
        raise Problem(404, "unknown_job", text, field="name")
    asked = {"do": "run_job", "name": name, "wait": False, "by": who.name}
    job = _job(msgspec.convert((await engine.ask(asked))["job"], JobRow))
    result = "STARTED" if job.running else job.last_result
    return JobAnswer(name=name, result=result, text="" if job.running else job.last_text)


def _job(row: JobRow) -> JobShown:
    done = {None: "", True: "OK", False: "FAILED"}[row.succeeded]
    return JobShown(
        name=row.name,
        title=row.meaning,
        schedule=row.schedule,
        running=row.running,
        last_at=row.last_started_at,
        last_result=done,
        last_text=row.result,
        next_at=row.next_due,
    )


async def system_status(account: AccountParts, parts: Parts) -> SystemStatus:
    """Return how an account is, as far as anybody can say."""
    said = await heard(account.engine)
    tables = await _tables(account, said)
    return standing.system_status(said, tables, now=parts.clock.now(), read_only=parts.read_only)


async def _tables(account: AccountParts, said: Heard) -> TablesShown:
    try:
        tier = await account.tables.tier()
        through = await account.tables.applied(account.name)
    except Unavailable as error:
        return TablesShown(tier="unknown", healthy=False, through=-1, detail=str(error))
    return TablesShown(tier=tier, healthy=True, through=through, lag=standing.lag(said, through))


def _scope(body: KillBody | ResumeBody | DrillBody, who: Principal) -> dict[str, Any]:
    return {"scope": body.scope, "target": body.target or "", "by": who.name}


__all__ = [
    "answer",
    "approvals",
    "day_trades",
    "done",
    "drill",
    "heard",
    "jobs",
    "kill",
    "limits",
    "plan",
    "resume",
    "run_job",
    "signal",
    "system_status",
    "tighten",
    "unanswered",
]
