"""Small things the benchmark tests are made of: samples, jobs and worker scripts that pretend."""

import sys
from pathlib import Path

from benchmarks.figures import Figure, Sample
from benchmarks.inputs import InputPlan
from benchmarks.peers import System
from benchmarks.rounds import Job
from benchmarks.works import Work

ANSWER = """
import json, sys
facts = {{"orders": 2, "fills": 2, "quotes": 40, "seconds": {seconds}, "version": "1.0",
          "max_rss_mb": 12.5, "notional": 2000.0, "setup_seconds": 0.25, "unknown": True}}
print("a word of welcome")
print(json.dumps(facts))
"""


def a_sample(system: str = "ours", *, work: str = "held", **fields: float) -> Sample:
    facts = {"orders": 100, "fills": 100, "quotes": 1_000, "seconds": 2.0} | fields
    return Sample(work=work, system=system, **facts)  # type: ignore[arg-type]  # counts are whole


def a_job(
    system: str = "ours",
    *,
    work: str = "held",
    command: tuple[str, ...] = (),
    warm_up: bool = False,
) -> Job:
    return Job(work=work, system=system, command=command, fills=2, quotes=40, warm_up=warm_up)


def a_worker(
    folder: Path, *, name: str = "worker.py", seconds: float = 0.5, body: str = ""
) -> Path:
    script = folder / name
    script.write_text(body or ANSWER.format(seconds=seconds), "utf-8")
    return script


def a_system(worker: Path, *, name: str = "fillpath", version: str = "1.0") -> System:
    return System(name, version, "3.11.7", Path(sys.executable), worker, "json.tool")


def a_work(*, name: str = "held", systems: tuple[str, ...] = ("fillpath", "nautilus-pre")) -> Work:
    return Work(
        name=name,
        task="held",
        title="two orders",
        systems=systems,
        figure=Figure.ORDERS_PER_SECOND,
        full=InputPlan(orders=2),
    )
