"""A person is there: whoever does something at the engine's own door, and nobody else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.errors import ConfigError
from fillpath.core.events import OperatorSeen
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import BreakerLimits, RiskLimits
from fillpath.service.control import ask
from fillpath.service.peers import NOBODY, Peer
from fillpath.testing.builders import START
from tests.unit.service.account_room import Room
from tests.unit.service.test_account import by_hand, serving

WATCHED = DeskPolicy(risk=RiskLimits(breakers=BreakerLimits(operator_heartbeat_hours=48)))
HOURS_49 = START + timedelta(hours=49)


def seen(room: Room) -> list[str]:
    return [record.act for record in room.records if isinstance(record, OperatorSeen)]


@pytest.mark.control("C-25", "refuses")
@pytest.mark.control("C-25", "passes")
@pytest.mark.parametrize(
    ("hours", "reason"), [(48, ""), (48.0001, "OPERATOR_SILENT"), (49, "OPERATOR_SILENT")]
)
async def test_no_entry_leaves_while_nobody_was_there_for_too_long(
    tmp_path: Path, hours: float, reason: str
) -> None:
    room = Room(tmp_path, policy=WATCHED)
    async with serving(room.service()):
        room.clock.set(START + timedelta(hours=hours))
        room.tick()
        answer = await ask(tmp_path, by_hand())

    assert answer["reason"] == reason


@pytest.mark.control("C-25", "passes")
@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"do": "kill", "scope": "strategy", "target": "x"}, id="kill"),
        pytest.param({"do": "disarm"}, id="disarm"),
        pytest.param(
            {
                "do": "tighten",
                "by": "ann",
                "reason": "so",
                "changes": {"risk.max_positions": "19"},
            },
            id="limits",
        ),
        pytest.param(
            {"do": "adjust", "symbol": "X", "quantity": "0", "price": "0", "reason": "fee"},
            id="adjust",
        ),
    ],
)
async def test_any_act_of_a_person_lets_entries_go_on(
    tmp_path: Path, request_: dict[str, Any]
) -> None:
    room = Room(tmp_path, policy=WATCHED)
    async with serving(room.service()):
        room.clock.set(HOURS_49)
        room.tick()
        before = await ask(tmp_path, by_hand("before"))
        await ask(tmp_path, request_)
        after = await ask(tmp_path, by_hand("after"))

    assert (before["reason"], after["outcome"]) == ("OPERATOR_SILENT", "ORDERED")
    assert seen(room) == [request_["do"]]


@pytest.mark.control("C-25", "refuses")
@pytest.mark.parametrize("act", ["status", "limits", "approvals"])
async def test_a_question_may_come_from_a_program(tmp_path: Path, act: str) -> None:
    room = Room(tmp_path, policy=WATCHED)
    async with serving(room.service()):
        room.clock.set(HOURS_49)
        room.tick()
        await ask(tmp_path, {"do": act})
        answer = await ask(tmp_path, by_hand())

    assert answer["reason"] == "OPERATOR_SILENT"
    assert seen(room) == []


@pytest.mark.control("C-25", "refuses")
async def test_an_act_that_is_refused_shows_nobody(tmp_path: Path) -> None:
    room = Room(tmp_path, policy=WATCHED)
    async with serving(room.service()):
        with pytest.raises(ConfigError, match="quarantined"):
            await ask(tmp_path, {"do": "release", "symbol": "AAPL"})

    assert seen(room) == []


@pytest.mark.control("C-25", "refuses")
async def test_a_caller_whom_the_kernel_does_not_name_is_nobody(tmp_path: Path) -> None:
    room = Room(tmp_path, policy=WATCHED)
    service = room.service()
    async with serving(service):
        service._answered("disarm", NOBODY)  # noqa: SLF001  # sockets here name everybody
        service._answered("disarm", Peer(1001, "ann"))  # noqa: SLF001

    told = [record.by for record in room.records if isinstance(record, OperatorSeen)]
    assert told == ["ann"]
