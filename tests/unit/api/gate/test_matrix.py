"""Every route and every role: the table is made from the routes themselves (S-02, S-03)."""

import re

import pytest
from fastapi.routing import APIRoute

from fillpath.api.auth.tokens import Scope
from fillpath.api.needs import Needs, access_of
from fillpath.api.roles import ALLOWED, Permission, Role
from fillpath.api.server import SAFE, make_app, methods_of
from tests.unit.api.fakes import parts
from tests.unit.api.gate.desks import PEOPLE, Scene, code_of

NOT_ABOUT_RIGHTS = {"password_change_needed", "code_setup_needed", "step_up"}


def routes() -> list[tuple[str, str, Permission | None]]:
    """Return (method, path, permission) of everything that is not open."""
    found: list[tuple[str, str, Permission | None]] = []
    for route in make_app(parts()).routes:
        assert isinstance(route, APIRoute)
        access = access_of(route)
        if isinstance(access, Needs):
            path = re.sub(r"{[^}]*}", "name", route.path)
            found.extend((method, path, access.permission) for method in methods_of(route))
    return found


def documented() -> set[tuple[str, str]]:
    """Return (method, path) of everything in the contract."""
    paths = make_app(parts()).openapi()["paths"]
    return {
        (method.upper(), re.sub(r"{[^}]*}", "name", path))
        for path, methods in paths.items()
        for method in methods
    }


ROUTES = routes()
NAMES = [f"{method} {path}" for method, path, _ in ROUTES]


@pytest.mark.security("S-02", "S-32")
def test_the_contract_names_every_route() -> None:
    known = {(method, path) for method, path, _ in ROUTES}

    assert known | {("GET", "/livez"), ("POST", "/api/v1/session")} == documented()


@pytest.mark.security("S-02")
@pytest.mark.parametrize(("method", "path", "permission"), ROUTES, ids=NAMES)
async def test_nobody_is_let_in_without_a_word(
    scene: Scene, method: str, path: str, permission: Permission | None
) -> None:
    async with scene.asker({"x-fillpath": "1"}) as asking:
        answer = await asking.request(method, path, json={} if method == "POST" else None)

    assert answer.status_code == 401
    assert code_of(answer) == "unauthenticated"
    assert permission is None or permission in Permission


@pytest.mark.security("S-03")
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path", "permission"), ROUTES, ids=NAMES)
async def test_each_role_reaches_what_the_table_says(
    scene: Scene, method: str, path: str, permission: Permission | None, role: Role
) -> None:
    name = next(name for name, of in PEOPLE.items() if of is role)

    async with scene.person(name) as asking:
        answer = await asking.request(method, path, json={} if method == "POST" else None)

    may = permission is None or permission in ALLOWED[role]
    assert (code_of(answer) == "forbidden") == (not may)
    assert answer.status_code != 401


@pytest.mark.security("S-35")
@pytest.mark.parametrize("role", Role)
async def test_a_read_only_token_changes_nothing_anywhere(scene: Scene, role: Role) -> None:
    name = next(name for name, of in PEOPLE.items() if of is role)

    async with scene.program(name, Scope.READ) as asking:
        for method, path, permission in ROUTES:
            if method not in SAFE and permission is not None:
                answer = await asking.request(method, path, json={})
                assert answer.status_code in {403, 429}, path

    assert all(engine.asked == [] for engine in scene.engines.values())


@pytest.mark.security("S-02")
@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/openapi.json", "/docs", "/api/v2/accounts"])
async def test_what_is_nowhere_is_not_even_said_to_be_nowhere(scene: Scene, path: str) -> None:
    async with scene.asker() as asking:
        unknown = await asking.get(path)
    async with scene.person("vic") as asking:
        known = await asking.get(path)

    assert unknown.status_code == 401
    assert known.status_code == 404


@pytest.mark.security("S-02")
async def test_the_sign_of_life_needs_nobody(scene: Scene) -> None:
    async with scene.asker() as asking:
        answer = await asking.get("/livez")

    assert answer.json() == {"alive": True}


@pytest.mark.security("S-08")
@pytest.mark.parametrize(("method", "path", "permission"), ROUTES, ids=NAMES)
def test_what_only_reads_is_read_and_what_acts_is_not(
    method: str, path: str, permission: Permission | None
) -> None:
    if method in SAFE:
        assert permission in {None, Permission.READ, Permission.USERS, Permission.AUDIT}, path
