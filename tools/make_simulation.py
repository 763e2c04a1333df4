"""Write the tables of the page on the simulation from the code; a test compares the two.

python3 dev.py python tools/make_simulation.py
"""  # noqa: INP001  # a program, not a package

from pathlib import Path
from typing import Final

from fillpath.chaos.bugs import BUGS
from fillpath.chaos.faults import FAULTS
from fillpath.chaos.violations import INVARIANTS

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "simulation.md"

TABLES: Final = {
    "| class | what happens |": [f"| `{fault.name}` | {fault.meaning} |" for fault in FAULTS],
    "| number | promise | checked |": [
        f"| {i.number} | {i.text} | {i.checked or 'not here: ' + i.why_not} |" for i in INVARIANTS
    ],
    "| bug | modelled on |": [f"| {bug.name} | {bug.like} |" for bug in BUGS],
}
"""The rows of each generated table, by its header."""


def with_tables(page: str) -> str:
    """Return the page with the rows of its generated tables replaced."""
    lines: list[str] = []
    inside = False
    for line in page.splitlines():
        if line in TABLES:
            lines += [line, "|" + "---|" * (line.count("|") - 1), *TABLES[line]]
            inside = True
        elif not (inside and line.startswith("|")):
            inside = False
            lines.append(line)
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
