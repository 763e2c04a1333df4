"""Where the project's files are, for the tests that read them."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "fillpath"
PROGRAM_FOLDERS = ("src", "tests", "benchmarks", "examples", "tools")
TEXT_FOLDERS = (*PROGRAM_FOLDERS, "config", "deploy", "docs", "requirements", "web", ".ci")
# What others wrote, and what is built of what we wrote.
NOT_OURS = frozenset({ROOT / "web" / "node_modules", SOURCE / "web"})
TEXT_ENDINGS = frozenset(
    {"", ".cfg", ".css", ".csv", ".html", ".ini", ".js", ".json", ".jsonl", ".md", ".py", ".sh"}
    | {".sql", ".svg", ".toml", ".ts", ".tsx", ".txt", ".yaml", ".yml"},
)


def metadata() -> dict[str, Any]:
    """Return pyproject.toml, parsed."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def contract(name: str) -> dict[str, Any]:
    """Return the import-linter contract with this id."""
    contracts = metadata()["tool"]["importlinter"]["contracts"]
    return next(entry for entry in contracts if entry["id"] == name)


def programs() -> Iterator[Path]:
    """Yield every Python file of the project."""
    yield from (ROOT / "dev.py", ROOT / "hatch_build.py")
    for folder in PROGRAM_FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))


def texts() -> Iterator[Path]:
    """Yield every text file of the project: its folders, and the files at its top."""
    candidates = [path for folder in TEXT_FOLDERS for path in _below(ROOT / folder)]
    candidates += [path for path in ROOT.iterdir() if path.name != ".coverage"]
    for path in sorted(candidates):
        if path.is_file() and path.suffix in TEXT_ENDINGS and "__pycache__" not in path.parts:
            yield path


def _below(folder: Path) -> Iterator[Path]:
    for top, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if Path(top, name) not in NOT_OURS]
        yield from (Path(top, name) for name in files)


def module_name(path: Path) -> str:
    """Return the dotted name of a file under src/."""
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
