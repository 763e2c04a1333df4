"""JSON from strangers is bounded, and refused with one sentence."""

import time
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.errors import ModelError
from fillpath.data.bus.wire import (
    LARGEST_MESSAGE,
    check_fields,
    moment_in,
    number_in,
    read_object,
    shown,
)

HOSTILE = [
    pytest.param(b"", "must be JSON", id="nothing"),
    pytest.param(b"{", "must be JSON", id="half an object"),
    pytest.param(b'{"a":1} {"b":2}', "must be JSON", id="two objects"),
    pytest.param(b'{"a":"\n"}', "must be JSON", id="a control character"),
    pytest.param(b"{'a': 1}", "must be JSON", id="Python"),
    pytest.param(b"7", "must be a JSON object, got 7", id="a number"),
    pytest.param(b"[1]", "must be a JSON object, got a list", id="a list"),
    pytest.param(b'"text"', "must be a JSON object, got 'text'", id="a text"),
    pytest.param(b"\xff\xfe{}", "must be UTF-8, byte 1 is not", id="UTF-16"),
    pytest.param(b'{"a":"\xed\xa0\x80"}', "must be UTF-8", id="a surrogate as bytes"),
    pytest.param(b'{"a":"\\ud800"}', "whole characters", id="half a pair"),
    pytest.param(b'{"a":"\\u0000"}', "no NUL", id="NUL"),
    pytest.param(b'{"a":1,"a":2}', "given once, got 'a' twice", id="a field twice"),
    pytest.param(b'{"m":{"x":1,"x":1}}', "given once, got 'x' twice", id="a nested field twice"),
    pytest.param(b'{"a":NaN}', "a must be a number such as 0.55, got NaN", id="NaN"),
    pytest.param(
        b'{"a":-Infinity}', "a must be a number such as 0.55, got -Infinity", id="infinity"
    ),
    pytest.param(b'{"a":1e999}', "a must have at most 34 digits .*, got 1e999", id="a huge number"),
    pytest.param(b'{"a":1e999999999}', "a number such as", id="a huge exponent"),
    pytest.param(b'{"a":0e-9999}', "between", id="a zero with a huge exponent"),
    pytest.param(b'{"a":1e-21}', "between", id="a tiny number"),
    pytest.param(b'{"a":' + b"9" * 5_000 + b"}", "must be a number", id="5,000 digits"),
    pytest.param(b'{"a":' + b"9" * 35 + b"}", "at most 34 digits", id="35 digits"),
    pytest.param(
        b'{"a":"' + b"x" * 129 + b'"}', "a must be at most 128 characters long", id="a long text"
    ),
    pytest.param(b'{"__proto__":{}}', "none of", id="a polluting name"),
    pytest.param(b'{"":1}', "1 to 128 printable", id="an empty name"),
    pytest.param(b'{"a\\u001b[31m":1}', "printable characters", id="a name that colours"),
    pytest.param(b'{"a":{"b":{"c":{"d":{}}}}}', "nested at most 4 deep", id="five deep"),
    pytest.param(b'{"a":[[[[1]]]]}', "nested at most 4 deep", id="lists five deep"),
    pytest.param(b'{"a":' * 3_000, "must be nested|must be JSON", id="thousands deep"),
    pytest.param(b'{"a":' + b"[" * 8_000 + b"]" * 8_000 + b"}", "nested at most", id="a well"),
    pytest.param(b'{"a":[' + b"1," * 64 + b"1]}", "at most 64 fields and items", id="many items"),
    pytest.param(b"[" * 100_000, "at most 16,384 bytes long, got 100,000", id="depth 1e5"),
    pytest.param(b" " * 100_000_000, "at most 16,384 bytes", id="100 MB"),
]


