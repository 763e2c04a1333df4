"""What takes a second person: letting trading go on, and allowing what one asked for (S-17)."""

from pathlib import Path
from typing import Any

import pytest

from fillpath.api.auth.file import DeskFile
from fillpath.api.auth.second import Proposal, SecondPerson
from fillpath.api.roles import Role
from tests.unit.api.auth.racing import raced
from tests.unit.api.gate.desks import Scene, code_of

RESUME = "/api/v1/risk/resume?account=ACC1"
APPROVE = "/api/v1/trades/approvals/approve?account=ACC1"
SIGNALS = "/api/v1/trades/signals?account=ACC1"
BODY = {"word": "ACC1"}
RESUMED = {"resumed_at": "2026-01-05T15:00:00Z", "still": []}
ALLOWED = {"order_id": "o/1", "outcome": "ORDERED", "quantity": "10"}
SIGNAL = {"symbol": "AAPL", "direction": "LONG", "strength": "0.5", "quantity": "10"}
MINUTES = 60
WAITING: dict[str, Any] = {
    "order_id": "o/1",
    "strategy_name": "trend",
    "signal_id": "s/1",
    "symbol": "AAPL",
    "side": "BUY",
    "quantity": "10",
    "price": "150",
    "worst_price": "150.16",
    "bid": "150",
    "ask": "150.02",
    "asked_at": "2026-01-05T15:00:00Z",
    "expires_at": "2026-01-05T15:15:00Z",
    "findings": ["HUMAN_APPROVAL: every entry needs a person"],
    "seen": "abc",
}


def key(number: int) -> dict[str, str]:
    return {"idempotency-key": f"key-number-{number}"}


def waits(scene: Scene, **changes: object) -> None:
    answers = {"approvals": {"approvals": [WAITING | changes]}, "approve": ALLOWED}
    scene.engines["ACC1"].answers = answers | {"signal": {"outcome": "WAITING"}}


def done(scene: Scene) -> list[str]:
    return [asked["do"] for asked in scene.engines["ACC1"].asked if asked["do"] != "approvals"]


@pytest.fixture
def killed(scene: Scene) -> Scene:
    for engine in scene.engines.values():
        engine.answers = {"resume": RESUMED}
    return scene


class TestResume:
    @pytest.mark.security("S-17")
    async def test_one_persons_word_waits_for_that_of_another(self, killed: Scene) -> None:
        async with killed.person("rita") as rita, killed.person("ada") as ada:
            first = await rita.post(RESUME, json=BODY, headers=key(1))
            again = await rita.post(RESUME, json=BODY, headers=key(2))
            before = done(killed)
            second = await ada.post(RESUME, json=BODY, headers=key(3))

        assert [code_of(answer) for answer in (first, again)] == ["second_person_needed"] * 2
        assert before == []
        assert second.status_code == 200
        assert done(killed) == ["resume"]
        assert killed.log()[-1]["before"] == "proposed by rita"
        assert killed.log()[-1]["after"] == "agreed by ada"

    @pytest.mark.security("S-17")
    async def test_a_word_is_used_up(self, killed: Scene) -> None:
        async with killed.person("rita") as rita, killed.person("ada") as ada:
            await rita.post(RESUME, json=BODY, headers=key(1))
            await ada.post(RESUME, json=BODY, headers=key(2))
            third = await ada.post(RESUME, json=BODY, headers=key(3))

        assert code_of(third) == "second_person_needed"
        assert done(killed) == ["resume"]

    @pytest.mark.security("S-17")
    async def test_the_second_word_must_come_soon_and_be_about_the_same(
        self, killed: Scene
    ) -> None:
        other = {"scope": "symbol", "target": "AAPL", "word": "ACC1"}

        async with killed.person("rita") as rita, killed.person("ada") as ada:
            await rita.post(RESUME, json=BODY, headers=key(1))
            about = await ada.post(RESUME, json=other, headers=key(2))
            elsewhere = await ada.post(
                RESUME.replace("ACC1", "ACC2"), json={"word": "ACC2"}, headers=key(3)
            )
        killed.clock.advance(10 * MINUTES)
        async with killed.person("ada") as ada:
            late = await ada.post(RESUME, json=BODY, headers=key(4))

        assert {code_of(answer) for answer in (about, elsewhere, late)} == {"second_person_needed"}
        assert done(killed) == []

    @pytest.mark.security("S-16")
    async def test_who_is_alone_gives_the_word_and_waits_for_the_engine(
        self, killed: Scene
    ) -> None:
        killed.desk.users.set_disabled("rita", disabled=True)

        async with killed.person("ada") as ada:
            answer = await ada.post(RESUME, json=BODY, headers=key(1))

        assert answer.status_code == 200
        assert killed.engines["ACC1"].asked[-1]["word"] == "ACC1"

    async def test_who_may_not_see_the_account_is_no_second_person(self, killed: Scene) -> None:
        killed.desk.users.set_role("rita", Role.RISK, ("ACC2",))

        async with killed.person("ada") as ada:
            answer = await ada.post(RESUME, json=BODY, headers=key(1))

        assert answer.status_code == 200

    @pytest.mark.security("S-16")
    async def test_the_password_is_given_again_before(self, killed: Scene) -> None:
        async with killed.person("rita") as rita:
            killed.clock.advance(6 * MINUTES)
            answer = await rita.post(RESUME, json=BODY, headers=key(1))

        assert code_of(answer) == "step_up"
        assert done(killed) == []


