"""What the engine told is read back as it was meant."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.errors import ModelError
from fillpath.core.models import OrderSide
from fillpath.core.rows import DecisionRow, Projected, SignalRow
from fillpath.data.bus.messages import outgoing
from fillpath.data.bus.told import AtWork, Outcome, read_fill, read_order
from fillpath.testing.builders import START
from fillpath.testing.rows import a_decision_row, a_fill_row, a_signal_row, an_order_row


def told(row: Any) -> bytes:
    """Return the message of a row, as the engine publishes it."""
    message = outgoing("SIM", Projected(1, 0, row))
    assert message is not None
    return message.payload


@pytest.mark.parametrize("parent", [None, "parent"])
def test_a_fill_comes_back_whole(parent: str | None) -> None:
    row = replace(a_fill_row(), strategy_name="trend", revision=2, parent_order_id=parent)

    assert read_fill(told(row)) == ("SIM", row)


class _Case(Struct):
    shares: str
    changes: dict[str, Any]


@pytest.mark.parametrize(
    "case",
    [
        _Case("100", {}),
        _Case("-100", {"side": OrderSide.SELL}),
        _Case("60", {"filled_quantity": Decimal(40)}),
        _Case("0", {"filled_quantity": Decimal(40), "closed_at": START}),
        _Case("0", {"filled_quantity": Decimal(140)}),
    ],
)
def test_an_order_tells_what_it_may_still_trade(case: _Case) -> None:
    found = read_order(told(an_order_row(quantity=Decimal(100), **case.changes)))

    assert isinstance(found, AtWork)
    assert found.shares == Decimal(case.shares)


def test_a_stop_that_protects_is_nobodys_work() -> None:
    assert read_order(told(an_order_row(route="protect"))) is None


@pytest.mark.parametrize(
    "row", [a_signal_row(), a_decision_row(outcome="REFUSED")], ids=["signal", "decision"]
)
def test_what_became_of_a_signal_names_it(row: SignalRow | DecisionRow) -> None:
    found = read_order(told(row))

    assert found == Outcome(account="SIM", strategy_name=row.strategy_name, signal_id=row.signal_id)


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b"\xff", b'{"type": "fill"}'])
def test_what_cannot_be_read_is_one_error(payload: bytes) -> None:
    for read in (read_fill, read_order):
        with pytest.raises(ModelError, match="cannot be read"):
            read(payload)
