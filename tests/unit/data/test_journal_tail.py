"""What feeds the tables and the bus sees every durable record once, and no other."""

import errno
from pathlib import Path

import pytest

from fillpath.core.errors import JournalCorrupt, JournalError
from fillpath.data.journal import FileJournal, MemoryJournal
from fillpath.testing.journal_contract import a_record
from tests.unit.data.journal_builders import FaultyFile, on, taken_up, written

MEBIBYTE = 1 << 20


def test_it_begins_where_it_is_told() -> None:
    journal = MemoryJournal(written(2, 3, 1))

    found = journal.tail(3).read(10)

    assert found == [(number, a_record(number)) for number in (3, 4, 5)]


def test_it_gives_no_more_than_was_asked_for_and_goes_on_from_there() -> None:
    tail = MemoryJournal(written(2, 3, 1)).tail()

    found = [tail.read(4), tail.read(4), tail.read(4)]

    assert [[number for number, _ in part] for part in found] == [[0, 1, 2, 3], [4, 5], []]


def test_it_sees_what_is_added_later_and_nothing_that_is_not_durable() -> None:
    journal = MemoryJournal()
    tail = journal.tail()
    journal.append(a_record())
    before = tail.read(10)

    journal.commit()

    assert (before, tail.read(10)) == ([], [(0, a_record())])


def test_what_was_written_and_may_be_lost_is_not_seen() -> None:
    file = FaultyFile(sync=[0, errno.EIO])
    journal = on(file)
    tail = journal.tail()
    journal.append(a_record())
    with pytest.raises(JournalError):
        journal.commit()

    assert tail.read(10) == []


def test_a_place_in_the_future_is_waited_for() -> None:
    journal = MemoryJournal()
    tail = journal.tail(2)
    for number in range(4):
        journal.append(a_record(number))

    journal.commit()

    assert tail.read(10) == [(2, a_record(2)), (3, a_record(3))]


def test_a_long_journal_is_not_read_from_its_beginning() -> None:
    file = FaultyFile(written(*[5_000] * 20))
    journal = on(file)
    file.read_bytes = 0

    found = journal.tail(99_000).read(1)

    assert found == [(99_000, a_record(99_000))]
    assert file.read_bytes < 2 * MEBIBYTE


def test_a_journal_that_grew_long_is_not_read_from_its_beginning_either() -> None:
    file = FaultyFile()
    journal = on(file)
    for number in range(100_000):
        journal.append(a_record(number))
        if number % 5_000 == 4_999:
            journal.commit()
    file.read_bytes = 0

    found = journal.tail(99_000).read(1)

    assert found == [(99_000, a_record(99_000))]
    assert file.read_bytes < 2 * MEBIBYTE


def test_the_openings_between_the_records_are_passed_over() -> None:
    journal = MemoryJournal(taken_up(taken_up(written(1))))
    journal.append(a_record(1))
    journal.commit()

    assert journal.tail().read(10) == [(0, a_record(0)), (1, a_record(1))]


def test_bytes_that_changed_are_damage() -> None:
    file = FaultyFile(written(1, 1))
    journal = on(file)
    file.write(len(written(1)), b"\0\0\0\0")

    with pytest.raises(JournalCorrupt, match="frame 3"):
        journal.tail().read(10)


def test_a_last_frame_that_changed_is_damage_too() -> None:
    file = FaultyFile()
    journal = on(file)
    journal.append(a_record())
    journal.commit()
    file.write(len(written()), b"\0\0\0\0")

    with pytest.raises(JournalCorrupt, match=r"frame 2 at byte .* has changed"):
        journal.tail().read(10)


def test_a_closed_journal_can_be_followed_no_more(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(written(1))
    journal = FileJournal(path)
    tail = journal.tail()
    journal.close()

    with pytest.raises(JournalError, match="cannot read the journal"):
        tail.read(10)
