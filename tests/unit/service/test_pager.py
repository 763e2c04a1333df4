"""A person is told of every stop within seconds, and again until one answers (control A-14)."""

import asyncio
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.errors import ConfigError
from fillpath.core.events import KillSwitchSet, OperatorSeen
from fillpath.service.control import ask
from fillpath.service.pager import TELL_SECONDS, Pager, Program, standing
from fillpath.service.peers import Peer
from tests.unit.execution.desk.guarded import Guarded
from tests.unit.execution.desk.scene import Scene
from tests.unit.service.account_room import Room, in_virtual_time
from tests.unit.service.test_account import serving, status_of
from tests.unit.service.test_live import opened

ANN = Peer(1001, "ann")


class Phone:
    """Takes what a person is told."""

    def __init__(self) -> None:
        self.rang: list[dict[str, Any]] = []
        self.trouble: Exception | None = None
        self.hangs = False

    async def __call__(self, message: bytes) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble is not None:
            raise self.trouble
        self.rang.append(json.loads(message))


async def stopped(folder: Path) -> tuple[Room, Phone, Pager]:
    """Return an account of which a strategy is stopped."""
    room = await opened(folder)
    phone = Phone()
    room.live.engine.offer(_kill(room))
    await room.live.turn()
    room.paged.clear()
    return room, phone, Pager(room.live, phone)


def _kill(room: Room) -> KillSwitchSet:
    now = room.clock.nanoseconds()
    return KillSwitchSet(now, "losing", "ann", "strategy", "trend")


def codes(room: Room) -> list[str]:
    return [alarm.code for alarm in room.paged]


@pytest.mark.control("A-14", "refuses")
async def test_a_stop_reaches_the_channel_with_all_that_a_person_needs(tmp_path: Path) -> None:
    _, phone, pager = await stopped(tmp_path)

    await pager.look()

    (message,) = phone.rang
    (page,) = message["pages"]
    assert (message["account"], page["name"], page["times"]) == (
        "SIM",
        "latch KILL_SWITCH strategy trend",
        1,
    )
    assert page["text"] == "strategy trend is off: losing"
    assert page["since"] == message["at"]


@pytest.mark.control("A-14", "refuses")
async def test_it_is_told_again_after_a_minute_everywhere(tmp_path: Path) -> None:
    room, phone, pager = await stopped(tmp_path)
    await pager.look()
    room.clock.advance(59)
    await pager.look()
    quiet = (len(phone.rang), codes(room))
    room.clock.advance(1)
    await pager.look()

    assert quiet == (1, [])
    assert [message["pages"][0]["times"] for message in phone.rang] == [1, 2]
    (alarm,) = room.paged
    assert alarm.text == (
        "latch KILL_SWITCH strategy trend: strategy trend is off: losing; page 2, until fillpath "
        "answer"
    )


@pytest.mark.control("A-14", "passes")
async def test_an_answer_ends_it(tmp_path: Path) -> None:
    room, phone, pager = await stopped(tmp_path)
    await pager.look()
    before = await pager.ask({}, ANN)
    answer = await pager.answer({"name": "latch KILL_SWITCH strategy trend"}, ANN)
    room.clock.advance(3_600)
    await pager.look()

    assert list(before["waiting"]) == ["latch KILL_SWITCH strategy trend"]
    assert answer == {"answered": ["latch KILL_SWITCH strategy trend"], "waiting": {}}
    assert len(phone.rang) == 1


async def test_only_what_stands_can_be_answered(tmp_path: Path) -> None:
    _, _, pager = await stopped(tmp_path)
    await pager.look()

    with pytest.raises(ConfigError, match=r"what stands \(latch KILL_SWITCH strategy trend\), got"):
        await pager.answer({"name": "everything"}, ANN)
    await pager.answer({"name": "all"}, ANN)
    with pytest.raises(ConfigError, match=r"\(nothing waits\)"):
        await pager.answer({}, ANN)


@pytest.mark.control("A-14", "refuses")
async def test_a_channel_that_fails_is_told_elsewhere_once_and_tried_again(tmp_path: Path) -> None:
    room, phone, pager = await stopped(tmp_path)
    phone.trouble = OSError("it ended with 7: no credit")
    await pager.look()
    room.clock.advance(5)
    await pager.look()
    broken = (codes(room), pager.part())
    phone.trouble = None
    room.clock.advance(5)
    await pager.look()

    assert broken[0] == ["ALERT_LATENCY"]
    assert room.paged[0].text == "the pager cannot be used: it ended with 7: no credit"
    assert (broken[1].healthy, broken[1].detail) == (False, room.paged[0].text)
    assert [message["pages"][0]["times"] for message in phone.rang] == [1]
    assert pager.part().healthy


