"""Change the decision modules a little, thousands of times, and see whether a test notices.

    python3 dev.py prove mutation                         everything, resumed where it was stopped
    python3 dev.py prove mutation risk/checks execution/sizing --workers 3
    python3 dev.py prove mutation --report                what is known, without trying anything

Outcomes are kept in ``.tools/mutation.json``. A mutant that was killed is tried again only when its
function changed; a survivor is tried at every run. Mutants that no test can tell from the original
are listed with the reason in ``tests/mutation/equivalent.toml``. Exit code 1 below the goal.
"""  # noqa: INP001  # a program, not a package

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import pytest  # noqa: E402
from coverage import Coverage  # noqa: E402

from tools.mutants import Mutant, mutants  # noqa: E402
from tools.mutation_session import KILLED, TIMEOUT, Outcome, Session  # noqa: E402

SOURCE: Final = ROOT / "src" / "fillpath"
KEPT: Final = ROOT / ".tools" / "mutation.json"
EQUIVALENT: Final = ROOT / "tests" / "mutation" / "equivalent.toml"
GOAL: Final = 90.0
MODULES: Final = (
    "risk",
    *(f"execution/{name}" for name in ("sizing", "pricing", "routing", "slicing", "lifecycle")),
    *(f"execution/{name}" for name in ("metrics", "instructing", "desk")),
)
PROSE: Final = ("risk/controls",)
"""Modules that hold sentences for people and decide nothing."""
TESTS: Final = ("tests/unit/core", "tests/unit/execution", "tests/unit/risk", "tests/property")
NOTICED: Final = frozenset({KILLED, TIMEOUT})


class Same(NamedTuple):
    """A change that changes nothing that can be seen.

    Args:
        module: path below ``src/fillpath`` without its ending.
        was: the statement before.
        now: the statement after.
        why: the reason.
    """

    module: str
    was: str
    now: str
    why: str


class Score(NamedTuple):
    """How many mutants of a module a test noticed."""

    module: str
    noticed: int
    same: int
    survivors: list[tuple[Mutant, str]]
    open: int

    @property
    def percent(self) -> float:
        """Return the share of what can be noticed that was."""
        tried = self.noticed + len(self.survivors)
        return 100 * self.noticed / tried if tried else 100.0


class Known:
    """Outcomes by key, on disk after each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        there = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.outcomes = {key: Outcome(*told) for key, told in there.items()}
        self.count: Counter[str] = Counter()

    def take(self, path: Path, mutant: Mutant, outcome: Outcome) -> None:
        """Keep an outcome and say it."""
        self.outcomes[mutant.key] = outcome
        self.count[outcome.result] += 1
        total = sum(self.count.values())
        if outcome.result not in NOTICED:
            sys.stderr.write(f"{named(path)}:{mutant.first} {outcome.result}: {change(mutant)}\n")
        if total % 50 == 0:
            self.write()
            sys.stderr.write(f"{named(path)}: {total} tried, {dict(self.count)}\n")

    def write(self) -> None:
        """Write all of them, whole or not at all."""
        self.path.parent.mkdir(exist_ok=True)
        draft = self.path.with_suffix(".part")
        draft.write_text(json.dumps(self.outcomes, indent=0), encoding="utf-8")
        draft.replace(self.path)


def named(path: Path) -> str:
    """Return a module's path below the package, without its ending."""
    return path.relative_to(SOURCE).with_suffix("").as_posix()


def change(mutant: Mutant) -> str:
    """Return the change in one line."""
    was, now = (" ".join(text.split()) for text in (mutant.was, mutant.now))
    begin = next((n for n, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), 0)
    begin = max(0, begin - 30)
    return f"[{mutant.function or '-'}] {was[begin : begin + 90]} => {now[begin : begin + 90]}"


def targets(words: list[str]) -> list[Path]:
    """Return the files behind names of modules or folders."""
    return sorted({path for word in words or MODULES for path in _files(word)})


