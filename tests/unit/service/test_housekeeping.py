"""The jobs that every account has: snapshots, comparing, copies of the journal."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fillpath.core.errors import JournalError
from fillpath.core.events import AccountValued
from fillpath.data.journal import FileJournal
from fillpath.data.journal.reading import verify
from fillpath.execution.policy import DeskPolicy
from fillpath.service.account import AccountService
from fillpath.service.backups import FOLDER, backup_job, copied
from fillpath.service.housekeeping import reconcile_job, snapshot_job
from fillpath.service.jobs import Job
from fillpath.testing.builders import START
from tests.unit.service.account_room import OutsideBroker, Room, in_virtual_time

DUE = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)


def served(room: Room, scenario: Callable[[AccountService], Awaitable[None]]) -> None:
    """Serve an account for as long as a scenario takes."""

    async def play() -> None:
        service, stop = room.service(), asyncio.Event()
        ready = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(service.serve(stop, ready.set))
            await ready.wait()
            await scenario(service)
            stop.set()

    in_virtual_time(play)


def test_what_is_held_is_valued_at_its_marks(tmp_path: Path) -> None:
    room = Room(tmp_path)
    told: list[str] = []

    async def scenario(service: AccountService) -> None:
        await service.live.offer([room.signal(shares=10)])
        await asyncio.sleep(1)
        room.tick(0, "159.99", "160.01")
        told.append(await snapshot_job(service.live, 60).act(0))

    served(room, scenario)

    valued = [record for record in room.records if isinstance(record, AccountValued)]
    assert told == ["1 positions valued"]
    assert [(one.long_value, one.short_value) for one in valued] == [(10 * 160 * 10**14, 0)]
    assert room.live.desk.state.equity == room.live.desk.state.book.cash + valued[0].long_value


def test_an_order_that_fills_meanwhile_is_no_gain_and_no_loss(tmp_path: Path) -> None:
    room = Room(tmp_path)

    async def scenario(service: AccountService) -> None:
        await service.live.offer([room.signal(shares=10)])
        await asyncio.sleep(1)
        later = service.live.offer([room.signal("second", shares=5)])  # fills in the same turn
        await snapshot_job(service.live, 60).act(0)
        await later

    served(room, scenario)

    (valued,) = (record for record in room.records if isinstance(record, AccountValued))
    book = room.live.desk.state.book
    (holding,) = book.holdings.values()
    assert holding.quantity == 15 * 10**6
    assert valued.long_value == room.live.parts.market.values(book.holdings)[0]


def test_an_account_that_holds_nothing_writes_nothing(tmp_path: Path) -> None:
    room = Room(tmp_path)
    told: list[str] = []

    async def scenario(service: AccountService) -> None:
        told.append(await snapshot_job(service.live, 60).act(0))

    served(room, scenario)

    assert told == ["nothing is held"]
    assert "AccountValued" not in room.words


def test_comparing_says_what_a_round_after_it_found(tmp_path: Path) -> None:
    broker = OutsideBroker()
    room = Room(tmp_path, broker=broker, policy=DeskPolicy())
    told: list[str] = []

    async def scenario(service: AccountService) -> None:
        job: Job = reconcile_job(service.reconcile, 300)
        told.append(await job.act(0))

    served(room, scenario)

    assert len(told) == 1
    assert told[0] == "broker and journal agree" or "differences" in told[0]


def test_a_broker_in_this_process_has_nothing_to_compare(tmp_path: Path) -> None:
    room = Room(tmp_path)
    told: list[str] = []

    async def scenario(service: AccountService) -> None:
        told.append(await reconcile_job(service.reconcile, 300).act(0))

    served(room, scenario)

    assert told == ["broker and journal agree"]


def test_differences_are_counted_and_named() -> None:
    async def differing() -> tuple[str, ...]:
        return ("POSITION AAPL", "CASH")

    said = asyncio.run(_act(reconcile_job(differing, 300)))

    assert said == "2 differences: POSITION AAPL; CASH"


async def _act(job: Job) -> str:
    return await job.act(0)


class TestBackups:
    @pytest.fixture
    def journal(self, tmp_path: Path) -> Path:
        room = Room(tmp_path, journal=FileJournal(tmp_path / "journal.fillpath"))

        async def scenario(service: AccountService) -> None:
            await service.live.offer([room.signal()])

        served(room, scenario)
        room.journal.close()
        return tmp_path / "journal.fillpath"

    def test_a_copy_holds_every_record(self, journal: Path) -> None:
        said = copied(journal, DUE, 3)

        copy = journal.parent / FOLDER / "journal-20261123T213000Z.fillpath"
        records = verify(journal).records
        assert verify(copy).records == records
        assert said == f"{records} records in {copy.name}"

    def test_the_same_due_moment_is_copied_once(self, journal: Path) -> None:
        copied(journal, DUE, 3)
        copy = journal.parent / FOLDER / "journal-20261123T213000Z.fillpath"
        before = copy.stat().st_ino

        copied(journal, DUE, 3)

        assert copy.stat().st_ino == before

    def test_the_oldest_copies_go_and_nothing_else(self, journal: Path) -> None:
        folder = journal.parent / FOLDER
        folder.mkdir()
        (folder / "notes.txt").write_text("mine")
        said = [copied(journal, DUE.replace(day=day), 2) for day in (20, 23, 24)]

        assert sorted(path.name for path in folder.iterdir()) == [
            "journal-20261123T213000Z.fillpath",
            "journal-20261124T213000Z.fillpath",
            "notes.txt",
        ]
        assert said[-1].endswith("1 old copies let go")

    def test_a_folder_that_cannot_be_made_is_said(self, journal: Path) -> None:
        (journal.parent / FOLDER).write_text("a file")

        with pytest.raises(JournalError, match="cannot make"):
            copied(journal, DUE, 2)

    def test_the_job_copies_beside_the_engine(self, journal: Path) -> None:
        job = backup_job(journal, 2)

        said = asyncio.run(_act(job))

        assert "records in journal-19700101T000000Z.fillpath" in said
        assert START.year > 1970
