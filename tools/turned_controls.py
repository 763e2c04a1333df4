"""Take each check of the cascade out, then turn it round, and see which marked test notices.

A check that never objects must fail a test that its control refuses; one that always objects must
fail a test that its control lets something pass. Prints one JSON object: by check, the test that
noticed, empty where none did. Run by ``tests/house/test_every_control_matters.py``.
"""  # noqa: INP001  # a program, not a package

import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import FunctionType
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import pytest  # noqa: E402

from fillpath.risk.cascade import ROWS, Row  # noqa: E402
from tools.make_controls import table  # noqa: E402
from tools.mutation_session import quiet  # noqa: E402

QUICK: Final = ("tests/unit/", "tests/property/")
WAYS: Final = {
    "never objects": "def changed(ask, memory, limits):\n    return None\n",
    "always objects": "def changed(ask, memory, limits):\n"
    "    from fillpath.risk.verdicts import Objection\n"
    "    return Objection({code!r}, 'always', 0, 0, 0)\n"
    "def off(limits):\n    return ''\n",
}


class Turning:
    """A pytest plugin that runs, for every changed check, the tests that are marked with it."""

    def __init__(self) -> None:
        self.failed = False
        self.noticed: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notice a failure."""
        self.failed = self.failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every row of the cascade both ways, each in a child."""
        if session.testsfailed:
            raise pytest.UsageError("the tests cannot be collected")
        for row in ROWS:
            marked = [item for item in session.items if row.control in _controls(item)]
            for way, source in WAYS.items():
                name = f"{row.control} {row.code} {function_of(row.check).__name__} {way}"
                self.noticed[name] = _in_a_child(partial(self._try, row, source, marked))
        return True

    def _try(self, row: Row, source: str, items: list[pytest.Item], sender: Connection) -> None:
        quiet()
        for item in items:  # a test that fails anyhow notices nothing
            if self._fails(item):
                items = [one for one in items if one is not item]
        made: dict[str, Any] = {}
        exec(source.format(code=row.code), made)  # noqa: S102  # two sentences of our own
        function_of(row.check).__code__ = made["changed"].__code__
        if "off" in made:  # what always objects is never switched off either
            function_of(row.off).__code__ = made["off"].__code__
        sender.send(next((item.nodeid for item in items if self._fails(item)), ""))
        os._exit(0)

    def _fails(self, item: pytest.Item) -> bool:
        self.failed = False
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return self.failed


def _controls(item: pytest.Item) -> set[str]:
    return {name for mark in item.iter_markers("control") for name in mark.args[:-1]}


def _in_a_child(work: Callable[[Connection], None]) -> str:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=work, args=(sender,))
    child.start()
    sender.close()
    try:
        told = str(receiver.recv())
    except EOFError:
        told = "the process ended"
    child.join()
    return told


def function_of(check: Any) -> FunctionType:
    """Return the function behind a check, also where its first arguments are given already."""
    while isinstance(check, partial):
        check = check.func
    assert isinstance(check, FunctionType)
    return check


def main() -> int:
    """Print what was noticed."""
    wanted = {row.control for row in ROWS}
    tests = {test for name in wanted for named in table()[name].values() for test in named}
    files = sorted({test.partition("::")[0] for test in tests if test.startswith(QUICK)})
    turning = Turning()
    printed = os.dup(1)
    os.dup2(2, 1)
    code = pytest.main(["-q", "-p", "no:cacheprovider", "--capture=sys", *files], plugins=[turning])
    os.write(printed, json.dumps(turning.noticed).encode())
    return 0 if code in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED} else 1


if __name__ == "__main__":
    sys.exit(main())
