"""The campaign of schedules: many seeds, each a life of faults between the engine and a gateway.

    python3 dev.py prove ibkr --count 1000 --seed 1 --workers 4

A seed that fails is printed with its story, kept in a file, and tried first the next time.
"""

import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from tests.proc.fast_time import SPEED, in_fast_time
from tests.proc.gateway_schedule import Figures, Schedule

KEPT: Final = Path(__file__).resolve().parents[2] / ".tools" / "ibkr-seeds.json"

TELL_EVERY: Final = 100


class Outcome(Struct):
    """What became of one seed: its figures, and why it failed if it did."""

    seed: int
    figures: Figures
    problem: str = ""


class Campaign(Struct):
    """What became of all seeds."""

    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def failed(self) -> list[Outcome]:
        """Return the outcomes that should not be."""
        return [outcome for outcome in self.outcomes if outcome.problem]


def play(seed: int) -> Outcome:
    """Play one schedule."""
    with tempfile.TemporaryDirectory(prefix="fillpath-") as folder:
        stage: list[Schedule] = []

        async def scene() -> Figures:
            stage.append(Schedule(seed, Path(folder)))
            return await stage[0].play()

        try:
            return Outcome(seed, in_fast_time(scene))
        except BaseException as error:  # noqa: BLE001  # whatever it is, the seed is told
            figures = stage[0].figures if stage else Figures()
            return Outcome(seed, figures, f"{type(error).__name__}: {error}")


def run(seeds: Iterable[int], workers: int) -> Iterator[Outcome]:
    """Play schedules side by side, in processes of their own; yield each outcome as it comes."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawned) as pool:
        for done in as_completed([pool.submit(play, seed) for seed in seeds]):
            yield done.result()


def prove(count: int, first: int, workers: int, kept: Path = KEPT) -> Campaign:
    """Play seeds from ``first`` on, those that failed before at the very beginning."""
    before = json.loads(kept.read_text()) if kept.exists() else []
    seeds = list(dict.fromkeys([*before, *range(first, first + count)]))
    campaign, began = Campaign(), time.monotonic()
    for outcome in run(seeds, workers):
        campaign.outcomes.append(outcome)
        if len(campaign.outcomes) % TELL_EVERY == 0:
            print(f"{len(campaign.outcomes)} of {len(seeds)}", flush=True)
        if outcome.problem:
            print(f"seed {outcome.seed}: {outcome.problem}")
            print(f"  {'; '.join(outcome.figures.story)}", flush=True)
    campaign.seconds = time.monotonic() - began
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps([outcome.seed for outcome in campaign.failed]))
    return campaign


def report(campaign: Campaign) -> str:
    """Return the figures of a campaign for a person."""
    figures = [outcome.figures for outcome in campaign.outcomes]
    total = {
        name: sum(getattr(each, name) for each in figures)
        for name in ("orders", "executions", "corrections", "connections", "restarts", "faults")
    }
    seeds = ", ".join(str(outcome.seed) for outcome in campaign.failed) or "none"
    return f"""{len(figures)} schedules in {campaign.seconds:.0f} s, {SPEED} times as fast as the world:
{total["connections"]} connections, {total["restarts"]} restarts of the engine from its journal, \
{total["faults"]} faults
{total["orders"]} orders, {total["executions"]} executions, {total["corrections"]} corrections and busts
lost or doubled fills and orders sent twice: {len(campaign.failed)} (seeds: {seeds})"""