def _files(word: str) -> Iterator[Path]:
    place = SOURCE / word
    found = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    for path in found:
        if not path.exists():
            raise SystemExit(f"there is no module {word!r} below {SOURCE.name}")
        if not named(path).startswith(PROSE):
            yield path


def equivalents() -> list[Same]:
    """Return the changes that change nothing."""
    rows = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("same", [])
    return [Same(row["module"], row["was"], row["now"], row["why"]) for row in rows]


def score(path: Path, outcomes: dict[str, Outcome], same: list[Same]) -> Score:
    """Return the score of a module as far as it is known."""
    module = named(path)
    silent = {(row.was, row.now) for row in same if row.module == module}
    noticed = alike = left = 0
    survivors = []
    for mutant in mutants(path.read_text(encoding="utf-8")):
        outcome = outcomes.get(mutant.key)
        if outcome is None:
            left += 1
        elif outcome.result in NOTICED:
            noticed += 1
        elif (" ".join(mutant.was.split()), " ".join(mutant.now.split())) in silent:
            alike += 1
        else:
            survivors.append((mutant, outcome.result))
    return Score(module, noticed, alike, survivors, left)


def report(scores: list[Score]) -> str:
    """Return the table of all modules, and every survivor."""
    rows = ["| module | noticed | survived | no difference | not tried | score |"]
    rows.append("|---|---|---|---|---|---|")
    noticed = sum(s.noticed for s in scores)
    survived = sum(len(s.survivors) for s in scores)
    rows.extend(
        f"| {s.module} | {s.noticed} | {len(s.survivors)} | {s.same} | {s.open} | {s.percent:.1f} % |"
        for s in scores
    )
    total = Score("all", noticed, sum(s.same for s in scores), [], sum(s.open for s in scores))
    share = 100 * noticed / max(noticed + survived, 1)
    rows.append(f"| all | {noticed} | {survived} | {total.same} | {total.open} | {share:.1f} % |")
    for s in scores:
        for mutant, result in s.survivors:
            rows.append(f"{s.module}:{mutant.first} {result}: {change(mutant)}")
    return "\n".join(rows)


def hunt(paths: list[Path], known: Known, workers: int, tests: list[str]) -> None:
    """Try every mutant whose outcome is not known."""
    done = {key: told for key, told in known.outcomes.items() if told.result in NOTICED}
    coverage = Coverage(
        data_file=None,
        config_file=False,
        include=[str(path) for path in paths],
        check_preimported=True,
    )
    coverage.start()
    session = Session(coverage, paths, done, workers, known.take)
    words = ["-q", "-p", "no:cacheprovider", "--capture=sys", *tests]
    try:
        pytest.main(words, plugins=[session])
    finally:
        known.write()


def main(words: list[str] | None = None) -> int:
    """Hunt, then report; 1 below the goal."""
    parser = argparse.ArgumentParser(
        prog="dev.py prove mutation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("modules", nargs="*", help="files or folders below src/fillpath")
    parser.add_argument("--workers", type=int, default=2, help="processes at once (default 2)")
    parser.add_argument("--report", action="store_true", help="try nothing, say what is known")
    parser.add_argument("--tests", default=",".join(TESTS), help="folders, with commas between")
    parser.add_argument("--kept", type=Path, default=KEPT, help="file of the outcomes")
    chosen: Any = parser.parse_args(words)
    paths, known = targets(chosen.modules), Known(chosen.kept)
    if not chosen.report:
        hunt(paths, known, chosen.workers, chosen.tests.split(","))
    scores = [score(path, known.outcomes, equivalents()) for path in paths]
    print(report([one for one in scores if one.noticed or one.survivors or one.open]))  # noqa: T201
    noticed = sum(one.noticed for one in scores)
    missed = sum(len(one.survivors) + one.open for one in scores)
    return 0 if 100 * noticed >= GOAL * (noticed + missed) else 1


if __name__ == "__main__":
    sys.exit(main())
