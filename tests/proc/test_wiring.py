"""One signal through a real engine: each control is in the record of its decision, or says why not."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from fillpath.risk.controls import CONTROLS
from tests.proc.stage import Engine, Stage, until
from tests.proc.test_two_engines import a_signal

JUDGED_SECONDS: Final = 60.0
RAN: Final = frozenset(
    {"C-03", "C-04", "C-07", "C-08", "C-13", "C-14", "C-15", "C-16", "C-17", "C-19"}
    | {"C-21", "C-22", "C-26", "C-27", "C-28", "C-36", "C-40", "C-44", "C-45", "C-46"}
)
"""What every entry is put before, whatever the settings; the cascade may hold more than these."""


async def explained(stage: Stage, name: str) -> dict[str, Any]:
    """Ask the command in a process of its own, while the engine goes on."""
    words = ["risk", "explain", name, "--json", "--account", "SIM", "--settings"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fillpath", *words, str(stage.settings)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), JUDGED_SECONDS)
    assert process.returncode == 0, err.decode()
    told: dict[str, Any] = json.loads(out)
    return told


def by_verdict(judgement: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return what each control said, by verdict and id."""
    found: dict[str, dict[str, str]] = {"passed": {}, "objected": {}, "did not run": {}}
    for one in judgement["controls"]:
        found[one["verdict"]][one["id"]] = one["text"]
    return found


async def traded(stage: Stage, message: dict[str, object]) -> Engine:
    engine = await stage.trading()
    await stage.signal(message)
    await until(stage.nothing_works, "everything has ended")
    return engine


@pytest.mark.control("P-06", "passes")
async def test_the_record_of_a_signal_names_each_control_that_ran_and_why_others_did_not(
    tmp_path: Path,
) -> None:
    async with Stage(tmp_path) as stage:
        engine = await traded(stage, a_signal("one"))

        told = await explained(stage, "trend/one")

        assert engine.alive
    found = by_verdict(told["judgements"][0])
    before_a_trade = {name for name in CONTROLS if name.startswith("C-")}
    assert found["objected"] == {}
    assert set(found["passed"]) >= RAN
    assert set(found["passed"]) | set(found["did not run"]) == before_a_trade
    assert [name for name, why in found["did not run"].items() if not why] == []
    print(
        "did not run:", *(f"{name}: {why}" for name, why in found["did not run"].items()), sep="\n"
    )


async def test_a_refused_signal_names_the_control_that_refused_it(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        engine = await traded(stage, a_signal("one"))
        await stage.signal(a_signal("one"))
        await engine.kill()

        told = await explained(stage, "one")

    first, again = (by_verdict(judgement) for judgement in told["judgements"])
    assert first["objected"] == {}
    assert list(again["objected"]) == ["C-04"]
    assert "C-17" in again["did not run"]