class TestApprove:
    BODY = {"order_id": "o/1", "seen": "abc", "word": "o/1"}  # noqa: RUF012  # never changed

    @pytest.mark.security("S-03", "S-18")
    async def test_a_trader_allows_what_is_not_too_large(self, scene: Scene) -> None:
        waits(scene)

        async with scene.person("tom") as asking:
            answer = await asking.post(APPROVE, json=self.BODY, headers=key(1))

        assert answer.json()["outcome"] == "ORDERED"
        assert scene.engines["ACC1"].asked[-1]["seen"] == "abc"

    @pytest.mark.security("S-03")
    async def test_a_larger_one_takes_somebody_of_risk(self, scene: Scene) -> None:
        waits(scene, quantity="67")

        async with scene.person("tom") as tom, scene.person("rita") as rita:
            refused = await tom.post(APPROVE, json=self.BODY, headers=key(1))
            allowed = await rita.post(APPROVE, json=self.BODY, headers=key(2))

        assert code_of(refused) == "above_your_limit"
        assert allowed.status_code == 200
        assert done(scene) == ["approve"]

    @pytest.mark.security("S-17")
    async def test_nobody_allows_what_they_asked_for(self, scene: Scene) -> None:
        waits(scene)

        async with scene.person("tom") as tom, scene.person("rita") as rita:
            await tom.post(SIGNALS, json=SIGNAL, headers=key(1))
            sent = scene.engines["ACC1"].asked[-1]["signal"]
            name = sent.partition('"signal_id": "')[2].partition('"')[0]
            waits(scene, strategy_name="manual", signal_id=name)
            own = await tom.post(APPROVE, json=self.BODY, headers=key(2))
            others = await rita.post(APPROVE, json=self.BODY, headers=key(3))

        assert name.startswith("desk-")
        assert code_of(own) == "second_person_needed"
        assert others.status_code == 200

    @pytest.mark.security("S-13")
    async def test_the_same_key_makes_the_same_signal(self, scene: Scene) -> None:
        waits(scene)

        async with scene.person("tom") as tom:
            await tom.post(SIGNALS, json=SIGNAL, headers=key(1))
        scene.clock.advance(86_400)
        async with scene.person("tom") as tom:
            await tom.post(SIGNALS, json=SIGNAL, headers=key(1))
            await tom.post(SIGNALS, json=SIGNAL, headers=key(2))

        first, again, other = (asked["signal"] for asked in scene.engines["ACC1"].asked)
        assert first == again != other

    async def test_one_that_waits_no_more_is_the_engines_to_say(self, scene: Scene) -> None:
        scene.engines["ACC1"].answers = {"approvals": {"approvals": []}, "approve": ALLOWED}

        async with scene.person("tom") as tom:
            answer = await tom.post(APPROVE, json=self.BODY, headers=key(1))

        assert answer.status_code == 200


@pytest.mark.security("S-03")
async def test_who_may_send_no_orders_stops_but_gives_up_no_position(scene: Scene) -> None:
    body = {"reason": "a test", "word": "KILL", "flatten": True}

    async with scene.person("vic") as vic:
        answer = await vic.post("/api/v1/risk/kill?account=ACC1", json=body)

    assert answer.status_code == 200
    assert "the role viewer may not send orders" in answer.json()["text"]
    assert [asked["do"] for asked in scene.engines["ACC1"].asked] == ["kill"]


@pytest.mark.security("S-27")
def test_of_many_second_words_at_once_one_counts(tmp_path: Path) -> None:
    def wanted(name: str, number: int) -> Proposal:
        return Proposal(act="resume", account="A", what=str(number), name=name, at=1)

    with DeskFile(tmp_path) as file:
        for number in range(250):
            SecondPerson(file).agreed(wanted("rita", number))

    found = raced(tmp_path, lambda mine, number: SecondPerson(mine).agreed(wanted("ada", number)))

    assert len(found) == 1_000
    assert sum(one is not None for one in found) == 250
    with DeskFile(tmp_path) as file:
        assert {one.name for one in SecondPerson(file).waiting(2)} == {"ada"}
