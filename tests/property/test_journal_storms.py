"""Whatever the storage does, in any mix: what was acknowledged is there, and nothing in part."""

import errno
from contextlib import suppress
from random import Random  # noqa: TID251  # seeded by each test

import pytest

from fillpath.core.errors import JournalError, JournalFull
from fillpath.core.events import OrderAccepted
from fillpath.data.codec import Record
from fillpath.data.journal import ChainedJournal, MemoryJournal
from fillpath.testing.faulty_files import PAGE, SECTOR, FaultPlan, FaultyFile

OPERATIONS = ("read", "write", "sync", "truncate", "reserve", "size")


def storage(content: bytes, weather: Random) -> FaultyFile:
    """Return a disk with some of the faults there are."""
    plan = FaultPlan(
        seed=weather.randrange(2**40),
        capacity=weather.choice([None, None, len(content) + weather.randint(0, 3 << 20)]),
        full_share=weather.choice([0, 0, 0.1]),
        broken_share=weather.choice([0, 0.05, 0.3]),
        grain=weather.choice([PAGE, SECTOR]),
    )
    file = FaultyFile(content, plan)
    if weather.random() < 0.3:
        number = weather.choice([errno.EIO, errno.ENOSPC])
        file.fail(weather.choice(OPERATIONS), number, after=weather.randint(0, 6))
    return file


def a_group(weather: Random) -> list[Record]:
    size = weather.choice([1, 1, 2, 50, 300])
    return [OrderAccepted(n, "x" * weather.randint(0, 200), "") for n in range(size)]


class Life:
    """One process on that storage, until it ends or the storage ends it."""

    def __init__(self, acknowledged: list[Record]) -> None:
        self.acknowledged = acknowledged
        self.lost: list[Record] = []

    def run(self, file: FaultyFile, weather: Random) -> None:
        journal = ChainedJournal(file, name="the journal")
        tail = journal.tail()
        seen: list[Record] = []
        for _ in range(weather.randint(0, 12)):
            self.lost = a_group(weather)
            for record in self.lost:
                journal.append(record)
            try:
                journal.commit()
            except JournalFull:
                assert journal.emergency
            self.acknowledged, self.lost = [*self.acknowledged, *self.lost], []
            seen += [record for _, record in tail.read(1_000)]
            assert seen == self.acknowledged[: len(seen)]
        if weather.random() < 0.3:
            journal.close()


@pytest.mark.fault("F-18", "F-33", "F-34", "F-35")
@pytest.mark.parametrize("seed", range(40))
def test_life_after_life_nothing_acknowledged_is_lost(seed: int) -> None:
    weather = Random(seed)  # noqa: S311  # chooses faults, not secrets
    content, found = b"", list[Record]()
    for _ in range(6):
        file = storage(content, weather)
        life = Life(found)
        with suppress(JournalError):
            life.run(file, weather)
        content = file.crash()

        found = list(MemoryJournal(content).records())

        assert found in (life.acknowledged, life.acknowledged + life.lost)
