"""A journal whose storage fails stops; what is stored can be verified from outside."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fillpath.core.errors import JournalCorrupt, JournalError
from fillpath.data.journal import (
    ChainedJournal,
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
    def test_a_write_that_fails_stops_the_journal_and_leaves_no_part_of_the_frame(self) -> None:
        file = FaultyFile()
        journal = on(file)
        journal.append(a_record())
        journal.commit()
        file.faults["write"] = [errno.EIO]
        journal.append(a_record(1))

        with pytest.raises(JournalError, match=r"cannot write the journal .*: Input/output error"):
            journal.commit()

        assert content(file) == written(1)

    def test_a_part_that_cannot_be_cut_is_wiped_by_the_next_start(self) -> None:
        file = FaultyFile(write=[0, 0, errno.EIO], truncate=[0, errno.EIO])
        journal = on(file)
        journal.append(a_record())
        with pytest.raises(JournalError):
            journal.commit()

        survivor = MemoryJournal(content(file))

        assert survivor.repaired is not None
        assert survivor.content == taken_up(written())

    @pytest.mark.fault("F-33")
    def test_a_journal_that_may_be_lost_keeps_no_room_for_a_full_disk(self) -> None:
        file = FaultyFile(write=[0, 0, errno.ENOSPC])
        journal = ChainedJournal(file, name="the journal", durable=False)
        journal.append(a_record())

        with pytest.raises(JournalError, match=r"cannot write the journal .*: No space left"):
            journal.commit()

        assert not journal.emergency

    @pytest.mark.fault("F-34")
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


class TestDiskThatLostSomething:
    @pytest.fixture
    def broken(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> FileJournal:
        """A journal whose last sync failed, on a disk that answers again."""
        journal = FileJournal(path)
        journal.append(a_record())
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", _failing(errno.EIO))
            with pytest.raises(JournalError, match="may have lost its last records"):
                journal.commit()
        journal.close()
        return journal

    @pytest.mark.fault("F-34")
    def test_this_process_never_goes_on_with_it(self, path: Path, broken: FileJournal) -> None:
        with pytest.raises(JournalError, match="failed to reach the disk: this process may not"):
            FileJournal(path)

        assert path.exists()
        with pytest.raises(JournalError):
            broken.append(a_record())

    @pytest.mark.fault("F-34")
    def test_another_process_may_once_every_hash_was_checked(
        self, path: Path, broken: FileJournal
    ) -> None:
        broken.close()
        program = (
            "import sys, pathlib, fillpath.data.journal as j;"
            "print(j.FileJournal(pathlib.Path(sys.argv[1])).epoch)"
        )

        found = subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, check=True, text=True
        )

        assert found.stdout == "2\n"

    @pytest.mark.fault("F-34")
    def test_a_disk_that_cannot_store_what_memory_holds_is_not_opened(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path.write_bytes(written(1))
        monkeypatch.setattr(os, "fdatasync", _failing(errno.EIO))

        with pytest.raises(JournalError, match=r"cannot open the journal .*: Input/output error"):
            FileJournal(path)


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
    def test_where_nothing_can_be_reserved_zeros_are_written(
        self, file: DiskFile, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        monkeypatch.setattr(os, "posix_fallocate", _failing(number))

        file.reserve(100)

        assert file.read(0, 200) == bytes(100)

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
