"""Who is let in, how often, and what is never let in."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from fillpath.api.auth.tokens import Scope
from fillpath.api.gate.guard import guarded
from fillpath.api.needs import needs
from fillpath.api.roles import Permission, Role
from tests.unit.api.gate.desks import KILL, SITE, Scene, code_of, page_headers

SESSION = "/api/v1/session"
KILL_PATH = "/api/v1/risk/kill?account=ACC1"
MINUTES = 60


@pytest.mark.security("S-08")
@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        pytest.param({"content-type": "application/json"}, b"{}", 403, id="no header of ours"),
        pytest.param({"content-type": "text/plain"}, b"{}", 403, id="text"),
        pytest.param(
            {"content-type": "application/x-www-form-urlencoded"}, b"a=1", 403, id="a form"
        ),
        pytest.param(
            {"content-type": "multipart/form-data; boundary=x"}, b"--x", 403, id="a form of parts"
        ),
        pytest.param(
            {"content-type": "application/json", "x-fillpath": "1", "origin": "https://evil.test"},
            b"{}",
            403,
            id="another site",
        ),
        pytest.param(
            {"content-type": "application/json", "x-fillpath": "1", "origin": "null"},
            b"{}",
            403,
            id="a sandboxed page",
        ),
        pytest.param(
            {"content-type": "application/json", "x-fillpath": "1", "sec-fetch-site": "same-site"},
            b"{}",
            403,
            id="a neighbour",
        ),
        pytest.param(
            {"content-type": "application/json", "x-fillpath": "1"}, b"{}", 403, id="no page"
        ),
        pytest.param({"origin": SITE, "x-fillpath": "1"}, b"{}", 415, id="no type"),
        pytest.param(
            {"origin": SITE, "content-type": "application/json", "x-fillpath": "1"},
            b"[" * 21 + b"]" * 21,
            400,
            id="too deep",
        ),
        pytest.param(
            {"origin": SITE, "content-type": "application/json", "x-fillpath": "1"},
            b'{"word": 1, "word": 2}',
            400,
            id="said twice",
        ),
        pytest.param(
            {"origin": SITE, "content-type": "application/json", "x-fillpath": "1"},
            b'{"a": NaN}',
            400,
            id="no number",
        ),
        pytest.param(
            {"origin": SITE, "content-type": "application/json", "x-fillpath": "1"},
            b"x" * 70_000,
            413,
            id="too large",
        ),
    ],
)
async def test_what_another_page_could_send_kills_nothing(
    scene: Scene, headers: dict[str, str], body: bytes, status: int
) -> None:
    word = scene.desk.sessions.begin("tom", "127.0.0.1", scene.desk.now())
    cookie = {"cookie": f"{scene.desk.guarding.cookie}={word}"}

    async with scene.asker(cookie | headers) as asking:
        answer = await asking.post(KILL_PATH, content=body)

    assert answer.status_code == status
    assert scene.engines["ACC1"].asked == []
    assert scene.engines["ACC1"].latched == []


@pytest.mark.security("S-08")
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_nothing_is_killed_by_another_method(scene: Scene, method: str) -> None:
    async with scene.person("tom") as asking:
        await asking.request(method, KILL_PATH, json=KILL)

    assert scene.engines["ACC1"].latched == []


@pytest.mark.security("S-14")
async def test_a_body_that_does_not_say_its_size_is_cut_off_too(scene: Scene) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 10_000

    async with scene.person("tom") as asking:
        answer = await asking.post(
            KILL_PATH, content=parts(), headers={"content-type": "application/json"}
        )

    assert answer.status_code == 413


@pytest.mark.security("S-14")
@pytest.mark.parametrize(
    "body", [{**KILL, "extra": 1}, {**KILL, "reason": 1}, {**KILL, "scope": "galaxy"}, [], "KILL"]
)
async def test_a_field_that_nobody_asked_for_is_refused(scene: Scene, body: object) -> None:
    async with scene.person("tom") as asking:
        answer = await asking.post(KILL_PATH, json=body)

    assert answer.status_code == 422
    assert scene.engines["ACC1"].latched == []


@pytest.mark.security("S-04")
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/system/status",
        "/api/v1/trades/orders",
        "/api/v1/trades/order?order_id=o1",
        "/api/v1/trades/approvals",
        "/api/v1/risk/limits",
        "/api/v1/portfolio",
    ],
)
async def test_another_persons_account_is_not_there(scene: Scene, path: str) -> None:
    scene.add("eve", Role.ADMIN, ("ACC2",))
    joint = "&" if "?" in path else "?"

    async with scene.person("eve") as asking:
        theirs = await asking.get(f"{path}{joint}account=ACC1")
        nobodys = await asking.get(f"{path}{joint}account=ACC9")

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["error"]["message"] == "there is no account 'ACC1'"
    assert scene.engines["ACC1"].asked == []


@pytest.mark.security("S-04")
@pytest.mark.parametrize("path", ["risk/kill", "risk/resume", "risk/drill", "trades/orders/cancel"])
async def test_nobody_acts_on_an_account_they_do_not_see(scene: Scene, path: str) -> None:
    scene.add("eve", Role.ADMIN, ("ACC2",))
    bodies = {
        "risk/kill": KILL,
        "risk/resume": {"word": "ACC1"},
        "risk/drill": {},
        "trades/orders/cancel": {"order_id": "o1", "reason": "a test"},
    }

    async with scene.person("eve") as asking:
        answer = await asking.post(
            f"/api/v1/{path}?account=ACC1",
            json=bodies[path],
            headers={"idempotency-key": "key-number-1"},
        )

    assert answer.status_code == 404
    assert scene.engines["ACC1"].asked == scene.engines["ACC1"].latched == []


@pytest.mark.security("S-12")
async def test_a_kill_is_answered_while_its_own_flood_is_refused(scene: Scene) -> None:
    async with scene.person("tom") as asking:
        reads = [await asking.get(SESSION) for _ in range(500)]
        killed = [await asking.post(KILL_PATH, json=KILL) for _ in range(50)]
        again = await asking.get(SESSION)

    assert {answer.status_code for answer in reads} == {200, 429}
    assert {answer.status_code for answer in killed} == {200}
    assert again.status_code == 429
    assert len(scene.engines["ACC1"].latched) == 50


@pytest.mark.security("S-12")
async def test_a_flood_of_acts_is_refused_and_a_kill_is_not(scene: Scene) -> None:
    async with scene.person("tom") as asking:
        acts = [
            await asking.post("/api/v1/system/alerts/1/acknowledge?account=ACC9", json={})
            for _ in range(30)
        ]
        killed = await asking.post(KILL_PATH, json=KILL)

    assert [answer.status_code for answer in acts].count(429) == 20
    assert acts[-1].headers["retry-after"] == "1"
    assert killed.status_code == 200


@pytest.mark.security("S-12")
async def test_a_flood_of_strangers_costs_nobody_else_anything(scene: Scene) -> None:
    async with scene.asker(page_headers()) as stranger, scene.person("vic") as vic:
        flood = [await stranger.post(KILL_PATH, json=KILL) for _ in range(100)]
        read, killed = await vic.get(SESSION), await vic.post(KILL_PATH, json=KILL)

    assert {answer.status_code for answer in flood} == {401, 429}
    assert (read.status_code, killed.status_code) == (200, 200)


@pytest.mark.security("S-07")
async def test_after_fifteen_minutes_without_an_act_the_password_is_asked_for(scene: Scene) -> None:
    async with scene.person("tom") as asking:
        scene.clock.advance(15 * MINUTES + 1)
        read = await asking.get(SESSION)
        act = await asking.post("/api/v1/system/alerts/1/acknowledge?account=ACC1", json={})
        killed = await asking.post(KILL_PATH, json=KILL)

    assert (read.status_code, killed.status_code) == (200, 200)
    assert code_of(act) == "step_up"


@pytest.mark.security("S-07")
async def test_who_acts_now_and_then_is_not_asked(scene: Scene) -> None:
    codes = []

    async with scene.person("tom") as asking:
        for _ in range(4):
            scene.clock.advance(10 * MINUTES)
            path = "/api/v1/system/alerts/1/acknowledge?account=ACC9"
            codes.append(code_of(await asking.post(path, json={})))

    assert codes == ["unknown_account"] * 4


@pytest.mark.security("S-07")
async def test_neither_a_wrong_password_nor_a_kill_shows_that_somebody_is_there(
    scene: Scene,
) -> None:
    path = "/api/v1/system/alerts/1/acknowledge?account=ACC1"

    async with scene.person("tom") as asking:
        scene.clock.advance(15 * MINUTES + 1)
        await asking.post(f"{SESSION}/step-up", json={"password": "a wrong password"})
        await asking.post(KILL_PATH, json=KILL)
        answer = await asking.post(path, json={})

    assert code_of(answer) == "step_up"


@pytest.mark.security("S-07")
async def test_after_twelve_hours_everybody_signs_in_again(scene: Scene) -> None:
    async with scene.person("tom") as asking:
        scene.clock.advance(12 * 60 * MINUTES)
        answer = await asking.get(SESSION)

    assert answer.status_code == 401


@pytest.mark.security("S-07")
async def test_whose_role_changes_has_no_session_any_more(scene: Scene) -> None:
    async with scene.person("tom") as asking:
        scene.desk.users.set_role("tom", Role.ADMIN)
        answer = await asking.get(SESSION)

    assert answer.status_code == 401


@pytest.mark.security("S-35")
@pytest.mark.parametrize(
    "header", ["Bearer nothing", "Basic dG9tOnRvbQ==", "Bearer fillpath_a_b", "", "bearer"]
)
async def test_a_wrong_token_is_not_made_good_by_a_cookie(scene: Scene, header: str) -> None:
    async with scene.person("tom") as asking:
        answer = await asking.get(SESSION, headers={"authorization": header})

    assert answer.status_code == 401


async def test_a_program_reads_and_trades_as_far_as_its_token_goes(scene: Scene) -> None:
    async with scene.program("tom", Scope.TRADE) as asking:
        read = await asking.get(SESSION)
        killed = await asking.post(KILL_PATH, json=KILL)

    assert read.json()["permissions"] == ["cancel", "kill", "read", "signal"]
    assert killed.status_code == 200


@pytest.mark.security("S-26")
@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError("a bug"), MemoryError()])
async def test_a_guard_that_breaks_lets_nobody_in(scene: Scene, error: Exception) -> None:
    def broken(*_: object) -> object:
        raise error

    scene.desk.identities.of = broken  # type: ignore[method-assign, assignment]  # it breaks

    async with scene.person("ada") as asking:
        answer = await asking.post(KILL_PATH, json=KILL)

    assert code_of(answer) == "forbidden"
    assert "bug" not in answer.text
    assert scene.engines["ACC1"].latched == []


@pytest.mark.security("S-26", "S-36")
async def test_a_desk_without_its_file_lets_nobody_in_and_says_so(scene: Scene) -> None:
    async with scene.person("ada") as asking:
        scene.desk.file.close()
        answer = await asking.get(SESSION)

    assert answer.status_code == 503
    assert code_of(answer) == "unavailable"


@pytest.mark.security("S-26")
async def test_a_route_that_breaks_says_nothing_of_why(scene: Scene) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the secret word is swordfish")

    scene.engines["ACC1"].ask = broken  # type: ignore[method-assign, assignment]  # it breaks

    async with scene.person("ada") as asking:
        answer = await asking.get("/api/v1/risk/limits?account=ACC1")

    assert answer.status_code == 500
    assert "swordfish" not in answer.text
    assert set(answer.json()["error"]) == {"code", "message", "field", "request_id"}


async def test_a_stream_ends_when_its_reader_is_signed_out(scene: Scene) -> None:
    app = FastAPI(openapi_url=None)
    seen = 0

    async def events(request: Request) -> Response:
        async def forever() -> AsyncIterator[bytes]:
            nonlocal seen
            while not await request.is_disconnected():
                seen += 1
                if seen == 3:
                    scene.desk.sessions.end_all("vic")
                scene.clock.advance(6)
                yield b"event: heartbeat\n\n"

        return StreamingResponse(forever(), media_type="text/event-stream")

    app.add_api_route(
        "/api/v1/events", events, dependencies=[needs(Permission.READ)], response_model=None
    )
    scene.app = guarded(app, scene.desk)

    async with scene.person("vic") as asking:
        answer = await asking.get("/api/v1/events")

    assert answer.status_code == 200
    assert answer.text.count("heartbeat") == 2
    assert seen == 3


async def test_a_route_that_says_nothing_lets_nobody_in(scene: Scene) -> None:
    app = FastAPI(openapi_url=None)

    async def silent() -> Response:
        return Response("secret")

    app.add_api_route("/api/v1/silent", silent, response_model=None)
    scene.app = guarded(app, scene.desk)

    async with scene.person("ada") as asking:
        answer = await asking.get("/api/v1/silent")

    assert answer.status_code == 404


@pytest.mark.security("S-12")
async def test_a_request_too_many_waits_and_the_kill_beside_it_does_not(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hold_ms=3_600_000, reads_per_second=1)

    with scene.desk:
        async with scene.person("tom") as asking, asyncio.TaskGroup() as group:
            for _ in range(2):
                await asking.get(SESSION)
            held = [group.create_task(asking.get(SESSION)) for _ in range(100)]
            killed = await asking.post(KILL_PATH, json=KILL)
            waiting = [task.done() for task in held]
            for task in held:
                task.cancel()

    assert killed.status_code == 200
    assert waiting == [False] * 100
