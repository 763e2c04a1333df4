"""Systems run in turn, a failure is a reason and never a number."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import rounds
from benchmarks.figures import Sample
from benchmarks.rounds import FailedRunError, Job, Record, alternate, execute, run_all
from tests.benchmarks.builders import a_job, a_sample, a_worker


class Machine:
    """Pretend to run jobs: it notes the order and answers what it was told to answer."""

    def __init__(self, answers: dict[str, Callable[[int], float | str]] | None = None) -> None:
        self.answers = answers or {}
        self.ran: list[tuple[str, str]] = []

    def execute(self, job: Job) -> Sample:
        self.ran.append(job.place)
        answer = self.answers.get(job.system, at_once)(self.ran.count(job.place))
        if isinstance(answer, str):
            raise FailedRunError(answer)
        return a_sample(job.system, work=job.work, process_seconds=answer)


def at_once(_: int) -> float:
    """Answer within a second."""
    return 1.0


def silent(_: str) -> None:
    """Tell nobody."""


def a_script(folder: Path, body: str) -> Job:
    return a_job(command=(sys.executable, str(a_worker(folder, body=body))))


def test_systems_alternate_within_a_work_and_works_follow_each_other() -> None:
    jobs = [a_job(system, work=work) for work in ("held", "twap") for system in "ABC"]

    order = [(number, job.work, job.system) for number, job in alternate(jobs, 2)]

    assert [system for _, work, system in order if work == "held"] == list("ABCABC")
    assert [work for _, work, _ in order] == ["held"] * 6 + ["twap"] * 6
    assert [number for number, _, _ in order] == [1, 1, 1, 2, 2, 2] * 2


def test_every_round_leaves_a_sample() -> None:
    machine = Machine()

    record = run_all([a_job("A"), a_job("B")], 3, machine.execute, silent)

    assert [system for _, system in machine.ran] == list("ABABAB")
    assert {place: len(runs) for place, runs in record.samples.items()} == {
        ("held", "A"): 3,
        ("held", "B"): 3,
    }


def test_a_failure_drops_the_system_with_its_reason_and_the_others_go_on() -> None:
    machine = Machine({"A": lambda turn: 1.0 if turn == 1 else "it fell over"})

    record = run_all([a_job("A"), a_job("B")], 3, machine.execute, silent)

    assert record.absent == {("held", "A"): "it fell over"}
    assert list(record.samples) == [("held", "B")]
    assert [system for _, system in machine.ran] == list("ABABB")


def test_a_slow_system_runs_once_and_still_counts() -> None:
    machine = Machine({"A": lambda _: rounds.PATIENCE_SECONDS + 1})

    record = run_all([a_job("A"), a_job("B")], 3, machine.execute, silent)

    assert len(record.samples["held", "A"]) == 1
    assert len(record.samples["held", "B"]) == 3


def test_a_warm_up_runs_first_and_is_not_counted() -> None:
    machine = Machine()

    record = run_all([a_job("A", warm_up=True)], 2, machine.execute, silent)

    assert len(machine.ran) == 3
    assert len(record.samples["held", "A"]) == 2


def test_what_was_absent_before_stays_absent() -> None:
    before = Record(absent={("held", "B"): "not installed"})

    record = run_all([a_job("A")], 1, Machine().execute, silent, before)

    assert record.absent == {("held", "B"): "not installed"}


def test_a_worker_process_becomes_a_sample(tmp_path: Path) -> None:
    job = a_job(command=(sys.executable, str(a_worker(tmp_path, seconds=0.5))))

    sample = execute(job)

    assert (sample.orders, sample.fills, sample.quotes, sample.seconds) == (2, 2, 40, 0.5)
    assert (sample.notional, sample.max_rss_mb, sample.setup_seconds) == (2000.0, 12.5, 0.25)
    assert sample.process_seconds > 0


def test_a_process_that_only_has_to_end_needs_no_answer(tmp_path: Path) -> None:
    job = replace(a_script(tmp_path, "print('help')"), answers=False)

    sample = execute(job)

    assert sample.process_seconds > 0
    assert sample.orders == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param("", "it did other work: 1 of 2 fills", id="fewer fills"),
        pytest.param(
            "facts['quotes'] = 41", "it did other work: 41 of 40 quotes", id="more quotes"
        ),
        pytest.param("facts['seconds'] = 0", "seconds must be above 0, it says 0", id="no time"),
        pytest.param("del facts['fills']", "its JSON line lacks fills", id="a field is missing"),
    ],
)
def test_half_done_work_is_no_measurement(tmp_path: Path, body: str, reason: str) -> None:
    facts = "facts = dict(orders=2, fills=2, quotes=40, seconds=1, version='1', max_rss_mb=1)\n"
    change = body or "facts['fills'] = 1"
    job = a_script(tmp_path, f"import json\n{facts}{change}\nprint(json.dumps(facts))")

    with pytest.raises(FailedRunError) as refused:
        execute(job)

    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(
            "raise ValueError('no venue')", "exit code 1: ValueError: no venue", id="crash"
        ),
        pytest.param("print('ready')", "its last line is no JSON: 'ready'", id="no JSON"),
        pytest.param("print('[1]')", "its last line is no JSON object", id="no object"),
        pytest.param("pass", "its last line is no JSON: 'it said nothing'", id="silence"),
    ],
)
def test_a_worker_that_fails_gives_a_readable_reason(
    tmp_path: Path, body: str, reason: str
) -> None:
    with pytest.raises(FailedRunError) as refused:
        execute(a_script(tmp_path, body))

    assert str(refused.value) == reason


def test_a_program_that_is_not_there_gives_a_reason(tmp_path: Path) -> None:
    with pytest.raises(FailedRunError, match="python does not start"):
        execute(a_job(command=(str(tmp_path / "python"),)))


def test_a_worker_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "TIMEOUT_SECONDS", 0.2)
    job = a_script(tmp_path, "import threading; threading.Event().wait()")

    with pytest.raises(FailedRunError, match="no answer within 0 s"):
        execute(job)


def test_a_worker_does_not_see_our_own_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    body = "import os, sys; sys.exit('PYTHONPATH' in os.environ)"

    sample = execute(replace(a_script(tmp_path, body), answers=False))

    assert sample.process_seconds > 0
