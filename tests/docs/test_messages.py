"""The page on messages names every field that travels, and no other."""

import asyncio
import json
import re
from collections.abc import Mapping

import pytest
from msgspec import Struct

from fillpath.core.ports import Delivery
from fillpath.core.rows import AlertRow, DecisionRow, FillRow, OrderRow, SignalRow
from fillpath.data.bus import channels, messages
from tests.house.project import ROOT
from tests.unit.runner.scene import Scene
from tests.unit.service.account_room import in_virtual_time

PAGE = (ROOT / "docs" / "reference" / "messages.md").read_text(encoding="utf-8")
HEADER = {"v", "type", "event_id", "account"}


def fields_under(heading: str) -> set[str]:
    """Return the names in the first column of the tables under a heading."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def told(*rows: type[Struct]) -> set[str]:
    """Return the fields that the messages of these rows have."""
    names = {name for row in rows for name in row.__struct_fields__} - messages.UNTOLD
    return {"timestamp" if name == "ts" else name for name in names} | HEADER


@pytest.mark.parametrize(
    ("heading", "row"), [("Fill", FillRow), ("Order", OrderRow), ("Alert", AlertRow)]
)
def test_every_field_of_a_message_from_the_engine_is_listed(
    heading: str, row: type[Struct]
) -> None:
    assert fields_under(heading) == told(row)


def test_every_field_of_what_became_of_a_signal_is_listed() -> None:
    decision = {"timestamp" if n == "ts" else n for n in messages.DECISION_FIELDS}

    assert fields_under("What became of a signal") == told(SignalRow) | decision
    assert decision <= told(DecisionRow)


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("Signal, to the engine", messages.SIGNAL_FIELDS),
        ("Quote, to the engine", messages.QUOTE_FIELDS),
        ("Average daily volume, to the engine", messages.VOLUME_FIELDS),
    ],
)
def test_every_field_of_a_message_to_the_engine_is_listed(
    heading: str, fields: frozenset[str]
) -> None:
    assert fields_under(heading) == fields


def test_every_name_on_the_bus_is_listed() -> None:
    names: Mapping[str, object] = vars(channels)
    ours = {name for name in names.values() if isinstance(name, str) and ":" in name[:12]}

    assert {name for name in ours if f"`{name}" not in PAGE} == set()


def test_the_signal_that_is_shown_is_a_good_one() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)

    signal = messages.read_signal(Delivery("1-0", shown.encode())).signal

    assert signal.signal_id == json.loads(shown)["signal_id"]


def test_every_field_of_a_sign_of_life_is_listed() -> None:
    beats: list[dict[str, object]] = []
    scene = Scene()

    async def script() -> None:
        await asyncio.sleep(1)
        beats.extend(json.loads(payload) for payload in scene.line.beats)

    in_virtual_time(lambda: scene.play(script))

    assert fields_under("Sign of life of a strategy") == set(beats[0])
