"""The command that breaks the engine on purpose: one seed, a campaign, or the seeded bugs."""

# ruff: noqa: PLC0415

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from fillpath.cli_table import FAILED, OK, Chosen, Command, Option, UsageError, whole

LAST_SEED: Final = 2**63 - 1
MOST_DAYS: Final = 365
MOST_WORKERS: Final = 256


def _simulate(chosen: Chosen) -> int:
    if chosen.stress is not None:
        return _stress(chosen)
    if chosen.bugs:
        return _hunt(chosen)
    if chosen.seeds is not None:
        return _campaign(chosen)
    return _one(chosen)


def _one(chosen: Chosen) -> int:
    """Run one seed, with a seeded bug where one is named."""
    from fillpath.chaos.bugs import planted
    from fillpath.chaos.campaign import Total, bug_names, story, table
    from fillpath.chaos.simulation import Asked, simulate

    if chosen.bug and chosen.bug not in bug_names():
        known = ", ".join(bug_names())
        raise UsageError(f"--bug must be one of {known}, got {chosen.bug!r}")
    with planted(chosen.bug):
        wanted = Asked(realistic=chosen.realistic)
        ran = simulate(chosen.seed, chosen.days or 1, bug=chosen.bug, asked=wanted)
    total = Total()
    total.add(ran)
    _say([*table(total), f"hash {ran.hash}"])
    if ran.violation is None:
        return OK
    _say(["", *story(ran)])
    return FAILED


def _stress(chosen: Chosen) -> int:
    """Run twice the busiest load of a journal."""
    from fillpath.chaos.busy import busiest
    from fillpath.chaos.stressing import DAYS, stress, told
    from fillpath.data.journal import read_journal

    stressed = stress(busiest(read_journal(chosen.stress)), chosen.seed, chosen.days or DAYS)
    _say(told(stressed))
    return FAILED if stressed.problem else OK


def _campaign(chosen: Chosen) -> int:
    from fillpath.chaos.campaign import campaign, story, table

    began = time.perf_counter()
    total = campaign(
        chosen.seeds,
        chosen.days or 1,
        chosen.workers,
        _progress(len(chosen.seeds)),
        realistic=chosen.realistic,
    )
    _say([*table(total), f"{time.perf_counter() - began:,.1f} s with {chosen.workers} processes"])
    for ran in total.failed:
        _say(["", *story(ran)])
    return FAILED if total.failed else OK


def _hunt(chosen: Chosen) -> int:
    from fillpath.chaos.campaign import bug_names, detections, hunt

    names = [chosen.bug] if chosen.bug else bug_names()
    found = hunt(names, chosen.days or 1, chosen.workers)
    _say(detections(found))
    return OK if all(one.seeds for one in found) else FAILED


def _progress(of: int) -> Any:
    def show(done: int) -> None:
        if sys.stderr.isatty() or done == of:
            sys.stderr.write(f"\r{done} of {of} seeds{'' if done < of else chr(10)}")

    return show


def _say(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _seeds(text: str) -> range:
    """Return the seeds ``A..B``, both included."""
    try:
        first, last = (int(part) for part in text.split(".."))
    except ValueError:
        first, last = 1, 0
    if not 0 <= first <= last <= LAST_SEED:
        raise argparse.ArgumentTypeError(f"must be A..B, such as 1..200, got {text!r}")
    return range(first, last + 1)


COMMANDS: Final = (
    Command(
        ("simulate",),
        "run the engine under virtual time with every kind of fault; exit code 1 on a violation",
        (
            Option(
                "--seed",
                "seed of everything random; the same seed gives the same run (default 1)",
                {"type": whole(0, LAST_SEED), "metavar": "N", "default": 1},
            ),
            Option(
                "--seeds",
                "run every seed from A to B and print a table instead of one run",
                {"type": _seeds, "metavar": "A..B"},
            ),
            Option(
                "--days",
                "trading days of each run, of seven minutes each (default 1; a stress test has 5)",
                {"type": whole(1, MOST_DAYS), "metavar": "D"},
            ),
            Option(
                "--bug",
                "plant this seeded bug first, to see that it is found",
                {"metavar": "NAME", "default": ""},
            ),
            Option(
                "--realistic",
                "let the venue fill late, in line and in parts, as the profile realistic does",
                {"action": "store_true"},
            ),
            Option(
                "--bugs",
                "plant every seeded bug in turn and count the seeds until each is found",
                {"action": "store_true"},
            ),
            Option(
                "--stress",
                "run twice the busiest load that this journal file shows, without faults, for 35 "
                "minutes of virtual time or --days; exit code 1 when an invariant breaks",
                {"type": Path, "metavar": "JOURNAL"},
            ),
            Option(
                "--workers",
                "processes that share the work (default 1)",
                {"type": whole(1, MOST_WORKERS), "metavar": "N", "default": 1},
            ),
        ),
        _simulate,
    ),
)
