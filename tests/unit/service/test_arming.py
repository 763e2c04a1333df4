"""Arming over the engine's own door: two users of the machine, or one and a delay."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.errors import ConfigError
from fillpath.core.events import ArmingAsked, TradingArmed, TradingDisarmed
from fillpath.core.units import moment
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits
from fillpath.service.arming import Arming
from fillpath.service.control import ask
from fillpath.service.peers import Peer
from fillpath.testing.builders import START_NS
from tests.unit.service.account_room import Room
from tests.unit.service.test_account import by_hand, serving, status_of

LIVE = DeskPolicy(
    risk=RiskLimits(autonomy=AutonomyLimits(mode=Autonomy.FULL_AUTONOMOUS), real_money=True)
)
ANN = Peer(1001, "ann")
BOB = Peer(1002, "bob")
ROOT = Peer(0, "root")


class Door:
    """The acts of one account, as a user of the machine asks for them."""

    def __init__(self, room: Room, arming: Arming) -> None:
        self.room = room
        self._acts = arming.acts()

    async def arm(self, peer: Peer, **changes: Any) -> dict[str, Any]:
        return dict(await self._acts["arm"]({"word": "SIM"} | changes, peer))

    async def disarm(self, peer: Peer, **changes: Any) -> dict[str, Any]:
        return dict(await self._acts["disarm"](changes, peer))

    def records(self, kind: type) -> list[Any]:
        return [record for record in self.room.records if isinstance(record, kind)]


@asynccontextmanager
async def a_door(folder: Path, policy: DeskPolicy = LIVE) -> AsyncIterator[Door]:
    room = Room(folder, policy=policy)
    service = room.service()
    async with serving(service):
        yield Door(room, Arming(service.live))


@pytest.mark.control("C-43", "passes")
@pytest.mark.security("S-16")
async def test_two_users_arm_the_account(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        asked = await door.arm(ANN)
        before = await ask(tmp_path, by_hand("before"))
        armed = await door.arm(BOB)
        after = await ask(tmp_path, by_hand("after"))
        status = await status_of(tmp_path)

    assert asked["alone_at"].startswith(f"{moment(START_NS + 600 * 10**9):%Y-%m-%dT%H:%M}")
    assert (before["outcome"], before["reason"]) == ("REFUSED", "NOT_ARMED")
    assert armed["by"] == "ann and bob"
    assert after["outcome"] == "ORDERED"
    assert status.armed_until is not None
    assert (len(door.records(ArmingAsked)), len(door.records(TradingArmed))) == (1, 1)


@pytest.mark.control("C-43", "refuses")
@pytest.mark.parametrize("second", [ANN, ROOT, Peer(-1, "an unknown user")])
@pytest.mark.security("S-16")
async def test_without_a_second_user_it_takes_the_delay(tmp_path: Path, second: Peer) -> None:
    async with a_door(tmp_path) as door:
        await door.arm(ANN)
        with pytest.raises(ConfigError, match=r"^SIM is not armed: .* 600 s more to cool off"):
            await door.arm(second)
        door.room.clock.advance(600)
        armed = await door.arm(second)

    assert "armed_until" in armed
    assert len(door.records(TradingArmed)) == 1


async def test_a_request_for_something_else_begins_anew(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        await door.arm(ANN, strategies="trend, mean")
        other = await door.arm(BOB, strategies="trend")
        same = await door.arm(ANN, strategies="trend")

    assert "asked_at" in other
    assert "armed_until" in same
    assert [r.strategies for r in door.records(ArmingAsked)] == [("mean", "trend"), ("trend",)]


async def test_a_request_that_is_too_old_begins_anew(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        await door.arm(ANN)
        door.room.clock.advance(86_400)

        assert "asked_at" in await door.arm(BOB)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"word": "sim"}, "type the account's name, SIM, to arm it"),
        ({"word": None}, "type the account's name, SIM, to arm it"),
        ({"strategies": "a\nb"}, "strategies must be at most 100 printable names"),
        (
            {"strategies": ",".join(map(str, range(101)))},
            "strategies must be at most 100 printable names",
        ),
    ],
)
@pytest.mark.control("C-43", "refuses")
@pytest.mark.security("S-16")
async def test_what_was_not_said_clearly_arms_nothing(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    async with a_door(tmp_path) as door:
        with pytest.raises(ConfigError) as refused:
            await door.arm(ANN, **changes)

    assert str(refused.value) == sentence
    assert door.records(ArmingAsked) == []


async def test_where_nothing_is_real_there_is_nothing_to_arm(tmp_path: Path) -> None:
    async with a_door(tmp_path, DeskPolicy()) as door:
        with pytest.raises(ConfigError, match="SIM is no live account: there is nothing to arm"):
            await door.arm(ANN)


async def test_anybody_disarms_at_once(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        await door.arm(ANN)
        await door.arm(BOB)
        first = await door.disarm(BOB, reason="lunch")
        second = await door.disarm(BOB)

    assert (first, second) == ({"was_armed": True}, {"was_armed": False})
    assert [(r.by, r.reason) for r in door.records(TradingDisarmed)] == [
        ("bob", "lunch"),
        ("bob", "no reason given"),
    ]
    assert door.room.live.desk.state.risk.permit is None


async def test_a_limit_that_changes_while_somebody_confirms_wins(tmp_path: Path) -> None:
    """The engine judges the second word once more, when its turn comes."""
    async with a_door(tmp_path) as door:
        await door.arm(ANN)
        door.room.live.engine.offer(TradingDisarmed(START_NS, "cat", "wait"))

        with pytest.raises(ConfigError, match="SIM is not armed: something else came first"):
            await door.arm(BOB)
