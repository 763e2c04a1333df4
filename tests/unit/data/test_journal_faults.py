"""Power loss, a full disk and a second owner, on simulated storage: nothing acknowledged is lost."""

import errno
from collections.abc import Iterator

import pytest

from fillpath.core.commands import CancelOrder
from fillpath.core.errors import Fenced, JournalError, JournalFull
from fillpath.core.events import (
    EngineStarted,
    KillSwitchCleared,
    KillSwitchSet,
    OrderCancelled,
    SessionOpened,
)
from fillpath.data.codec import Record
from fillpath.data.journal import ChainedJournal, MemoryJournal
from fillpath.data.journal.chained import EMERGENCY_ROOM
from fillpath.testing.faulty_files import SECTOR, FaultPlan, FaultyFile
from fillpath.testing.journal_contract import a_record
from tests.unit.data.journal_builders import written

KILL = KillSwitchSet(0, "the journal is full", "engine")
CANCEL = CancelOrder(0, "order-1", "sim-1", "kill")
ANSWER = OrderCancelled(0, "order-1")
SMALL = 2 * EMERGENCY_ROOM
"""Room for the emergency, and for as much again."""


def on(file: FaultyFile) -> ChainedJournal:
    return ChainedJournal(file, name="the journal")


def found_in(content: bytes) -> list[Record]:
    return list(MemoryJournal(content).records())


def filled_up(file: FaultyFile) -> tuple[ChainedJournal, list[Record]]:
    """Return a journal that has just become full, with everything that it said is durable."""
    journal = on(file)
    durable: list[Record] = []
    number = 0
    while True:
        group = [a_record(number + i) for i in range(500)]
        number += len(group)
        for record in group:
            journal.append(record)
        durable += group
        try:
            journal.commit()
        except JournalFull:
            return journal, durable


class TestFullDisk:
    @pytest.fixture
    def file(self) -> FaultyFile:
        return FaultyFile(plan=FaultPlan(capacity=SMALL))

    @pytest.mark.fault("F-33")
    def test_the_group_that_finds_it_full_is_durable_all_the_same(self, file: FaultyFile) -> None:
        journal, durable = filled_up(file)

        assert journal.emergency
        assert (journal.pending, journal.sequence) == (0, len(durable))
        assert found_in(file.crash()) == durable

    @pytest.mark.fault("F-33", "F-109")
    def test_the_kill_the_cancels_and_their_answers_are_still_taken(self, file: FaultyFile) -> None:
        journal, durable = filled_up(file)
        for record in (KILL, CANCEL, ANSWER):
            journal.append(record)

        journal.commit()

        assert found_in(file.crash()) == [*durable, KILL, CANCEL, ANSWER]

    @pytest.mark.fault("F-33")
    @pytest.mark.parametrize("record", [SessionOpened(0), KillSwitchCleared(0, "a person")])
    def test_nothing_else_is_taken_and_the_rest_goes_on(
        self, file: FaultyFile, record: Record
    ) -> None:
        journal, durable = filled_up(file)

        with pytest.raises(JournalFull, match=f"is full and takes no {type(record).__name__}"):
            journal.append(record)

        journal.append(KILL)
        journal.commit()
        assert found_in(file.crash()) == [*durable, KILL]

    @pytest.mark.fault("F-33")
    def test_when_that_room_is_used_up_too_the_journal_ends_without_a_partial_record(
        self, file: FaultyFile
    ) -> None:
        journal, durable = filled_up(file)

        end = None
        while end is None:
            group = [ANSWER] * 1_000
            for record in group:
                journal.append(record)
            try:
                journal.commit()
            except JournalError as error:
                end = error
            else:
                durable += group

        assert not isinstance(end, JournalFull)
        assert "cannot write the journal" in str(end)
        assert found_in(file.content) == durable
        with pytest.raises(JournalError):
            journal.append(KILL)

    @pytest.mark.fault("F-33")
    @pytest.mark.parametrize("way", ["closed", "crashed"])
    def test_a_start_on_the_full_disk_can_still_cancel(self, file: FaultyFile, way: str) -> None:
        journal, durable = filled_up(file)
        if way == "closed":
            journal.close()
        again = FaultyFile(file.content, FaultPlan(capacity=len(file.content)))

        journal = on(again)
        for record in (EngineStarted(0), KILL, CANCEL):
            journal.append(record)
        journal.commit()

        assert journal.emergency
        assert found_in(again.crash()) == [*durable, EngineStarted(0), KILL, CANCEL]

    @pytest.mark.fault("F-33")
    def test_a_start_with_enough_room_takes_everything_again(self, file: FaultyFile) -> None:
        journal, _ = filled_up(file)
        journal.close()

        journal = on(FaultyFile(file.content))

        assert not journal.emergency
        journal.append(SessionOpened(0))

    @pytest.mark.fault("F-33")
    def test_a_new_journal_without_any_room_is_refused(self) -> None:
        with pytest.raises(JournalError, match=r"cannot open the journal .*: No space left"):
            on(FaultyFile(plan=FaultPlan(capacity=100)))

    @pytest.mark.fault("F-33")
    @pytest.mark.parametrize("seed", range(20))
    def test_a_write_that_was_cut_short_leaves_nothing_behind(self, seed: int) -> None:
        file = FaultyFile(plan=FaultPlan(seed=seed))
        journal = on(file)
        journal.append(a_record(0))
        journal.commit()
        file.fail("write", errno.ENOSPC)
        journal.append(a_record(1))

        with pytest.raises(JournalFull):
            journal.commit()

        assert found_in(file.crash()) == [a_record(0), a_record(1)]

    @pytest.mark.fault("F-33")
    @pytest.mark.parametrize("seed", range(20))
    def test_a_disk_that_takes_nothing_at_all_ends_the_journal(self, seed: int) -> None:
        file = FaultyFile(plan=FaultPlan(seed=seed))
        journal = on(file)
        journal.append(a_record(0))
        journal.commit()
        file.fail("write", errno.ENOSPC)
        file.fail("write", errno.ENOSPC)
        journal.append(a_record(1))

        with pytest.raises(JournalError, match="No space left"):
            journal.commit()

        assert found_in(file.content) == [a_record(0)]


