"""Recorded quotes: every digit and nanosecond comes back, and damage is named."""

from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.core.errors import DataError
from fillpath.core.models import Quote
from fillpath.data.files.recording import HEADER, line_of, read_recording, start_line
from fillpath.testing.builders import START_NS, a_quote

WHOLE = a_quote("149.99", "150.01234567", bid_size=Decimal(100), ask_size=Decimal("0.5"))
NONE = Quote("AAPL", None, None)


def recording(folder: Path, *lines: str, name: str = "2026-03-02.csv") -> Path:
    """Write a file with these lines."""
    path = folder / name
    path.write_text(HEADER + "".join(lines))
    return path


def test_every_digit_and_nanosecond_comes_back(tmp_path: Path) -> None:
    path = recording(
        tmp_path,
        start_line(START_NS),
        line_of(START_NS + 1, WHOLE),
        line_of(START_NS + 2_000_000_007, NONE),
    )

    (found,) = read_recording([path])

    tape = found.tapes["AAPL"]
    assert found.began == START_NS
    assert tape.ts.tolist() == [START_NS + 1, START_NS + 2_000_000_007]
    assert tape.bid.tolist() == [14_999_000_000, 0]
    assert tape.ask.tolist() == [15_001_234_567, 0]
    assert (tape.bid_size.tolist(), tape.ask_size.tolist()) == ([10**8, 0], [500_000, 0])
    assert found.made["AAPL"].tolist() == [START_NS, -1]


def test_each_start_begins_anew_and_files_are_one_after_the_other(tmp_path: Path) -> None:
    later = START_NS + 86_400 * 10**9
    second = recording(tmp_path, line_of(later, WHOLE), start_line(later), name="2026-03-03.csv")
    first = recording(tmp_path, line_of(START_NS, WHOLE))

    found = read_recording([second, first])

    assert [part.began for part in found] == [START_NS, later]
    assert len(found[0].tapes["AAPL"]) == 2
    assert found[1].tapes == {}


def test_a_last_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    path = recording(tmp_path, line_of(START_NS, WHOLE), line_of(START_NS + 1, WHOLE)[:-3])

    (found,) = read_recording([path])

    assert len(found.tapes["AAPL"]) == 1


BAD = [
    pytest.param("2026-03-02T14:30:00.000000001Z,AAPL,1,2\n", "7 cells, got 4", id="cells"),
    pytest.param("2026-03-02,AAPL,1,2,3,4,\n", "cannot be read", id="time"),
    pytest.param("2026-03-02T14:30:00.5Z,aapl,1,2,3,4,\n", "symbol must be", id="symbol"),
    pytest.param("2026-03-02T14:30:00.5Z,AAPL,one,2,3,4,\n", "cannot be read", id="price"),
    pytest.param("2020-03-02T14:30:00.5Z,AAPL,1,2,3,4,\n", "ts goes back", id="order"),
]


@pytest.mark.parametrize(("line", "said"), BAD)
def test_a_bad_row_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = recording(tmp_path, line_of(START_NS, WHOLE), line)

    with pytest.raises(DataError, match=rf"row 2.*{said}"):
        read_recording([path])


@pytest.mark.parametrize("content", ["", "ts,symbol\n"])
def test_another_file_is_no_recording(tmp_path: Path, content: str) -> None:
    path = tmp_path / "quotes.csv"
    path.write_text(content)

    with pytest.raises(DataError, match="no recording of quotes by the engine"):
        read_recording([path])
