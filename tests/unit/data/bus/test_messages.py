"""What travels on the bus is read strictly and written exactly."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.errors import ModelError
from fillpath.core.models import OrderSide, OrderType, SignalDirection
from fillpath.core.ports import Delivery
from fillpath.core.rows import AlertRow, DecisionRow, FillRow, OrderRow, PositionRow, Projected, Row
from fillpath.data.bus.messages import (
    outgoing,
    read_quote,
    read_signal,
    read_volume,
    write_quote,
    write_signal,
    write_volume,
)
from fillpath.testing.builders import START, a_quote, a_signal

STREAM_ID = "1772461800250-3"


def a_message(**changes: Any) -> dict[str, Any]:
    """Return the fields of a good signal; name a field with ``...`` to leave it out."""
    fields = {
        "v": 1,
        "symbol": "AAPL",
        "direction": "LONG",
        "strength": 0.75,
        "strategy_name": "trend",
        "signal_id": "sig-1",
        "timestamp": "2026-03-02T14:30:00Z",
        "metadata": {"win_rate": 0.55, "avg_win_pct": 2, "avg_loss_pct": "1.0"},
    } | changes
    return {name: value for name, value in fields.items() if value is not ...}


def delivered(**changes: Any) -> Delivery:
    return Delivery(STREAM_ID, json.dumps(a_message(**changes)).encode())


@pytest.mark.control("C-01", "passes")
def test_a_signal_is_read_with_every_digit() -> None:
    message = read_signal(delivered(sequence=7))

    signal = message.signal
    assert signal.symbol == "AAPL"
    assert signal.direction is SignalDirection.LONG
    assert signal.strength == Decimal("0.75")
    assert (signal.strategy_name, signal.signal_id) == ("trend", "sig-1")
    assert signal.timestamp == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    assert signal.metadata == {
        "win_rate": Decimal("0.55"),
        "avg_win_pct": 2,
        "avg_loss_pct": Decimal("1.0"),
    }
    assert message.sequence == 7


def test_the_least_signal_is_dated_and_named_by_its_place_in_the_stream() -> None:
    least = {"strategy_name": ..., "signal_id": ..., "timestamp": ..., "metadata": ...}

    message = read_signal(delivered(**least))

    assert message.signal.signal_id == f"bus-{STREAM_ID}"
    assert message.signal.timestamp == datetime(2026, 3, 2, 14, 30, 0, 250_000, tzinfo=UTC)
    assert message.signal.metadata == {}
    assert message.sequence is None


def test_a_redelivered_signal_without_id_and_time_is_the_same_signal() -> None:
    first = delivered(signal_id=..., timestamp=...)
    again = Delivery(first.message_id, first.payload, 2)

    assert read_signal(first) == read_signal(again)


@pytest.mark.parametrize("strength", ["0.75", 0.75, "7.5e-1"])
def test_numbers_may_be_texts(strength: object) -> None:
    assert read_signal(delivered(strength=strength)).signal.strength == Decimal("0.75")


REFUSED = [
    pytest.param({"v": ...}, "the field v must be there", id="no version"),
    pytest.param({"v": 2}, "v must be 1, got 2", id="a later version"),
    pytest.param({"v": True}, "v must be 1, got True", id="a version that equals 1"),
    pytest.param({"symbol": ...}, "the field symbol must be there", id="no symbol"),
    pytest.param({"symbol": "aapl"}, "symbol must be 1 to 21 characters", id="a small symbol"),
    pytest.param({"symbol": ["A"]}, "symbol must be a text", id="a symbol that is a list"),
    pytest.param({"direction": "BUY"}, "direction must be one of LONG", id="no direction"),
    pytest.param({"direction": None}, "direction must be a text", id="null for a direction"),
    pytest.param({"strength": 1.0001}, "strength must be from 0 to 1", id="too strong"),
    pytest.param({"strength": -1}, "strength must be from 0 to 1", id="negative"),
    pytest.param({"strength": True}, "strength must be a number", id="true for a number"),
    pytest.param({"strength": "strong"}, "strength must be a number", id="a word for a number"),
    pytest.param({"strength": None}, "strength must be a number", id="null for a number"),
    pytest.param({"strategy_name": 7}, "strategy_name must be a text", id="a name that is 7"),
    pytest.param({"strategy_name": "a\nb"}, "printable characters", id="a name of two lines"),
    pytest.param({"signal_id": None}, "signal_id must be a text", id="null for an id"),
    pytest.param({"signal_id": ""}, "signal_id must not be empty", id="an empty id"),
    pytest.param({"timestamp": "now"}, "timestamp must be ISO 8601", id="no time"),
    pytest.param({"timestamp": None}, "timestamp must be ISO 8601", id="null for a time"),
    pytest.param({"metadata": []}, "metadata must be an object, got a list", id="a list"),
    pytest.param({"metadata": {"win_rate": "high"}}, "win_rate must be a number", id="a word"),
    pytest.param({"metadata": {"quantity": "1e9999"}}, "quantity must have at most", id="a bomb"),
    pytest.param({"metadata": {"note": 10**19}}, "whole number of 64 bits", id="too wide"),
    pytest.param({"sequence": -1}, "sequence must be a whole number", id="negative sequence"),
    pytest.param({"sequence": 1.5}, "sequence must be a whole number", id="half a sequence"),
    pytest.param({"sequence": True}, "sequence must be a whole number", id="a true sequence"),
]


@pytest.mark.fault("F-99")
@pytest.mark.parametrize(("change", "reason"), REFUSED)
@pytest.mark.control("C-01", "refuses")
def test_a_signal_that_breaks_the_format_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        read_signal(delivered(**change))


@pytest.mark.fault("F-106")
@pytest.mark.parametrize(
    "field", ["account", "order_id", "status", "approved", "risk", "kill_switch", "type", "ts"]
)
def test_a_signal_cannot_set_what_is_not_its_own(field: str) -> None:
    with pytest.raises(ModelError, match=f"field '{field}' is unknown; allowed are direction"):
        read_signal(delivered(**{field: "x"}))


def test_what_is_written_is_read_back() -> None:
    signal = a_signal(metadata={"tags": ["a", {"b": 1}], "note": None})

    message = read_signal(Delivery(STREAM_ID, write_signal(signal, 3)))

    assert message.signal == signal
    assert message.sequence == 3


def test_a_signal_without_id_and_time_is_written_without_them() -> None:
    fields = json.loads(write_signal(a_signal(signal_id=None, timestamp=None)))

    assert fields.keys() == {"v", "symbol", "direction", "strength", "strategy_name", "metadata"}
    assert fields["strength"] == "0.75"


@given(st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(max_size=8)))
def test_any_object_is_a_signal_or_a_refusal(fields: dict[str, Any]) -> None:
    payload = json.dumps(a_message(**fields)).encode()

    try:
        signal = read_signal(Delivery(STREAM_ID, payload)).signal
    except ModelError:
        return

    assert signal.symbol


FILL = FillRow(
    order_id="trend/sig-1#1",
    parent_order_id="trend/sig-1",
    symbol="AAPL",
    side=OrderSide.BUY,
    quantity=Decimal(100),
    price=Decimal("150.05"),
    ts=START,
    commission=Decimal("-0.5"),
    fill_id="exec-1",
    simulated=False,
    strategy_name="trend",
    signal_id="sig-1",
)
ORDER = OrderRow(
    order_id="trend/sig-1",
    parent_order_id=None,
    signal_id="sig-1",
    strategy_name="trend",
    symbol="AAPL",
    side=OrderSide.SELL,
    quantity=Decimal("1E+2"),
    order_type=OrderType.LIMIT,
    limit_price=Decimal("150.05"),
    stop_price=None,
    status="FILLED",
    filled_quantity=Decimal(100),
    average_fill_price=Decimal("150.05"),
    commission=Decimal(0),
    route="default",
    route_reason="spread 1.3 bps",
    slice=0,
    slices=0,
    submitted_at=START,
    closed_at=None,
    reason="",
    broker_order_id="sim-1",
)
ALERT = AlertRow(ts=START, code="OVERFILL", text='110 of <100> "shares"', order_id="trend/sig-1")


def told(row: Row) -> tuple[str, dict[str, Any]]:
    message = outgoing("paper", Projected(12, 1, row))
    assert message is not None
    assert message.event_id == "paper:12:1"
    return message.channel, json.loads(message.payload)


def test_a_fill_is_told_with_its_money_as_text() -> None:
    channel, fields = told(FILL)

    assert channel == "execution:fills"
    assert fields == {
        "v": 1,
        "type": "fill",
        "event_id": "paper:12:1",
        "account": "paper",
        "order_id": "trend/sig-1#1",
        "parent_order_id": "trend/sig-1",
        "symbol": "AAPL",
        "side": "BUY",
        "quantity": "100",
        "price": "150.05",
        "timestamp": "2026-03-02T14:30:00Z",
        "commission": "-0.5",
        "fill_id": "exec-1",
        "simulated": False,
        "strategy_name": "trend",
        "signal_id": "sig-1",
        "revision": 0,
    }


def test_an_order_is_told_without_exponents() -> None:
    channel, fields = told(ORDER)

    assert channel == "execution:orders"
    assert (fields["type"], fields["quantity"], fields["closed_at"]) == ("order", "100", None)
    assert fields["submitted_at"] == "2026-03-02T14:30:00Z"
    assert fields["certainty"] == "CONFIRMED"


def test_an_alert_is_told() -> None:
    channel, fields = told(ALERT)

    assert channel == "execution:alerts"
    assert fields["text"] == '110 of <100> "shares"'
    assert fields["timestamp"] == "2026-03-02T14:30:00Z"


def test_a_refusal_is_told_to_the_strategy() -> None:
    refused = DecisionRow(
        ts=START,
        stage="SIGNAL",
        outcome="REFUSED",
        symbol="AAPL",
        reason="NO_EDGE",
        text="f* is 0",
        strategy_name="trend",
        signal_id="sig-1",
        cash=Decimal(100_000),
    )

    channel, fields = told(refused)

    assert channel == "execution:orders"
    assert (fields["type"], fields["outcome"], fields["reason"]) == (
        "decision",
        "REFUSED",
        "NO_EDGE",
    )
    assert "cash" not in fields


def test_what_nobody_waits_for_is_not_told() -> None:
    ordered = DecisionRow(ts=START, stage="SIGNAL", outcome="ORDERED", symbol="AAPL")
    held = PositionRow(
        symbol="AAPL",
        quantity=Decimal(1),
        average_price=None,
        market_price=None,
        market_value=None,
        unrealized_pnl=Decimal(0),
        realized_pnl=Decimal(0),
        strategy_name="",
        stop_price=None,
    )

    assert outgoing("paper", Projected(0, 0, ordered)) is None
    assert outgoing("paper", Projected(0, 0, held)) is None


@pytest.mark.parametrize(
    "quote",
    [a_quote(volume=Decimal(5)), a_quote(ask=None), a_quote("151", "150"), a_quote(ts=None)],
)
def test_a_quote_is_read_back_as_it_was_written(quote: Any) -> None:
    assert read_quote(write_quote(quote)) == quote


def test_a_quote_has_the_documented_fields() -> None:
    assert json.loads(write_quote(a_quote())) == {
        "v": 1,
        "symbol": "AAPL",
        "bid_price": "149.99",
        "ask_price": "150.01",
        "bid_size": "1000",
        "ask_size": "1000",
        "volume": None,
        "timestamp": "2026-03-02T14:30:00Z",
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bid_price": 0}, "bid_price must be above 0"),
        ({"ask_price": -1}, "ask_price must be above 0"),
        ({"bid_price": "NaN"}, "bid_price must be a number"),
        ({"bid_size": -1}, "bid_size must be 0 or more"),
        ({"ask_size": "many"}, "ask_size must be a number"),
        ({"volume": -5}, "volume must be 0 or more"),
        ({"symbol": 7}, "symbol must be"),
        ({"timestamp": "today"}, "timestamp must be ISO 8601"),
        ({"last": 1}, "field 'last' is unknown"),
        ({"v": "1"}, "v must be 1"),
    ],
)
def test_a_quote_that_breaks_the_format_is_refused(change: dict[str, Any], reason: str) -> None:
    fields = {"v": 1, "symbol": "AAPL", "bid_price": 1, "ask_price": 2} | change

    with pytest.raises(ModelError, match=reason):
        read_quote(json.dumps(fields).encode())


def test_a_volume_is_read_back_as_it_was_written() -> None:
    assert read_volume(write_volume("AAPL", Decimal("1234567.5"), 20)) == (
        "AAPL",
        Decimal("1234567.5"),
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sessions": 19}, "sessions must be a whole number of 20 or more, got 19"),
        ({"sessions": 20.5}, "sessions must be a whole number"),
        ({"shares": "NaN"}, "shares must be a number"),
        ({"symbol": None}, "symbol must be a text"),
    ],
)
def test_a_volume_of_too_few_sessions_is_refused(change: dict[str, Any], reason: str) -> None:
    fields = {"v": 1, "symbol": "AAPL", "shares": 1, "sessions": 20} | change

    with pytest.raises(ModelError, match=reason):
        read_volume(json.dumps(fields).encode())
