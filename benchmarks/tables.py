"""What a run prints: where it ran, each work, and the verdict on each goal."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Sample, spread
from benchmarks.goals import Verdict
from benchmarks.machine import Machine
from benchmarks.peers import Absent, System
from benchmarks.rounds import Job, Record
from benchmarks.works import Work

COLUMNS = ("range", "run s", "set-up s", "process s", "peak MB", "traded USD", "runs")
THOUSAND = 1_000
HUNDRED = 100


def show_machine(console: Console, machine: Machine, systems: Sequence[System | Absent]) -> None:
    """Print the machine and what is measured on it."""
    memory = f", {machine.memory_gb} GB" if machine.memory_gb else ""
    load = " ".join(f"{value:.2f}" for value in machine.load)
    console.print(f"{machine.processor}, {machine.cores} cores{memory}; {machine.system}")
    console.print(f"load average before the first run: {load}")
    table = Table("system", "version", "Python", "program", title="What is measured")
    for system in systems:
        match system:
            case System():
                table.add_row(system.name, system.version, system.interpreter, str(system.python))
            case Absent():
                table.add_row(system.name, "not measured here", "", system.reason)
    console.print(table)


def show_work(console: Console, work: Work, record: Record, *, quick: bool) -> None:
    """Print one work: a row per system, medians with their range, and who was not measured."""
    plan = work.plan(quick=quick)
    size = f" ({plan.quotes:,} quotes, {plan.orders:,} orders)" if plan else ""
    table = Table(title=f"{work.name}: {work.title}{size}")
    table.add_column("system")
    for heading in (work.figure.value, *COLUMNS):
        table.add_column(heading, justify="right")
    for system in work.systems:
        if (work.name, system) in record.samples:
            table.add_row(system, *row(work, record.samples[work.name, system]))
    if table.row_count:
        console.print(table)
    for system in work.systems:
        if (work.name, system) not in record.samples:
            reason = record.absent.get((work.name, system), "it did not run")
            console.print(f"{work.name}: {system} not measured here: {reason}", markup=False)


def row(work: Work, samples: Sequence[Sample]) -> list[str]:
    """Return the cells of one system: figures of medians, never of single lucky runs."""
    figure = spread(work.figure.of(sample) for sample in samples)
    medians = [
        spread(values).median
        for values in (
            [sample.seconds for sample in samples],
            [sample.setup_seconds for sample in samples],
            [sample.process_seconds for sample in samples],
            [sample.max_rss_mb for sample in samples],
            [sample.notional for sample in samples],
        )
    ]
    bounds = f"{number(figure.low)} - {number(figure.high)}"
    return [number(figure.median), bounds, *map(number, medians), str(figure.runs)]


def show_goals(console: Console, verdicts: Sequence[Verdict]) -> None:
    """Print the closing table: per goal the number, its floor and goal, and the verdict."""
    table = Table(title="Goals (ratios of medians of this run; S7 in seconds)")
    for heading in ("goal", "what", "measured", "floor", "goal", "moonshot", "verdict"):
        table.add_column(heading, justify="left" if heading in {"goal", "what"} else "right")
    for verdict in verdicts:
        goal = verdict.goal
        sign = "" if goal.more_is_better else "<= "
        table.add_row(
            goal.key,
            goal.title,
            "-" if verdict.value is None else f"{verdict.value:.2f}",
            f"{sign}{goal.floor:g}",
            f"{sign}{goal.goal:g}",
            "" if goal.moonshot is None else f"{goal.moonshot:g}",
            verdict.words,
        )
    console.print(table)


def show_commands(console: Console, jobs: Sequence[Job]) -> None:
    """Print the command line of every job, so that each number can be had again alone."""
    console.print("Commands (each once per round; --keep DIR keeps the input folders):")
    for job in jobs:
        console.print(f"  {shlex.join(job.command)}", soft_wrap=True, highlight=False, markup=False)


def number(value: float) -> str:
    """Return a number with as many digits as it deserves."""
    if value == 0:
        return "-"
    if abs(value) >= THOUSAND:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= HUNDRED else f"{value:.3f}"
