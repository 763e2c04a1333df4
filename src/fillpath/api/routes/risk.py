"""Limits and their use, what keeps orders from leaving, and the acts that stop and let go on."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from fillpath.api import acting, agreeing, standing
from fillpath.api.answers import (
    Answered,
    Breakers,
    Controls,
    DayTrades,
    DrillAnswer,
    KillAnswer,
    KillState,
    Limits,
    Listing,
    ResumeAnswer,
    TightenAnswer,
)
from fillpath.api.context import account_of, engines_of, parts_of
from fillpath.api.contract import ACTS, PREFIX, told, told_as
from fillpath.api.needs import needs
from fillpath.api.principal import Principal
from fillpath.api.roles import Permission
from fillpath.api.routes.trades import CSV, exported, listed
from fillpath.api.schemas import (
    AnswerBody,
    DrillBody,
    KillBody,
    OfAccount,
    RefusalFilter,
    ResumeBody,
    TightenBody,
)
from fillpath.api.writing import answered
from fillpath.core.rows import DecisionRow

router = APIRouter(prefix=f"{PREFIX}/risk", tags=["risk"])

Reader = Annotated[Principal, needs(Permission.READ)]
Asked = Annotated[OfAccount, Query()]


@router.get("/limits", operation_id="limits", **told(Limits))
async def limits(request: Request, who: Reader, asked: Asked) -> Response:
    """List every limit in force, and how much of it is used."""
    account = account_of(request, who, asked.account)
    return answered(await acting.limits(account.engine))


@router.post("/limits/tighten", operation_id="tightenLimits", **told(TightenAnswer, ACTS))
async def tighten(
    request: Request,
    who: Annotated[Principal, needs(Permission.LIMITS)],
    asked: Asked,
    body: TightenBody,
) -> Response:
    """Tighten limits from now on; what would loosen one is refused by name."""
    account = account_of(request, who, asked.account)
    return answered(await acting.tighten(account.engine, who, body))


@router.get("/breakers", operation_id="breakers", **told(Breakers))
async def breakers(request: Request, who: Reader, asked: Asked) -> Response:
    """List everything that keeps orders from leaving."""
    account = account_of(request, who, asked.account)
    return answered(standing.breakers(await acting.heard(account.engine)))


@router.get("/refusals", operation_id="refusals", **told(Listing[DecisionRow]))
async def refusals(
    request: Request, who: Reader, asked: Annotated[RefusalFilter, Query()]
) -> Response:
    """List refused signals and slices with every reason, newest first."""
    return await listed(request, who, DecisionRow, asked)


@router.get("/refusals.csv", operation_id="refusalsFile", **told_as(CSV, "Refusals as CSV."))
async def refusals_file(
    request: Request, who: Reader, asked: Annotated[RefusalFilter, Query()]
) -> Response:
    """Return every refusal that matches as a file."""
    return await exported(request, who, DecisionRow, asked)


@router.get("/controls", operation_id="controls", **told(Controls))
async def controls(request: Request, _who: Reader) -> Response:
    """List every control, what it refuses with and which limits it reads."""
    return answered(Controls(list(parts_of(request).controls)))


@router.get("/day-trades", operation_id="dayTrades", **told(DayTrades))
async def day_trades(request: Request, who: Reader, asked: Asked) -> Response:
    """Tell how many day trades are left, and under which rule."""
    account = account_of(request, who, asked.account)
    return answered(await acting.day_trades(account.engine))


@router.get("/kill", operation_id="killState", **told(KillState))
async def kill_state(request: Request, who: Reader, asked: Asked) -> Response:
    """Tell whether trading is killed, what a person has to end, and how the drills went."""
    account = account_of(request, who, asked.account)
    heard = await acting.heard(account.engine)
    return answered(standing.kill_state(heard, account.name, account.engine.drills()))


@router.post("/kill", operation_id="kill", **told(KillAnswer, ACTS))
async def kill(
    request: Request,
    who: Annotated[Principal, needs(Permission.KILL)],
    asked: Asked,
    body: KillBody,
) -> Response:
    """Stop a scope now: the latch on disk first, then the engine."""
    engines = engines_of(request, who, asked.account, body.scope)
    return answered(await acting.kill(engines, who, body))


@router.post("/resume", operation_id="resume", **told(ResumeAnswer, ACTS))
async def resume(
    request: Request,
    who: Annotated[Principal, needs(Permission.RESUME)],
    asked: Asked,
    body: ResumeBody,
) -> Response:
    """Let a scope trade again."""
    engines = engines_of(request, who, asked.account, body.scope)
    place = "" if body.scope == "all" else account_of(request, who, asked.account).name
    agreeing.check_resume(request, who, place, body)
    return answered(await acting.resume(engines, who, body))


@router.post("/drill", operation_id="drill", **told(DrillAnswer, ACTS))
async def drill(
    request: Request,
    who: Annotated[Principal, needs(Permission.DRILL)],
    asked: Asked,
    body: DrillBody,
) -> Response:
    """Practise a kill: a real one, with a watch on every step."""
    account = account_of(request, who, asked.account)
    return answered(await acting.drill(account.engine, who, body))


@router.get("/unanswered", operation_id="unanswered", **told(Answered))
async def unanswered(request: Request, who: Reader, asked: Asked) -> Response:
    """List what stands and nobody has answered."""
    account = account_of(request, who, asked.account)
    return answered(await acting.unanswered(account.engine))


@router.post("/answer", operation_id="answer", **told(Answered, ACTS))
async def answer(
    request: Request,
    who: Annotated[Principal, needs(Permission.ACKNOWLEDGE)],
    asked: Asked,
    body: AnswerBody,
) -> Response:
    """Say that a person knows of what stands."""
    account = account_of(request, who, asked.account)
    return answered(await acting.answer(account.engine, who, body.name))
