"""Many variants of one backtest, each the same wherever it runs: process pool, Dask or Ray."""

import hashlib
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace as renewed
from enum import StrEnum
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml
from msgspec import Struct
from msgspec.structs import replace

from fillpath.backtest.engine import BacktestRequest
from fillpath.backtest.engines import engine_of
from fillpath.backtest.run import Rules
from fillpath.core.errors import ConfigError
from fillpath.reports.performance import Performance, daily_sharpe, returns_of

MOST_VARIANTS: Final = 10_000
Progress = Callable[[int, int], None]


class Executor(StrEnum):
    """Where variants run."""

    PROCESS = "process"
    DASK = "dask"
    RAY = "ray"


class Objective(StrEnum):
    """What the best variant has most of; a field of ``Performance``."""

    SHARPE = "sharpe"
    SORTINO = "sortino"
    TOTAL_RETURN = "total_return"
    PROFIT_FACTOR = "profit_factor"


class Sweep(Struct, frozen=True, forbid_unknown_fields=True):
    """What is tried.

    Args:
        grid: values of each parameter; every combination is a variant.
        objective: what the best one has most of.
    """

    grid: dict[str, list[Any]]
    objective: Objective = Objective.SHARPE

    def variants(self) -> list[dict[str, Any]]:
        """Return every combination, the last parameter changing fastest."""
        names = list(self.grid)
        return [
            dict(zip(names, values, strict=True))
            for values in itertools.product(*self.grid.values())
        ]


class Task(Struct, frozen=True):
    """One variant to run.

    Args:
        request: the run.
        make_rules: makes the policies where it runs, because they do not travel.
        folder: where modules are looked for first.
    """

    request: BacktestRequest
    make_rules: Callable[[], Rules]
    folder: str


class Variant(Struct, frozen=True):
    """What one variant did.

    Args:
        parameters: of the strategy.
        seed: its own, from the seed of the sweep and its parameters.
        performance: the figures.
        daily_sharpe: not scaled to a year; None where there is not enough.
    """

    parameters: dict[str, Any]
    seed: int
    performance: Performance
    daily_sharpe: float | None


def read_sweep(path: Path) -> Sweep:
    """Return what a YAML or JSON file asks for.

    Raises:
        ConfigError: it cannot be read, or asks for nothing or for too much.
    """
    try:
        sweep = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Sweep)
    except OSError as error:
        raise ConfigError(f"--sweep {path}: {error.strerror}") from error
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"--sweep {path} must hold a grid of parameters and their values: {error}"
        ) from error
    count = 1
    for values in sweep.grid.values():
        count *= len(values)
    if not sweep.grid or not 1 <= count <= MOST_VARIANTS:
        raise ConfigError(
            f"--sweep {path} must make 1 to {MOST_VARIANTS:,} variants, it makes {count:,}"
        )
    return sweep


def seed_of(seed: int, parameters: Mapping[str, Any]) -> int:
    """Return the seed of a variant: the same in every sweep that it is a part of."""
    text = msgspec.json.encode([seed, dict(parameters)], order="sorted")
    return int.from_bytes(hashlib.sha256(text).digest()[:8]) >> 1


def variant_of(request: BacktestRequest, parameters: Mapping[str, Any]) -> BacktestRequest:
    """Return the request with these parameters and the seed that goes with them."""
    replay = request.replay
    return replace(
        request,
        parameters={**request.parameters, **parameters},
        replay=renewed(replay, seed=seed_of(replay.seed, parameters)),
    )


def run_task(task: Task) -> Variant:
    """Run one variant; called in other processes."""
    if task.folder not in sys.path:
        sys.path.insert(0, task.folder)
    result = engine_of(task.request, task.make_rules()).run(task.request)
    returns = returns_of([point.equity for point in result.closes])
    return Variant(result.parameters, result.seed, result.performance, daily_sharpe(returns))


def best(variants: Sequence[Variant], objective: Objective) -> Variant | None:
    """Return the variant with most of the objective, the first of equals; None if none has any."""
    known = [one for one in variants if getattr(one.performance, objective) is not None]
    return max(known, key=lambda one: getattr(one.performance, objective), default=None)


def run_tasks(
    tasks: Sequence[Task], executor: Executor, workers: int, progress: Progress | None = None
) -> list[Variant]:
    """Run every task and return the variants in the order of the tasks.

    Raises:
        ConfigError: the executor's library is not installed, or a run cannot be carried out.
    """
    found = []
    with _mapper(executor, workers) as mapper:
        for variant in mapper(tasks):
            found.append(variant)
            if progress is not None:
                progress(len(found), len(tasks))
    return found


Mapper = Callable[[Sequence[Task]], Iterator[Variant]]


@contextmanager
def _mapper(executor: Executor, workers: int) -> Iterator[Mapper]:
    if executor is Executor.PROCESS:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield lambda tasks: pool.map(run_task, tasks)
    elif executor is Executor.DASK:
        with _dask(workers) as mapper:
            yield mapper
    else:
        with _ray(workers) as mapper:
            yield mapper


@contextmanager
def _dask(workers: int) -> Iterator[Mapper]:
    try:
        dask: Any = import_module("distributed")
    except ImportError as error:
        raise ConfigError("--executor dask needs the extra dask: install fillpath[dask]") from error
    # Without an address its server would listen on port 8787 of every interface.
    options: dict[str, Any] = {
        "threads_per_worker": 1,
        "host": "127.0.0.1",
        "dashboard_address": "127.0.0.1:0",
        "scheduler_kwargs": {"dashboard": False},
    }
    with dask.LocalCluster(n_workers=workers, **options) as cluster, dask.Client(cluster) as client:
        yield lambda tasks: iter(client.gather(client.map(run_task, tasks, pure=False)))


@contextmanager
def _ray(workers: int) -> Iterator[Mapper]:
    try:
        ray: Any = import_module("ray")
    except ImportError as error:
        raise ConfigError(
            "--executor ray needs the package ray, which fillpath does not bring: install it, or "
            "use --executor process or dask"
        ) from error
    ray.init(num_cpus=workers, include_dashboard=False)
    try:
        remote = ray.remote(run_task)
        yield lambda tasks: (ray.get(one) for one in [remote.remote(task) for task in tasks])
    finally:
        ray.shutdown()
