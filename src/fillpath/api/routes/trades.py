"""Orders, executions, signals, decisions and what they cost; and what a person does about them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from msgspec import Struct
from starlette.responses import Response

from fillpath.api import acting, agreeing, stories
from fillpath.api.answers import Approvals, Listing, OrderTold, Outcome
from fillpath.api.context import account_of
from fillpath.api.contract import ACTS, PREFIX, told, told_as
from fillpath.api.errors import Problem
from fillpath.api.needs import needs
from fillpath.api.ports import AccountParts
from fillpath.api.principal import Principal
from fillpath.api.roles import Permission
from fillpath.api.schemas import (
    ApproveBody,
    CancelBody,
    CostsAsked,
    DecisionFilter,
    FillFilter,
    Filter,
    OfAccount,
    OrderAsked,
    OrderFilter,
    QualityFilter,
    RejectBody,
    SignalBody,
    SignalFilter,
    SummaryFilter,
)
from fillpath.api.spreadsheet import paged, whole
from fillpath.api.writing import answered
from fillpath.core.listings import (
    MOST_ROWS,
    LatencyStage,
    MarkoutSummary,
    Page,
    QualitySummary,
    Wanted,
)
from fillpath.core.rows import DecisionRow, FillRow, OrderRow, QualityRow, SignalRow

router = APIRouter(prefix=f"{PREFIX}/trades", tags=["trades"])
CSV = "text/csv"

Reader = Annotated[Principal, needs(Permission.READ)]


async def listed(request: Request, who: Principal, kind: type[Struct], asked: Filter) -> Response:
    """Return one page of rows."""
    account = account_of(request, who, asked.account)
    through = await account.tables.applied(account.name)
    page = await account.tables.page(
        kind, account.name, asked.wanted(), limit=asked.limit, after=asked.after
    )
    return answered(Listing(page.rows, page.after, through))


async def exported(request: Request, who: Principal, kind: type[Struct], asked: Filter) -> Response:
    """Return every row of a list as a file."""
    account = account_of(request, who, asked.account)

    async def following(limit: int, after: str) -> Page[Any]:
        return await account.tables.page(
            kind, account.name, asked.wanted(), limit=limit, after=after
        )

    name = request.url.path.rpartition("/")[2].removesuffix(".csv")
    return await paged(kind, f"{account.name}-{name}", following, asked.after)


@router.get("/orders", operation_id="orders", **told(Listing[OrderRow]))
async def orders(request: Request, who: Reader, asked: Annotated[OrderFilter, Query()]) -> Response:
    """List orders, newest first."""
    return await listed(request, who, OrderRow, asked)


@router.get("/orders.csv", operation_id="ordersFile", **told_as(CSV, "Every order as CSV."))
async def orders_file(
    request: Request, who: Reader, asked: Annotated[OrderFilter, Query()]
) -> Response:
    """Return every order that matches as a file."""
    return await exported(request, who, OrderRow, asked)


@router.get("/order", operation_id="order", **told(OrderTold))
async def order(request: Request, who: Reader, asked: Annotated[OrderAsked, Query()]) -> Response:
    """Tell everything about one order."""
    account = account_of(request, who, asked.account)
    return answered(await _story(account, asked.order_id))


async def _story(account: AccountParts, order_id: str) -> OrderTold:
    story = await account.tables.order(account.name, order_id)
    if story is None:
        raise Problem(404, "unknown_order", f"there is no order {order_id!r}", field="order_id")
    costs = await account.measures.costs(account.name, order_id)
    around = stories.around(story)
    quotes = [] if around is None else await account.measures.quotes(*around)
    planned = await acting.plan(account.engine, order_id) if story.children else []
    return stories.told(story, costs, quotes, planned)


@router.get("/fills", operation_id="fills", **told(Listing[FillRow]))
async def fills(request: Request, who: Reader, asked: Annotated[FillFilter, Query()]) -> Response:
    """List executions, newest first."""
    return await listed(request, who, FillRow, asked)


@router.get("/fills.csv", operation_id="fillsFile", **told_as(CSV, "Every execution as CSV."))
async def fills_file(
    request: Request, who: Reader, asked: Annotated[FillFilter, Query()]
) -> Response:
    """Return every execution that matches as a file."""
    return await exported(request, who, FillRow, asked)


@router.get("/signals", operation_id="signals", **told(Listing[SignalRow]))
async def signals(
    request: Request, who: Reader, asked: Annotated[SignalFilter, Query()]
) -> Response:
    """List signals and what became of them, newest first."""
    return await listed(request, who, SignalRow, asked)


@router.get("/signals.csv", operation_id="signalsFile", **told_as(CSV, "Every signal as CSV."))
async def signals_file(
    request: Request, who: Reader, asked: Annotated[SignalFilter, Query()]
) -> Response:
    """Return every signal that matches as a file."""
    return await exported(request, who, SignalRow, asked)


@router.get("/decisions", operation_id="decisions", **told(Listing[DecisionRow]))
async def decisions(
    request: Request, who: Reader, asked: Annotated[DecisionFilter, Query()]
) -> Response:
    """List decisions with all their reasons, newest first."""
    return await listed(request, who, DecisionRow, asked)


@router.get("/decisions.csv", operation_id="decisionsFile", **told_as(CSV, "Decisions as CSV."))
async def decisions_file(
    request: Request, who: Reader, asked: Annotated[DecisionFilter, Query()]
) -> Response:
    """Return every decision that matches as a file."""
    return await exported(request, who, DecisionRow, asked)


@router.get("/quality", operation_id="quality", **told(Listing[QualityRow]))
async def quality(
    request: Request, who: Reader, asked: Annotated[QualityFilter, Query()]
) -> Response:
    """List how well orders were executed, newest first."""
    return await listed(request, who, QualityRow, asked)


@router.get("/quality.csv", operation_id="qualityFile", **told_as(CSV, "Measurements as CSV."))
async def quality_file(
    request: Request, who: Reader, asked: Annotated[QualityFilter, Query()]
) -> Response:
    """Return every measurement that matches as a file."""
    return await exported(request, who, QualityRow, asked)


@router.get("/quality/costs", operation_id="orderCosts", **told(Listing[QualityRow]))
async def order_costs(
    request: Request, who: Reader, asked: Annotated[CostsAsked, Query()]
) -> Response:
    """Tell what some orders and their slices cost, newest first."""
    account = account_of(request, who, asked.account)
    through = await account.tables.applied(account.name)
    wanted = Wanted(orders=tuple(asked.order_id))
    found: list[QualityRow] = []
    after = ""
    while True:
        page = await account.tables.page(
            QualityRow, account.name, wanted, limit=MOST_ROWS, after=after
        )
        found += page.rows
        after = page.after
        if not after:
            return answered(Listing(found, "", through))


@router.get("/quality/summary", operation_id="qualitySummary", **told(Listing[QualitySummary]))
async def summary(
    request: Request, who: Reader, asked: Annotated[SummaryFilter, Query()]
) -> Response:
    """Tell what orders cost and how long they took, by what they share."""
    account = account_of(request, who, asked.account)
    through = await account.tables.applied(account.name)
    rows = await account.measures.summary(account.name, asked.by, asked.wanted(), asked.measure)
    return answered(Listing(rows, "", through))


@router.get(
    "/quality/summary.csv", operation_id="qualitySummaryFile", **told_as(CSV, "Groups as CSV.")
)
async def summary_file(
    request: Request, who: Reader, asked: Annotated[SummaryFilter, Query()]
) -> Response:
    """Return what orders cost, by what they share, as a file."""
    account = account_of(request, who, asked.account)
    rows = await account.measures.summary(account.name, asked.by, asked.wanted(), asked.measure)
    return whole(QualitySummary, f"{account.name}-quality-by-{asked.by}", rows)


@router.get("/quality/latency", operation_id="qualityLatency", **told(Listing[LatencyStage]))
async def latency(
    request: Request, who: Reader, asked: Annotated[SummaryFilter, Query()]
) -> Response:
    """Tell how long each stage between signal and fill took, in their order."""
    account = account_of(request, who, asked.account)
    through = await account.tables.applied(account.name)
    rows = await account.measures.latency(account.name, asked.wanted())
    return answered(Listing(rows, "", through))


@router.get("/quality/markouts", operation_id="qualityMarkouts", **told(Listing[MarkoutSummary]))
async def markouts(
    request: Request, who: Reader, asked: Annotated[SummaryFilter, Query()]
) -> Response:
    """Tell where prices went after the fills, by the time that had passed."""
    account = account_of(request, who, asked.account)
    through = await account.tables.applied(account.name)
    rows = await account.measures.markouts(account.name, asked.wanted())
    return answered(Listing(rows, "", through))


@router.get("/approvals", operation_id="approvals", **told(Approvals))
async def approvals(
    request: Request, who: Reader, asked: Annotated[OfAccount, Query()]
) -> Response:
    """List the orders that wait for a person, with everything there is to know of each."""
    account = account_of(request, who, asked.account)
    return answered(await acting.approvals(account.engine))


Approver = Annotated[Principal, needs(Permission.APPROVE)]


@router.post("/approvals/approve", operation_id="approve", **told(Outcome, ACTS))
async def approve(
    request: Request, who: Approver, asked: Annotated[OfAccount, Query()], body: ApproveBody
) -> Response:
    """Allow one order whose findings were seen."""
    account = account_of(request, who, asked.account)
    await agreeing.check_approval(request, who, account, body.order_id)
    given = {"order_id": body.order_id, "seen": body.seen, "word": body.word}
    return answered(await acting.done(account.engine, "approve", who, given))


@router.post("/approvals/reject", operation_id="reject", **told(Outcome, ACTS))
async def reject(
    request: Request, who: Approver, asked: Annotated[OfAccount, Query()], body: RejectBody
) -> Response:
    """Turn one order down."""
    account = account_of(request, who, asked.account)
    given = {"order_id": body.order_id, "reason": body.reason}
    return answered(await acting.done(account.engine, "decline", who, given))


@router.post("/orders/cancel", operation_id="cancelOrder", **told(Outcome, ACTS))
async def cancel(
    request: Request,
    who: Annotated[Principal, needs(Permission.CANCEL)],
    asked: Annotated[OfAccount, Query()],
    body: CancelBody,
) -> Response:
    """Cancel one order; of a sliced one the rest is given up too."""
    account = account_of(request, who, asked.account)
    given = {"order_id": body.order_id, "reason": body.reason}
    return answered(await acting.done(account.engine, "cancel", who, given))


@router.post("/signals", operation_id="sendSignal", **told(Outcome, ACTS))
async def send_signal(
    request: Request,
    who: Annotated[Principal, needs(Permission.SIGNAL)],
    asked: Annotated[OfAccount, Query()],
    body: SignalBody,
) -> Response:
    """Send a signal by hand, and say what became of it."""
    account = account_of(request, who, asked.account)
    body = agreeing.signed(request, who, account.name, body)
    return answered(await acting.signal(account.engine, who, body))


__all__ = ["exported", "listed", "router"]
