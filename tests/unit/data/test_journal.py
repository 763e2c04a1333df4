"""A journal keeps what it was given, cuts what was torn and refuses what is damaged."""

import errno
import multiprocessing
import os
import struct
from pathlib import Path
from zlib import crc32

import pytest

from fillpath.core.errors import JournalCorrupt, JournalError
from fillpath.data.codec import encode_group
from fillpath.data.journal import (
    ChainedJournal,
    FileJournal,
    MemoryJournal,
)
from fillpath.data.journal.frames import GENESIS, HEADER, HEADER_SIZE, MARK, frame, opening
from fillpath.testing.journal_contract import a_record
from tests.unit.data.journal_builders import FaultyFile, content, on, taken_up, written

ROOM = 1 << 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def test_the_same_records_give_the_same_bytes_on_disk_and_in_memory(path: Path) -> None:
    journal = FileJournal(path)
    for number in range(3):
        journal.append(a_record(number))
    journal.commit()

    journal.close()

    assert path.read_bytes() == written(3)


@pytest.mark.control("P-06", "passes")
def test_the_chain_ends_in_a_hash_that_covers_everything() -> None:
    ends = {MemoryJournal(written(*groups)).digest for groups in ((), (1,), (2,), (1, 1), (3,))}

    assert len(ends) == 5


def test_a_journal_counts_what_is_open_and_what_is_durable() -> None:
    journal = MemoryJournal(written(2, 1))

    journal.append(a_record(3))

    assert (journal.pending, journal.sequence) == (1, 3)


def test_a_commit_leaves_nothing_open() -> None:
    journal = MemoryJournal()
    journal.append(a_record())

    journal.commit()

    assert (journal.pending, journal.sequence) == (0, 1)


def test_a_commit_waits_for_the_disk_once_for_the_whole_group() -> None:
    file = FaultyFile()
    journal = on(file)
    for number in range(100):
        journal.append(a_record(number))
    before = file.synced

    journal.commit()

    assert file.synced - before == 1


def test_an_empty_commit_does_not_touch_the_disk() -> None:
    file = FaultyFile()
    journal = on(file)
    before = file.synced

    journal.commit()

    assert file.synced == before


def test_a_journal_that_may_be_lost_never_waits_for_the_disk() -> None:
    file = FaultyFile()
    journal = ChainedJournal(file, name="the journal", durable=False)
    before = file.synced
    journal.append(a_record())

    journal.commit()

    assert file.synced == before
    assert content(file) == written(1)


def test_room_taken_ahead_is_given_back_on_close(path: Path) -> None:
    journal = FileJournal(path)
    journal.append(a_record())
    journal.commit()
    ahead = path.stat().st_size

    journal.close()

    assert ahead == 2 * ROOM
    assert path.read_bytes() == written(1)


def test_room_that_a_crash_left_is_no_damage() -> None:
    journal = MemoryJournal(written(2) + bytes(ROOM))

    assert journal.repaired is None
    assert journal.content == taken_up(written(2))


