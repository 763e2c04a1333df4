"""The journal in PostgreSQL: one owner at a time, and a commit that is never there twice or half."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import groupby, pairwise

import psycopg
import pytest

from fillpath import cli
from fillpath.core.errors import Fenced, JournalCorrupt, JournalError, JournalMissing
from fillpath.core.events import OrderAccepted
from fillpath.data.codec import Record
from fillpath.data.journal import MemoryJournal, postgres, postgres_tables
from fillpath.data.journal.postgres import PostgresJournal
from fillpath.data.journal.postgres_reading import read_postgres, verify_postgres
from fillpath.testing.journal_contract import a_record
from tests.postgres import PostgresServer

Opener = Callable[..., PostgresJournal]


@pytest.fixture
def opened(postgres_url: str) -> Iterator[Opener]:
    """Return a function that opens the journal of an account."""
    journals: list[PostgresJournal] = []

    def opener(
        account: str = "paper", *, url: str = postgres_url, **given: float
    ) -> PostgresJournal:
        take_over = bool(given.pop("take_over", False))
        journals.append(PostgresJournal(url, account, take_over=take_over, **given))
        return journals[-1]

    yield opener
    for journal in journals:
        with suppress(JournalError):
            journal.close()


def add(journal: PostgresJournal, *numbers: int) -> None:
    for number in numbers:
        journal.append(a_record(number))
    journal.commit()


def numbers_in(journal: PostgresJournal) -> list[Record]:
    return list(journal.records())


class TestOwners:
    @pytest.mark.fault("F-40")
    def test_a_second_engine_is_refused_while_the_first_lives(self, opened: Opener) -> None:
        first = opened()
        add(first, 0)

        with pytest.raises(JournalError, match=r"of account paper .*: another engine has it"):
            opened()

        add(first, 1)
        assert numbers_in(first) == [a_record(0), a_record(1)]

    @pytest.mark.fault("F-19", "F-40", "F-41")
    def test_a_paused_owner_that_wakes_up_writes_nothing(self, opened: Opener) -> None:
        paused = opened()
        add(paused, 0)
        paused.append(a_record(1))
        second = opened(take_over=True)
        add(second, 2)

        with pytest.raises(Fenced, match="taken over by another engine"):
            paused.commit()

        with pytest.raises(Fenced):
            paused.append(a_record(3))
        with pytest.raises(Fenced):
            paused.commit()
        assert numbers_in(second) == [a_record(0), a_record(2)]

    @pytest.mark.fault("F-40", "F-41")
    def test_however_often_it_changes_hands_every_epoch_has_one_writer(
        self, opened: Opener, postgres_url: str
    ) -> None:
        opened().close()

        with ThreadPoolExecutor(4) as pool:
            owners = pool.map(lambda owner: _write_until_fenced(postgres_url, owner), range(12))
            acknowledged = [record for records in owners for record in records]

        found = numbers_in(opened(take_over=True))
        assert sorted(map(repr, acknowledged)) == sorted(map(repr, found))
        runs = [owner for owner, _ in groupby(found, key=_owner)]
        assert len(runs) == len(set(runs)), "nobody writes again after somebody else did"

    def test_accounts_do_not_see_each_other(self, opened: Opener) -> None:
        add(opened("one"), 1)

        other = opened("two")

        assert (numbers_in(other), other.epoch) == ([], 1)

    def test_the_history_names_every_owner(self, opened: Opener) -> None:
        add(opened(), 0)

        second = opened(take_over=True)

        assert [(s.epoch, s.sequence, s.origin) for s in second.history] == [
            (1, 0, "opened"),
            (2, 1, "opened"),
        ]


def _owner(record: Record) -> str:
    assert isinstance(record, OrderAccepted)
    return record.order_id


def _write_until_fenced(url: str, owner: int) -> list[Record]:
    """Take the journal and write until somebody else has it, and return what was acknowledged."""
    journal = PostgresJournal(url, "paper", take_over=True)
    acknowledged: list[Record] = []
    with suppress(Fenced):
        for number in range(20):
            record = OrderAccepted(number, f"owner-{owner}", "")
            journal.append(record)
            journal.commit()
            acknowledged.append(record)
    with suppress(JournalError):
        journal.close()
    return acknowledged


class TestLostConnection:
    """F-32: a commit whose answer is lost is looked for before anything may be sent."""

    @pytest.mark.fault("F-32")
    @pytest.mark.parametrize("stored", [True, False], ids=["stored", "not-stored"])
    def test_a_commit_of_unknown_outcome_is_there_exactly_once(
        self, opened: Opener, monkeypatch: pytest.MonkeyPatch, *, stored: bool
    ) -> None:
        journal = opened()
        add(journal, 0)
        _lose_the_answer(monkeypatch, stored=stored)

        add(journal, 1)

        add(journal, 2)
        assert numbers_in(opened(take_over=True)) == [a_record(n) for n in range(3)]
        assert [start.origin for start in journal.history] == ["opened", "reconnected"]

    @pytest.mark.fault("F-32")
    @pytest.mark.parametrize("lost", [1, 2, 3])
    def test_finding_out_may_itself_be_interrupted(
        self, opened: Opener, monkeypatch: pytest.MonkeyPatch, lost: int
    ) -> None:
        journal = opened()
        _lose_the_answer(monkeypatch, stored=False, times=lost)

        add(journal, 0)

        assert numbers_in(opened(take_over=True)) == [a_record(0)]

    @pytest.mark.fault("F-32")
    def test_killed_backends_cost_nothing(
        self, opened: Opener, private_postgres: PostgresServer
    ) -> None:
        url = private_postgres.fresh_database()
        journal = opened(url=url)
        for number in range(5):
            private_postgres.kill_backends(url)
            add(journal, number)

        assert numbers_in(journal) == [a_record(n) for n in range(5)]
        journal.close()

    @pytest.mark.fault("F-32")
    def test_a_server_that_stays_away_ends_the_journal_in_bounded_time(
        self, opened: Opener, private_postgres: PostgresServer
    ) -> None:
        journal = opened(url=private_postgres.url(), patience=0.5)
        add(journal, 0)
        journal.append(a_record(1))
        private_postgres.die()

        with pytest.raises(JournalError, match="nobody knows whether the last records are in"):
            journal.commit()

        with pytest.raises(JournalError, match="nobody knows"):
            journal.append(a_record(2))
        private_postgres.start()
        again = opened(url=private_postgres.url())
        assert numbers_in(again) == [a_record(0)]
        again.close()

    @pytest.mark.fault("F-32", "F-41")
    def test_who_comes_back_after_somebody_else_took_over_is_fenced(
        self, opened: Opener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        journal = opened()
        add(journal, 0)
        second = opened(take_over=True)
        _lose_the_answer(monkeypatch, stored=False)

        with pytest.raises(Fenced, match="taken over by another engine"):
            add(journal, 1)

        assert numbers_in(second) == [a_record(0)]

    @pytest.mark.fault("F-32", "F-36")
    def test_a_server_that_lost_what_it_had_acknowledged_ends_the_journal(
        self, opened: Opener, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        journal = opened()
        add(journal, 0)
        add(journal, 1)
        _change(postgres_url, "delete from fillpath_journal.frames where sequence = 1")
        _lose_the_answer(monkeypatch, stored=False)

        with pytest.raises(JournalError, match="has lost records that were durable"):
            add(journal, 2)

    @pytest.mark.fault("F-32", "F-40")
    def test_a_commit_that_hangs_in_a_stopped_server_cannot_arrive_later(
        self, opened: Opener, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres_tables, "ANSWER_SECONDS", 1)
        journal = opened()
        add(journal, 0)
        pid = journal._connection.info.backend_pid  # noqa: SLF001  # to stop the very process
        os.kill(pid, signal.SIGSTOP)

        add(journal, 1)

        os.kill(pid, signal.SIGCONT)
        add(journal, 2)
        assert numbers_in(journal) == [a_record(n) for n in range(3)]
        assert _change(postgres_url, "select count(*) from fillpath_journal.frames") == [(5,)]

    def test_a_table_that_is_gone_ends_the_journal(self, opened: Opener, postgres_url: str) -> None:
        journal = opened()
        _change(postgres_url, "drop table fillpath_journal.frames")

        with pytest.raises(JournalError, match=r"cannot write: .* does not exist"):
            add(journal, 0)

        with pytest.raises(JournalError):
            journal.append(a_record(1))


def _lose_the_answer(monkeypatch: pytest.MonkeyPatch, *, stored: bool, times: int = 1) -> None:
    """Let the connection die in the middle of a commit, as often as it is said."""
    add_frame = postgres._add  # noqa: SLF001  # where the answer arrives
    left = [times]

    def lost(connection: postgres_tables.Connection, *given: object) -> object:
        if not left[0]:
            return add_frame(connection, *given)  # type: ignore[arg-type]
        left[0] -= 1
        if stored:
            add_frame(connection, *given)  # type: ignore[arg-type]
        raise psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr(postgres, "_add", lost)


def _change(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(statement.encode())
        return found.fetchall() if found.description else []


class TestDamage:
    @pytest.mark.fault("F-35")
    @pytest.mark.parametrize(
        "change",
        [
            "update fillpath_journal.frames set payload = '\\x00' where number = 3",
            "update fillpath_journal.frames set digest = sha256('') where number = 3",
            "update fillpath_journal.frames set epoch = 7 where number = 3",
            "update fillpath_journal.frames set sequence = 7 where number = 3",
            "update fillpath_journal.frames set records = 7 where number = 3",
            "delete from fillpath_journal.frames where number = 3",
        ],
    )
    def test_a_row_that_changed_is_found_by_every_reader(
        self, opened: Opener, postgres_url: str, change: str
    ) -> None:
        journal = opened()
        for number in range(4):
            add(journal, number)
        _change(postgres_url, change)

        with pytest.raises(JournalCorrupt):
            numbers_in(journal)
        with pytest.raises(JournalCorrupt):
            journal.tail().read(10)
        with pytest.raises(JournalCorrupt):
            opened(take_over=True)

    @pytest.mark.fault("F-35")
    def test_a_damaged_journal_keeps_its_owner(self, opened: Opener, postgres_url: str) -> None:
        journal = opened()
        add(journal, 0)
        _change(postgres_url, "update fillpath_journal.frames set payload = '\\x00'")

        with pytest.raises(JournalCorrupt):
            opened(take_over=True)

        assert _change(postgres_url, "select epoch from fillpath_journal.accounts") == [(1,)]


class TestTables:
    def test_making_them_at_the_same_time_makes_them_once(self, postgres_url: str) -> None:
        with ThreadPoolExecutor(4) as pool:
            journals = list(
                pool.map(lambda n: PostgresJournal(postgres_url, f"account-{n}"), range(8))
            )

        assert [journal.epoch for journal in journals] == [1] * 8
        for journal in journals:
            journal.close()

    def test_a_newer_form_is_left_alone(self, opened: Opener, postgres_url: str) -> None:
        opened().close()
        _change(postgres_url, "update fillpath_journal.form set version = 9")

        with pytest.raises(JournalError, match="have form 9, this program knows form 1"):
            opened()

    @pytest.mark.fault("F-18")
    def test_a_server_that_does_not_wait_for_its_disk_is_refused(
        self, opened: Opener, private_postgres: PostgresServer
    ) -> None:
        private_postgres.do("alter system set fsync = off")
        private_postgres.do("select pg_reload_conf()")
        while private_postgres.do("show fsync") != [("off",)]:
            pass

        with pytest.raises(JournalError, match="fsync = off"):
            opened(url=private_postgres.url())

    def test_every_commit_waits_for_the_disk(self, opened: Opener, postgres_url: str) -> None:
        name = postgres_url.partition("?")[0].rpartition("/")[2]
        _change(postgres_url, f"alter database {name} set synchronous_commit = off")

        journal = opened()

        shown = journal._connection.execute("show synchronous_commit").fetchone()  # noqa: SLF001
        assert shown == ("on",)

    def test_a_server_that_cannot_be_reached_is_one_sentence(self, opened: Opener) -> None:
        with pytest.raises(
            JournalError, match=r"cannot open: the journal of account paper in Post"
        ):
            opened(url="postgresql://postgres@127.0.0.1:1/nothing")

    def test_the_driver_of_the_store_in_the_address_is_ignored(
        self, opened: Opener, postgres_url: str
    ) -> None:
        journal = opened(url=postgres_url.replace("postgresql:", "postgresql+asyncpg:"))

        assert journal.epoch == 1


class TestTail:
    def test_it_begins_in_the_middle_and_goes_over_many_pages(self, opened: Opener) -> None:
        journal = opened()
        for number in range(0, 1_500, 3):
            add(journal, number, number + 1, number + 2)

        tail, found = journal.tail(700), []
        while part := tail.read(100):
            found += part

        assert found == [(n, a_record(n)) for n in range(700, 1_500)]
        assert len(numbers_in(opened(take_over=True))) == 1_500

    @pytest.mark.fault("F-30")
    def test_it_comes_back_after_its_connection_was_lost(
        self, opened: Opener, private_postgres: PostgresServer
    ) -> None:
        url = private_postgres.fresh_database()
        journal = opened(url=url)
        tail = journal.tail()
        add(journal, 0)
        first = tail.read(9)
        private_postgres.kill_backends(url)
        add(journal, 1)
        with pytest.raises(JournalError, match="cannot read the journal"):
            tail.read(9)

        again = tail.read(9)

        assert (first, again) == ([(0, a_record(0))], [(1, a_record(1))])
        journal.close()

    def test_it_asks_nobody_when_there_is_nothing_new(
        self, opened: Opener, private_postgres: PostgresServer
    ) -> None:
        journal = opened(url=private_postgres.url())
        tail = journal.tail()
        add(journal, 0)
        tail.read(9)
        private_postgres.die()

        assert tail.read(9) == []

    def test_it_ends_with_its_journal(self, opened: Opener) -> None:
        journal = opened()
        tail = journal.tail()
        journal.close()

        with pytest.raises(JournalError, match="closed"):
            tail.read(1)

    def test_reading_records_from_a_dead_server_is_named(
        self, opened: Opener, private_postgres: PostgresServer
    ) -> None:
        journal = opened(url=private_postgres.url())
        add(journal, 0)
        private_postgres.die()

        with pytest.raises(JournalError, match="cannot read: the journal of account paper"):
            numbers_in(journal)


def test_records_that_are_far_apart_keep_their_order(opened: Opener) -> None:
    journal = opened()
    for number in range(450):
        add(journal, number)

    found = numbers_in(journal)

    assert all(a.at < b.at for a, b in pairwise(found))


class TestReadingFromOutside:
    def test_an_engine_that_writes_does_not_mind(self, opened: Opener, postgres_url: str) -> None:
        journal = opened()
        add(journal, 0)
        add(journal, 1, 2)

        found = verify_postgres(postgres_url, "paper")

        assert list(read_postgres(postgres_url, "paper")) == [a_record(n) for n in range(3)]
        assert (found.records, found.digest, found.epoch) == (3, journal.digest, 1)

    @pytest.mark.fault("F-35")
    def test_damage_is_named(self, opened: Opener, postgres_url: str) -> None:
        add(opened(), 0)
        _change(postgres_url, "update fillpath_journal.frames set payload = '\\x00'")

        with pytest.raises(JournalCorrupt, match="of account paper in PostgreSQL: frame 1"):
            verify_postgres(postgres_url, "paper")

    def test_an_account_that_has_none_is_said(self, opened: Opener, postgres_url: str) -> None:
        opened()

        with pytest.raises(JournalMissing, match="account other in PostgreSQL: there is no such"):
            list(read_postgres(postgres_url, "other"))

    def test_a_database_that_has_none_is_said(self, postgres_url: str) -> None:
        with pytest.raises(JournalMissing, match="this database holds no journals"):
            verify_postgres(postgres_url, "paper")

    def test_the_commands_take_an_address(
        self, opened: Opener, postgres_url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        add(opened(), 0)

        code = cli.main(["journal", "show", postgres_url, "--account", "paper"])

        assert code == 0
        assert "order_accepted" in capsys.readouterr().out

    def test_the_bytes_are_those_of_a_file(self, opened: Opener, postgres_url: str) -> None:
        journal = opened()
        add(journal, 0, 1)
        file = MemoryJournal()
        for number in (0, 1):
            file.append(a_record(number))
        file.commit()

        assert journal.digest == file.digest
        assert verify_postgres(postgres_url, "paper").size == len(file.content)
