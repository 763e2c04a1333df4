"""The watchdog: when a silence has lasted too long, and what it does then."""

import asyncio
import json
from pathlib import Path

import pytest

from fillpath.core.errors import Unavailable
from fillpath.runtime.steady import SteadyClock
from fillpath.service.heartbeat import FILE, Beat, Heart, read_beat
from fillpath.service.latch import KillLatch
from fillpath.service.watchdog import ATTEMPTS, Barked, NoOrdersOutside, Vigil, Watchdog

ALIVE = Beat(pid=7, started_at=1, pulse=1, at=1)


def beats(count: int, *, stopped: bool = False) -> Beat:
    """Return the sign of life after so many turns."""
    return Beat(pid=7, started_at=1, pulse=count, at=1, stopped=stopped)


def ended(*seen: tuple[float, Beat | None]) -> list[bool]:
    """Return what a vigil of 15 s says at each moment."""
    vigil = Vigil(15)
    return [vigil.is_over(beat, at) for at, beat in seen]


@pytest.mark.control("A-11", "refuses")
def test_a_silence_is_borne_for_its_time_and_no_longer() -> None:
    looks = [(at * 1.5, ALIVE) for at in range(11)]

    assert ended(*looks) == [False] * 10 + [True]


@pytest.mark.control("A-11", "passes")
def test_an_engine_that_works_is_left_alone() -> None:
    assert not any(ended(*((at * 1.5, beats(at)) for at in range(100))))


@pytest.mark.control("A-11", "passes")
def test_an_engine_that_ended_cleanly_is_left_alone() -> None:
    assert not any(ended(*((at * 1.5, beats(1, stopped=True)) for at in range(100))))


def test_an_engine_that_was_never_there_is_waited_for() -> None:
    assert not any(ended(*((at * 1.5, None) for at in range(100))))


def test_signs_that_cannot_be_read_any_more_are_a_silence() -> None:
    assert ended((0, ALIVE), *((at * 1.5, None) for at in range(1, 11)))[-1]


def test_a_restart_in_time_is_a_sign_of_life() -> None:
    again = Beat(pid=8, started_at=2, pulse=0, at=2)
    looks = [(at * 1.5, ALIVE if at < 9 else again) for at in range(18)]

    assert not any(ended(*looks))


def test_who_slept_himself_begins_anew() -> None:
    looks = [(0, ALIVE), (1.5, ALIVE), (3_600, ALIVE), (3_601.5, ALIVE)]

    assert not any(ended(*looks))


class Broker:
    """A broker that answers after so many questions in vain."""

    def __init__(self, deaf: int = 0) -> None:
        self.deaf = deaf
        self.asked = 0

    async def cancel_all(self) -> list[str]:
        self.asked += 1
        if self.asked <= self.deaf:
            raise Unavailable("nobody there")
        return ["trend/one"]


def watchdog(folder: Path, broker: Broker | NoOrdersOutside) -> Watchdog:
    return Watchdog(folder, KillLatch(folder), broker, 15)


@pytest.mark.control("A-11", "refuses")
async def test_it_sets_the_latch_and_cancels_everything(tmp_path: Path) -> None:
    barked = await watchdog(tmp_path, Broker()).bark(5)

    latch = KillLatch(tmp_path).read()
    assert barked == Barked(latched=True, cancelled=("trend/one",))
    assert barked.text == "the kill latch is set; cancelled at the broker: trend/one"
    assert latch is not None
    assert latch.reason == "no sign of life of the engine for 15 s"


async def test_a_broker_that_does_not_hear_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "sleep", _at_once)
    broker = Broker(deaf=2)

    barked = await watchdog(tmp_path, broker).bark(5)

    assert (barked.cancelled, broker.asked) == (("trend/one",), 3)


async def test_a_broker_that_never_hears_is_a_matter_for_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "sleep", _at_once)
    broker = Broker(deaf=100)

    barked = await watchdog(tmp_path, broker).bark(5)

    assert broker.asked == ATTEMPTS
    assert barked.text == "the kill latch is set; CANCEL AT THE BROKER BY HAND: nobody there"


async def test_a_disk_that_takes_no_latch_keeps_nobody_from_cancelling(tmp_path: Path) -> None:
    barked = await watchdog(tmp_path / "gone", Broker()).bark(5)

    assert barked.cancelled == ("trend/one",)
    assert barked.text.startswith("THE KILL LATCH CANNOT BE WRITTEN")


async def test_where_no_order_can_outlive_the_engine_nothing_is_cancelled(tmp_path: Path) -> None:
    barked = await watchdog(tmp_path, NoOrdersOutside()).bark(5)

    assert barked.text.endswith("none worked")


async def test_it_watches_until_the_silence_is_too_long(tmp_path: Path) -> None:
    looks: list[float] = []
    heart(tmp_path).begin()
    silent = Watchdog(tmp_path, KillLatch(tmp_path), Broker(), 0.05)

    async def sleep(pause: float) -> None:
        looks.append(pause)
        await _later(pause)

    async with asyncio.timeout(20):
        await silent.watch(sleep)

    assert len(looks) >= 5


_later = asyncio.sleep


async def _at_once(_seconds: float) -> None:
    await _later(0)


def heart(folder: Path, pulse: int = 0) -> Heart:
    return Heart(folder, 7, SteadyClock().nanoseconds, lambda: pulse)


async def test_the_heart_beats_with_the_work(tmp_path: Path) -> None:
    beating = asyncio.get_running_loop().create_task(heart(tmp_path, 42).run())
    for _ in range(2_000):
        if (tmp_path / FILE).exists():
            break
        await asyncio.sleep(0.01)
    beating.cancel()

    beat = read_beat(tmp_path)
    assert beat is not None
    assert (beat.pid, beat.pulse, beat.stopped) == (7, 42, False)


async def test_a_clean_end_is_its_last_word(tmp_path: Path) -> None:
    its = heart(tmp_path)
    its.begin()
    its.end()
    its.begin()

    beat = read_beat(tmp_path)
    assert beat is not None
    assert beat.stopped


def test_a_disk_that_takes_no_sign_costs_no_engine(tmp_path: Path) -> None:
    heart(tmp_path / "gone").begin()
    heart(tmp_path / "gone").end()

    assert read_beat(tmp_path / "gone") is None


def test_a_sign_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"pid": 1}))

    assert read_beat(tmp_path) is None
