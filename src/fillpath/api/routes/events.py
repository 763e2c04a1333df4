"""Live updates of one account, from where the reader was."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from fillpath.api.context import account_of, streams_of
from fillpath.api.contract import PREFIX, told_live
from fillpath.api.events import told
from fillpath.api.needs import needs
from fillpath.api.principal import Principal
from fillpath.api.roles import Permission
from fillpath.api.schemas import EventsAsked
from fillpath.api.streaming import EventResponse

router = APIRouter(prefix=PREFIX, tags=["events"])


@router.get("/events", operation_id="events", **told_live())
async def events(
    request: Request,
    who: Annotated[Principal, needs(Permission.READ)],
    asked: Annotated[EventsAsked, Query()],
    last_event_id: Annotated[str | None, Header(pattern=r"^[0-9]{0,18}$")] = None,
) -> Response:
    """Tell what becomes new, as it does: rows, how the engine is, and what waits for a person.

    The id of an event is a journal record of which everything was told: a reader that comes back
    with it gets every row after it as it stands then. `order`, `fill`, `signal`, `decision`,
    `position`, `snapshot`, `quality`, `alert` and `holding` carry a row; `status` carries what `/system/status`
    answers, `approval` the orders that wait. After `reset` everything must be read again; `dropped`
    ends a stream whose reader was too slow.
    """
    account = account_of(request, who, asked.account)
    streams = streams_of(request)
    since = int(last_event_id) if last_event_id else asked.since_sequence
    still = getattr(request.state, "still_signed_in", _always)
    stream = streams.by_account[account.name]
    stream.check_room()
    return EventResponse(told(stream, since, still), streams.ended)


def _always() -> bool:
    return True
