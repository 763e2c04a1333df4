"""What every request meets first, and what every answer carries."""

import pytest

from fillpath.api.gate.guard import guarded
from fillpath.api.pages import File, Page
from tests.unit.api.gate.desks import SITE, Scene, code_of


@pytest.mark.security("S-24")
@pytest.mark.parametrize("path", ["/livez", "/api/v1/session", "/nowhere"])
async def test_every_answer_is_strict(scene: Scene, path: str) -> None:
    async with scene.asker() as asking:
        headers = (await asking.get(path)).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    for directive in ("object-src", "base-uri", "frame-ancestors"):
        assert f"{directive} 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "strict-transport-security" not in headers
    assert len(headers["x-request-id"]) == 16


@pytest.mark.security("S-24")
async def test_over_tls_a_browser_stays_there(scene: Scene) -> None:
    async with scene.asker() as asking:
        answer = await asking.get("https://127.0.0.1:8788/livez")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.security("S-15")
async def test_no_answer_of_the_interface_is_kept(scene: Scene) -> None:
    async with scene.person("vic") as asking:
        answers = [await asking.get(path) for path in ("/api/v1/session", "/api/v1/nowhere")]

    assert [answer.headers["cache-control"] for answer in answers] == ["no-store", "no-store"]


@pytest.mark.security("S-10")
@pytest.mark.parametrize("host", ["evil.test", "evil.test:8788", "127.0.0.1:9999", ""])
async def test_a_name_that_is_not_ours_is_misdirected(scene: Scene, host: str) -> None:
    async with scene.person("ada") as asking:
        answer = await asking.get("/api/v1/accounts", headers={"host": host})

    assert answer.status_code == 421
    assert code_of(answer) == "misdirected"


@pytest.mark.security("S-10")
async def test_a_forwarded_address_or_host_is_nobodys(scene: Scene) -> None:
    headers = {
        "x-forwarded-for": "9.9.9.9",
        "x-forwarded-host": "evil.test",
        "x-forwarded-proto": "https",
        "forwarded": "for=9.9.9.9;host=evil.test",
    }

    async with scene.asker(headers) as asking:
        answer = await asking.post("/api/v1/session", json={})

    assert "strict-transport-security" not in answer.headers
    assert scene.log()[-1]["source"] == "127.0.0.1"


@pytest.mark.security("S-09")
@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://127.0.0.1:9999", "*"])
async def test_no_other_site_is_told_anything(scene: Scene, origin: str) -> None:
    async with scene.asker({"origin": origin}) as asking:
        answers = [
            await asking.options("/api/v1/risk/kill"),
            await asking.get("/livez"),
        ]

    assert answers[0].status_code == 403
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.security("S-09")
async def test_a_site_that_is_named_is_told_exactly(scene: Scene) -> None:
    other = "https://other.example.com"
    scene.desk.guarding = scene.desk.guarding.__class__(
        hosts=scene.desk.guarding.hosts, origins=frozenset({other})
    )
    scene.app = guarded(scene.server, scene.desk)

    async with scene.asker({"origin": other}) as asking:
        before = await asking.options("/api/v1/risk/kill")
        answer = await asking.get("/livez")

    assert before.status_code == 204
    assert before.headers["access-control-allow-headers"].endswith("x-fillpath")
    assert answer.headers["access-control-allow-origin"] == other
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "origin"


@pytest.mark.security("S-11")
async def test_no_socket_of_the_web_is_opened(scene: Scene) -> None:
    told = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        told.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [(b"origin", SITE.encode())]}
    await scene.app(scope, receive, send)

    assert told == [{"type": "websocket.close", "code": 1008, "reason": "not served"}]


async def test_the_page_is_everybodys_and_what_it_asks_is_not(scene: Scene) -> None:
    file = File(b"script", b"", "text/javascript", keeps=True)
    app = guarded(scene.server, scene.desk, Page(scene.server, {"/page.js": file}))
    scene.app = app

    async with scene.asker() as asking:
        script = await asking.get("/page.js")
        others = [await asking.get(path) for path in ("/api/v1/accounts", "/api/", "/api/v1")]
        posted = await asking.post("/page.js", json={})

    assert script.text == "script"
    assert script.headers["cache-control"].endswith("immutable")
    assert "default-src 'none'" in script.headers["content-security-policy"]
    assert [answer.status_code for answer in [*others, posted]] == [401] * 4
