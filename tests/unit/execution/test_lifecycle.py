"""Every cell of the lifecycle table, and the path of every fill."""

from itertools import pairwise, product

import pytest

from fillpath.core.models import OrderStatus
from fillpath.execution.lifecycle import NEXT, Fact, advance, fill_path

S = OrderStatus
F = Fact

# Columns in the order of Fact; "-" is a fact that does not fit.
DRAWN = """
                 ACC  PART ALL  CAN  REJ  EXP  LATE DOWN BUST
PENDING          SUB  -    -    CAN  REJ  EXP  -    -    -
SUBMITTED        SUB  PAR  FIL  CAN  REJ  EXP  -    -    -
PARTIALLY_FILLED PAR  PAR  FIL  CAN  CAN  EXP  -    PAR  SUB
FILLED           FIL  -    -    -    -    -    -    PAR  CAN
CANCELLED        -    -    -    CAN  CAN  CAN  SUB  CAN  CAN
REJECTED         -    -    -    REJ  REJ  -    SUB  -    -
EXPIRED          -    -    -    EXP  -    EXP  SUB  EXP  EXP
"""
SHORT = {status[:3]: status for status in S} | {"-": None}


def drawn_rows() -> list[tuple[OrderStatus, Fact, OrderStatus | None]]:
    return [
        (S(name), fact, SHORT[cell])
        for name, *cells in (line.split() for line in DRAWN.strip().splitlines()[1:])
        for fact, cell in zip(Fact, cells, strict=True)
    ]


@pytest.mark.parametrize(("status", "fact", "after"), drawn_rows())
def test_every_status_answers_every_fact_as_drawn(
    status: OrderStatus, fact: Fact, after: OrderStatus | None
) -> None:
    assert advance(status, fact) is after


def test_the_drawing_is_complete() -> None:
    drawn = {(status, fact) for status, fact, _ in drawn_rows()}

    assert drawn == set(product(S, F))
    assert dict(NEXT) == {(s, f): after for s, f, after in drawn_rows() if after is not None}


def test_filled_is_reached_only_from_an_order_the_broker_had() -> None:
    before = {status for (status, _), after in NEXT.items() if after is S.FILLED}

    assert before == {S.SUBMITTED, S.PARTIALLY_FILLED, S.FILLED}


def test_only_a_late_fill_a_correction_or_a_bust_moves_an_ended_order() -> None:
    movers = {
        fact for (status, fact), after in NEXT.items() if status.is_terminal and after is not status
    }

    assert movers == {F.LATE_FILL, F.CORRECTED_DOWN, F.BUSTED}


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        NEXT[S.PENDING, F.FILLED_ALL] = S.FILLED  # type: ignore[index]  # this is the point


def walk(status: OrderStatus, filled_after: int) -> list[OrderStatus | None]:
    steps: list[OrderStatus | None] = [status]
    for fact in fill_path(status, 100, filled_after):
        last = steps[-1]
        steps.append(None if last is None else advance(last, fact))
    return steps


PATHS = [
    pytest.param(S.PENDING, 40, [S.SUBMITTED, S.PARTIALLY_FILLED], id="implies the acceptance"),
    pytest.param(S.PENDING, 100, [S.SUBMITTED, S.FILLED], id="filled at once"),
    pytest.param(S.SUBMITTED, 40, [S.PARTIALLY_FILLED], id="first part"),
    pytest.param(S.SUBMITTED, 100, [S.FILLED], id="all in one"),
    pytest.param(S.PARTIALLY_FILLED, 99, [S.PARTIALLY_FILLED], id="another part"),
    pytest.param(S.PARTIALLY_FILLED, 100, [S.FILLED], id="the rest"),
    pytest.param(S.SUBMITTED, 101, [S.FILLED], id="more than ordered"),
    pytest.param(S.FILLED, 140, [None], id="more after all: does not fit"),
    pytest.param(S.FILLED, 40, [None], id="less after all: does not fit"),
    pytest.param(
        S.CANCELLED, 40, [S.SUBMITTED, S.PARTIALLY_FILLED, S.CANCELLED], id="late, stays cancelled"
    ),
    pytest.param(S.CANCELLED, 100, [S.SUBMITTED, S.FILLED], id="late and whole"),
    pytest.param(
        S.EXPIRED, 40, [S.SUBMITTED, S.PARTIALLY_FILLED, S.EXPIRED], id="late, stays expired"
    ),
    pytest.param(S.EXPIRED, 100, [S.SUBMITTED, S.FILLED], id="late and whole after expiry"),
    pytest.param(
        S.REJECTED, 40, [S.SUBMITTED, S.PARTIALLY_FILLED, S.CANCELLED], id="traded, not rejected"
    ),
    pytest.param(S.REJECTED, 100, [S.SUBMITTED, S.FILLED], id="traded whole, not rejected"),
]


@pytest.mark.parametrize(("status", "filled_after", "path"), PATHS)
def test_a_fill_moves_the_order_along_the_table(
    status: OrderStatus, filled_after: int, path: list[OrderStatus | None]
) -> None:
    assert walk(status, filled_after)[1:] == path


@pytest.mark.parametrize("status", list(S))
@pytest.mark.parametrize("filled_after", [1, 100])
def test_a_fill_never_reaches_filled_without_submitted(
    status: OrderStatus, filled_after: int
) -> None:
    steps = pairwise(walk(status, filled_after))

    allowed = {S.SUBMITTED, S.PARTIALLY_FILLED}
    assert all(before in allowed for before, after in steps if after is S.FILLED)