@pytest.mark.control("A-14", "refuses")
def test_a_channel_that_hangs_is_given_up_in_time(tmp_path: Path) -> None:
    async def scenario() -> None:
        room, phone, pager = await stopped(tmp_path)
        phone.hangs = True
        await pager.look()
        assert codes(room) == ["ALERT_LATENCY"]
        assert room.paged[0].text == "the pager did not end within 4 s"

    assert in_virtual_time(scenario) == TELL_SECONDS


async def test_without_a_channel_alarms_are_repeated_where_they_go(tmp_path: Path) -> None:
    room, _, _ = await stopped(tmp_path)
    pager = Pager(room.live)
    for _ in range(3):
        await pager.look()
        room.clock.advance(60)

    assert codes(room) == ["UNANSWERED", "UNANSWERED"]
    assert pager.part().detail == "engine.page_program is empty: nobody is rung"


@pytest.mark.control("A-14", "refuses")
def test_everything_that_stops_something_is_a_matter() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.doubt("trend/sig-1")
    scene.quarantine("MSFT")
    scene.hold("CLOCK")
    scene.kill(scope="symbol", target="TSLA")

    assert standing(scene.desk.state) == {
        "latch KILL_SWITCH symbol TSLA": "symbol TSLA is off: stop it",
        "hold CLOCK": "nothing leaves: because",
        "quarantine MSFT": "MSFT is stopped: a difference",
        "doubt trend/sig-1": "nobody knows what became of trend/sig-1 in AAPL",
    }


@pytest.mark.control("A-14", "refuses")
def test_a_position_without_a_stop_is_a_matter() -> None:
    scene = Guarded()
    scene.signal(quantity=100, strength="0.95")
    scene.trade("trend/sig-1")
    scene.refuse(scene.guard.stop)
    scene.refuse(scene.guard.stop)

    (name,) = standing(scene.desk.state)
    assert name == "unprotected AAPL trend"


@pytest.mark.control("A-14", "passes")
def test_what_every_start_does_wakes_nobody() -> None:
    scene = Scene()
    scene.hold("RECONCILING")

    assert standing(scene.desk.state) == {}


async def test_a_running_account_rings_a_program_and_takes_the_answer(tmp_path: Path) -> None:
    heard = pipe(tmp_path)
    ring = program(tmp_path, f"cat > {heard}")
    room = Room(tmp_path)
    service = room.service(page_program=str(ring))
    async with serving(service):
        await ask(tmp_path, {"do": "kill", "reason": "losing"})
        message = json.loads(await asyncio.to_thread(heard.read_bytes))
        waits = await ask(tmp_path, {"do": "unanswered"})
        answer = await ask(tmp_path, {"do": "answer", "name": "all"})
        status = await status_of(tmp_path)

    (page,) = message["pages"]
    assert [page["name"]] == list(waits["waiting"]) == answer["answered"]
    assert [part.healthy for part in status.parts if part.name == "pager"] == [True]
    seen = [record.act for record in room.records if isinstance(record, OperatorSeen)]
    assert seen == ["kill", "answer"]


def pipe(folder: Path) -> Path:
    """Return a file of which a reader waits for the writer."""
    path = folder / "pipe"
    os.mkfifo(path)
    return path


def program(folder: Path, line: str) -> Path:
    path = folder / "ring"
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(stat.S_IRWXU)
    return path


async def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    failing = Program(program(tmp_path, "cat > /dev/null; echo no credit >&2; exit 7"))

    with pytest.raises(OSError, match="it ended with 7: no credit"):
        await failing(b"{}\n")


async def test_a_program_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        await Program(tmp_path / "nothing")(b"{}\n")


async def test_a_program_that_is_given_up_is_ended(tmp_path: Path) -> None:
    heard = pipe(tmp_path)
    endless = Program(program(tmp_path, f"echo $$ > {heard}; exec tail -f /dev/null"))
    telling = asyncio.ensure_future(endless(b"{}\n"))  # noqa: TID251
    number = int(await asyncio.to_thread(heard.read_text))
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling

    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
