"""One act for one key, however often it is sent (S-13)."""

import pytest

from fillpath.api.auth import repeats
from fillpath.api.auth.file import DeskFile
from fillpath.api.auth.repeats import Repeats
from fillpath.core.errors import Unavailable
from tests.unit.api.gate.desks import KILL, Scene, code_of

pytestmark = pytest.mark.security("S-13")

CANCEL = "/api/v1/trades/orders/cancel?account=ACC1"
BODY = {"order_id": "o/1", "reason": "a test"}
KEY = {"idempotency-key": "a-key-of-mine-1"}
DONE = {"order_id": "o/1", "outcome": "CANCEL_ASKED"}
DAY = 86_400


@pytest.fixture(autouse=True)
def cancels(scene: Scene) -> None:
    for engine in scene.engines.values():
        engine.answers = {"cancel": DONE, "kill": {"first": True, "open_orders": 0}}


async def test_the_same_key_gives_the_same_answer_and_acts_once(scene: Scene) -> None:
    async with scene.person("tom") as asking:
        first = await asking.post(CANCEL, json=BODY, headers=KEY)
        again = await asking.post(CANCEL, json=BODY, headers=KEY)

    assert (first.status_code, first.json()["outcome"]) == (200, "CANCEL_ASKED")
    assert again.content == first.content
    assert again.headers["idempotent-replay"] == "true"
    assert len(scene.engines["ACC1"].asked) == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "schlüssel-1"])
async def test_an_act_without_a_key_is_refused(scene: Scene, key: str) -> None:
    async with scene.person("tom") as asking:
        answer = await asking.post(
            CANCEL, json=BODY, headers=[(b"idempotency-key", key.encode("utf-8"))]
        )

    assert code_of(answer) == "key_needed"
    assert scene.engines["ACC1"].asked == []


async def test_a_key_with_another_body_is_refused(scene: Scene) -> None:
    async with scene.person("tom") as asking:
        await asking.post(CANCEL, json=BODY, headers=KEY)
        body = await asking.post(CANCEL, json={**BODY, "order_id": "o/2"}, headers=KEY)
        account = await asking.post(CANCEL.replace("ACC1", "ACC2"), json=BODY, headers=KEY)

    assert [body.status_code, account.status_code] == [422, 422]
    assert len(scene.engines["ACC1"].asked) == 1
    assert scene.engines["ACC2"].asked == []


async def test_a_key_is_its_callers_own(scene: Scene) -> None:
    async with scene.person("tom") as tom, scene.person("rita") as rita:
        await tom.post(CANCEL, json=BODY, headers=KEY)
        await rita.post(CANCEL, json=BODY, headers=KEY)

    assert [asked["by"] for asked in scene.engines["ACC1"].asked] == ["tom", "rita"]


async def test_a_refusal_and_an_unknown_end_are_given_again_too(scene: Scene) -> None:
    scene.engines["ACC1"].answers = {"cancel": Unavailable("no engine answers")}

    async with scene.person("tom") as asking:
        first = await asking.post(CANCEL, json=BODY, headers=KEY)
        scene.engines["ACC1"].answers = {"cancel": DONE}
        again = await asking.post(CANCEL, json=BODY, headers=KEY)

    assert (first.status_code, again.status_code) == (503, 503)
    assert len(scene.engines["ACC1"].asked) == 1


async def test_an_act_whose_end_nobody_knows_is_not_done_twice(scene: Scene) -> None:
    async def dies(*_: object) -> None:
        raise SystemExit

    scene.engines["ACC1"].ask = dies  # type: ignore[method-assign, assignment]  # the server dies

    async with scene.person("tom") as asking:
        with pytest.raises(SystemExit):
            await asking.post(CANCEL, json=BODY, headers=KEY)
        answer = await asking.post(CANCEL, json=BODY, headers=KEY)

    assert code_of(answer) == "still_going"


async def test_a_restart_forgets_no_answer(scene: Scene) -> None:
    async with scene.person("tom") as asking:
        first = await asking.post(CANCEL, json=BODY, headers=KEY)
    with DeskFile(scene.desk.file.path.parent) as file:
        scene.desk.repeats = Repeats(file)
        async with scene.person("tom") as asking:
            again = await asking.post(CANCEL, json=BODY, headers=KEY)

    assert again.content == first.content
    assert len(scene.engines["ACC1"].asked) == 1


async def test_after_a_day_a_key_is_new(scene: Scene) -> None:
    async with scene.person("tom") as asking:
        await asking.post(CANCEL, json=BODY, headers=KEY)
    scene.clock.advance(DAY)
    async with scene.person("tom") as asking:
        await asking.post(CANCEL, json=BODY, headers=KEY)

    assert len(scene.engines["ACC1"].asked) == 2


async def test_only_so_many_keys_are_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "MOST", 1)

    async with scene.person("tom") as asking:
        await asking.post(CANCEL, json=BODY, headers=KEY)
        full = await asking.post(CANCEL, json=BODY, headers={"idempotency-key": "another-key"})
        killed = await asking.post(
            "/api/v1/risk/kill?account=ACC1", json=KILL, headers={"idempotency-key": "a-kill-key"}
        )

    assert full.status_code == 429
    assert killed.status_code == 200


class TestKill:
    PATH = "/api/v1/risk/kill?account=ACC1"

    async def test_it_needs_no_key(self, scene: Scene) -> None:
        async with scene.person("vic") as asking:
            answer = await asking.post(self.PATH, json=KILL)

        assert answer.status_code == 200

    async def test_the_same_key_gives_the_same_answer(self, scene: Scene) -> None:
        async with scene.person("vic") as asking:
            first = await asking.post(self.PATH, json=KILL, headers=KEY)
            again = await asking.post(self.PATH, json=KILL, headers=KEY)

        assert first.json()["first"]
        assert again.content == first.content

    async def test_with_another_body_it_is_done_all_the_same(self, scene: Scene) -> None:
        wider = {**KILL, "reason": "another"}

        async with scene.person("vic") as asking:
            await asking.post(self.PATH, json=KILL, headers=KEY)
            answer = await asking.post(self.PATH, json=wider, headers=KEY)

        assert answer.status_code == 200
        assert [asked["reason"] for asked in scene.engines["ACC1"].latched] == ["a test", "another"]

    async def test_answers_that_cannot_be_looked_up_or_kept_stop_no_kill(
        self, scene: Scene
    ) -> None:
        def broken(*_: object) -> None:
            raise Unavailable("the disk is full")

        scene.desk.repeats.find = broken  # type: ignore[method-assign, assignment]  # it breaks
        scene.desk.repeats.keep = broken  # type: ignore[method-assign, assignment]  # likewise

        async with scene.person("vic") as asking:
            answer = await asking.post(self.PATH, json=KILL, headers=KEY)

        assert answer.status_code == 200


async def test_a_file_that_takes_nothing_stops_every_other_act(scene: Scene) -> None:
    def broken(*_: object) -> None:
        raise Unavailable("the disk is full")

    scene.desk.repeats.claim = broken  # type: ignore[method-assign, assignment]  # it breaks

    async with scene.person("tom") as asking:
        answer = await asking.post(CANCEL, json=BODY, headers=KEY)

    assert answer.status_code == 503
    assert scene.engines["ACC1"].asked == []


def test_no_part_of_a_key_can_be_mistaken_for_another() -> None:
    assert repeats.hash_of("ab", "c") != repeats.hash_of("a", "bc")
