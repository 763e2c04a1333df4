"""Parts that stay unwell and a disk that fills are told of once, and their end too."""

from dataclasses import dataclass
from pathlib import Path

from fillpath.core.commands import RaiseAlarm
from fillpath.monitoring.lookout import LEAST_FREE, Lookout
from tests.unit.monitoring.desk_of_alerts import Hand


@dataclass
class Part:
    name: str = "store"
    healthy: bool = True
    detail: str = ""


class Watched:
    def __init__(self) -> None:
        self.clock, self.part, self.free = Hand(), Part(), LEAST_FREE
        self.said: list[RaiseAlarm] = []
        self.lookout = Lookout(
            Path(), lambda: [self.part], self.said.append, self.clock.now, lambda _: self.free
        )

    def look(self, seconds: int = 0) -> list[str]:
        for _ in range(0, seconds + 1, 10):
            self.lookout.look()
            self.clock.pass_by(10)
        return [f"{alarm.code} {alarm.text}" for alarm in self.said]


def test_a_part_that_is_unwell_for_a_moment_wakes_nobody() -> None:
    watched = Watched()
    watched.part.healthy = False
    watched.look(20)
    watched.part.healthy = True

    assert watched.look(60) == []


def test_a_part_that_stays_unwell_is_told_of_once_and_its_end_too() -> None:
    watched = Watched()
    watched.part = Part("store", healthy=False, detail="70 s behind")
    watched.look(300)
    watched.part.healthy = True

    assert watched.look(60) == [
        "PROJECTION_LATE store: 70 s behind",
        "PROJECTION_LATE store: it is over",
    ]


def test_the_broker_has_alarms_of_its_own() -> None:
    watched = Watched()
    watched.part = Part("broker", healthy=False)

    assert watched.look(300) == []


def test_a_disk_that_fills_is_told_of() -> None:
    watched = Watched()
    watched.free = LEAST_FREE - 1

    assert watched.look(60) == ["DISK_LOW disk: 511 MB are left"]


def test_a_disk_that_cannot_be_read_is_told_of() -> None:
    watched = Watched()

    def fails(_folder: Path) -> int:
        raise OSError("gone")

    watched.lookout = Lookout(Path(), list, watched.said.append, watched.clock.now, fails)

    assert watched.look(60) == ["DISK_LOW disk: the room cannot be read: gone"]


def test_a_real_disk_can_be_read(tmp_path: Path) -> None:
    said: list[RaiseAlarm] = []

    Lookout(tmp_path, list, said.append, Hand().now).look()

    assert said == []
