"""The pages that promise something name tests and files that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "explanation" / "readings.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
BUILT, UNBUILT = PAGE.split("\n## Not built yet\n")
TEST = re.compile(r"`((?:tests|src)/[\w/]+\.py::[\w:]+)`")
ROW = re.compile(r"^\| (?!reading \||-)(.+?) \| (.+) \|$", re.MULTILINE)
SECTIONS = {text.split("\n", 1)[0]: text for text in BUILT.split("\n## ")[1:]}


def names_in(body: list[ast.stmt], prefix: str = "") -> set[str]:
    """Return the names of the tests among these statements, those of classes with the class."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.ClassDef):
            names |= names_in(node.body, f"{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(prefix + node.name)
    return names


@cache
def names_in_file(path: Path) -> frozenset[str]:
    """Return the tests of a file, without importing it."""
    return frozenset(names_in(ast.parse(path.read_text(encoding="utf-8")).body))


def is_there(test: str) -> bool:
    file, _, name = test.partition("::")
    path = ROOT / file
    return (
        path.is_file()
        and name.rpartition("::")[2].startswith("test_")
        and name in names_in_file(path)
    )


def test_every_test_on_the_page_exists() -> None:
    named = sorted(set(TEST.findall(PAGE)))

    assert [name for name in named if not is_there(name)] == []
    assert len(named) > 100


def test_a_test_that_does_not_exist_is_found() -> None:
    assert is_there("tests/docs/test_readings.py::test_every_test_on_the_page_exists")
    assert not is_there("tests/docs/test_readings.py::test_nobody_wrote_this")
    assert not is_there("tests/docs/nowhere.py::test_every_test_on_the_page_exists")


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_reading_has_a_proof_and_nothing_else_beside_it(section: str) -> None:
    rows = ROW.findall(SECTIONS[section])

    assert rows
    assert [reading for reading, proof in rows if not TEST.search(proof)] == []
    assert [proof for _, proof in rows if TEST.sub("", proof).strip(", ")] == []


def test_the_page_says_what_is_not_built() -> None:
    assert not TEST.search(UNBUILT)
    assert "Interactive Brokers" in UNBUILT
    assert "TimescaleDB" not in UNBUILT  # which has been built since


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(\w+/[\w/]+\.py)`", ARCHITECTURE))))
def test_the_files_of_the_architecture_page_exist(path: str) -> None:
    assert (ROOT / "src" / "fillpath" / path).is_file()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([A-Z][A-Za-z]+)`", ARCHITECTURE))))
def test_the_names_of_the_architecture_page_exist(name: str) -> None:
    sources = (ROOT / "src" / "fillpath").rglob("*.py")

    assert any(
        re.search(rf"^class {name}\b", path.read_text("utf-8"), re.MULTILINE) for path in sources
    )
