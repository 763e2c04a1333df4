"""What the account has, what it is worth, and what it gained and lost."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from fillpath.api import acting, standing
from fillpath.api.answers import Listing, Portfolio
from fillpath.api.context import account_of
from fillpath.api.contract import PREFIX, told, told_as
from fillpath.api.needs import needs
from fillpath.api.principal import Principal
from fillpath.api.roles import Permission
from fillpath.api.routes.trades import CSV
from fillpath.api.schemas import ClosedLotFilter, EquityFilter, LotFilter, OfAccount, ProfitFilter
from fillpath.api.spreadsheet import texted, whole
from fillpath.api.writing import answered
from fillpath.core.listings import EquityPoint, LotRow, ProfitRow

router = APIRouter(prefix=f"{PREFIX}/portfolio", tags=["portfolio"])

Reader = Annotated[Principal, needs(Permission.READ)]


@router.get("", operation_id="portfolio", **told(Portfolio))
async def portfolio(
    request: Request, who: Reader, asked: Annotated[OfAccount, Query()]
) -> Response:
    """Tell what is held, by symbol, against the engine and the broker."""
    account = account_of(request, who, asked.account)
    tables, name = account.tables, account.name
    through = await tables.applied(name)
    positions = await tables.positions(name)
    held = [row.symbol for row in positions if row.quantity and row.market_price is None]
    marks = await account.measures.marks(held)
    snapshot = await tables.latest_snapshot(name)
    heard = await acting.heard(account.engine)
    return answered(standing.portfolio(heard, positions, marks, snapshot, through))


@router.get("/equity", operation_id="equity", **told(Listing[EquityPoint]))
async def equity(
    request: Request, who: Reader, asked: Annotated[EquityFilter, Query()]
) -> Response:
    """Tell the equity curve, oldest first."""
    account = account_of(request, who, asked.account)
    through = await account.tables.applied(account.name)
    rows = await account.tables.equity(account.name, asked.since, asked.until, asked.points)
    return answered(Listing(rows, "", through))


@router.get("/equity.csv", operation_id="equityFile", **told_as(CSV, "The curve as CSV."))
async def equity_file(
    request: Request, who: Reader, asked: Annotated[EquityFilter, Query()]
) -> Response:
    """Return the equity curve as a file."""
    account = account_of(request, who, asked.account)
    rows = await account.tables.equity(account.name, asked.since, asked.until, asked.points)
    return whole(EquityPoint, f"{account.name}-equity", rows)


@router.get("/pnl", operation_id="profit", **told(Listing[ProfitRow]))
async def profit(
    request: Request, who: Reader, asked: Annotated[ProfitFilter, Query()]
) -> Response:
    """Tell realised and unrealised profit by strategy or symbol."""
    account = account_of(request, who, asked.account)
    through = await account.tables.applied(account.name)
    rows = await account.measures.profit(account.name, asked.by)
    return answered(Listing(rows, "", through))


@router.get("/pnl.csv", operation_id="profitFile", **told_as(CSV, "Profit as CSV."))
async def profit_file(
    request: Request, who: Reader, asked: Annotated[ProfitFilter, Query()]
) -> Response:
    """Return profit by strategy or symbol as a file."""
    account = account_of(request, who, asked.account)
    rows = await account.measures.profit(account.name, asked.by)
    return whole(ProfitRow, f"{account.name}-profit-by-{asked.by}", rows)


@router.get("/lots", operation_id="lots", **told(Listing[LotRow]))
async def lots(request: Request, who: Reader, asked: Annotated[LotFilter, Query()]) -> Response:
    """List lots, first in first out; open ones before closed ones."""
    account = account_of(request, who, asked.account)
    through = await account.tables.applied(account.name)
    rows = await account.measures.lots(account.name)
    wanted = [row for row in rows if standing.is_wanted(row, asked)]
    return answered(Listing(wanted, "", through))


@router.get("/lots.csv", operation_id="lotsFile", **told_as(CSV, "Closed lots for a tax return."))
async def lots_file(
    request: Request, who: Reader, asked: Annotated[ClosedLotFilter, Query()]
) -> Response:
    """Return closed lots as the file of a tax return, newest first; wash sales are not computed."""
    account = account_of(request, who, asked.account)
    rows = await account.measures.lots(account.name)
    closed = [row for row in rows if standing.is_closed(row, asked)]
    return texted(f"{account.name}-lots", account.measures.tax_file(closed))
