"""Measure fillpath beside other engines on the same work, and judge the speed goals.

python3 dev.py bench [--quick] [--rounds N] [--only A,twap,...] [--clock wall|processor]
                     [--json FILE] [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(
    0, str(Path(__file__).resolve().parent.parent)
)  # started as a file, not as a module

from rich.console import Console

from benchmarks import machine, peers, tables
from benchmarks.figures import Sample
from benchmarks.goals import Verdict, judge
from benchmarks.ours import ourselves
from benchmarks.plan import Wanted, choose, jobs_of
from benchmarks.rounds import Job, Record, execute, run_all

ROUNDS = 5
QUICK_ROUNDS = 3
WIDTH = 150  # of the tables when the output is no terminal


@dataclass(frozen=True)
class Scope:
    """What one run measures, with whom, where the inputs lie, and how often."""

    wanted: Wanted
    systems: Sequence[peers.System | peers.Absent]
    target: Path
    rounds: int
    quick: bool
    clock: str = "wall"


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and print it; return the exit code."""
    options = parse(arguments)
    try:
        wanted = choose(options.only)
    except ValueError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    with folder(options.keep) as target:
        systems = systems_of(wanted)
        scope = Scope(wanted, systems, target, rounds, quick=options.quick, clock=options.clock)
        report = bench(console, scope)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small inputs, three rounds")
    parser.add_argument("--rounds", type=positive, help=f"runs of each system ({ROUNDS})")
    parser.add_argument("--only", default="", help="works, goals (S1) or A, with commas between")
    parser.add_argument(
        "--clock",
        choices=("wall", "processor"),
        default="wall",
        help="what workers measure their run by: time that passes, or time on all processors",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the inputs there and keep")
    return parser.parse_args(arguments)


def positive(text: str) -> int:
    """Return a whole number of at least 1."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"rounds must be at least 1, got {text}")
    return count


def bench(console: Console, scope: Scope) -> dict[str, object]:
    """Measure, print, and return everything as plain values."""
    here = machine.look()
    tables.show_machine(console, here, scope.systems)
    tell(f"writing the inputs to {scope.target}")
    jobs, record = jobs_of(scope.wanted, scope.systems, scope.target, quick=scope.quick)
    if scope.clock != "wall":
        jobs = [by_clock(job, scope.clock) for job in jobs]
    record = run_all(jobs, scope.rounds, execute, tell, record)
    for work in scope.wanted.works:
        tables.show_work(console, work, record, quick=scope.quick)
    verdicts = [judge(goal, record.samples, record.absent) for goal in scope.wanted.goals]
    tables.show_commands(console, jobs)
    tables.show_goals(console, verdicts)
    return as_values(here, scope.systems, jobs, record, verdicts)


def by_clock(job: Job, clock: str) -> Job:
    """Return the job with another clock, where a worker measures it."""
    if "--inputs" not in job.command:
        return job
    return replace(job, command=[*job.command, "--clock", clock])


def systems_of(wanted: Wanted) -> list[peers.System | peers.Absent]:
    """Return fillpath and the peers that the works need, each ready to run or absent."""
    needed = {name for work in wanted.works for name in work.systems}
    found: list[peers.System | peers.Absent] = [ourselves()]
    chosen = [peer for peer in peers.PEERS if peer.name in needed]
    if chosen:
        tell("looking for interpreters and the newest peers they can install")
        installer = peers.Installer(machine.interpreters(), peers.uv())
        found += [installer.prepare(peer) for peer in chosen]
    return found


@contextmanager
def folder(keep: Path | None) -> Iterator[Path]:
    """Yield a folder for the inputs: the one asked for, else one that is removed at the end."""
    if keep:
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="fillpath-bench-") as name:
        yield Path(name)


def as_values(
    here: machine.Machine,
    systems: Sequence[peers.System | peers.Absent],
    jobs: Sequence[Job],
    record: Record,
    verdicts: Sequence[Verdict],
) -> dict[str, object]:
    """Return the whole report as values that JSON knows."""
    samples: list[Sample] = [sample for runs in record.samples.values() for sample in runs]
    return {
        "machine": here.facts(),
        "systems": [
            {name: str(value) for name, value in asdict(system).items()} for system in systems
        ],
        "commands": [list(job.command) for job in jobs],
        "samples": [asdict(sample) for sample in samples],
        "not_measured": [
            {"work": work, "system": system, "reason": reason}
            for (work, system), reason in record.absent.items()
        ],
        "goals": [
            {
                "key": verdict.goal.key,
                "title": verdict.goal.title,
                "value": verdict.value,
                "floor": verdict.goal.floor,
                "goal": verdict.goal.goal,
                "verdict": verdict.words,
            }
            for verdict in verdicts
        ],
    }


def tell(sentence: str) -> None:
    """Say on standard error what is going on, so that the report stays clean."""
    print(f"bench: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
