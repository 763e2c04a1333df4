"""Where the numbers come from: the machine, its load, and the interpreters it has."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

OLDEST = (3, 11)
NAME = re.compile(r"python3(\.\d+)?")
ASK = """
import os, sys
print(*sys.version_info[:4], sys.prefix, sys.base_prefix, os.path.realpath(sys.executable), sep="|")
"""


@dataclass(frozen=True, order=True)
class Interpreter:
    """One Python of this machine."""

    version: tuple[int, ...]
    path: str

    def __str__(self) -> str:
        """Return the version as people write it."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True)
class Machine:
    """What a reader needs to judge absolute numbers."""

    processor: str
    cores: int
    memory_gb: float | None
    system: str
    load: tuple[float, ...]

    def facts(self) -> dict[str, object]:
        """Return the fields as plain values."""
        return asdict(self)


def look() -> Machine:
    """Return what this machine is and how busy it was in the last minutes."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 0,
        memory_gb=_memory_gb(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        load=tuple(round(value, 2) for value in os.getloadavg()),
    )


def interpreters() -> list[Interpreter]:
    """Return every Python of at least 3.11 found on the machine, one per version, newest first."""
    found: dict[tuple[int, ...], Interpreter] = {}
    for path in candidates():
        known = ask(path)
        if known and known.version[:2] >= OLDEST:
            found.setdefault(known.version, known)
    return sorted(found.values(), reverse=True)


def candidates() -> Iterator[Path]:
    """Yield every file that may be a Python: those of PATH, of pyenv, of uv, and our own base."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += sorted(pyenv.glob("versions/*/bin"))
    folders += sorted((Path.home() / ".local/share/uv/python").glob("*/bin"))
    folders.append(Path(sys.base_prefix) / "bin")
    for folder in folders:
        try:
            files = sorted(folder.iterdir())
        except OSError:
            continue
        yield from (file for file in files if NAME.fullmatch(file.name))


def ask(path: Path) -> Interpreter | None:
    """Return the version a file answers with, or None when it is no whole Python of its own.

    An answer that is an environment's is passed over: its base is found by itself.
    """
    try:
        answer = subprocess.run(
            [path, "-I", "-c", ASK],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
    *numbers, level, prefix, base, program = answer.split("|")
    if level != "final" or prefix != base:
        return None
    return Interpreter(tuple(int(number) for number in numbers), program)


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (ValueError, OSError):
        return None