class TestPowerLoss:
    """Un-synced pages survive in any combination; what was acknowledged is always there."""

    @staticmethod
    def lives(seed: int, grain: int) -> Iterator[tuple[list[Record], list[Record], list[Record]]]:
        """Yield what was acknowledged, what was on its way and what is found, life after life."""
        content, acknowledged = b"", list[Record]()
        for life in range(8):
            plan = FaultPlan(seed=seed * 100 + life, grain=grain)
            file = FaultyFile(content, plan)
            journal = on(file)
            for turn in range((seed + life) % 4):
                group = [a_record(turn * 1_000 + i) for i in range(1 + (seed * 7 + turn * 31) % 90)]
                for record in group:
                    journal.append(record)
                journal.commit()
                acknowledged += group
            lost = [a_record(life * 7 + i) for i in range(1 + seed % 120)]
            for record in lost:
                journal.append(record)
            file.fail("sync", errno.EIO)
            with pytest.raises(JournalError):
                journal.commit()
            content = file.crash()
            found = found_in(content)
            yield acknowledged, lost, found
            acknowledged = found

    @pytest.mark.fault("F-18")
    @pytest.mark.parametrize("grain", [4096, SECTOR])
    @pytest.mark.parametrize("seed", range(60))
    def test_only_the_last_group_may_be_missing_and_never_in_part(
        self, seed: int, grain: int
    ) -> None:
        for acknowledged, lost, found in self.lives(seed, grain):
            assert found in (acknowledged, acknowledged + lost)

    @pytest.mark.fault("F-18")
    @pytest.mark.parametrize("seed", range(100))
    def test_a_crash_while_it_is_opened_loses_nothing(self, seed: int) -> None:
        torn = written(1) + b"torn" * (1 + seed % 3 * 2_000)
        file = FaultyFile(torn, FaultPlan(seed=seed))
        file.fail("sync", errno.EIO, after=seed % 2)

        with pytest.raises(JournalError):
            on(file)

        assert found_in(file.crash()) == [a_record()]

    @pytest.mark.fault("F-18")
    @pytest.mark.parametrize("seed", range(40))
    def test_a_crash_while_it_is_made_leaves_a_journal_that_can_be_opened(self, seed: int) -> None:
        file = FaultyFile(plan=FaultPlan(seed=seed, grain=SECTOR))
        file.fail("sync", errno.EIO)
        with pytest.raises(JournalError):
            on(file)

        assert found_in(file.crash()) == []


class TestSecondOwner:
    @pytest.mark.fault("F-40", "F-41")
    def test_the_paused_owner_wakes_up_and_writes_nothing(self) -> None:
        file = FaultyFile()
        paused = on(file)
        paused.append(a_record(0))
        paused.commit()
        paused.append(a_record(1))
        second = on(file.take_over())
        second.append(a_record(2))
        second.commit()

        with pytest.raises(Fenced, match="taken over by another process"):
            paused.commit()

        assert list(second.records()) == [a_record(0), a_record(2)]


@pytest.mark.fault("F-34")
@pytest.mark.parametrize("seed", range(20))
def test_what_a_failed_sync_left_in_memory_is_stored_again_by_the_next_start(seed: int) -> None:
    """The system still shows the pages that a failed sync dropped, and no later sync stores them."""
    file = FaultyFile(plan=FaultPlan(seed=seed, grain=SECTOR))
    journal = on(file)
    file.fail("sync", errno.EIO)
    for number in range(100):
        journal.append(a_record(number))
    with pytest.raises(JournalError):
        journal.commit()
    restarted = on(file)
    restarted.append(a_record(100))
    restarted.commit()
    shown = list(restarted.records())

    assert found_in(file.crash()) == shown
