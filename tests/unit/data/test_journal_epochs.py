"""One writer owns a journal at a time, and every frame says which."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fillpath.core.errors import Fenced, JournalCorrupt, JournalError
from fillpath.core.events import AccountOpened
from fillpath.data.codec import encode_group
from fillpath.data.journal import EpochStart, FileJournal, MemoryJournal
from fillpath.data.journal.frames import EPOCH_MAX, GENESIS, HEADER, frame, opening
from fillpath.testing.journal_contract import a_record
from tests.unit.data.journal_builders import FaultyFile, content, on, written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


class TestEpochs:
    @pytest.mark.control("C-48", "passes")
    def test_every_opening_begins_a_new_epoch(self) -> None:
        first = MemoryJournal()

        second = MemoryJournal(first.content)

        assert (first.epoch, second.epoch) == (1, 2)

    def test_the_epoch_is_durable_before_the_journal_is_handed_out(self) -> None:
        file = FaultyFile()

        on(file)

        assert MemoryJournal(content(file)).epoch == 2
        assert file.synced == 1

    def test_the_history_tells_who_wrote_which_records(self) -> None:
        journal = MemoryJournal(written(2))
        journal.append(a_record(2))
        journal.commit()

        again = MemoryJournal(journal.content)

        assert again.history == (
            EpochStart(1, 0, "opened"),
            EpochStart(2, 2, "opened"),
            EpochStart(3, 3, "opened"),
        )

    @pytest.mark.parametrize("epoch", [1, 3])
    @pytest.mark.control("C-48", "refuses")
    def test_a_frame_of_another_epoch_is_damage(self, epoch: int) -> None:
        journal = MemoryJournal(written())
        payload = encode_group(0, epoch, [a_record()])
        digest = bytes.fromhex(journal.digest)
        strange, _ = frame(digest, payload, records=1, sequence=0, epoch=epoch)

        with pytest.raises(JournalCorrupt, match=f"frame 3 .* in epoch {epoch}, not 2"):
            MemoryJournal(journal.content + strange)

    @pytest.mark.parametrize("epoch", [0, 1])
    def test_an_epoch_never_comes_again(self, epoch: int) -> None:
        start, digest = opening(GENESIS, 0, 1, "opened")
        again, _ = opening(digest, 0, epoch, "opened")

        with pytest.raises(JournalCorrupt, match=f"opens epoch {epoch} after epoch 1"):
            MemoryJournal(HEADER + start + again)

    def test_a_record_before_the_first_opening_is_damage(self) -> None:
        payload = encode_group(0, 0, [a_record()])
        content, _ = frame(GENESIS, payload, records=1, sequence=0, epoch=0)

        with pytest.raises(JournalCorrupt, match="was written in epoch 0"):
            MemoryJournal(HEADER + content)

    def test_an_opening_of_a_newer_kind_is_left_to_a_newer_version(self) -> None:
        start, _ = frame(GENESIS, b"leased", records=0, sequence=0, epoch=1)

        with pytest.raises(JournalError, match="epoch 1 was leased: a newer version wrote this"):
            MemoryJournal(HEADER + start)

    def test_the_epochs_do_not_begin_again_when_they_end(self) -> None:
        start, _ = opening(GENESIS, 0, EPOCH_MAX, "opened")

        with pytest.raises(JournalError, match="opened too often"):
            MemoryJournal(HEADER + start)

    def test_a_restored_journal_says_from_where(self) -> None:
        restored, _ = opening(bytes.fromhex(MemoryJournal().digest), 0, 9, "restored")

        journal = MemoryJournal(MemoryJournal().content + restored)

        assert (journal.restored_at, journal.epoch) == (0, 10)

    def test_a_journal_that_was_never_restored_says_so(self) -> None:
        assert MemoryJournal(written(1)).restored_at is None


class TestFence:
    """The path of a running journal leads to another file: nothing may go into the old one."""

    @pytest.fixture
    def journal(self, path: Path) -> Iterator[FileJournal]:
        journal = FileJournal(path)
        journal.append(a_record())
        journal.commit()
        yield journal
        journal.close()

    @pytest.mark.fault("F-36", "F-40", "F-113")
    @pytest.mark.control("C-48", "refuses")
    def test_a_file_that_was_replaced_ends_its_writer(
        self, path: Path, journal: FileJournal
    ) -> None:
        other = path.with_name("backup")
        other.write_bytes(written(1))
        other.replace(path)
        journal.append(a_record(1))

        with pytest.raises(Fenced, match="was replaced while this engine wrote it"):
            journal.commit()

        assert path.read_bytes() == written(1)

    @pytest.mark.fault("F-36")
    def test_a_file_that_was_deleted_ends_its_writer(
        self, path: Path, journal: FileJournal
    ) -> None:
        path.unlink()
        journal.append(a_record(1))

        with pytest.raises(Fenced, match="is gone: No such file"):
            journal.commit()

    @pytest.mark.fault("F-36")
    def test_a_fenced_journal_stays_fenced(self, path: Path, journal: FileJournal) -> None:
        path.unlink()
        journal.append(a_record(1))
        with pytest.raises(Fenced):
            journal.commit()
        path.write_bytes(written(1))

        with pytest.raises(Fenced):
            journal.append(a_record(2))
        with pytest.raises(Fenced):
            journal.commit()

    def test_other_files_beside_it_do_not_matter(self, path: Path, journal: FileJournal) -> None:
        path.with_name("other").write_text("")
        journal.append(a_record(1))

        journal.commit()

        assert journal.sequence == 2

    @pytest.mark.fault("F-36")
    def test_a_file_behind_a_link_is_watched_too(self, path: Path) -> None:
        folder = path.parent / "disk"
        folder.mkdir()
        (folder / "journal").touch()
        path.symlink_to(folder / "journal")
        journal = FileJournal(path)
        (folder / "journal").rename(folder / "away")
        journal.append(a_record())

        with pytest.raises(Fenced, match="is gone"):
            journal.commit()

        journal.close()


class TestAccount:
    @pytest.fixture
    def content(self) -> bytes:
        journal = MemoryJournal()
        journal.append(AccountOpened(0, "paper", 0))
        journal.commit()
        return journal.content

    @pytest.mark.fault("F-36")
    def test_the_journal_of_another_account_is_refused_and_left_alone(
        self, path: Path, content: bytes
    ) -> None:
        path.write_bytes(content)

        with pytest.raises(JournalError, match="belongs to account 'paper', not to 'live'"):
            FileJournal(path, account="live")

        assert path.read_bytes() == content

    def test_the_journal_of_the_account_is_taken(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)

        journal = FileJournal(path, account="paper")

        assert journal.sequence == 1
        journal.close()

    def test_a_new_journal_may_become_that_of_any_account(self, path: Path) -> None:
        journal = FileJournal(path, account="paper")

        assert journal.sequence == 0
        journal.close()
