"""What the pages on people and signatures show works as it is written."""

import re

from fillpath import cli
from fillpath.core.ports import Delivery
from fillpath.data.bus.origin import Origins
from fillpath.risk.limits import Autonomy
from fillpath.settings.settings import CATALOGUE
from tests.house.project import ROOT

APPROVE = (ROOT / "docs" / "how-to" / "approve.md").read_text(encoding="utf-8")
REDIS = (ROOT / "docs" / "how-to" / "redis.md").read_text(encoding="utf-8")


def test_every_mode_has_its_row() -> None:
    assert set(re.findall(r"^\| `(\w+)`", APPROVE, re.MULTILINE)) == set(Autonomy)


def test_every_setting_that_is_named_exists() -> None:
    known = {".".join(path) for path in CATALOGUE.knobs}
    named = set(re.findall(r"`((?:risk|engine|broker|redis)\.[\w.]+)", APPROVE))

    assert named
    assert named <= known


def test_every_command_that_is_shown_exists() -> None:
    words = {command.words[0] for command in cli.COMMANDS}

    assert set(re.findall(r"fillpath (\w+)", APPROVE)) <= words


def test_a_strategy_that_signs_as_the_page_says_is_believed() -> None:
    (piece,) = [p for p in re.findall(r"```python\n(.*?)```", REDIS, re.DOTALL) if "hmac" in p]
    names: dict[str, object] = {}
    exec(compile(piece, "redis.md", "exec"), names)  # noqa: S102  # our own page
    signal = {"v": 1, "symbol": "AAPL", "direction": "LONG", "strength": 0.5}
    signal |= {"strategy_name": "trend", "signal_id": "s", "timestamp": "2026-03-02T14:30:00Z"}

    fields = names["signed"]("execution:signals", signal, b"k" * 32)  # type: ignore[operator]

    delivery = Delivery("1-0", fields["data"], signature=fields["signature"])
    read = Origins("execution:signals", {"trend": b"k" * 32}).read(delivery)
    assert read.signal.symbol == "AAPL"
