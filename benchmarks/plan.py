"""From words on the command line to jobs: which works, which goals, which processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bars, fill_tapes, inputs, recordings
from benchmarks.goals import GOALS, Goal
from benchmarks.peers import WORKERS, Absent, System
from benchmarks.rounds import Job, Record
from benchmarks.works import FILLPATH, WORKS, Work

WORK_A = ("round-trips", "held")


@dataclass(frozen=True)
class Wanted:
    """What one run is about."""

    works: tuple[Work, ...]
    goals: tuple[Goal, ...]


def choose(only: str) -> Wanted:
    """Return the works named, with commas between, and the goals they allow a verdict on.

    Raises:
        ValueError: a name is neither a work, nor a goal, nor ``A``.
    """
    words = [word.strip() for word in only.split(",") if word.strip()]
    if not words:
        return Wanted(WORKS, GOALS)
    names = {name for word in words for name in works_of(word)}
    return Wanted(
        works=tuple(work for work in WORKS if work.name in names),
        goals=tuple(goal for goal in GOALS if names.issuperset(goal.works())),
    )


def works_of(word: str) -> tuple[str, ...]:
    """Return the names of the works that one word stands for."""
    by_goal = tuple(name for goal in GOALS if goal.key == word.upper() for name in goal.works())
    if by_goal:
        return by_goal
    if word.upper() == "A":
        return WORK_A
    names = [work.name for work in WORKS]
    if word in names:
        return (word,)
    allowed = ", ".join(["A", *dict.fromkeys(goal.key for goal in GOALS), *names])
    raise ValueError(f"--only got {word!r}; allowed are {allowed}")


def jobs_of(
    wanted: Wanted, systems: Sequence[System | Absent], target: Path, *, quick: bool
) -> tuple[list[Job], Record]:
    """Write the inputs and return the jobs, with a record of those that cannot be."""
    jobs: list[Job] = []
    record = Record()
    known = {system.name: system for system in systems}
    for work in wanted.works:
        present = []
        for name in work.systems:
            match known[name]:
                case Absent(_, reason):
                    record.absent[work.name, name] = reason
                case system:
                    present.append(system)
        prepare(work, target, ours=any(s.name == FILLPATH for s in present), quick=quick)
        jobs += [job_of(work, system, target / work.name, quick=quick) for system in present]
    return jobs, record


def prepare(work: Work, target: Path, *, ours: bool, quick: bool) -> None:
    """Write the input of one work, also in fillpath's own formats where fillpath takes part."""
    plan = work.plan(quick=quick)
    if plan is None:
        return
    if isinstance(plan, fill_tapes.FillPlan):
        fill_tapes.write(plan, target / work.name)
        return
    if isinstance(plan, bars.BarPlan):
        recorded = bars.write(plan, target / work.name)
        if ours:
            recordings.write_bars(recorded, target / work.name)
        return
    columns = inputs.write(plan, target / work.name)
    if ours:
        recordings.write(columns, plan, target / work.name)


def job_of(work: Work, system: System, folder: Path, *, quick: bool) -> Job:
    """Return the process that does one work with one system."""
    python = str(system.python)
    plan = work.plan(quick=quick)
    match work.task:
        case "help":
            command = [python, "-m", system.name, "--help"]
        case "ready":
            command = [python, str(WORKERS / "fillpath_ready.py")]
        case "import":
            command = [python, str(WORKERS / "import_time.py"), system.module, system.name]
        case _:
            command = [python, str(system.worker), work.task]
            command += ["--system", system.name, "--inputs", str(folder)]
    return Job(
        work=work.name,
        system=system.name,
        command=command,
        answers=work.task not in {"help", "ready"},
        fills=work.expected_fills(plan) if plan else None,
        quotes=plan.quotes if plan else None,
        orders=plan.orders if plan and not work.fills_per_order else None,
        position=plan.position if isinstance(plan, bars.BarPlan) else None,
        warm_up=work.warm_up,
    )
