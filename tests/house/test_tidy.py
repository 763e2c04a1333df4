"""House rules that no linter knows: size, reasons, names, and nothing of one machine."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    docstring = ast.get_docstring(function, clean=False)
    documented = docstring.count("\n") + 1 if docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - documented


@dataclass(frozen=True)
class Facts:
    """What the rules ask of a program; kept instead of its tree, which is large."""

    reason: str | None
    lengths: tuple[tuple[str, int], ...]
    broad: tuple[int, ...]
    hourly: tuple[int, ...]


@cache
def facts(path: Path) -> Facts:
    tree = ast.parse(text(path))
    lengths: list[tuple[str, int]] = []
    broad: list[int] = []
    hourly: list[int] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lengths.append((node.name, length(node)))
        elif isinstance(node, ast.ExceptHandler) and catches_everything(node):
            broad.append(node.lineno)
        elif isinstance(node, ast.Call) and leaves_the_hour_open(node):
            hourly.append(node.lineno)
    return Facts(ast.get_docstring(tree), tuple(lengths), tuple(broad), tuple(hourly))


def catches_everything(node: ast.ExceptHandler) -> bool:
    return node.type is None or bool(re.search(r"\b(?:Base)?Exception\b", ast.unparse(node.type)))


def leaves_the_hour_open(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Name)
        and node.func.id == "ConnectionPolicy"
        and "windows" not in {word.arg for word in node.keywords}
    )


def occurrences(paths: list[Path], patterns: tuple[str, ...]) -> list[str]:
    wanted = re.compile("|".join(patterns))
    return [
        f"{named(path)}:{number}"
        for path in paths
        if wanted.search(text(path))
        for number, row in enumerate(text(path).splitlines(), 1)
        if wanted.search(row)
    ]


def test_a_module_says_its_reason_first() -> None:
    silent = [named(path) for path in PROGRAMS if text(path) and not facts(path).reason]

    assert silent == []


def test_a_file_can_be_read_in_one_sitting() -> None:
    long = [named(path) for path in PROGRAMS if len(text(path).splitlines()) > LINES_OF_A_FILE]

    assert long == []


def test_a_function_fits_on_a_page() -> None:
    long = [
        f"{named(path)}: {name}: {lines}"
        for path in PROGRAMS
        for name, lines in facts(path).lengths
        if lines > LINES_OF_A_FUNCTION
    ]

    assert long == []


def test_functions_are_typically_short() -> None:
    lengths = sorted(lines for path in OURS for _, lines in facts(path).lengths)

    assert lengths[int(0.95 * (len(lengths) - 1))] <= 25


def test_a_file_is_named_for_what_it_holds() -> None:
    weak = [named(path) for path in PROGRAMS if {path.stem, path.parent.name} & WEAK_NAMES]

    assert weak == []


def test_no_file_names_a_package_registry() -> None:
    assert occurrences(TEXTS, HOSTS) == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert occurrences(TEXTS, FOLDERS) == []


def test_no_work_is_left_as_a_marker() -> None:
    assert occurrences(PROGRAMS, tuple(rf"\b{word}\b" for word in MARKERS)) == []


def test_only_the_supervisor_catches_everything() -> None:
    broad = [f"{named(path)}:{row}" for path in OURS for row in facts(path).broad]

    assert broad == []


def test_no_test_uses_a_mock() -> None:
    library = "unittest." + "mock"

    assert [named(path) for path in PROGRAMS if library in text(path)] == []


def test_no_test_of_a_connection_depends_on_the_hour_it_runs_at() -> None:
    """The default windows of ConnectionPolicy are hours of the real night in New York."""
    folders = {ROOT / "tests" / folder for folder in ("integration", "proc")}
    asleep = [
        f"{named(path)}:{row}"
        for path in PROGRAMS
        if folders & set(path.parents)
        for row in facts(path).hourly
    ]

    assert asleep == []
