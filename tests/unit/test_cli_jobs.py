"""The words of people who look at the housekeeping of an engine."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.jobs import Every, JobRun
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.service.account import AccountService
from fillpath.service.job_book import JobBook
from fillpath.service.jobs import Job, Jobs
from tests.unit.service.account_room import Room
from tests.unit.test_cli_service import Capture, Engine, said
from tests.unit.test_cli_service import settings as settings  # noqa: PLC0414  # a fixture


class Kept(Room):
    """An account with two jobs: one that does its work, and one that cannot."""

    def housekeeping(self, service: AccountService) -> Jobs:
        """Return its jobs, which nobody starts but a person."""
        parts = service.live.parts
        jobs = [
            Job(name="sweep", meaning="sweeps", schedule=Every(86_400), act=swept),
            Job(name="mend", meaning="mends", schedule=Every(86_400), act=broken),
        ]
        book = JobBook(self.folder)
        done = JobRun(due=parts.clock.nanoseconds())
        book.write({job.name: done for job in jobs})
        return Jobs(jobs, book, parts.clock, ExchangeCalendar(), parts.page)


async def swept(_due: int) -> str:
    return "3 rooms swept"


async def broken(_due: int) -> str:
    raise Unavailable("the tools are away")


@pytest.fixture
def keeping(settings: Path) -> Iterator[Engine]:
    engine = Engine(settings.parent / "data")
    room = Kept(engine.folder)
    room.jobs = room.housekeeping
    engine.room = room
    engine.start()
    yield engine
    engine.stop()


@pytest.mark.usefixtures("keeping")
def test_a_job_is_done_now_and_its_result_is_told(settings: Path, capsys: Capture) -> None:
    code = said(settings, "jobs", "sweep")

    assert code == 0
    assert capsys.readouterr().out == "sweep done: 3 rooms swept\n"


@pytest.mark.usefixtures("keeping")
def test_a_job_that_fails_says_why_and_by_its_exit_code(settings: Path, capsys: Capture) -> None:
    code = said(settings, "jobs", "mend", "--json")

    row = json.loads(capsys.readouterr().out)
    assert code == 1
    assert (row["succeeded"], row["result"]) == (False, "the tools are away")


@pytest.mark.usefixtures("keeping")
def test_all_jobs_are_shown_with_last_and_next_run(settings: Path, capsys: Capture) -> None:
    said(settings, "jobs", "sweep")
    capsys.readouterr()

    code = said(settings, "jobs")
    table = capsys.readouterr().out.splitlines()
    said(settings, "jobs", "--json")
    rows = json.loads(capsys.readouterr().out)

    assert code == 0
    assert table[0].split() == ["job", "when", "last", "run", "result", "next", "run"]
    assert any("sweep" in line and "done: 3 rooms swept" in line for line in table)
    assert [row["name"] for row in rows] == ["sweep", "mend"]


@pytest.mark.usefixtures("keeping")
def test_a_job_that_is_not_there_is_refused_with_those_that_are(
    settings: Path, capsys: Capture
) -> None:
    code = said(settings, "jobs", "dance")

    assert code == 2
    assert "name must be one of sweep, mend, got 'dance'" in capsys.readouterr().err


def test_where_no_engine_runs_that_is_said(settings: Path, capsys: Capture) -> None:
    code = said(settings, "jobs")

    assert code == 2
    assert "no engine answers" in capsys.readouterr().err
