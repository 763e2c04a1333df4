"""One environment per peer, each with the newest release that an interpreter here can install."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import dev
from benchmarks.machine import Interpreter
from benchmarks.works import BACKTESTING, BACKTRADER, NAUTILUS_PRE, NAUTILUS_STABLE, POLARS

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".tools" / "bench"
WORKERS = Path(__file__).resolve().parent / "workers"
VERSION = re.compile(r"(?P<release>\d+(?:\.\d+)*)(?:(?P<stage>a|b|rc)(?P<number>\d+))?")
STAGES = {"a": 0, "b": 1, "rc": 2, None: 3}

Run = Callable[[Sequence[str], str], subprocess.CompletedProcess[str]]
"""Runs a program with a text on its standard input and returns what it said."""


@dataclass(frozen=True)
class Peer:
    """A system that is not ours.

    Attributes:
        name: what tables and ``--only`` call it.
        package: its name on the package index.
        requirement: what is asked of the index; naming a pre-release allows pre-releases.
        workers: the script for each major version.
        modules: what a user imports before the first run, for each major version.
    """

    name: str
    package: str
    requirement: str
    workers: Mapping[int, str]
    modules: Mapping[int, str]


_NAUTILUS_WORKERS = {1: "nautilus_v1.py", 2: "nautilus_v2.py"}
_NAUTILUS_MODULES = {1: "nautilus_trader.backtest.engine", 2: "nautilus_trader.backtest"}
PEERS = (
    Peer(
        NAUTILUS_PRE,
        "nautilus-trader",
        "nautilus-trader>=2.0.0rc0",
        _NAUTILUS_WORKERS,
        _NAUTILUS_MODULES,
    ),
    Peer(
        NAUTILUS_STABLE,
        "nautilus-trader",
        "nautilus-trader",
        _NAUTILUS_WORKERS,
        _NAUTILUS_MODULES,
    ),
    Peer(BACKTRADER, "backtrader", "backtrader", {1: "backtrader_v1.py"}, {1: "backtrader"}),
    Peer(BACKTESTING, "backtesting", "backtesting", {0: "backtesting_v0.py"}, {0: "backtesting"}),
    Peer(
        POLARS,
        "polars",
        "polars",
        {1: "polars_costs.py", 2: "polars_costs.py"},
        {1: "polars", 2: "polars"},
    ),
)


@dataclass(frozen=True)
class System:
    """Something that can be measured: an interpreter, a worker and what it imports."""

    name: str
    version: str
    interpreter: str
    python: Path
    worker: Path
    module: str


@dataclass(frozen=True)
class Absent:
    """Something that cannot be measured here, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Release:
    """A version of a package and the interpreter that can install it."""

    version: str
    interpreter: Interpreter


class UnavailableError(Exception):
    """No interpreter here can install the peer; the text says why."""


class Installer:
    """Finds, installs and remembers the peers, with uv."""

    def __init__(self, interpreters: Sequence[Interpreter], run: Run, home: Path = HOME) -> None:
        """Work with these interpreters, newest first."""
        self.interpreters = interpreters
        self.run = run
        self.home = home

    def prepare(self, peer: Peer) -> System | Absent:
        """Return the peer ready to run, installing it when its environment is not there yet."""
        try:
            release = self.newest(peer)
            self.install(peer, release)
        except UnavailableError as reason:
            return Absent(peer.name, str(reason))
        major = int(release.version.split(".")[0])
        if major not in peer.workers:
            return Absent(peer.name, f"there is no worker for {peer.package} {release.version} yet")
        return System(
            name=peer.name,
            version=release.version,
            interpreter=str(release.interpreter),
            python=self.python(peer),
            worker=WORKERS / peer.workers[major],
            module=peer.modules[major],
        )

    def python(self, peer: Peer) -> Path:
        """Return the interpreter of the peer's environment."""
        return self.home / peer.name / "bin" / "python"

    def newest(self, peer: Peer) -> Release:
        """Return the newest release that one of the interpreters can install without a compiler.

        Raises:
            UnavailableError: none can.
        """
        answers = [
            self.resolve(peer, interpreter) for interpreter in one_per_minor(self.interpreters)
        ]
        releases = [answer for answer in answers if isinstance(answer, Release)]
        if releases:
            return max(releases, key=lambda release: version_key(release.version))
        if not answers:
            raise UnavailableError("no Python of at least 3.11 was found on this machine")
        raise UnavailableError(str(answers[0]))

    def resolve(self, peer: Peer, interpreter: Interpreter) -> Release | str:
        """Return the newest release for one interpreter, or why there is none."""
        options = [
            "--no-config",
            "--quiet",
            "--no-header",
            "--no-annotate",
            "--only-binary",
            ":all:",
        ]
        command = ["pip", "compile", *options, "--python", interpreter.path, "-"]
        answer = self.run(command, peer.requirement)
        for line in answer.stdout.splitlines():
            name, _, version = line.strip().partition("==")
            if name == peer.package and version:
                return Release(version, interpreter)
        return f"Python {interpreter}: {first_line(answer.stderr)}"

    def install(self, peer: Peer, release: Release) -> None:
        """Make the environment unless it already holds exactly this release.

        Raises:
            UnavailableError: uv could not make it.
        """
        folder = self.home / peer.name
        stamp = folder / "fillpath-bench.json"
        wanted = {"version": release.version, "interpreter": release.interpreter.path}
        if stamp.exists() and json.loads(stamp.read_text("utf-8")) == wanted:
            return
        self.home.mkdir(parents=True, exist_ok=True)
        create = ["venv", "--no-config", "--no-project", "--quiet", "--clear"]
        package = f"{peer.package}=={release.version}"
        # Compiled when installed, as pip does: else the first import would pay for it.
        fill = ["pip", "install", "--no-config", "--quiet", "--compile-bytecode"]
        fill += ["--only-binary", ":all:", "--python", str(self.python(peer)), package]
        for command in ([*create, "--python", release.interpreter.path, str(folder)], fill):
            answer = self.run(command, "")
            if answer.returncode:
                raise UnavailableError(f"{package}: {first_line(answer.stderr)}")
        stamp.write_text(json.dumps(wanted), "utf-8")


def uv() -> Run:
    """Return a runner of uv: the binary of FILLPATH_UV, else the one dev.py installs packages with."""
    program = os.environ.get("FILLPATH_UV") or dev._uv()  # noqa: SLF001  # one place brings uv
    environment = dev._uv_environment()  # noqa: SLF001  # one place knows where packages come from

    def run(arguments: Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments],
            input=text,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def one_per_minor(interpreters: Sequence[Interpreter]) -> list[Interpreter]:
    """Return the newest interpreter of each minor version, newest first."""
    newest: dict[tuple[int, ...], Interpreter] = {}
    for interpreter in sorted(interpreters, reverse=True):
        newest.setdefault(interpreter.version[:2], interpreter)
    return list(newest.values())


def version_key(version: str) -> tuple[tuple[int, ...], int, int]:
    """Return what versions sort by: a pre-release comes before its release."""
    match = VERSION.match(version)
    if match is None:
        return ((), 0, 0)
    release = tuple(int(part) for part in match["release"].split("."))
    return (release, STAGES[match["stage"]], int(match["number"] or 0))


def first_line(text: str) -> str:
    """Return the first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "no reason was given")