class TestOpening:
    def test_a_new_file_is_readable_by_its_owner_alone(self, path: Path) -> None:
        FileJournal(path).close()

        assert path.stat().st_mode & 0o777 == 0o600

    def test_a_missing_folder_is_named(self, path: Path) -> None:
        with pytest.raises(JournalError, match=r"cannot open the journal .*: No such file"):
            FileJournal(path / "journal")

    @pytest.mark.fault("F-40")
    def test_a_second_writer_is_told_who_has_it(self, path: Path) -> None:
        first = FileJournal(path)

        with pytest.raises(JournalError, match=f"in use by process {os.getpid()}$"):
            FileJournal(path)

        first.close()

    @pytest.mark.fault("F-40")
    def test_a_second_writer_changes_nothing(self, path: Path) -> None:
        first = FileJournal(path)
        first.append(a_record())
        first.commit()
        before = path.read_bytes()

        with pytest.raises(JournalError):
            FileJournal(path)

        assert path.read_bytes() == before
        first.close()

    def test_a_writer_of_unknown_name_still_keeps_others_out(self, path: Path) -> None:
        first = FileJournal(path)
        (path.parent / "journal.owner").write_text("?")

        with pytest.raises(JournalError, match="in use by another process"):
            FileJournal(path)

        first.close()

    def test_a_closed_journal_leaves_only_itself(self, path: Path) -> None:
        journal = FileJournal(path)

        journal.close()

        assert [entry.name for entry in path.parent.iterdir()] == ["journal"]

    def test_the_lock_of_a_dead_process_is_no_lock(self, path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_commit_and_die, args=(str(path),))
        process.start()
        process.join()

        journal = FileJournal(path)

        assert list(journal.records()) == [a_record(1)]
        journal.close()

    @pytest.mark.fault("F-36")
    def test_an_empty_file_is_a_new_journal_and_says_so(self, path: Path) -> None:
        """Whether one was expected is for the broker's orders to tell."""
        path.touch()

        journal = FileJournal(path, account="paper")

        assert (journal.sequence, journal.epoch, journal.restored_at) == (0, 1, None)
        journal.close()

    @pytest.mark.parametrize("size", range(HEADER_SIZE))
    def test_a_header_that_was_cut_short_begins_anew(self, size: int) -> None:
        journal = MemoryJournal(HEADER[:size])

        assert journal.content == written()

    @pytest.mark.fault("F-36")
    def test_another_file_is_left_alone(self, path: Path) -> None:
        path.write_bytes(b"Dear diary, today I bought")

        with pytest.raises(JournalError, match="journal: this is not a fillpath journal"):
            FileJournal(path)

        assert path.read_bytes() == b"Dear diary, today I bought"

    @pytest.mark.fault("F-36")
    def test_a_short_other_file_is_left_alone(self, path: Path) -> None:
        path.write_bytes(b"fillpathy")

        with pytest.raises(JournalError, match="not a fillpath journal"):
            FileJournal(path)

        assert path.read_bytes() == b"fillpathy"

    def test_another_format_version_is_named_and_left_alone(self, path: Path) -> None:
        start = b"fillpath journal" + struct.pack("<I", 7)
        other = start + struct.pack("<I", crc32(start)) + b"whatever comes"
        path.write_bytes(other)

        with pytest.raises(
            JournalError, match="format version 7, this program reads versions 1 and 2"
        ):
            FileJournal(path)

        assert path.read_bytes() == other

    def test_a_damaged_header_is_damage(self) -> None:
        broken = bytearray(written(1))
        broken[17] ^= 1

        with pytest.raises(JournalCorrupt, match="header is damaged"):
            MemoryJournal(bytes(broken))

    def test_a_failing_disk_is_named(self) -> None:
        file = FaultyFile(written(1), read=[0, errno.EIO])

        with pytest.raises(JournalError, match="cannot read the journal: Input/output error"):
            on(file)

        assert file.closed

    def test_a_disk_that_cannot_even_be_measured_is_named(self) -> None:
        with pytest.raises(JournalError, match="cannot open the journal the journal: Input"):
            on(FaultyFile(size=[errno.EIO]))

    def test_a_refused_journal_can_be_opened_again(self, path: Path) -> None:
        path.write_bytes(b"Dear diary, today I bought")
        with pytest.raises(JournalError):
            FileJournal(path)
        path.write_bytes(written(1))

        journal = FileJournal(path)

        assert journal.sequence == 1
        journal.close()


def _commit_and_die(path: str) -> None:
    journal = FileJournal(Path(path))
    journal.append(a_record(1))
    journal.commit()
    journal.append(a_record(2))
    os._exit(9)


