"""House rules that no linter knows: size, reasons, names, and nothing of one machine."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.project import ROOT, SOURCE, programs, texts

LINES_OF_A_FILE = 500
LINES_OF_A_FUNCTION = 50
WEAK_NAMES = {"common", "helper", "helpers", "manager2", "misc", "stuff", "util", "utils"}

# The sources of packages and the folders of one machine, in parts so that this file passes too.
HOSTS = tuple(rf"{name}\.org" for name in ("pypi", "pythonhosted", "npmjs", "deb.debian"))
FOLDERS = tuple(rf"(?<![\w.])/{name}/" for name in ("home", "root", "tmp", "work"))
MARKERS = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")

PROGRAMS = list(programs())
OURS = [path for path in PROGRAMS if SOURCE in path.parents]
TEXTS = list(texts())


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    docstring = ast.get_docstring(function, clean=False)
    documented = docstring.count("\n") + 1 if docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - documented


def occurrences(path: Path, patterns: tuple[str, ...]) -> list[str]:
    wanted = re.compile("|".join(patterns))
    rows = path.read_text(encoding="utf-8").splitlines()
    return [f"{named(path)}:{number}" for number, row in enumerate(rows, 1) if wanted.search(row)]


@pytest.mark.parametrize("path", PROGRAMS, ids=named)
def test_a_module_says_its_reason_first(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert not source or ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("path", PROGRAMS, ids=named)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES_OF_A_FILE


@pytest.mark.parametrize("path", PROGRAMS, ids=named)
def test_a_function_fits_on_a_page(path: Path) -> None:
    long = [
        f"{node.name}: {length(node)}"
        for node in functions(path)
        if length(node) > LINES_OF_A_FUNCTION
    ]

    assert long == []


def test_functions_are_typically_short() -> None:
    lengths = sorted(length(node) for path in OURS for node in functions(path))

    assert lengths[int(0.95 * (len(lengths) - 1))] <= 25


@pytest.mark.parametrize("path", PROGRAMS, ids=named)
def test_a_file_is_named_for_what_it_holds(path: Path) -> None:
    assert path.stem not in WEAK_NAMES
    assert path.parent.name not in WEAK_NAMES


@pytest.mark.parametrize("path", TEXTS, ids=named)
def test_a_file_names_no_package_registry(path: Path) -> None:
    assert occurrences(path, HOSTS) == []


@pytest.mark.parametrize("path", TEXTS, ids=named)
def test_a_file_names_no_folder_of_one_machine(path: Path) -> None:
    assert occurrences(path, FOLDERS) == []


@pytest.mark.parametrize("path", PROGRAMS, ids=named)
def test_no_work_is_left_as_a_marker(path: Path) -> None:
    assert occurrences(path, tuple(rf"\b{word}\b" for word in MARKERS)) == []


def broad_handlers(path: Path) -> list[str]:
    caught = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler)]
    broad = re.compile(r"\b(?:Base)?Exception\b")
    return [
        f"{named(path)}:{node.lineno}"
        for node in caught
        if node.type is None or broad.search(ast.unparse(node.type))
    ]


def test_only_the_supervisor_catches_everything() -> None:
    broad = [place for path in OURS for place in broad_handlers(path)]

    assert [place for place in broad if "runtime/tasks.py" not in place] == []


def test_no_test_uses_a_mock() -> None:
    library = "unittest." + "mock"

    assert [named(path) for path in PROGRAMS if library in path.read_text(encoding="utf-8")] == []


def test_no_test_of_a_connection_depends_on_the_hour_it_runs_at() -> None:
    """The default windows of ConnectionPolicy are hours of the real night in New York."""
    asleep = [
        f"{path.relative_to(ROOT)}:{row}"
        for folder in ("integration", "proc")
        for path in sorted((ROOT / "tests" / folder).rglob("*.py"))
        for row, call in _calls_of(path, "ConnectionPolicy")
        if "windows" not in {word.arg for word in call.keywords}
    ]

    assert asleep == []


def _calls_of(path: Path, name: str) -> list[tuple[int, ast.Call]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (node.lineno, node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]