@pytest.mark.fault("F-99")
@pytest.mark.parametrize(("payload", "reason"), HOSTILE)
@pytest.mark.control("C-01", "refuses")
def test_what_is_hostile_is_refused_with_one_sentence(payload: bytes, reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as caught:
        read_object(payload)

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.fault("F-99")
@pytest.mark.parametrize(("payload", "reason"), HOSTILE)
def test_what_is_hostile_is_refused_in_bounded_memory_and_time(payload: bytes, reason: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ModelError, match=reason):
            read_object(payload)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    begun = time.thread_time_ns()
    with pytest.raises(ModelError):
        read_object(payload)
    spent = time.thread_time_ns() - begun

    assert most < 2_000_000
    assert spent < 10_000_000


@pytest.mark.fault("F-99")
def test_many_names_of_which_one_comes_twice_are_refused_quickly() -> None:
    numbers = [*range(1_500), 1_499]
    payload = ("{" + ",".join(f'"{number:x}":1' for number in numbers) + "}").encode()
    begun = time.thread_time_ns()

    with pytest.raises(ModelError, match="twice"):
        read_object(payload)

    assert len(payload) < LARGEST_MESSAGE
    assert time.thread_time_ns() - begun < 10_000_000


def test_numbers_keep_every_digit_that_was_sent() -> None:
    fields = read_object(b'{"a": 0.10, "b": 7, "c": [-1.5e-3], "d": {"e": [0, 0.0]}}')

    assert fields == {
        "a": Decimal("0.10"),
        "b": 7,
        "c": [Decimal("-0.0015")],
        "d": {"e": [0, 0]},
    }
    assert str(fields["a"]) == "0.10"


@pytest.mark.control("C-01", "passes")
def test_four_deep_and_64_entries_are_allowed() -> None:
    payload = b'{"a":{"b":{"c":[' + b"null," * 60 + b"true]}}}"

    assert len(read_object(payload)["a"]["b"]["c"]) == 61


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_refusal(payload: bytes) -> None:
    try:
        fields = read_object(payload)
    except ModelError:
        return

    assert isinstance(fields, dict)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=0, max_value=10**12))
def test_a_number_written_as_text_is_that_number(number: Decimal) -> None:
    assert number_in(str(number), "price") == number


@pytest.mark.parametrize(
    "text", ["", " 1", "1_0", "+1", ".5", "1.", "0x1", "NaN", "Infinity", "\u0661", "1e99999"]
)
def test_a_text_that_only_python_takes_for_a_number_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match=r"price must be a number such as 0\.55, got"):
        number_in(text, "price")


@pytest.mark.parametrize(
    "text", ["2026-03-02T14:30:00Z", "2026-03-02T09:30:00.000-05:00", "2026-03-02T14:30:00.000000Z"]
)
def test_a_time_with_a_zone_is_a_moment(text: str) -> None:
    assert moment_in(text, "timestamp") == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-02T14:30:00",
        "2026-03-02 14:30:00Z",
        "2026-03-02T14:30:00.0000001Z",
        "2026-02-31T14:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "20260302T143000Z",
        1_772_461_800,
        None,
    ],
)
def test_what_names_no_moment_is_refused(value: object) -> None:
    with pytest.raises(ModelError, match="timestamp must be ISO 8601 with a time zone"):
        moment_in(value, "timestamp")


def test_a_missing_and_an_unknown_field_are_named() -> None:
    known = frozenset({"v", "symbol"})

    with pytest.raises(ModelError, match="field symbol must be there; needed are v, symbol"):
        check_fields({"v": 1}, ("v", "symbol"), known)
    with pytest.raises(ModelError, match="field 'risk_off' is unknown; allowed are symbol, v"):
        check_fields({"v": 1, "symbol": "A", "risk_off": True}, ("v", "symbol"), known)


def test_what_is_shown_is_short_and_on_one_line() -> None:
    assert shown("x" * 1_000) == "'" + "x" * 47 + "..."
    assert shown("a\n\x1b[31mé") == r"'a\n\x1b[31m\xe9'"
    assert shown({"a": 1}) == "an object"
    assert shown(None) == "None"