class TestRepair:
    @pytest.mark.fault("F-35")
    def test_an_unfinished_frame_is_cut_and_said(self) -> None:
        whole = written(2, 1)

        journal = MemoryJournal(whole[:-5])

        cut = len(whole) - 5 - len(written(2))
        assert journal.content == taken_up(written(2))
        assert (
            journal.repaired
            == f"cut {cut} bytes of the unfinished frame 3 at byte {len(written(2))}"
        )

    def test_the_cut_is_durable_before_anything_is_added(self) -> None:
        file = FaultyFile(written(1)[:-1])

        on(file)

        assert file.synced == 2

    def test_a_repaired_journal_goes_on(self) -> None:
        journal = MemoryJournal(written(1, 1)[:-5])
        journal.append(a_record(1))

        journal.commit()

        assert list(MemoryJournal(journal.content).records()) == [a_record(0), a_record(1)]

    def test_a_bad_hash_at_the_very_end_is_an_unfinished_frame(self) -> None:
        whole = bytearray(written(1, 1))
        whole[-1] ^= 1

        journal = MemoryJournal(bytes(whole))

        assert journal.content == taken_up(written(1))

    def test_a_mark_alone_makes_no_frame_of_a_torn_tail(self) -> None:
        journal = MemoryJournal(written(1) + b"torn" + MARK + b"by a crash" * 10)

        assert journal.content == taken_up(written(1))

    @pytest.mark.fault("F-35")
    @pytest.mark.control("P-06", "refuses")
    def test_a_bad_hash_before_the_end_is_damage_with_its_place(self) -> None:
        whole = bytearray(written(1, 1, 1))
        place = len(written(1))
        whole[len(written(1, 1)) - 1] ^= 1

        with pytest.raises(
            JournalCorrupt, match=f"frame 3 at byte {place} does not match its hash"
        ):
            MemoryJournal(bytes(whole))

    def test_a_bad_length_before_the_end_is_damage(self) -> None:
        whole = bytearray(written(1, 1))
        whole[HEADER_SIZE + 7] ^= 0x7F

        with pytest.raises(JournalCorrupt, match=f"frame 1 at byte {HEADER_SIZE} is cut short"):
            MemoryJournal(bytes(whole))

    def test_a_bad_length_far_before_the_end_is_damage(self) -> None:
        records = 60_000
        whole = bytearray(written(1, records, 1))
        whole[len(written(1)) + 4] ^= 1
        assert len(whole) > 2 * ROOM

        with pytest.raises(JournalCorrupt, match="sound frames follow"):
            MemoryJournal(bytes(whole))

    @pytest.mark.fault("F-35")
    def test_damage_is_left_as_it_was_found(self, path: Path) -> None:
        whole = bytearray(written(1, 1))
        whole[HEADER_SIZE + 50] ^= 1
        path.write_bytes(whole)

        with pytest.raises(JournalCorrupt):
            FileJournal(path)

        assert path.read_bytes() == whole

    def test_frames_of_another_journal_do_not_fit(self) -> None:
        other = MemoryJournal()
        for number in (7, 8):
            other.append(a_record(number))
            other.commit()
        strange = other.content[len(written(1)) :]

        with pytest.raises(JournalCorrupt, match="frame 3"):
            MemoryJournal(written(1) + strange + strange)

    def test_a_frame_out_of_its_place_is_damage(self) -> None:
        missing = len(written(1))

        with pytest.raises(JournalCorrupt, match="frame 1 at byte 24 begins with record 1, not 0"):
            MemoryJournal(HEADER + written(1, 1)[missing:])

    @pytest.mark.parametrize(
        "place", [(5, 1, 1), (0, 1, 2), (0, 2, 1)], ids=["sequence", "number", "epoch"]
    )
    def test_a_group_that_is_not_what_its_frame_says_is_damage(
        self, place: tuple[int, int, int]
    ) -> None:
        inside, epoch, records = place
        payload = encode_group(inside, epoch, [a_record()])
        start, digest = opening(GENESIS, 0, 1, "opened")
        content, _ = frame(digest, payload, records=records, sequence=0, epoch=1)
        journal = MemoryJournal(HEADER + start + content)

        with pytest.raises(JournalCorrupt, match="frame 2 holds other records than it says"):
            list(journal.records())

    def test_a_journal_that_changes_under_its_reader_is_damage(self) -> None:
        file = FaultyFile(written(1, 1))
        journal = on(file)
        file.write(len(written(1)), b"\0\0\0\0")

        with pytest.raises(JournalCorrupt, match=r"frame 3 at byte .* is cut short"):
            list(journal.records())

    def test_a_disk_that_fails_while_reading_back_is_named(self) -> None:
        file = FaultyFile(written(1))
        journal = on(file)
        file.faults["read"] = [errno.EIO]

        with pytest.raises(JournalError, match="cannot read the journal: Input/output error"):
            list(journal.records())
