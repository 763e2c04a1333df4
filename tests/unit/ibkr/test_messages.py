"""Every message is read exactly, or refused; none is guessed."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from fillpath.ibkr.frames import LARGEST, Frames, Garbage, framed
from fillpath.ibkr.heard import (
    AccountValue,
    BarShown,
    Charged,
    DataKind,
    Ended,
    Executed,
    Heard,
    Held,
    RuleShown,
    Said,
    ServerTime,
    StatusShown,
    Ticked,
    Valued,
)
from fillpath.ibkr.messages import KNOWN, read
from fillpath.ibkr.numbers import exact, number, price, traded_at, whole

EXECUTION = (
    "11|7|3|265598|AAPL|STK||0|||ISLAND|USD|AAPL|NMS|0001.01|20260602 15:00:01 US/Eastern|DU1|"
    "ISLAND|BOT|100|150.02|9001|10|0|40|150.02|ours-3|||||2|0"
)
SECOND = 1780426801 * 10**9

MESSAGES: list[tuple[str, tuple[Heard, ...]]] = [
    ("1|6|2000|1|150.00|3|0", (Ticked(2000, 1, Decimal("150.00"), Decimal(3)),)),
    ("1|6|2000|1|-1|0|0", (Ticked(2000, 1, None, Decimal(0)),)),
    ("2|6|2000|0|7", (Ticked(2000, 0, size=Decimal(7)),)),
    ("45|6|2000|49|-1", (Ticked(2000, 49, size=Decimal(-1)),)),
    ("46|6|2000|45|1780000000", (Ticked(2000, 45, text="1780000000"),)),
    (
        "3|3|PreSubmitted|0|100|0|9001|1|0|10|locate|0",
        (
            StatusShown(
                order_id=3,
                client_id=10,
                perm_id=9001,
                parent_id=1,
                status="PreSubmitted",
                filled=Decimal(0),
                remaining=Decimal(100),
                average_price=None,
                why_held="locate",
            ),
        ),
    ),
    ("4|2|-1|2104|farm OK|", (Said(-1, 2104, "farm OK"),)),
    ("4|2|3|201|no|{}", (Said(3, 201, "no", "{}"),)),
    ("4|2|3|201|no", (Said(3, 201, "no"),)),
    (
        "6|2|NetLiquidation|1000.00|USD|DU1",
        (AccountValue("DU1", "NetLiquidation", "1000.00", "USD"),),
    ),
    (
        "7|8|265598|AAPL|STK||0|||NASDAQ|USD|AAPL|NMS|-100|150|-15000|149.5|-50|12.5|DU1",
        (
            Valued(
                account="DU1",
                con_id=265598,
                symbol="AAPL",
                sec_type="STK",
                quantity=Decimal(-100),
                market_price=Decimal(150),
                average_cost=Decimal("149.5"),
                realized=Decimal("12.5"),
            ),
        ),
    ),
    (
        EXECUTION,
        (
            Executed(
                request=7,
                exec_id="0001.01",
                order_id=3,
                client_id=10,
                perm_id=9001,
                order_ref="ours-3",
                account="DU1",
                con_id=265598,
                symbol="AAPL",
                side="BOT",
                shares=Decimal(100),
                price=Decimal("150.02"),
                traded_at=SECOND,
                cumulative=Decimal(40),
            ),
        ),
    ),
    (
        "17|8|a|b|1|20260601|1|2|0.5|1.5|1000|1.2|30",
        (
            BarShown(
                request=8,
                stamp="20260601",
                open=Decimal(1),
                high=Decimal(2),
                low=Decimal("0.5"),
                close=Decimal("1.5"),
                volume=Decimal(1000),
            ),
            Ended("bars", 8),
        ),
    ),
    ("49|1|1780426801", (ServerTime(SECOND),)),
    ("52|1|8", (Ended("contract", 8),)),
    ("53|1", (Ended("open_orders"),)),
    ("54|1|DU1", (Ended("account"),)),
    ("55|1|7", (Ended("executions", 7),)),
    ("58|1|2000|3", (DataKind(2000, 3),)),
    ("59|1|0001.01|1.05|USD|0||", (Charged("0001.01", Decimal("1.05"), "USD"),)),
    ("59|1|0001.01||USD|0||", (Charged("0001.01", None, "USD"),)),
    ("59|1|0001.01|1.7976931348623157E308|USD|0||", (Charged("0001.01", None, "USD"),)),
    (
        "61|3|DU1|265598|AAPL|STK||0|||NASDAQ|USD|AAPL|NMS|0.5|149.5",
        (Held("DU1", 265598, "AAPL", "STK", Decimal("0.5"), Decimal("149.5")),),
    ),
    ("61|3|DU1|1|X|STK||0|||N|USD|X|N||", (Held("DU1", 1, "X", "STK", None, None),)),
    ("62|1", (Ended("positions"),)),
    (
        "93|26|2|0|0.0001|1|0.01",
        (RuleShown(26, ((Decimal(0), Decimal("0.0001")), (Decimal(1), Decimal("0.01")))),),
    ),
    ("102", (Ended("completed_orders"),)),
    ("8|1|15:00", ()),
    ("9|1|5", ()),
]


@pytest.mark.parametrize(("text", "news"), MESSAGES, ids=lambda one: str(one)[:30])
def test_a_message_is_read_exactly(text: str, news: tuple[Heard, ...]) -> None:
    assert tuple(read(text.split("|"))) == news


@pytest.mark.fault("F-52")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "0",
        "48|1",
        "108|1",
        "3|1",
        "11|7|3",
        "59|1|e|much|USD",
        "17|8|a|b|2|1",
        "17|8|a|b|999999999999",
        "17|8|a|b|-1",
        "93|26|1|0",
        "49|1|now",
    ],
)
def test_what_is_not_what_its_number_promises_is_refused(text: str) -> None:
    with pytest.raises(Garbage):
        tuple(read(text.split("|")))


@given(st.lists(st.text(max_size=12), min_size=1, max_size=35))
def test_whatever_the_fields_are_they_are_read_or_refused(fields: list[str]) -> None:
    for kind in KNOWN:
        with contextlib.suppress(Garbage):
            assert all(isinstance(one, Struct) for one in read([str(kind), *fields]))


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=12), st.integers(1, 60))
def test_messages_come_out_whole_however_their_bytes_arrive(bodies: list[bytes], size: int) -> None:
    stream = b"".join(framed(body + b"\0") for body in bodies)
    frames = Frames()

    found = [
        fields
        for at in range(0, len(stream), size)
        for fields in frames.feed(stream[at : at + size])
    ]

    assert found == [body.decode(errors="backslashreplace").split("\0") for body in bodies]


@pytest.mark.parametrize(
    "data", [(0).to_bytes(4), (LARGEST + 1).to_bytes(4), framed(b"no end"), b"HTTP/1.1 400"]
)
def test_a_frame_that_cannot_be_is_refused_before_it_is_waited_for(data: bytes) -> None:
    with pytest.raises(Garbage):
        list(Frames().feed(data))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("NaN", None),
        ("Infinity", None),
        ("-Infinity", None),
        ("1.7976931348623157E308", None),
        ("170141183460469231731687303715884105727", None),
        ("2147483647", None),
        ("0.1", Decimal("0.1")),
        ("-3", Decimal(-3)),
    ],
)
def test_a_number_is_exact_or_none(text: str, value: Decimal | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["much", "1,5", "0x10"])
@pytest.mark.security("S-33")
def test_words_are_no_number(text: str) -> None:
    with pytest.raises(Garbage, match="is no number"):
        number(text)
    with pytest.raises(Garbage, match="is no whole number"):
        whole(text)


def test_a_price_of_nothing_is_none() -> None:
    assert [price(text) for text in ("", "0", "-1", "0.0", "0.01")] == [
        None,
        None,
        None,
        None,
        Decimal("0.01"),
    ]


def test_a_float_of_the_library_is_the_number_that_was_on_the_wire() -> None:
    assert [str(exact(value)) for value in (100.0, 0.1, 150.02)] == ["100", "0.1", "150.02"]
    assert exact(1.7976931348623157e308) is None
    assert exact(float("nan")) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20260602 15:00:01 US/Eastern", SECOND),
        ("20260602-19:00:01", SECOND),
        ("1780426801", SECOND),
        ("20260602 15:00:01", None),
        ("20260602 15:00:01 Mars/Olympus", None),
        ("20260602 25:00:01 US/Eastern", None),
        ("20260602", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_the_time_of_an_execution_is_read_or_left_out(text: str, moment: int | None) -> None:
    assert traded_at(text) == moment
