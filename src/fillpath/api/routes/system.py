"""How the desk itself is: engine, tables, alerts, jobs, settings, and who did what."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from fillpath.api import acting, standing
from fillpath.api.answers import (
    Accounts,
    Acknowledged,
    AuditRow,
    Health,
    JobAnswer,
    Listing,
    Reconciliation,
    Settings,
    SystemStatus,
    Version,
)
from fillpath.api.context import account_of, parts_of
from fillpath.api.contract import ACTS, PREFIX, READS, told
from fillpath.api.errors import Problem
from fillpath.api.needs import needs
from fillpath.api.principal import Principal
from fillpath.api.roles import Permission
from fillpath.api.schemas import AlertFilter, AuditFilter, OfAccount
from fillpath.api.shapes import shape_of
from fillpath.api.writing import answered
from fillpath.core.listings import AlertShown, JobShown, Wanted

router = APIRouter(prefix=PREFIX, tags=["system"])

Reader = Annotated[Principal, needs(Permission.READ)]
Asked = Annotated[OfAccount, Query()]
Id = Annotated[str, Path(min_length=1, max_length=128, pattern=r"^[ -~]+$")]


@router.get("/accounts", operation_id="accounts", **told(Accounts))
async def accounts(request: Request, who: Reader) -> Response:
    """List the accounts that the caller may see."""
    seen = [one for name, one in parts_of(request).accounts.items() if who.sees(name)]
    rows = [standing.account(one.name, await acting.heard(one.engine)) for one in seen]
    return answered(Accounts(rows))


@router.get("/system/status", operation_id="status", **told(SystemStatus))
async def status(request: Request, who: Reader, asked: Asked) -> Response:
    """Tell how an account is; what is said of an engine that is away is its last word."""
    account = account_of(request, who, asked.account)
    return answered(await acting.system_status(account, parts_of(request)))


_HEALTH = told(Health, READS)
_HEALTH["responses"][503] = {"model": shape_of(Health), "description": "It does not trade."}


@router.get("/system/health", operation_id="health", **_HEALTH)
async def health(request: Request, who: Reader, asked: Asked) -> Response:
    """Answer 200 while the account trades, and 503 while it does not."""
    account = account_of(request, who, asked.account)
    found = standing.health(await acting.heard(account.engine))
    return answered(found, 200 if found.trading else 503)


@router.get("/system/version", operation_id="version", **told(Version))
async def version(request: Request, _who: Reader) -> Response:
    """Tell what answers here."""
    parts = parts_of(request)
    return answered(Version(version=parts.version, api="v1", read_only=parts.read_only))


@router.get("/system/settings", operation_id="settings", **told(Settings))
async def settings(request: Request, who: Reader) -> Response:
    """List every setting in force; secrets, account numbers and accounts of others are masked."""
    return answered(Settings(standing.settings_for(parts_of(request).settings, who.sees)))


@router.get("/system/reconciliation", operation_id="reconciliation", **told(Reconciliation))
async def reconciliation(request: Request, who: Reader, asked: Asked) -> Response:
    """Tell whether the journal and the broker agree, and on what they do not."""
    account = account_of(request, who, asked.account)
    return answered(standing.reconciliation(await acting.heard(account.engine)))


@router.get("/system/alerts", operation_id="alerts", **told(Listing[AlertShown]))
async def alerts(request: Request, who: Reader, asked: Annotated[AlertFilter, Query()]) -> Response:
    """List alerts, newest first, and who knows of each."""
    account = account_of(request, who, asked.account)
    wanted = Wanted(code=asked.code, since=asked.since, until=asked.until)
    through = await account.tables.applied(account.name)
    page = await account.alerts.page(
        account.name,
        wanted,
        unacknowledged=asked.unacknowledged,
        limit=asked.limit,
        after=asked.after,
    )
    return answered(Listing(page.rows, page.after, through))


@router.post(
    "/system/alerts/{alert_id}/acknowledge",
    operation_id="acknowledgeAlert",
    **told(Acknowledged, ACTS),
)
async def acknowledge(
    request: Request,
    who: Annotated[Principal, needs(Permission.ACKNOWLEDGE)],
    asked: Asked,
    alert_id: Id,
) -> Response:
    """Say that a person knows of an alert."""
    account = account_of(request, who, asked.account)
    if not await account.alerts.acknowledge(account.name, alert_id, who.name):
        raise Problem(404, "unknown_alert", f"there is no alert {alert_id!r}", field="alert_id")
    return answered(Acknowledged(id=alert_id, by=who.name))


@router.get("/system/jobs", operation_id="jobs", **told(Listing[JobShown]))
async def jobs(request: Request, who: Reader, asked: Asked) -> Response:
    """List what the scheduler of an account's engine runs, and how it went."""
    account = account_of(request, who, asked.account)
    return answered(Listing(await acting.jobs(account.engine)))


@router.post("/system/jobs/{name}/run", operation_id="runJob", **told(JobAnswer, ACTS))
async def run_job(
    request: Request, who: Annotated[Principal, needs(Permission.JOBS)], asked: Asked, name: Id
) -> Response:
    """Run a job now; one that takes long goes on behind the answer."""
    account = account_of(request, who, asked.account)
    return answered(await acting.run_job(account.engine, who, name))


@router.get("/system/audit", operation_id="audit", **told(Listing[AuditRow]))
async def audit(
    request: Request,
    _who: Annotated[Principal, needs(Permission.AUDIT)],
    asked: Annotated[AuditFilter, Query()],
) -> Response:
    """List who did what, newest first."""
    log = parts_of(request).audit
    if log is None:
        return answered(Listing[AuditRow]([]))
    page = await log.page(limit=asked.limit, after=asked.after)
    return answered(Listing(page.rows, page.after))
