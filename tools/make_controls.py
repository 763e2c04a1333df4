"""Make docs/reference/controls.md, and the list of tests that the package carries.

python3 dev.py python tools/make_controls.py           both, from the table and the marks
python3 dev.py python tools/make_controls.py --run     run the marked tests first

Each run of the tests leaves its evidence for ``fillpath risk selfassess`` (tests/control_results.py).
"""  # noqa: INP001  # a program, not a package

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fillpath.risk.controls import CONTROLS, Control  # noqa: E402
from tools.marks import marks  # noqa: E402

PAGE: Final = ROOT / "docs" / "reference" / "controls.md"
SHIPPED: Final = ROOT / "src" / "fillpath" / "config" / "control_tests.json"
WAYS: Final = ("refuses", "passes")
STAGES: Final = {"C": "Before a trade", "A": "While orders work", "P": "After a trade"}
HEAD: Final = """# Controls

Made by `tools/make_controls.py` from `fillpath.risk.controls` and the marks on the tests; a test
keeps it true. `fillpath risk selfassess` shows the same with the limits in force and the last
result of each test.

Gates: G0 takes signals in, G1 sizes, G2 judges what was decided about a signal, G4 asks once more
about each order at the last instruction before the broker. A **hard** control lets nothing
past it, a **soft** one asks a person, a **latch** stays until a person clears it, a **monitor**
watches and acts. An operand that is missing, stale or not above zero is a refusal `CTRL_nn_INPUT`.
Simulation, replay and the stub risk nothing real, so some defaults are wider there.
"""

Tests = dict[str, dict[str, list[str]]]


@functools.cache
def table() -> Tests:
    """Return the tests of every control: those that it refuses in, those that it lets pass in."""
    found: Tests = {name: {way: [] for way in WAYS} for name in CONTROLS}
    for (*ids, way), test in marks("control"):
        for name in ids:
            if test not in found[name][way]:
                found[name][way].append(test)
    return found


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for letter, title in STAGES.items():
        own = [control for name, control in CONTROLS.items() if name.startswith(letter)]
        parts.append(f"\n## {title}\n")
        parts.append("| id | control | gates, kind | codes | settings | live | simulated | tests |")
        parts.append("|---|---|---|---|---|---|---|---|")
        parts.extend(_row(control) for control in own)
        parts.append(f"\n### Why: {title.lower()}\n")
        parts.append("| id | decided in | why | waits for |\n|---|---|---|---|")
        parts.extend(f"| {c.id} | `{c.decided_in}` | {c.rationale} | {c.waits_for} |" for c in own)
    return "\n".join(parts) + "\n"


def _row(control: Control) -> str:
    gates = f"{' '.join(control.gates)}, {control.kind}"
    tests = table()[control.id]
    shown = "<br>".join(f"{way}: {_names(tests[way])}" for way in WAYS if tests[way])
    cells = (
        control.id,
        control.title,
        gates,
        _code(control.codes),
        _code(control.settings),
        control.live,
        control.simulated,
        shown or "not shown yet",
    )
    return f"| {' | '.join(cells)} |"


def _code(words: tuple[str, ...]) -> str:
    return "<br>".join(f"`{word}`" for word in words)


def _names(tests: list[str]) -> str:
    return ", ".join(f"`{test.rpartition('::')[2]}`" for test in tests)


def shipped() -> str:
    """Return the list that the package carries."""
    return json.dumps(table(), indent=1) + "\n"


def run_tests() -> None:
    """Run every marked test; the plugin notes how each one went."""
    tests = {test for ways in table().values() for named in ways.values() for test in named}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", *sorted(tests)]
    subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603  # our own tests


def main() -> None:
    """Write the page and the list."""
    PAGE.write_text(page(), encoding="utf-8")
    SHIPPED.write_text(shipped(), encoding="utf-8")
    if "--run" in sys.argv:
        run_tests()


if __name__ == "__main__":
    main()
