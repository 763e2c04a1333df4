"""A journal whose storage fails stops; what is stored can be verified from outside."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fillpath.core.errors import JournalCorrupt, JournalError
from fillpath.data.journal import (
    EpochStart,
    FileJournal,
    MemoryJournal,
    read_journal,
    verify,
)
from fillpath.data.journal.files import DiskFile
from fillpath.data.journal.frames import HEADER_SIZE
from fillpath.testing.journal_contract import a_record
from tests.unit.data.journal_builders import FaultyFile, content, on, taken_up, written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


class TestFailingDisk:
    @pytest.mark.parametrize("operation", ["reserve", "write"])
    def test_a_full_disk_stops_the_journal_and_leaves_no_part_of_the_frame(
        self, operation: str
    ) -> None:
        file = FaultyFile()
        journal = on(file)
        journal.append(a_record())
        journal.commit()
        file.faults[operation] = [errno.ENOSPC]
        for number in range(1, 30_000):
            journal.append(a_record(number))

        with pytest.raises(JournalError, match=r"cannot write the journal .*: No space left"):
            journal.commit()

        assert content(file) == written(1)

    def test_a_full_disk_that_cannot_be_cut_either_is_repaired_by_the_next_start(self) -> None:
        file = FaultyFile(write=[0, 0, errno.ENOSPC], truncate=[0, errno.EIO])
        journal = on(file)
        journal.append(a_record())
        with pytest.raises(JournalError):
            journal.commit()

        survivor = MemoryJournal(content(file))

        assert survivor.repaired is not None
        assert survivor.content == taken_up(written())

    def test_a_failed_sync_is_never_tried_again(self) -> None:
        file = FaultyFile(sync=[0, errno.EIO])
        journal = on(file)
        journal.append(a_record())
        with pytest.raises(JournalError, match="may have lost its last records: Input/output"):
            journal.commit()
        before = file.synced

        with pytest.raises(JournalError, match="may have lost"):
            journal.commit()

        assert file.synced == before

    def test_a_dead_journal_takes_nothing(self) -> None:
        journal = on(FaultyFile(sync=[0, errno.EIO]))
        journal.append(a_record())
        with pytest.raises(JournalError):
            journal.commit()

        with pytest.raises(JournalError, match="may have lost"):
            journal.append(a_record())

    def test_a_dead_journal_is_released_without_another_write(self) -> None:
        file = FaultyFile(sync=[0, errno.EIO])
        journal = on(file)
        journal.append(a_record())
        with pytest.raises(JournalError):
            journal.commit()
        before = content(file)

        journal.close()

        assert file.closed
        assert content(file) == before

    def test_a_journal_that_dies_while_closing_is_still_released(self) -> None:
        file = FaultyFile(sync=[0, errno.EIO])
        journal = on(file)
        journal.append(a_record())

        with pytest.raises(JournalError):
            journal.close()

        assert file.closed


class TestVerify:
    def test_a_sound_journal_is_counted(self, path: Path) -> None:
        path.write_bytes(written(2, 1))

        found = verify(path)

        assert (found.frames, found.records, found.torn) == (3, 3, 0)
        assert found.size == len(written(2, 1))
        assert found.epochs == (EpochStart(1, 0, "opened"),)

    def test_an_unfinished_write_is_said_and_left(self, path: Path) -> None:
        path.write_bytes(written(2, 1)[:-1])

        found = verify(path)

        assert (found.frames, found.torn) == (2, len(written(2, 1)) - len(written(2)) - 1)
        assert path.read_bytes() == written(2, 1)[:-1]

    def test_a_journal_in_use_can_be_verified_and_read(self, path: Path) -> None:
        journal = FileJournal(path)
        journal.append(a_record())
        journal.commit()

        records = list(read_journal(path))

        assert records == [a_record()]
        assert verify(path).records == 1
        journal.close()

    def test_damage_names_file_frame_and_byte(self, path: Path) -> None:
        whole = bytearray(written(1, 1))
        whole[HEADER_SIZE + 60] ^= 1
        path.write_bytes(whole)

        with pytest.raises(JournalCorrupt, match=rf"journal: frame 1 at byte {HEADER_SIZE} "):
            verify(path)

    def test_a_missing_file_is_named(self, path: Path) -> None:
        with pytest.raises(JournalError, match=r"cannot open the journal .*journal: No such file"):
            list(read_journal(path))


class TestDiskFile:
    @pytest.fixture
    def file(self, path: Path) -> Iterator[DiskFile]:
        file = DiskFile(os.open(path, os.O_RDWR | os.O_CREAT))
        yield file
        file.close()

    def test_reading_stops_at_the_end(self, file: DiskFile) -> None:
        file.write(0, b"abc")

        assert file.read(1, 10) == b"bc"

    def test_what_the_system_takes_in_parts_is_written_whole(
        self, file: DiskFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = os.pwrite
        monkeypatch.setattr(os, "pwrite", lambda fd, data, at: whole(fd, data[:2], at))

        file.write(0, b"abcde")

        assert file.read(0, 5) == b"abcde"

    @pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EINVAL])
    def test_a_file_system_without_reservation_is_good_enough(
        self, file: DiskFile, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        monkeypatch.setattr(os, "posix_fallocate", _failing(number))

        file.reserve(100)

        assert file.size() == 0

    def test_a_full_disk_is_told_when_room_is_taken(
        self, file: DiskFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "posix_fallocate", _failing(errno.ENOSPC))

        with pytest.raises(OSError, match="No space left"):
            file.reserve(100)

    def test_closing_twice_is_harmless(self, file: DiskFile) -> None:
        file.close()

        file.close()


def _failing(number: int) -> object:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail
