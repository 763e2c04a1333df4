"""No decision knows the future: change what comes later, and what came before stays as it was."""

import numpy as np
import pytest
from msgspec.structs import replace

from fillpath.core.commands import Decision
from fillpath.core.units import NANOSECONDS, nanoseconds
from fillpath.data.files.quotes import QuoteTape
from tests.sim.recording import OPEN, Ran, Scenario, a_scenario, run


def _altered(tape: QuoteTape, after: int) -> QuoteTape:
    """Return the tape with every price after a moment half as high again."""
    later = tape.ts > after
    bid = np.where(later, tape.bid * 3 // 2, tape.bid)
    ask = np.where(later, tape.ask * 3 // 2, tape.ask)
    return replace(tape, bid=bid, ask=ask)


def _with_another_future(scenario: Scenario, after: int) -> Scenario:
    tapes = {name: _altered(tape, after) for name, tape in scenario.inputs.tapes.items()}
    return Scenario(replace(scenario.inputs, tapes=tapes), scenario.plan)


def _until(ran: Ran, moment: int) -> tuple[list[object], list[object]]:
    decisions = [d for d in ran.recorder.of_kind(Decision) if d.at <= moment]
    fills = [f for f in ran.recorder.fills if nanoseconds(f.ts) <= moment]
    return list(decisions), list(fills)


@pytest.mark.parametrize("second", [120, 400, 900])
@pytest.mark.parametrize("seed", range(3))
def test_another_future_changes_nothing_before_it(seed: int, second: int) -> None:
    scenario = a_scenario(seed)
    turn = OPEN + second * NANOSECONDS
    seen = run(scenario)
    other = run(_with_another_future(scenario, turn))

    assert _until(other, turn) == _until(seen, turn)
    assert _until(other, 1 << 62) != _until(seen, 1 << 62)  # and the change did matter
