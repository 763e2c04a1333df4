"""The coverage that the last full test run must have reached, for decisions and for the rest.

`python3 dev.py test` runs this after pytest. A decision module is one that the purity contract
names: what decides about money is covered to the last branch, what acts to nine tenths.
"""

import io
import sys
from pathlib import Path
from typing import NamedTuple

from coverage import Coverage
from coverage.exceptions import CoverageException

from tests.house.project import ROOT, contract


class Floor(NamedTuple):
    """A share of branches and lines that a set of files must reach."""

    title: str
    percent: int
    include: list[str]
    omit: list[str]


def decision_files(modules: list[str], source: Path) -> list[str]:
    """Return the patterns of the files that hold these modules, packages with all below them."""
    patterns = []
    for module in modules:
        path = source.joinpath(*module.split("."))
        patterns.append(f"{path}/*" if path.is_dir() else f"{path}.py")
    return patterns


def floors(modules: list[str], source: Path) -> tuple[Floor, Floor]:
    """Return the two floors, given the names of the decision modules."""
    decisions = decision_files(modules, source)
    return (
        Floor("decision modules", 100, include=decisions, omit=[]),
        Floor("all other modules", 90, include=[f"{source}/*"], omit=decisions),
    )


def shortfall(coverage: Coverage, floor: Floor) -> str | None:
    """Return the report of the files below the floor, or None when it is reached."""
    report = io.StringIO()
    try:
        reached = coverage.report(include=floor.include, omit=floor.omit, file=report)
    except CoverageException as problem:
        return f"{floor.title}: {problem}"
    if reached >= floor.percent:
        return None
    return f"{report.getvalue()}\n{floor.title}: {reached:.1f} % covered, {floor.percent} % needed"


def main(data: Path, modules: list[str], source: Path) -> int:
    """Print every shortfall; return 1 when there is one."""
    coverage = Coverage(data_file=data, config_file=str(ROOT / "pyproject.toml"))
    coverage.load()
    missed = [text for floor in floors(modules, source) if (text := shortfall(coverage, floor))]
    sys.stderr.writelines(f"{text}\n" for text in missed)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(ROOT / ".coverage", contract("purity")["source_modules"], ROOT / "src"))
