"""Every route says whom it serves, and where nothing may be changed there is no way to."""

import pytest
from fastapi.routing import APIRoute

from fillpath.api.needs import Needs, Open, access_of
from fillpath.api.roles import ALLOWED, Permission, Role
from fillpath.api.server import SAFE, make_app, methods_of
from tests.unit.api.fakes import VIEWER, client, parts

OPEN = {("/livez", "GET"), ("/api/v1/session", "POST")}


def routes(*, read_only: bool = False) -> list[APIRoute]:
    app = make_app(parts(read_only=read_only))
    found = [route for route in app.routes if isinstance(route, APIRoute)]
    assert len(found) == len(app.routes)
    return found


def named(route: APIRoute) -> tuple[str, str]:
    return route.path, ",".join(sorted(methods_of(route)))


@pytest.mark.parametrize("route", routes(), ids=lambda route: " ".join(named(route)))
@pytest.mark.security("S-02")
def test_every_route_says_whom_it_serves(route: APIRoute) -> None:
    access = access_of(route)

    assert isinstance(access, Needs | Open)
    assert isinstance(access, Open) == (named(route) in OPEN)


@pytest.mark.parametrize("route", routes(), ids=lambda route: " ".join(named(route)))
def test_what_changes_something_asks_for_more_than_reading(route: APIRoute) -> None:
    access = access_of(route)

    if isinstance(access, Needs) and access.permission is not None:
        assert (access.permission in {Permission.READ, Permission.AUDIT, Permission.USERS}) or (
            not methods_of(route) <= SAFE
        )
        assert methods_of(route) <= SAFE or access.permission is not Permission.READ


@pytest.mark.security("S-35")
def test_where_nothing_may_be_changed_only_the_session_is() -> None:
    changing = {route.path for route in routes(read_only=True) if not methods_of(route) <= SAFE}

    assert changing == {"/api/v1/session", "/api/v1/session/password", "/api/v1/session/step-up"}


def test_everybody_may_kill_and_few_may_resume() -> None:
    assert all(Permission.KILL in allowed for allowed in ALLOWED.values())
    assert {role for role in Role if Permission.RESUME in ALLOWED[role]} == {Role.RISK, Role.ADMIN}


async def test_nobody_is_told_anything() -> None:
    async with client(parts(), None) as asking:
        answer = await asking.get("/api/v1/accounts")

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthenticated"


async def test_a_viewer_may_not_resume() -> None:
    async with client(parts(), VIEWER) as asking:
        answer = await asking.post("/api/v1/risk/resume", json={"word": "SIM"})

    assert answer.status_code == 403
    assert answer.json()["error"] == {
        "code": "forbidden",
        "message": "the role viewer may not resume",
        "field": None,
        "request_id": answer.headers["x-request-id"],
    }


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/nowhere", 404, "not_found"),
        ("/api/v1/trades/orders?account=NOBODY", 404, "unknown_account"),
        ("/api/v1/trades/orders", 422, "account_needed"),
        ("/api/v1/trades/orders?limit=0", 422, "invalid"),
        ("/api/v1/trades/orders?symbol=%3Cb%3E", 422, "invalid"),
        ("/api/v1/trades/orders?colour=red", 422, "invalid"),
        ("/api/v1/trades/orders?since=2026-01-02T00:00:00", 422, "invalid"),
        ("/api/v1/trades/orders?since=2026-01-02T00:00Z&until=2026-01-01T00:00Z", 422, "invalid"),
    ],
)
async def test_what_is_wrong_is_said_in_one_shape(path: str, status: int, code: str) -> None:
    async with client(parts()) as asking:
        answer = await asking.get(path)

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert set(answer.json()["error"]) == {"code", "message", "field", "request_id"}


async def test_the_sign_of_life_says_nothing_else() -> None:
    async with client(parts(), None) as asking:
        answer = await asking.get("/livez")

    assert answer.json() == {"alive": True}
