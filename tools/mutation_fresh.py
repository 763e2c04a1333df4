"""Try one mutant in a process that has imported nothing of it yet; ends with 1 when a test fails.

The request comes on the standard input: the module, the code of the mutant and the tests in order.
"""  # noqa: INP001  # a program, not a package

import base64
import json
import marshal
import resource
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import pytest  # noqa: E402

from tools.mutation_session import MEMORY  # noqa: E402

CHANGED: Final = 1


class Wanted:
    """A pytest plugin that keeps the wanted tests, in their order."""

    def __init__(self, names: list[str]) -> None:
        self.places = {name: place for place, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Drop and sort."""
        wanted = [item for item in items if item.nodeid in self.places]
        items[:] = sorted(wanted, key=lambda item: self.places[item.nodeid])


def install(path: str, code: str) -> None:
    """Let the module be its mutant, whoever imports it."""
    changed: CodeType = marshal.loads(base64.b64decode(code))  # noqa: S302  # from our own parent
    usual = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        return changed if self.path == path else usual(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[assignment,method-assign]


def main() -> int:
    """Run the tests on the mutant and return 1 when one fails, or when it cannot be imported."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    request = json.load(sys.stdin)
    install(request["path"], request["code"])
    files = dict.fromkeys(name.split("::")[0] for name in request["tests"])
    words = ["-x", "-q", "-p", "no:cacheprovider", *files]
    code = pytest.main(words, plugins=[Wanted(request["tests"])])
    return 0 if code == pytest.ExitCode.OK else CHANGED


if __name__ == "__main__":
    sys.exit(main())
