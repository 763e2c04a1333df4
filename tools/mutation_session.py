"""Try mutants inside one pytest session: collect once, then fork for each mutant.

A child swaps the code of the changed function in place, so nothing is imported again, and runs the
tests that reach the changed lines until one fails. What is not inside a function exists before any
test is collected; such a mutant is tried in a process of its own (``tools/mutation_fresh.py``).
"""  # noqa: INP001  # a program, not a package

import base64
import functools
import gc
import json
import marshal
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple

import pytest
from coverage import Coverage

from tools.mutants import Mutant, mutants

ROOT: Final = Path(__file__).resolve().parents[1]
KILLED: Final = "killed"
SURVIVED: Final = "survived"
UNREACHED: Final = "unreached"
TIMEOUT: Final = "timeout"
BROKE: Final = "broke"
MEMORY: Final = 6 * 2**30
PATIENCE: Final = 3.0
BUDGET: Final = 20.0
READERS: Final = frozenset({"test_words.py", "test_defaults.py", "test_rows.py"})
"""Seconds for one mutant; what no test has noticed by then has survived."""

Key = tuple[str, int]
_CACHE: Final = functools._lru_cache_wrapper  # noqa: SLF001  # its type has no other name


class Outcome(NamedTuple):
    """What became of a mutant: killed, timeout, survived or unreached; and by which test."""

    result: str
    test: str = ""


class Reach(NamedTuple):
    """What the tests reach without any mutant.

    Args:
        lines: tests by line, by file; a test is its place in the session.
        seconds: time of each test.
        failing: tests that fail anyhow, or were skipped.
        importing: lines that run while the tests are imported, by file.
    """

    lines: dict[str, dict[int, list[int]]]
    seconds: list[float]
    failing: set[int]
    importing: dict[str, set[int]]


