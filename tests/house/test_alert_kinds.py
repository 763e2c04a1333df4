"""Every alarm that the code can raise has a page of its own: what it means and what to do."""

import ast
from collections.abc import Iterator

from fillpath.monitoring.kinds import KINDS
from tests.house.project import SOURCE

PLACES = {"RaiseAlarm": 1, "_alarm": 1, "Notice": 0}
"""Which argument carries the code, by what is called."""
LEFT_OUT = {"chaos", "testing"}


def trees() -> Iterator[ast.Module]:
    for path in sorted(SOURCE.rglob("*.py")):
        if not LEFT_OUT & set(path.relative_to(SOURCE).parts):
            yield ast.parse(path.read_text(encoding="utf-8"))


def constants() -> dict[str, str]:
    """Return the words that stand behind names, in every module."""
    found = {}
    for tree in trees():
        for node in tree.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
                found[ast.unparse(node.target)] = node.value.value
    return {name: word for name, word in found.items() if isinstance(word, str)}


def raised() -> set[str]:
    """Return every code that is written where an alarm is raised."""
    known = constants()
    codes = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = PLACES.get(node.func.id)
                if place is None or len(node.args) <= place:
                    continue
                code = node.args[place]
                if isinstance(code, ast.Constant):
                    codes.add(str(code.value))
                elif isinstance(code, ast.Name) and code.id in known:
                    codes.add(known[code.id])
    return codes


def test_every_alarm_that_is_raised_has_a_kind() -> None:
    codes = raised()

    assert len(codes) > 50
    assert sorted(codes - set(KINDS)) == []


def test_every_trouble_of_a_connection_and_every_breaker_has_a_kind() -> None:
    from fillpath.ibkr.states import Trouble  # noqa: PLC0415
    from fillpath.risk.kill_switch import _CODES  # noqa: PLC0415  # the list of latches

    assert sorted({str(trouble) for trouble in Trouble} - set(KINDS)) == []
    assert sorted(set(_CODES) - set(KINDS)) == []
