"""Stops in a replay: reached, gapped through, followed over a split and over a death."""

from datetime import timedelta

import pytest

from fillpath.backtest.replay import SessionTimes
from fillpath.core.commands import OrderClosed
from fillpath.core.models import OrderType
from fillpath.data.files.corporate_actions import Split
from fillpath.data.journal import MemoryJournal
from fillpath.risk.limits.account import StopKeeper
from tests.unit.backtest.tapes import (
    A_DAY,
    DAY,
    SESSION,
    Row,
    Run,
    a_tape,
    a_wish,
    at,
    every_second,
)
from tests.unit.backtest.test_replay import Cut, DyingJournal
from tests.unit.execution.desk.guarded import keeping

BROKER, ENGINE = StopKeeper.BROKER, StopKeeper.ENGINE
URGENT = a_wish(5, strength="0.95", metadata={"quantity": 100, "signal_price": None})
NEXT = SessionTimes(DAY + timedelta(days=1), at(A_DAY), SESSION.close_at + A_DAY * 10**9)


def falling(*later: Row) -> list[Row]:
    return [*every_second(60), *later]


def stops(run: Run) -> list[tuple[str, str]]:
    """Return status and trigger of each stop order that ended."""
    ended = [c for c in run.recorder.of_kind(OrderClosed) if c.ticket.order_type is OrderType.STOP]
    return [(c.status, str((c.ticket.stop or 0) / 10**8)) for c in ended]


@pytest.mark.parametrize("keeper", [BROKER, ENGINE])
def test_a_stop_is_reached_at_its_level_and_not_before(keeper: StopKeeper) -> None:
    tape = a_tape(
        falling((61, "147.02", "147.04"), (62, "147.01", "147.03"), (63, "147", "147.02"))
    )

    run = Run([tape], [URGENT], policy=keeping(keeper)).go()

    assert run.fills == [(5.0, "BUY", "100", "150.01"), (62.0, "SELL", "100", "147.01")]


@pytest.mark.parametrize("keeper", [BROKER, ENGINE])
def test_a_gap_through_the_stop_fills_at_the_market(keeper: StopKeeper) -> None:
    tape = a_tape(falling((70, "120", "120.02"), (71, "149", "149.02")))

    run = Run([tape], [URGENT], policy=keeping(keeper)).go()

    assert run.fills[-1] == (70.0, "SELL", "100", "120")
    assert run.replay.desk.state.guards == {}


@pytest.mark.parametrize("keeper", [BROKER, ENGINE])
def test_a_stop_lasts_over_the_night(keeper: StopKeeper) -> None:
    tape = a_tape(falling((A_DAY + 1, "130", "130.02")))

    run = Run([tape], [URGENT], policy=keeping(keeper), sessions=(SESSION, NEXT)).go()

    assert run.fills[-1] == (A_DAY + 1.0, "SELL", "100", "130")


@pytest.mark.parametrize("keeper", [BROKER, ENGINE])
def test_a_trailing_stop_gives_back_one_percent_of_the_best(keeper: StopKeeper) -> None:
    rising = [(60.0 + n, f"{150 + n}", f"{150 + n}.02") for n in range(1, 11)]
    tape = a_tape(falling(*rising, (80, "158.50", "158.52"), (81, "158.39", "158.41")))

    run = Run([tape], [URGENT], policy=keeping(keeper, trailing_pct=1)).go()

    assert run.fills[-1] == (81.0, "SELL", "100", "158.39")


@pytest.mark.parametrize("keeper", [BROKER, ENGINE])
def test_a_target_is_reached_and_the_stop_goes_with_it(keeper: StopKeeper) -> None:
    tape = a_tape(falling((61, "156.02", "156.04"), (62, "100", "100.02")))

    run = Run([tape], [URGENT], policy=keeping(keeper, target_pct=4)).go()

    assert run.fills[-1] == (61.0, "SELL", "100", "156.02")
    assert run.replay.desk.state.orders == {}


@pytest.mark.fault("F-84")
@pytest.mark.parametrize("keeper", [BROKER, ENGINE])
def test_a_split_overnight_moves_the_stop_and_sells_nothing(keeper: StopKeeper) -> None:
    later = [(A_DAY + n, "21.40", "21.42") for n in range(1, 5)]
    tape = a_tape(falling(*later, (A_DAY + 9, "20.90", "20.92")))
    split = Split("AAPL", NEXT.day, 7, 1)

    run = Run(
        [tape], [URGENT], policy=keeping(keeper), sessions=(SESSION, NEXT), splits=(split,)
    ).go()

    assert run.fills == [(5.0, "BUY", "100", "150.01"), (A_DAY + 9.0, "SELL", "700", "20.9")]


def test_a_sliced_exit_and_the_stop_never_sell_the_same_shares() -> None:
    """The market falls through the stop while the exit is worked in slices."""
    enter = a_wish(5, strength="0.95", metadata={"quantity": 100, "signal_price": None})
    leave = a_wish(310, direction="FLAT")
    fallen = [(float(second), "146", "146.02") for second in range(400, 900)]

    run = Run(
        [a_tape([*every_second(400), *fallen])],
        [enter, leave],
        shares_a_day=2_000,
        policy=keeping(),
    ).go()

    sold = [fill for fill in run.fills if fill[1] == "SELL"]
    assert [fill[2] for fill in sold] == ["20", "20", "60"]
    assert sold[-1][0] == 400.0
    assert run.replay.desk.state.orders == {}
    assert run.replay.desk.state.parents == {}


@pytest.mark.fault("F-14")
@pytest.mark.parametrize("keeper", [BROKER, ENGINE])
@pytest.mark.parametrize("turns", range(2, 6))
def test_a_replay_that_dies_anywhere_goes_on_to_the_same_end(
    keeper: StopKeeper, turns: int
) -> None:
    tape = a_tape(falling((61, "151.60", "151.62"), (62, "120", "120.02")))
    policy = keeping(keeper, trailing_pct=1)
    whole = Run([tape], [URGENT], policy=policy).go()
    dying = DyingJournal(turns)
    with pytest.raises(Cut):
        Run([tape], [URGENT], policy=policy, journal=dying).go()

    kept = MemoryJournal(bytes(dying.content))
    resumed = Run([tape], [URGENT], policy=policy, journal=kept).go()

    assert resumed.fills == whole.fills
    assert resumed.replay.desk.state.guards == {}
