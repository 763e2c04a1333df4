"""Recorded signals keep every digit, and a wrong line is named before anything trades."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.errors import DataError
from fillpath.core.models import Signal, SignalDirection
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.signals import load_signals
from tests.unit.data.files.builders import at, jsonl, ns, skipping

FIRST_QUOTES = {"IBM": ns(0), "AIG": ns(100)}


def a_line(seconds: float = 1, **changed: Any) -> dict[str, Any]:
    line = {
        "signal_id": f"s{seconds}",
        "ts": at(seconds).isoformat(),
        "symbol": "IBM",
        "direction": "LONG",
        "strength": 0.7,
        "strategy_name": "trend",
        "metadata": {"win_rate": 0.55, "n_trades": 40},
    }
    return line | changed


def without(name: str) -> dict[str, Any]:
    line = a_line(2)
    del line[name]
    return line


def signals_of(*paths: Path, report: BadRowReport | None = None) -> list[Signal]:
    return load_signals(
        paths,
        report=BadRowReport() if report is None else report,
        first_quote_at=FIRST_QUOTES,
    )


def test_a_line_becomes_a_signal(tmp_path: Path) -> None:
    assert signals_of(jsonl(tmp_path, a_line())) == [
        Signal(
            symbol="IBM",
            direction=SignalDirection.LONG,
            strength=Decimal("0.7"),
            metadata={"win_rate": Decimal("0.55"), "n_trades": 40},
            strategy_name="trend",
            signal_id="s1",
            timestamp=at(1),
        )
    ]


def test_numbers_keep_the_digits_of_the_file(tmp_path: Path) -> None:
    text = (
        '{"signal_id":"s","ts":"2013-10-07T13:30:01Z","symbol":"IBM","direction":"SHORT",'
        '"strength":0.70,"metadata":{"a":150.10000000000000001,"b":[0.1,{"c":1e-7}],"d":12}}'
    )

    (signal,) = signals_of(jsonl(tmp_path, text))

    assert str(signal.strength) == "0.70"
    assert signal.metadata == {
        "a": Decimal("150.10000000000000001"),
        "b": [Decimal("0.1"), {"c": Decimal("1E-7")}],
        "d": 12,
    }


def test_strategy_and_metadata_may_be_left_out(tmp_path: Path) -> None:
    line = a_line()
    del line["strategy_name"], line["metadata"]

    (signal,) = signals_of(jsonl(tmp_path, line))

    assert (signal.strategy_name, signal.metadata) == ("", {})


def test_a_strength_may_be_a_text(tmp_path: Path) -> None:
    assert signals_of(jsonl(tmp_path, a_line(strength="0.95")))[0].strength == Decimal("0.95")


@pytest.mark.parametrize(
    "stamp",
    ["2013-10-07T13:30:01Z", "2013-10-07T09:30:01-04:00", "2013-10-07T13:30:01.000000000+00:00"],
)
def test_a_time_may_be_written_with_any_offset(tmp_path: Path, stamp: str) -> None:
    assert signals_of(jsonl(tmp_path, a_line(ts=stamp)))[0].timestamp == at(1)


def test_blank_lines_are_no_signals(tmp_path: Path) -> None:
    assert len(signals_of(jsonl(tmp_path, a_line(1), "", "  ", a_line(2)))) == 2


def test_files_are_merged_by_time_and_ties_keep_the_order_of_the_files(tmp_path: Path) -> None:
    one = jsonl(tmp_path, a_line(2), a_line(5), name="one.jsonl")
    two = jsonl(tmp_path, a_line(1), a_line(2, signal_id="other"), name="two.jsonl")

    merged = signals_of(one, two)

    assert [signal.signal_id for signal in merged] == ["s1", "s2", "other", "s5"]


def test_two_strategies_may_use_the_same_id(tmp_path: Path) -> None:
    path = jsonl(tmp_path, a_line(1), a_line(1, strategy_name="value"))

    assert len(signals_of(path)) == 2


def test_a_key_in_a_text_is_not_taken_for_a_repeat(tmp_path: Path) -> None:
    note = 'say "strategy_name": "x" : {"metadata":1}'
    path = jsonl(tmp_path, a_line(1, metadata={"note": note}))

    assert signals_of(path)[0].metadata == {"note": note}


def test_spaces_around_colons_are_fine(tmp_path: Path) -> None:
    text = (
        '{ "signal_id" : "s", "ts"\t: "2013-10-07T13:30:01Z", "symbol"  :"IBM", '
        '"direction":"FLAT","strength":1 }'
    )

    assert signals_of(jsonl(tmp_path, text))[0].direction is SignalDirection.FLAT


HEAD = '{"signal_id":"x","ts":"2013-10-07T13:30:02Z","symbol":"IBM","direction":"LONG",'
BAD_LINES: list[Any] = [
    pytest.param(without(name), "missing", f"the field {name} is missing", id=f"no {name}")
    for name in ("signal_id", "ts", "symbol", "direction", "strength")
]
BAD_LINES += [
    (a_line(2, extra=1), "unknown_field", "the field extra is unknown; known are signal_id"),
    (HEAD + '"strength":0.7,"strength":0.8}', "duplicate_field", "the field strength comes twice"),
    (HEAD + '"strength" : 0.7,"strength":1}', "duplicate_field", "the field strength comes twice"),
    (HEAD + '"strength":1,"metadata":{"a":1,"a":1}}', "duplicate_field", "the field a comes"),
    (HEAD + '"strength":1,"metadata":{"b":{"a":1,"a":1}}}', "duplicate_field", "the field a comes"),
    (HEAD + '"strength":NaN}', "nan", "numbers must be finite, got NaN"),
    (HEAD + '"strength":1,"metadata":{"a":-Infinity}}', "nan", "got -Infinity"),
    (HEAD + '"strength":"NaN"}', "wrong_type", "strength must be finite"),
    (HEAD + '"strength":1', "wrong_type", "the line is no JSON"),
    (HEAD + '"strength":1,"metadata":{"a":' + "[" * 99_999, "wrong_type", "nested too deeply"),
    ("[1, 2]", "wrong_type", "the line must be a JSON object"),
    (a_line(2, signal_id=7), "wrong_type", "signal_id must be text, got 7"),
    (a_line(2, signal_id=""), "wrong_type", "signal_id must be a text that is not empty"),
    (a_line(2, strategy_name=None), "wrong_type", "strategy_name must be text, got None"),
    (a_line(2, symbol="ibm"), "wrong_type", "symbol must be 1 to 21"),
    (a_line(2, symbol=3), "wrong_type", "symbol must be text, got 3"),
    (a_line(2, direction="UP"), "wrong_type", "direction must be one of LONG, SHORT, FLAT"),
    (a_line(2, direction=1), "wrong_type", "direction must be text"),
    (a_line(2, strength=1.01), "wrong_type", "strength must be from 0 to 1"),
    (a_line(2, strength=True), "wrong_type", "strength must be a number"),
    (a_line(2, strength="high"), "wrong_type", "strength must be a number"),
    (a_line(2, strength=None), "wrong_type", "strength must be a number"),
    (a_line(2, metadata=[1]), "wrong_type", "metadata must be a mapping"),
    (a_line(2, ts=1381152602), "wrong_type", "ts must be text, got 1381152602"),
    (a_line(2, ts="noon"), "wrong_type", "ts must be ISO 8601"),
    (a_line(2, ts="2013-10-07T13:30:02"), "no_time_zone", "ts must carry a time zone"),
    (a_line(2, ts="2013-10-07T13:30:02.123456789Z"), "too_fine", "ts may have at most 6 decimals"),
    (a_line(2, symbol="GOOG"), "unknown_symbol", "there is no quote of GOOG in any quote file"),
    (a_line(2, symbol="AIG"), "before_first_quote", "before the first quote of AIG at"),
    (a_line(0.5), "unsorted", "time must not go back: 2013-10-07T13:30:00.500000Z follows"),
    (a_line(1), "duplicate", "the signal_id 's1' of strategy 'trend' comes twice"),
]


@pytest.mark.parametrize(("line", "kind", "reason"), BAD_LINES)
def test_a_bad_line_is_named(
    tmp_path: Path, line: dict[str, Any] | str, kind: str, reason: str
) -> None:
    report = skipping()
    path = jsonl(tmp_path, a_line(1), line, a_line(9))

    signals = signals_of(path, report=report)

    assert [signal.signal_id for signal in signals] == ["s1", "s9"]
    assert report.counts == {kind: 1}
    assert report.rows[0].row == 2
    assert reason in report.rows[0].reason
    with pytest.raises(DataError, match="row 2"):
        signals_of(path)


def test_a_duplicate_in_another_file_is_a_duplicate(tmp_path: Path) -> None:
    paths = [jsonl(tmp_path, a_line(1), name=f"{n}.jsonl") for n in range(2)]

    with pytest.raises(DataError, match=r"1.jsonl, row 1: the signal_id 's1' .* comes twice"):
        signals_of(*paths)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "the file does not exist"),
        (b"\xff\xfe{}", "the file is no UTF-8 text: invalid start byte at byte 0"),
    ],
)
def test_a_file_that_cannot_be_read_always_stops(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "signals.jsonl"
    if content is not None:
        path.write_bytes(content)

    for report in (BadRowReport(), skipping()):
        with pytest.raises(DataError, match=reason):
            signals_of(path, report=report)


def test_a_folder_in_the_place_of_a_file_says_that_it_is_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="this is a folder, and a file is needed"):
        signals_of(tmp_path, report=skipping())


def test_a_file_that_may_not_be_read_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = jsonl(tmp_path, a_line(1))
    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(
        DataError, match=r"signals\.jsonl: the file cannot be read: Permission denied"
    ):
        signals_of(path)


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = jsonl(tmp_path, a_line(1))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert [signal.signal_id for signal in signals_of(path)] == ["s1"]
