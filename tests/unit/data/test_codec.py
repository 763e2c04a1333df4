"""Records come back from bytes as they were, and can be read by people."""

import json
from decimal import Decimal

import msgspec
import pytest

from fillpath.core.commands import PlaceOrder
from fillpath.core.errors import JournalError
from fillpath.core.events import (
    AccountOpened,
    AccountReported,
    AccountValued,
    ApprovalGiven,
    CommissionReported,
    FillCorrected,
    LevelReached,
    MarketView,
    OpeningPosition,
    OrderCancelled,
    OrderExpired,
    PositionAdjusted,
    QuoteSeen,
    SignalReceived,
    TimerFired,
)
from fillpath.core.translation import filled_by
from fillpath.data.codec import Group, Record, decode_group, describe, encode_group
from fillpath.testing.builders import START_NS, a_fill, a_signal, a_ticket, a_view
from fillpath.testing.journal_contract import ONE_OF_EACH, STATISTICS

WIDE = 1 << 63
RICH = MarketView(long_value=WIDE, short_value=-WIDE - 1, sector_value=WIDE + 1)
SIGNAL = a_signal(metadata=STATISTICS)


def through(*records: Record) -> list[Record]:
    return decode_group(encode_group(0, 0, records)).records


def test_a_group_comes_back_with_its_place() -> None:
    payload = encode_group(41, 7, ONE_OF_EACH)

    assert decode_group(payload) == Group(sequence=41, epoch=7, records=list(ONE_OF_EACH))


def test_the_same_records_give_the_same_bytes() -> None:
    first = encode_group(0, 0, ONE_OF_EACH)

    assert encode_group(0, 0, ONE_OF_EACH) == first


@pytest.mark.parametrize(
    "record",
    [
        AccountOpened(0, "big", WIDE, (OpeningPosition("A", 1, -WIDE - 1),)),
        SignalReceived(0, SIGNAL, RICH),
        QuoteSeen(0, "A", RICH),
        TimerFired(0, "t", 0, "A", RICH),
        OrderCancelled(0, "o", "", RICH),
        OrderCancelled(0, "o", "no market", None),
        LevelReached(0, "w", "A", RICH),
        ApprovalGiven(0, "o", "ann", RICH),
        CommissionReported(0, "o", "x", WIDE),
        FillCorrected(0, "o", "x", 1, 0, 0, -WIDE - 1, "busted"),
        PositionAdjusted(0, "A", 1, 1, "ann", "found", -WIDE - 1),
        AccountReported(0, WIDE, WIDE + 1, -1, -WIDE - 1, "margin"),
        AccountReported(0, margin_excess=WIDE),
        AccountValued(0, WIDE, WIDE + 1),
        AccountOpened(0, "small", WIDE - 1, (OpeningPosition("A", 1, -WIDE),)),
    ],
    ids=lambda record: type(record).__name__,
)
def test_an_amount_at_the_edge_of_64_bits_comes_back_exactly(record: Record) -> None:
    assert through(record, OrderExpired(0, "o")) == [record, OrderExpired(0, "o")]


@pytest.mark.parametrize("value", [object(), 1 << 64], ids=["an object", "a wide integer"])
def test_metadata_that_is_no_plain_data_is_refused(value: object) -> None:
    signal = a_signal()
    signal.metadata["x"] = value  # behind the back of the model, which refuses it

    record = SignalReceived(0, signal, MarketView())

    with pytest.raises(JournalError, match="a record cannot be written: "):
        encode_group(0, 0, [record])


def test_metadata_without_an_end_is_refused() -> None:
    signal = a_signal()
    signal.metadata["x"] = signal.metadata

    with pytest.raises(JournalError, match="a record cannot be written: "):
        encode_group(0, 0, [SignalReceived(0, signal, MarketView())])


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x00", msgspec.msgpack.encode((0, 0, [["unheard_of", 1]]))],
    ids=["nothing", "no group", "an unknown record"],
)
def test_bytes_that_are_no_group_are_refused(payload: bytes) -> None:
    with pytest.raises(JournalError, match="a record cannot be read: "):
        decode_group(payload)


def test_a_description_names_every_field_with_exact_text() -> None:
    described = describe(filled_by(START_NS, a_fill(33, "150.10")))

    assert described == {
        "type": "order_filled",
        "at": "2026-03-02T14:30:00Z",
        "order_id": "order-1",
        "fill_id": "order-1:1",
        "symbol": "AAPL",
        "side": "BUY",
        "quantity": "33",
        "price": "150.1",
        "traded_at": "2026-03-02T14:30:00Z",
        "commission": "0",
        "parent_id": "",
        "simulated": True,
    }


def test_a_description_turns_units_into_prices_shares_money_and_ratios() -> None:
    ticket = a_ticket(33, limit=15_007_500_000, kelly=32_500_000)

    described = describe(PlaceOrder(START_NS, ticket))["ticket"]

    chosen = ("quantity", "limit", "stop", "strength", "kelly", "slice_count", "protected")
    assert {name: described[name] for name in chosen} == {
        "quantity": "33",
        "limit": "150.075",
        "stop": None,
        "strength": "0.75",
        "kelly": "0.325",
        "slice_count": 0,
        "protected": False,
    }


def test_a_description_shows_the_market_in_people_s_units() -> None:
    market = describe(QuoteSeen(0, "A", a_view(long_value=150 * 10**14)))["market"]

    assert market == {
        "bid": "149.99",
        "ask": "150.01",
        "bid_size": "1000",
        "ask_size": "1000",
        "quote_at": "2026-03-02T14:30:00Z",
        "adv": "1000000",
        "long_value": "150",
        "sector_value": "0",
        "short_value": "0",
        "mean": "0",
    }


def test_a_description_shows_free_metadata_as_json() -> None:
    metadata = {"n": [1, Decimal("0.10")], "deep": {"x": 1.5}}
    signal = a_signal(metadata=metadata)

    described = describe(SignalReceived(0, signal, MarketView()))["signal"]["metadata"]

    assert described["n"] == [1, "0.10"]
    assert described["deep"] == {"x": 1.5}


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda record: type(record).__name__)
def test_every_record_can_be_described_as_json(record: Record) -> None:
    described = describe(record)

    assert json.loads(json.dumps(described)) == described
    assert described["type"] == record.__struct_config__.tag
