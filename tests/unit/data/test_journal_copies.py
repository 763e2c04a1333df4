"""A backup holds what was durable, a restore loses nothing unasked, an upgrade changes no record."""

import errno
import fcntl
import json
import os
import threading
from pathlib import Path

import pytest

from fillpath.core.errors import JournalCorrupt, JournalError
from fillpath.core.events import AccountOpened
from fillpath.data.codec import Record, describe
from fillpath.data.journal import FileJournal, MemoryJournal, read_journal, verify
from fillpath.data.journal.copies import backup, restore, upgrade
from fillpath.data.journal.frames import HEADER_SIZE
from fillpath.testing.journal_contract import a_record
from tests.house.project import ROOT
from tests.unit.data.journal_builders import taken_up, written

OLD = ROOT / "tests" / "journals"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


def names(path: Path) -> set[str]:
    return {entry.name for entry in path.parent.iterdir()}


def failing(number: int) -> object:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


class TestBackup:
    def test_it_holds_every_durable_record(self, path: Path, copy: Path) -> None:
        path.write_bytes(written(2, 1))

        found = backup(path, copy)

        assert copy.read_bytes() == path.read_bytes()
        assert found == verify(copy)
        assert copy.stat().st_mode & 0o777 == 0o600

    def test_room_and_an_unfinished_write_stay_behind(self, path: Path, copy: Path) -> None:
        path.write_bytes(written(2, 1)[:-3] + bytes(5_000))

        backup(path, copy)

        assert copy.read_bytes() == written(2)

    def test_an_engine_may_go_on_writing(self, path: Path, copy: Path) -> None:
        journal = FileJournal(path)
        stop = threading.Event()

        def write() -> None:
            number = 0
            while not stop.is_set():
                journal.append(a_record(number))
                journal.commit()
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        counts = [backup(path, copy.with_name(f"copy-{n}")).records for n in range(20)]
        stop.set()
        writer.join()
        journal.close()

        assert counts == sorted(counts)
        whole = list(read_journal(path))
        for number, count in enumerate(counts):
            assert list(read_journal(copy.with_name(f"copy-{number}"))) == whole[:count]

    def test_a_copy_is_never_overwritten(self, path: Path, copy: Path) -> None:
        path.write_bytes(written(1))
        copy.write_text("mine")

        with pytest.raises(JournalError, match="copy exists already"):
            backup(path, copy)

        assert copy.read_text() == "mine"
        assert names(path) == {"journal", "copy"}

    @pytest.mark.fault("F-35")
    def test_damage_is_not_backed_up(self, path: Path, copy: Path) -> None:
        whole = bytearray(written(1, 1))
        whole[HEADER_SIZE + 90] ^= 1
        path.write_bytes(whole)

        with pytest.raises(JournalCorrupt):
            backup(path, copy)

        assert names(path) == {"journal"}

    @pytest.mark.fault("F-33", "F-34")
    @pytest.mark.parametrize("call", ["write", "fdatasync", "link"])
    def test_a_disk_that_fails_leaves_no_half_copy(
        self, path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch, call: str
    ) -> None:
        path.write_bytes(written(1))
        monkeypatch.setattr(os, call, failing(errno.ENOSPC))

        with pytest.raises(JournalError, match="No space left"):
            backup(path, copy)

        assert names(path) == {"journal"}

    def test_what_the_system_takes_in_parts_is_written_whole(
        self, path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path.write_bytes(written(1))
        whole = os.write
        monkeypatch.setattr(os, "write", lambda fd, data: whole(fd, data[:7]))

        backup(path, copy)

        assert copy.read_bytes() == written(1)

    @pytest.mark.fault("F-34")
    def test_a_disk_that_stores_something_else_is_noticed(
        self, path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path.write_bytes(written(1, 1))
        whole = os.write
        monkeypatch.setattr(os, "write", lambda fd, data: whole(fd, data[:-1] + b"?"))

        with pytest.raises(JournalError, match="is the disk failing"):
            backup(path, copy)

        assert names(path) == {"journal"}


class TestRestore:
    def test_into_an_empty_place(self, path: Path, copy: Path) -> None:
        copy.write_bytes(written(2))

        done = restore(copy, path)

        assert done.kept is None
        assert list(read_journal(path)) == [a_record(0), a_record(1)]

    @pytest.mark.fault("F-36", "F-113")
    def test_it_begins_an_epoch_above_all_others_and_says_where(
        self, path: Path, copy: Path
    ) -> None:
        copy.write_bytes(written(2))
        path.write_bytes(taken_up(taken_up(written(2))))

        restore(copy, path)

        journal = FileJournal(path)
        assert [(s.epoch, s.origin) for s in journal.history] == [
            (1, "opened"),
            (4, "restored"),
            (5, "opened"),
        ]
        assert journal.restored_at == 2
        journal.close()

    def test_what_was_there_is_kept(self, path: Path, copy: Path) -> None:
        copy.write_bytes(written(2))
        for _ in range(2):
            restore(copy, path)
        before = path.read_bytes()

        done = restore(copy, path)

        assert done.kept == path.with_name("journal.replaced-2")
        assert done.kept.read_bytes() == before

    @pytest.mark.fault("F-36")
    @pytest.mark.parametrize(
        "there",
        [written(2, 1), written(1, 1, 1), taken_up(written(2, 1))],
        ids=["more", "other", "x"],
    )
    def test_records_that_the_backup_has_not_are_not_given_up(
        self, path: Path, copy: Path, there: bytes
    ) -> None:
        copy.write_bytes(written(2))
        path.write_bytes(there)

        with pytest.raises(JournalError, match=r"journal holds \d records that .*copy has not"):
            restore(copy, path)

        assert path.read_bytes() == there
        assert names(path) == {"journal", "copy"}

    def test_force_gives_them_up_and_keeps_the_file(self, path: Path, copy: Path) -> None:
        copy.write_bytes(written(2))
        path.write_bytes(written(2, 1))

        done = restore(copy, path, force=True)

        assert done.kept is not None
        assert done.kept.read_bytes() == written(2, 1)
        assert verify(path).records == 2

    @pytest.mark.fault("F-35")
    def test_a_damaged_journal_gives_way_only_by_force(self, path: Path, copy: Path) -> None:
        damaged = bytearray(written(1, 1))
        damaged[HEADER_SIZE + 90] ^= 1
        path.write_bytes(damaged)
        copy.write_bytes(written(1))
        with pytest.raises(JournalError, match=r"cannot be told .*: see --force"):
            restore(copy, path)

        done = restore(copy, path, force=True)

        assert done.kept is not None
        assert done.kept.read_bytes() == damaged

    def test_a_damaged_backup_is_refused(self, path: Path, copy: Path) -> None:
        damaged = bytearray(written(1, 1))
        damaged[HEADER_SIZE + 90] ^= 1
        copy.write_bytes(damaged)

        with pytest.raises(JournalCorrupt):
            restore(copy, path)

        assert names(path) == {"copy"}

    @pytest.mark.fault("F-40")
    def test_an_engine_that_has_it_open_is_not_robbed(self, path: Path, copy: Path) -> None:
        copy.write_bytes(written(1))
        journal = FileJournal(path)

        with pytest.raises(JournalError, match="in use by"):
            restore(copy, path, force=True)

        journal.close()

    @pytest.mark.fault("F-36")
    def test_another_account_gives_way_only_by_force(self, path: Path, copy: Path) -> None:
        """Its frames differ from the first record on, so it always holds something more."""
        for place, account in ((path, "live"), (copy, "paper")):
            journal = FileJournal(place)
            journal.append(AccountOpened(0, account, 0))
            journal.close()

        with pytest.raises(JournalError, match="holds 1 records that"):
            restore(copy, path)

    def test_a_backup_of_an_older_form_is_upgraded_first(self, path: Path) -> None:
        with pytest.raises(JournalError, match="has format version 1: upgrade it first"):
            restore(OLD / "v1.frames", path)

        assert not path.exists()

    @pytest.mark.fault("F-33")
    def test_a_full_disk_leaves_what_is_there(
        self, path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copy.write_bytes(written(2))
        path.write_bytes(written(2))
        monkeypatch.setattr(os, "write", failing(errno.ENOSPC))

        with pytest.raises(JournalError, match="No space left"):
            restore(copy, path)

        assert path.read_bytes() == written(2)


class TestUpgrade:
    """One file for each format version that was ever released, written by that release."""

    @pytest.fixture
    def old(self, path: Path) -> Path:
        path.write_bytes((OLD / "v1.frames").read_bytes())
        return path

    @staticmethod
    def same(record: Record, line: str) -> bool:
        """Compare with what the release said; a newer one may know more fields."""
        told, expected = describe(record), json.loads(line)
        return _within(json.loads(json.dumps(told)), expected)

    def test_every_record_of_version_1_is_still_read(self, old: Path) -> None:
        records = list(read_journal(old))

        lines = (OLD / "v1.jsonl").read_text().splitlines()
        assert len(records) == len(lines)
        assert [
            line for r, line in zip(records, lines, strict=True) if not self.same(r, line)
        ] == []

    def test_version_1_is_not_written_any_more(self, old: Path) -> None:
        before = old.read_bytes()

        with pytest.raises(
            JournalError, match="format version 1: rewrite it with `fillpath journal"
        ):
            FileJournal(old)

        assert old.read_bytes() == before

    def test_version_1_becomes_the_newest_with_the_same_records(self, old: Path) -> None:
        before = old.read_bytes()
        records = list(read_journal(old))

        found = upgrade(old)

        assert (found.version, found.records, found.epoch) == (2, len(records), 1)
        assert list(read_journal(old)) == records
        assert old.with_name("journal.v1").read_bytes() == before
        assert names(old) == {"journal", "journal.v1"}

    def test_an_upgraded_journal_goes_on(self, old: Path) -> None:
        upgrade(old)
        journal = FileJournal(old)

        journal.append(a_record())
        journal.commit()

        assert [start.origin for start in journal.history] == ["upgraded", "opened"]
        assert journal.epoch == 2
        journal.close()

    @pytest.mark.fault("F-35")
    @pytest.mark.parametrize("place", [30, 500, 3_000])
    def test_a_damaged_old_journal_is_left_alone(self, old: Path, place: int) -> None:
        damaged = bytearray(old.read_bytes())
        damaged[place] ^= 1
        old.write_bytes(damaged)

        with pytest.raises(JournalCorrupt):
            upgrade(old)

        assert old.read_bytes() == damaged

    def test_a_torn_tail_is_left_behind(self, old: Path) -> None:
        records = list(read_journal(old))
        old.write_bytes(old.read_bytes()[:-3])

        upgrade(old)

        assert list(read_journal(old)) == records[:-1]

    def test_the_newest_form_needs_none(self, path: Path) -> None:
        path.write_bytes(written(1))

        with pytest.raises(JournalError, match="has format version 2 already"):
            upgrade(path)

    def test_a_second_upgrade_never_overwrites_the_first_original(self, old: Path) -> None:
        old.with_name("journal.v1").write_text("mine")
        before = old.read_bytes()

        with pytest.raises(JournalError, match="File exists"):
            upgrade(old)

        assert old.read_bytes() == before
        assert old.with_name("journal.v1").read_text() == "mine"

    def test_a_copy_that_differs_is_thrown_away(
        self, old: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = old.read_bytes()
        whole = written(1)
        monkeypatch.setattr("fillpath.data.journal.copies._upgraded", lambda _: iter([whole]))

        with pytest.raises(JournalError, match="differs: nothing was changed"):
            upgrade(old)

        assert old.read_bytes() == before
        assert names(old) == {"journal"}

    def test_an_engine_of_the_old_release_keeps_it_to_itself(self, old: Path) -> None:
        held = os.open(old, os.O_RDWR)
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(JournalError, match="in use by"):
            upgrade(old)

        os.close(held)


def _within(told: object, expected: object) -> bool:
    if isinstance(expected, dict) and isinstance(told, dict):
        return all(name in told and _within(told[name], one) for name, one in expected.items())
    if isinstance(expected, list) and isinstance(told, list):
        return len(told) == len(expected) and all(map(_within, told, expected))
    return told == expected


def test_the_fixture_is_what_this_version_would_not_write() -> None:
    assert (OLD / "v1.frames").read_bytes()[:24] != MemoryJournal().content[:24]
