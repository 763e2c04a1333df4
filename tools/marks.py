"""Read the marks on the tests, without running or importing any of them."""  # noqa: INP001

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]

Test = ast.FunctionDef | ast.AsyncFunctionDef
Words = tuple[str, ...]


def marks(name: str) -> Iterator[tuple[Words, str]]:
    """Yield (the words in the brackets, the test) for every ``pytest.mark.<name>(...)``."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        yield from marks_in(path, name)


def marks_in(path: Path, name: str) -> Iterator[tuple[Words, str]]:
    """Yield the marks of one file: on the test, on its class and on the whole file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    place = path.relative_to(ROOT).as_posix()
    whole = [found for node in tree.body if _is_pytestmark(node) for found in _words(node, name)]
    for node, above, outer in _tests(tree, name):
        own = [found for mark in node.decorator_list for found in _words(mark, name)]
        for words in dict.fromkeys([*whole, *own, *outer]):
            yield words, f"{place}::{above}{node.name}"


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
    )


def _tests(tree: ast.Module, name: str) -> Iterator[tuple[Test, str, list[Words]]]:
    for node in tree.body:
        if isinstance(node, Test) and node.name.startswith("test_"):
            yield node, "", []
        elif isinstance(node, ast.ClassDef):
            marked = [found for mark in node.decorator_list for found in _words(mark, name)]
            for inner in node.body:
                if isinstance(inner, Test) and inner.name.startswith("test_"):
                    yield inner, f"{node.name}::", marked


def _words(node: ast.AST, name: str) -> list[Words]:
    """Return the words of every ``pytest.mark.<name>(...)`` inside."""
    return [
        tuple(str(word.value) for word in call.args if isinstance(word, ast.Constant))
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == name
    ]
