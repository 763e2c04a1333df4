"""Make docs/reference/faults.md: which test shows that which fault is survived.

python3 dev.py python tools/make_faults.py             the table, with the results known so far
python3 dev.py python tools/make_faults.py --run       run those tests first, and note how they went
"""  # noqa: INP001  # a program, not a package

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.faults import FAULTS, SECTIONS  # noqa: E402
from tools.marks import marks  # noqa: E402

PAGE: Final = ROOT / "docs" / "reference" / "faults.md"
RESULTS: Final = ROOT / ".tools" / "fault-results.json"
HEAD: Final = """# Faults that are survived

Made by `tools/make_faults.py` from the marks on the tests; a test keeps it true. The result is that
of the last run of `python3 dev.py python tools/make_faults.py --run`. A fault without a test here
names the part of the project that it waits for.
"""


@functools.cache
def table() -> dict[str, list[str]]:
    """Return the tests of every fault, by id."""
    found: dict[str, list[str]] = {fault: [] for fault in FAULTS}
    for ids, test in marks("fault"):
        for fault in ids:
            if test not in found[fault]:
                found[fault].append(test)
    return found


def page(results: dict[str, str]) -> str:
    """Return the page."""
    rows = [HEAD]
    tests = table()
    for section, title in SECTIONS.items():
        rows.append(
            f"\n## {section}. {title}\n\n| id | fault | tests | last result |\n|---|---|---|---|"
        )
        for name, fault in FAULTS.items():
            if fault.section == section:
                rows.append(row(name, tests[name], results))
    return "\n".join(rows) + "\n"


def row(name: str, tests: list[str], results: dict[str, str]) -> str:
    """Return the line of one fault: its tests, and the worst of their results."""
    fault = FAULTS[name]
    if not tests:
        waits = f"waits for: {fault.elsewhere}" if fault.elsewhere else "not shown yet"
        return f"| {name} | {fault.title} | {waits} | |"
    shown = "<br>".join(f"`{test.rpartition('/')[2]}`" for test in tests)
    outcome = {results.get(test, "not run") for test in tests}
    result = next(word for word in ("failed", "not run", "skipped", "passed") if word in outcome)
    return f"| {name} | {fault.title} | {shown} | {result} |"


def run_tests() -> dict[str, str]:
    """Run every marked test and return how each one went, the worst of its parameters."""
    tests = sorted({test for found in table().values() for test in found})
    RESULTS.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "-p", "tests.fault_results"]
    subprocess.run([*command, *tests], cwd=ROOT, check=False)  # noqa: S603  # our own tests
    return known()


def known() -> dict[str, str]:
    """Return the results of the last run."""
    if not RESULTS.exists():
        return {}
    results: dict[str, str] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results


def main() -> None:
    """Write the page."""
    results = run_tests() if "--run" in sys.argv else known()
    PAGE.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
