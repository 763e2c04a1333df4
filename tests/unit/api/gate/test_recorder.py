"""Who did what, or tried to, is written down; what cannot be written down is not done (S-19)."""

import pytest

from fillpath.core.errors import Unavailable
from tests.unit.api.gate.desks import KILL, PASSWORD, Scene, page_headers

pytestmark = pytest.mark.security("S-19")

CANCEL = "/api/v1/trades/orders/cancel?account=ACC1"
BODY = {"order_id": "o/1", "reason": "too slow"}
KEY = {"idempotency-key": "a-key-of-mine-1"}
DONE = {"order_id": "o/1", "outcome": "CANCEL_ASKED"}


async def test_an_act_is_asked_and_then_done(scene: Scene) -> None:
    scene.engines["ACC1"].answers = {"cancel": DONE}

    async with scene.person("tom") as asking:
        answer = await asking.post(CANCEL, json=BODY, headers=KEY)

    asked, done = scene.log()
    assert (asked["outcome"], done["outcome"]) == ("ASKED", "DONE")
    for entry in (asked, done):
        assert (entry["who"], entry["role"], entry["source"]) == ("tom", "trader", "127.0.0.1")
        assert entry["act"] == "cancel order"
        assert entry["account"] == "ACC1"
        assert entry["target"] == '{"order_id": "o/1"}'
        assert entry["reason"] == "too slow"
        assert entry["request_id"] == answer.headers["x-request-id"]
    assert "CANCEL_ASKED" in done["after"]
    assert scene.desk.audit.verify().entries == 2


async def test_a_log_that_takes_nothing_stops_every_act_but_the_kill(scene: Scene) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Unavailable("the disk is full")

    scene.engines["ACC1"].answers = {"cancel": DONE, "kill": {"first": True, "open_orders": 0}}
    scene.desk.audit.write = broken  # type: ignore[method-assign]  # it breaks

    async with scene.person("tom") as asking:
        act = await asking.post(CANCEL, json=BODY, headers=KEY)
        killed = await asking.post("/api/v1/risk/kill?account=ACC1", json=KILL)

    assert act.status_code == 503
    assert killed.status_code == 200
    assert [asked["do"] for asked in scene.engines["ACC1"].asked] == ["kill"]


@pytest.mark.security("S-20")
async def test_no_secret_is_written_down(scene: Scene) -> None:
    body = {"username": "tom", "password": "a swordfish of a password", "code": "123456"}

    async with scene.asker(page_headers()) as asking:
        await asking.post("/api/v1/session", json=body)
        await asking.post("/api/v1/session", json={"username": "tom", "password": PASSWORD})

    text = scene.desk.audit.path.read_text("utf-8")
    assert "swordfish" not in text
    assert "123456" not in text
    assert PASSWORD not in text
    assert [entry["outcome"] for entry in scene.log()] == ["REFUSED", "DONE"]
    assert [entry["who"] for entry in scene.log()] == ["tom", "tom"]


async def test_who_is_refused_is_written_down(scene: Scene) -> None:
    async with scene.person("vic") as asking:
        await asking.get("/api/v1/users")
        await asking.post("/api/v1/risk/resume?account=ACC1", json={"word": "ACC1"})
        await asking.get("/api/v1/accounts", headers={"host": "evil.test"})
    async with scene.asker({"authorization": "Bearer fillpath_a_b"}) as asking:
        await asking.get("/api/v1/accounts")

    entries = [(entry["who"], entry["outcome"]) for entry in scene.log()]
    assert entries == [("vic", "REFUSED")] * 2 + [("nobody", "REFUSED")] * 2
    assert "forbidden" in scene.log()[0]["after"]


async def test_who_only_comes_by_is_not(scene: Scene) -> None:
    async with scene.asker() as asking:
        await asking.get("/api/v1/session")
        await asking.get("/livez")
    async with scene.person("vic") as asking:
        await asking.get("/api/v1/session")

    assert scene.log() == []


async def test_a_flood_of_refusals_leaves_some_and_their_number(scene: Scene) -> None:
    async with scene.asker(page_headers()) as asking:
        for _ in range(100):
            await asking.post("/api/v1/risk/kill", json=KILL)
        scene.clock.advance(10)
        await asking.post("/api/v1/risk/kill", json=KILL)

    assert len(scene.log()) == 5
    assert "(96 refusals before were left out)" in scene.log()[-1]["after"]


async def test_a_kill_is_done_first_and_then_written_down(scene: Scene) -> None:
    async with scene.person("vic") as asking:
        await asking.post("/api/v1/risk/kill?account=ACC1", json=KILL)

    (entry,) = scene.log()
    assert (entry["who"], entry["outcome"], entry["reason"]) == ("vic", "DONE", "a test")


async def test_an_act_names_what_its_path_names(scene: Scene) -> None:
    async with scene.person("rita") as asking:
        await asking.post("/api/v1/system/jobs/backup/run?account=ACC1", json={}, headers=KEY)

    entry = scene.log()[-1]
    assert (entry["act"], entry["target"]) == ("run job", '{"name": "backup"}')


async def test_what_nobody_knows_is_told_by_its_address(scene: Scene) -> None:
    async with scene.person("tom") as asking:
        await asking.post("/api/v1/nowhere", json={}, headers=KEY)

    assert scene.log()[-1]["act"] == "POST /api/v1/nowhere"
