"""Make docs/reference/faults.md: which test shows that which fault is survived.

python3 dev.py python tools/make_faults.py             the table, with the results known so far
python3 dev.py python tools/make_faults.py --run       run those tests first, and note how they went
"""  # noqa: INP001  # a program, not a package

import ast
import functools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.faults import FAULTS, SECTIONS  # noqa: E402

PAGE: Final = ROOT / "docs" / "reference" / "faults.md"
RESULTS: Final = ROOT / ".tools" / "fault-results.json"
HEAD: Final = """# Faults that are survived

Made by `tools/make_faults.py` from the marks on the tests; a test keeps it true. The result is that
of the last run of `python3 dev.py python tools/make_faults.py --run`. A fault without a test here
names the part of the project that it waits for.
"""


def marked(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (fault id, test) of one file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(ROOT).as_posix()
    whole = [i for node in tree.body if _is_pytestmark(node) for i in _ids(node)]
    for node, prefix in _tests(tree):
        ids = [*whole, *(i for mark in node.decorator_list for i in _ids(mark)), *prefix[1]]
        for fault in dict.fromkeys(ids):
            yield fault, f"{name}::{prefix[0]}{node.name}"


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
    )


Test = ast.FunctionDef | ast.AsyncFunctionDef


def _tests(tree: ast.Module) -> Iterator[tuple[Test, tuple[str, list[str]]]]:
    for node in tree.body:
        if isinstance(node, Test) and node.name.startswith("test_"):
            yield node, ("", [])
        elif isinstance(node, ast.ClassDef):
            marks = [i for mark in node.decorator_list for i in _ids(mark)]
            for inner in node.body:
                if isinstance(inner, Test) and inner.name.startswith("test_"):
                    yield inner, (f"{node.name}::", marks)


def _ids(node: ast.AST) -> list[str]:
    """Return the ids of every ``pytest.mark.fault(...)`` inside."""
    return [
        str(word.value)
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "fault"
        for word in call.args
        if isinstance(word, ast.Constant)
    ]


@functools.cache
def table() -> dict[str, list[str]]:
    """Return the tests of every fault, by id."""
    found: dict[str, list[str]] = {fault: [] for fault in FAULTS}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for fault, test in marked(path):
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
                rows.append(_row(name, tests[name], results))
    return "\n".join(rows) + "\n"


def _row(name: str, tests: list[str], results: dict[str, str]) -> str:
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