class Session:
    """A pytest plugin that tries mutants instead of running the tests.

    Args:
        coverage: runs since before the tests were imported.
        targets: the modules to change.
        known: outcomes by key that need not be tried again.
        workers: processes at once.
        told: takes each outcome as it comes.
    """

    def __init__(
        self, coverage: Coverage, targets: list[Path], known: dict[str, Outcome], workers: int,
        told: Any,
    ) -> None:  # fmt: skip
        self.coverage = coverage
        self.targets = targets
        self.known = known
        self.workers = workers
        self.told = told
        self.failed = False
        self.items: list[pytest.Item] = []
        self.reach = Reach({}, [], set(), {})
        self.killers: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.context = multiprocessing.get_context("fork")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notice a failure; a test that skips shows nothing."""
        self.failed = self.failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every mutant, module by module."""
        if session.testsfailed:
            raise pytest.UsageError("the tests cannot be collected")
        self.items = session.items
        self.reach = self._measured()
        sys.stderr.write(
            f"{len(self.items)} tests in {sum(self.reach.seconds):.0f} s, "
            f"{len(self.reach.failing)} of them fail or skip without any mutant\n"
        )
        for place in sorted(self.reach.failing):
            sys.stderr.write(f"  not used: {self.items[place].nodeid}\n")
        living = {path: functions_of(path) for path in self.targets}
        gc.collect()
        gc.freeze()  # what is never collected is never copied into a child
        for path in self.targets:
            self._hunt(path, living[path])
        return True

    def _measured(self) -> Reach:
        """Run every test once, in a child, and learn what it reaches."""
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            child = self.context.Process(target=self._measure, args=(file.name,))
            child.start()
            self.coverage.stop()
            child.join()
            told = json.loads(Path(file.name).read_text(encoding="utf-8"))
        return Reach(
            {f: {int(n): found for n, found in rows.items()} for f, rows in told["lines"].items()},
            told["seconds"],
            set(told["failing"]),
            {file: set(rows) for file, rows in told["importing"].items()},
        )

    def _measure(self, file: str) -> None:
        quiet()
        seconds, failing = [], []
        caches = [one for one in gc.get_objects() if isinstance(one, _CACHE)]
        for place, item in enumerate(self.items):
            for cache in caches:  # else only the first test seems to reach what is cached
                cache.cache_clear()
            self.coverage.switch_context(str(place))
            self.failed = False
            began = time.perf_counter()
            self._run(item, self.items[place + 1] if place + 1 < len(self.items) else None)
            seconds.append(time.perf_counter() - began)
            if self.failed:
                failing.append(place)
        self.coverage.stop()
        lines: dict[str, dict[int, list[int]]] = {}
        importing: dict[str, list[int]] = {}
        for path in map(str, self.targets):
            found = self.coverage.get_data().contexts_by_lineno(path)
            lines[path] = {n: sorted(int(c) for c in cs if c) for n, cs in found.items()}
            importing[path] = [n for n, contexts in found.items() if "" in contexts]
        told = {"lines": lines, "seconds": seconds, "failing": failing, "importing": importing}
        Path(file).write_text(json.dumps(told), encoding="utf-8")
        os._exit(0)

    def _run(self, item: pytest.Item, after: pytest.Item | None) -> None:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)

    def _hunt(self, path: Path, live: dict[Key, list[FunctionType]]) -> None:
        """Try the mutants of one module, some at once."""
        running: dict[int, tuple[BaseProcess, Connection, Mutant]] = {}
        for mutant in mutants(path.read_text(encoding="utf-8")):
            if mutant.key in self.known:
                self.told(path, mutant, self.known[mutant.key])
                continue
            tests = self._tests(path, mutant)
            if not tests:
                self.told(path, mutant, Outcome(UNREACHED))
                continue
            while len(running) >= self.workers:
                self._collect(path, running)
            receiver, sender = self.context.Pipe(duplex=False)
            child = self.context.Process(
                target=self._attempt, args=(path, mutant, live, tests, sender)
            )
            child.start()
            sender.close()
            running[child.sentinel] = (child, receiver, mutant)
        while running:
            self._collect(path, running)

    def _tests(self, path: Path, mutant: Mutant) -> list[int]:
        """Return the tests that reach a mutant, those first that are likely to notice it."""
        rows = self.reach.lines[str(path)]
        span = range(mutant.first, mutant.last + 1)
        if mutant.function:
            found = {test for line in span for test in rows.get(line, ())}
        else:
            found = {test for tests in rows.values() for test in tests}
        if not mutant.function or self._is_imported(path, mutant):  # what it made, tests may read
            found |= {n for n, item in enumerate(self.items) if _reads(item.nodeid, path.stem)}
        killers, seconds = self.killers[f"{path}:{mutant.function}"], self.reach.seconds
        usable = found - self.reach.failing
        return sorted(usable, key=lambda test: (-killers.get(test, 0), seconds[test]))

    def _collect(
        self, path: Path, running: dict[int, tuple[BaseProcess, Connection, Mutant]]
    ) -> None:
        """Wait until one child or more is done, and tell of it."""
        for sentinel in wait(list(running)):
            assert isinstance(sentinel, int)
            child, receiver, mutant = running.pop(sentinel)
            child.join()
            try:
                result, test = receiver.recv()
            except EOFError:  # it ended by a signal: the alarm of a test, or no memory
                outcome = Outcome(TIMEOUT)
            else:
                outcome = Outcome(result, self.items[test].nodeid if test >= 0 else "")
                if test >= 0:
                    self.killers[f"{path}:{mutant.function}"][test] += 1
            receiver.close()
            self.told(path, mutant, outcome)

    def _attempt(
        self,
        path: Path,
        mutant: Mutant,
        live: dict[Key, list[FunctionType]],
        tests: list[int],
        sender: Connection,
    ) -> None:
        """Try one mutant, in a child; never returns."""
        quiet()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        fits = bool(mutant.function) and swap(mutant, path, live)
        found = self._first_failure(tests) if fits else -1
        again = not fits or self._is_imported(path, mutant)
        if found >= 0:
            sender.send((KILLED, found))
        elif again:
            sender.send((self._fresh(path, mutant, tests), -1))
        else:
            sender.send((SURVIVED, -1))
        sender.close()
        os._exit(0)

    def _first_failure(self, tests: list[int]) -> int:
        self.failed = False
        began = time.perf_counter()
        for place, test in enumerate(tests):
            if time.perf_counter() - began > BUDGET:
                break
            after = self.items[tests[place + 1]] if place + 1 < len(tests) else None
            # The alarm ends the whole child: a test that hangs has noticed.
            signal.setitimer(signal.ITIMER_REAL, PATIENCE + 10 * self.reach.seconds[test])
            self._run(self.items[test], after)
            if self.failed:
                return test
        signal.setitimer(signal.ITIMER_REAL, 0)
        return -1

    def _is_imported(self, path: Path, mutant: Mutant) -> bool:
        """Return whether the lines also run while modules are imported, where no swap reaches."""
        lines = range(mutant.first, mutant.last + 1)
        return not self.reach.importing[str(path)].isdisjoint(lines)

    def _fresh(self, path: Path, mutant: Mutant, tests: list[int]) -> str:
        """Try a mutant in a new process: first with the tests of its module, then with all."""
        ordered = [self.items[test].nodeid for test in tests]
        near = [name for name in ordered if _reads(name, path.stem)]
        code = compile(mutant.tree, str(path), "exec", dont_inherit=True)
        packed = base64.b64encode(marshal.dumps(code)).decode()
        spent, affordable = 0.0, []
        for test in tests:
            spent += self.reach.seconds[test]
            if spent < BUDGET:
                affordable.append(self.items[test].nodeid)
        for names in (near, affordable):
            if not names:
                continue
            limit = 30 + 2 * BUDGET
            request = {"path": str(path), "code": packed, "tests": names}
            try:
                done = subprocess.run(  # noqa: S603  # our own program
                    [sys.executable, str(ROOT / "tools" / "mutation_fresh.py")],
                    input=json.dumps(request), text=True, capture_output=True, check=False,
                    timeout=limit, cwd=ROOT,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                return TIMEOUT
            if done.returncode != 0:
                return KILLED
        return SURVIVED


def _reads(name: str, stem: str) -> bool:
    """Return whether a test may look at what a module is made of, and run none of its lines."""
    file = Path(name.split("::", maxsplit=1)[0])
    return file.name in READERS or stem.rstrip("s") in file.stem


def quiet() -> None:
    """Send everything that is printed nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def functions_of(path: Path) -> dict[Key, list[FunctionType]]:
    """Return every function of a file that is alive, by name and first line."""
    found: dict[Key, list[FunctionType]] = defaultdict(list)
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename == str(path):
            found[thing.__code__.co_qualname, thing.__code__.co_firstlineno].append(thing)
    return found


def swap(mutant: Mutant, path: Path, live: dict[Key, list[FunctionType]]) -> bool:
    """Give the living functions the changed code; return False where it does not fit."""
    inside = f"{mutant.function}.<locals>."
    count = 0
    for code in _codes(compile(mutant.tree, str(path), "exec", dont_inherit=True)):
        if code.co_qualname != mutant.function and not code.co_qualname.startswith(inside):
            continue
        for function in live.get((code.co_qualname, code.co_firstlineno), ()):
            if code.co_freevars != function.__code__.co_freevars:
                return False
            function.__code__ = code
            count += 1
    return count > 0


def _codes(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _codes(inner)


__all__ = ["BROKE", "KILLED", "SURVIVED", "TIMEOUT", "UNREACHED", "Outcome", "Session"]
