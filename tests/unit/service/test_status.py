"""The status as others read it, and as a person sees it."""

import io
import json
from decimal import Decimal

import msgspec
import pytest
from rich.console import Console

from fillpath.service.showing import show_status
from fillpath.service.status import OpenOrder, Part, State, Status, read_status
from fillpath.testing.builders import START

FULL = Status(
    account="DU1",
    mode="PAPER",
    state=State.HELD,
    version="1.0",
    at=START,
    started_at=START,
    pid=7,
    epoch=3,
    why="the broker does not answer",
    degraded=True,
    holds={"SAFE_HOLD": "started 5 times in 60 s"},
    records=12,
    cash="100000.00000000000001",
    equity="-1",
    positions={"AAPL": "10", "IBM": "-0.5"},
    open_orders=(
        OpenOrder(
            order_id="trend/1",
            symbol="AAPL",
            side="BUY",
            quantity="10",
            filled="4",
            status="PARTIALLY_FILLED",
            certainty="IN_DOUBT",
            cancel_requested=True,
        ),
    ),
    quarantined={"IBM": "the broker holds 3"},
    signals={"ORDERED": 2, "STALE_SIGNAL": 1},
    parts=(
        Part(name="bus", kind="redis", healthy=False, detail="refused"),
        Part(name="store", kind="sqlite", healthy=True, lag=5),
    ),
)
PLAIN = Status(
    account="SIM",
    mode="SIMULATED",
    state=State.TRADING,
    version="1",
    at=START,
    started_at=START,
    pid=1,
)


def shown(status: Status) -> str:
    """Return what a person sees on a wide terminal."""
    paper = io.StringIO()
    show_status(status, Console(file=paper, width=160))
    return paper.getvalue()


def test_a_status_survives_its_json() -> None:
    assert read_status(FULL.as_json()) == FULL


def test_money_and_shares_are_texts_in_the_json() -> None:
    said = json.loads(FULL.as_json())

    assert Decimal(said["cash"]) == Decimal("100000.00000000000001")
    assert said["positions"] == {"AAPL": "10", "IBM": "-0.5"}
    assert said["at"] == "2026-03-02T14:30:00Z"


def test_what_is_no_status_is_not_taken_for_one() -> None:
    with pytest.raises(msgspec.MsgspecError):
        read_status(b'{"state": "FINE"}')


@pytest.mark.parametrize(
    "words",
    [
        "DU1 PAPER  HELD: the broker does not answer  DEGRADED",
        "journal 12 records, epoch 3  pid 7",
        "held by SAFE_HOLD: started 5 times in 60 s",
        "quarantined IBM: the broker holds 3",
        "positions  AAPL 10  IBM -0.5",
        "signals  ORDERED 2  STALE_SIGNAL 1",
        "PARTIALLY_FILLED (cancel asked)",
        "bus  redis  DOWN  refused",
        "store  sqlite  ok, 5 records behind",
    ],
)
def test_a_person_sees_everything_that_is_not_as_it_should_be(words: str) -> None:
    assert words in shown(FULL)


def test_a_quiet_account_is_two_lines() -> None:
    assert len(shown(PLAIN).splitlines()) == 2
