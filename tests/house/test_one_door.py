"""Orders leave through one door, and the type checker refuses what has no approval."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.project import ROOT

SOURCE = ROOT / "src" / "fillpath"
DOOR = SOURCE / "execution" / "sending.py"
SNIPPET = """\
from fillpath.core.commands import PlaceOrder
from fillpath.core.models import Order
from fillpath.execution.sending import OrderDoor
from fillpath.risk.approving import Approved


async def hand_over(door: OrderDoor, what: {kind}) -> None:
    await door.send(what)
"""


def uses(name: str) -> set[Path]:
    """Return the files that name an attribute or a function, outside brokers and simulation."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts
        if room[:2] == ("execution", "broker") or room[0] in {"chaos", "testing"}:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute | ast.Name)
        }
        if name in names:
            found.add(path)
    return found


@pytest.mark.control("C-50", "refuses")
@pytest.mark.parametrize("name", ["submit_order", "place_ticket"])
@pytest.mark.security("S-30")
def test_only_the_door_hands_orders_to_a_broker(name: str) -> None:
    assert uses(name) == {DOOR}


@pytest.mark.security("S-30")
def test_only_risk_makes_approvals() -> None:
    made = {
        path
        for path in SOURCE.rglob("*.py")
        if "chaos" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Approved"
    }

    assert made == {SOURCE / "risk" / "approving.py"}


@pytest.mark.control("C-50", "refuses")
@pytest.mark.security("S-30")
def test_the_type_checker_refuses_an_order_without_an_approval(tmp_path: Path) -> None:
    kinds = ("Approved", "PlaceOrder", "Order")
    for kind in kinds:
        (tmp_path / f"{kind.lower()}_.py").write_text(SNIPPET.format(kind=kind), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]
    command += ["--cache-dir", str(tmp_path / "cache"), str(tmp_path)]

    answer = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )  # our own words

    refused = {Path(row.split(":")[0]).stem for row in answer.stdout.splitlines() if "error" in row}
    assert refused == {"placeorder_", "order_"}, answer.stdout
