"""Make docs/reference/security.md: which test shows that which requirement is met.

python3 dev.py python tools/make_security.py
"""  # noqa: INP001  # a program, not a package

import functools
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.security import REQUIREMENTS  # noqa: E402
from tools.marks import marks  # noqa: E402

PAGE: Final = ROOT / "docs" / "reference" / "security.md"
MOST: Final = 8
HEAD: Final = """# Security of the dashboard

Made by `tools/make_security.py` from the marks on the tests; a test keeps it true. How people sign in
is told in [Let people sign in](../how-to/users.md).

Attackers that are thought of: a page of another site in the operator's browser, a neighbour in the
network, a read-only token that leaked, a hostile strategy, a stolen laptop or backup, a curious
colleague. Whoever is the user of the machine that runs the engine may do everything.

| id | requirement | tests | what does not hold |
|---|---|---|---|
"""


@functools.cache
def table() -> dict[str, list[str]]:
    """Return the tests of every requirement, by id."""
    found: dict[str, list[str]] = {name: [] for name in REQUIREMENTS}
    for ids, test in marks("security"):
        for name in ids:
            if test not in found[name]:
                found[name].append(test)
    return found


def page() -> str:
    """Return the page."""
    return HEAD + "".join(f"{_row(name)}\n" for name in REQUIREMENTS)


def _row(name: str) -> str:
    requirement, tests = REQUIREMENTS[name], table()[name]
    shown = [f"`{test.rpartition('/')[2]}`" for test in tests[:MOST]]
    if len(tests) > MOST:
        shown.append(f"and {len(tests) - MOST} more")
    cells = (name, requirement.title, "<br>".join(shown) or "not shown yet", requirement.left)
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
