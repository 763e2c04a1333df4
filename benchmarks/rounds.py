"""Worker processes, in turn: A B C A B C, so that a busy minute hurts everybody alike."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from benchmarks.figures import Sample
from benchmarks.goals import Place

TIMEOUT_SECONDS = 900.0
PATIENCE_SECONDS = 30.0  # a system slower than this on a work runs it once
# A worker sees the packages of its own environment only, and may keep compiled ones, as at a user's.
HIDDEN = ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Job:
    """One system on one work.

    Attributes:
        command: the whole command line.
        answers: the process prints one JSON line; otherwise only its duration counts.
        fills: executions that make the work done, or None where there are none to count.
        quotes: quotes that make the work done, or None.
        orders: orders that make the work done where none of them fills, or None.
        position: shares held when the work is done, or None where nobody counts them.
        warm_up: run once first without counting.
    """

    work: str
    system: str
    command: Sequence[str]
    answers: bool = True
    fills: int | None = None
    quotes: int | None = None
    orders: int | None = None
    position: int | None = None
    warm_up: bool = False

    @property
    def place(self) -> Place:
        """Return the work and the system."""
        return (self.work, self.system)


@dataclass
class Record:
    """What came out of all rounds."""

    samples: dict[Place, list[Sample]] = field(default_factory=dict)
    absent: dict[Place, str] = field(default_factory=dict)


class FailedRunError(Exception):
    """A worker gave no usable answer; the text says why."""


Execute = Callable[[Job], Sample]
Tell = Callable[[str], None]


def alternate(jobs: Sequence[Job], rounds: int) -> Iterator[tuple[int, Job]]:
    """Yield every job once per round, work by work, the systems of a work in turn."""
    for work in dict.fromkeys(job.work for job in jobs):
        for number in range(1, rounds + 1):
            yield from ((number, job) for job in jobs if job.work == work)


def run_all(
    jobs: Sequence[Job], rounds: int, execute: Execute, tell: Tell, record: Record | None = None
) -> Record:
    """Run every job in every round and return what they said.

    A job that fails is not tried again, and all its samples are dropped; one that takes longer
    than the patience runs once.
    """
    record = record or Record()
    finished: set[Place] = set()
    for number, job in alternate(jobs, rounds):
        if job.place in finished:
            continue
        try:
            if job.warm_up and number == 1:
                execute(job)
            sample = execute(job)
        except FailedRunError as reason:
            record.absent[job.place] = str(reason)
            record.samples.pop(job.place, None)
            finished.add(job.place)
            tell(f"{job.work}: {job.system} not measured here: {reason}")
            continue
        record.samples.setdefault(job.place, []).append(sample)
        if sample.process_seconds > PATIENCE_SECONDS:
            finished.add(job.place)
        tell(f"round {number}/{rounds} {job.work}: {job.system} {sample.process_seconds:.2f} s")
    return record


def execute(job: Job) -> Sample:
    """Run one worker process to its end and return its sample.

    Raises:
        FailedRunError: it failed, took too long, said nothing, or did not do the work.
    """
    environment = {name: text for name, text in os.environ.items() if name not in HIDDEN}
    begun = time.perf_counter()
    try:
        answer = subprocess.run(
            job.command,
            capture_output=True,
            text=True,
            env=environment,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FailedRunError(f"no answer within {TIMEOUT_SECONDS:.0f} s") from None
    except OSError as error:
        raise FailedRunError(f"{Path(job.command[0]).name} does not start: {error}") from error
    seconds = time.perf_counter() - begun
    if answer.returncode:
        raise FailedRunError(f"exit code {answer.returncode}: {last_line(answer.stderr)}")
    if not job.answers:
        return Sample(work=job.work, system=job.system, process_seconds=seconds)
    return check(job, replace(parse(job, answer.stdout), process_seconds=seconds))


def parse(job: Job, output: str) -> Sample:
    """Return the sample in the last line of what a worker printed.

    Raises:
        FailedRunError: the line is no JSON object, or lacks a field or has a wrong type.
    """
    try:
        facts = json.loads(last_line(output))
    except ValueError:
        raise FailedRunError(f"its last line is no JSON: {last_line(output)[:80]!r}") from None
    if not isinstance(facts, dict):
        raise FailedRunError("its last line is no JSON object")
    required = ("orders", "fills", "quotes", "seconds", "version", "max_rss_mb")
    missing = [name for name in required if name not in facts]
    if missing:
        raise FailedRunError(f"its JSON line lacks {', '.join(missing)}")
    known = {name: facts[name] for name in SAMPLE_FIELDS if name in facts}
    return Sample(**known | {"work": job.work, "system": job.system})


def check(job: Job, sample: Sample) -> Sample:
    """Return the sample if the work was done in full.

    Raises:
        FailedRunError: fills, quotes or orders are missing or too many, what is held at the end
            is not what it must be, or no time passed.
    """
    if sample.seconds <= 0:
        raise FailedRunError(f"seconds must be above 0, it says {sample.seconds}")
    for name in ("fills", "quotes", "orders", "position"):
        done, wanted = getattr(sample, name), getattr(job, name)
        if wanted is not None and done != wanted:
            raise FailedRunError(f"it did other work: {done:,} of {wanted:,} {name}")
    return sample


def last_line(text: str) -> str:
    """Return the last line that says something."""
    lines: Iterable[str] = reversed(text.splitlines())
    return next((line.strip() for line in lines if line.strip()), "it said nothing")


SAMPLE_FIELDS = tuple(field.name for field in fields(Sample))
