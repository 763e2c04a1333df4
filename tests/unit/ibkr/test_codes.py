"""Every number that a gateway says means what the specification's table says."""

from datetime import datetime
from typing import Final

import pytest
from msgspec.structs import replace

from fillpath.core.errors import ModelError
from fillpath.core.units import nanoseconds
from fillpath.ibkr.codes import (
    CODES,
    ROWS,
    UNLISTED,
    Meaning,
    extended,
    meaning,
    placed_at,
    table,
    told_state,
    waits_for_open,
)
from fillpath.ibkr.verdicts import KINDS, Duty, Kind, Stage, Verdict

# Written from the specification (the last two lines: from the vendor's list), not from the table: codes, kind, and what the message means for an
# order that is new, works, is being changed, is being cancelled; then what else is to be done.
EXPECTED: Final = """
100 | PACING | doubt stands doubt doubt | PAUSE LOOK_UP PAGE
103 | IDENTITY | doubt stands doubt doubt | RESEED LOOK_UP
104 | MODIFY_NAK | doubt stands unchanged stands | LOOK_UP PULL_EXECUTIONS
105 329 | MODIFY_NAK | doubt stands unchanged stands | LOOK_UP
106 107 109 111 113 116 133 388 434 | REJECT_CANDIDATE | gone gone unchanged gone | LOOK_UP
110 | REJECT_CANDIDATE | gone gone unchanged gone | LOOK_UP PAGE
135 136 10147 | CANCEL_NAK | doubt stands stands uncancelled | LOOK_UP
161 10148 | CANCEL_NAK | doubt stands stands uncancelled | LOOK_UP PULL_EXECUTIONS
200 | CONTRACT | refused gone unchanged gone | QUARANTINE LOOK_UP
201 203 460 | REJECT | refused gone gone gone | LOOK_UP
202 | CANCEL_ACK | cancelled cancelled cancelled cancelled | PULL_EXECUTIONS
320 321 | AMBIGUOUS | gone gone unchanged doubt | LOOK_UP PAGE
326 | FENCE | doubt stands doubt doubt | STAND_DOWN PAGE
354 10089 10090 10167 10168 | DATA | stands stands stands stands | BLOCK_DATA
399 | INFO | stands stands stands stands | NOTE
404 | HELD | held held held stands | NOTE
502 504 1300 | CONNECTION | doubt stands doubt doubt | RECONNECT
503 | FATAL | doubt stands doubt doubt | REFUSE_START PAGE
505 507 508 | PROTOCOL | doubt stands doubt doubt | RECONNECT RECONCILE
512 | AMBIGUOUS | doubt doubt doubt doubt | LOOK_UP PAGE
1100 2110 | DEGRADED | stands stands stands stands | DEGRADE
1101 | RESTORED | stands stands stands stands | RECONCILE RESUBSCRIBE
1102 | RESTORED | stands stands stands stands | RECONCILE
2103 2105 2157 | DATA | stands stands stands stands | BLOCK_DATA
2104 2106 2158 | DATA | stands stands stands stands |
2107 2108 2119 | INFO | stands stands stands stands |
2109 | INFO | stands stands stands stands | NOTE CHECK_HOURS
2137 2161 | INFO | stands stands stands stands | NOTE CHECK_PRICE
2100 2101 2102 2111 2118 2120 2136 2138 2156 2159 2160 2162 2169 2199 | INFO | stands stands stands stands | NOTE
10197 | DATA | stands stands stands stands | BLOCK_DATA PAGE
10225 | DATA | stands stands stands stands | RESUBSCRIBE
10243 | REJECT | refused gone gone gone | LOOK_UP PAGE
10349 | INFO | stands stands stands stands | NOTE
387 435 436 439 441 442 443 | REJECT_CANDIDATE | gone gone unchanged gone | LOOK_UP
440 | MODIFY_NAK | doubt stands unchanged stands | LOOK_UP
"""

WORDS: Final = {
    "stands": Verdict.STANDS,
    "held": Verdict.HELD,
    "doubt": Verdict.IN_DOUBT,
    "refused": Verdict.REFUSED,
    "gone": Verdict.REFUSED_IF_GONE,
    "unchanged": Verdict.CHANGE_REFUSED,
    "uncancelled": Verdict.CANCEL_REFUSED,
    "cancelled": Verdict.CANCELLED,
}


def expected() -> dict[int, tuple[Kind, tuple[Verdict, ...], set[Duty]]]:
    """Return kind, answers and duties of every code, as written above."""
    found: dict[int, tuple[Kind, tuple[Verdict, ...], set[Duty]]] = {}
    for line in EXPECTED.strip().splitlines():
        codes, kind, answers, duties = (part.strip() for part in line.split("|"))
        told = tuple(WORDS[word] for word in answers.split())
        for code in codes.split():
            found[int(code)] = (Kind(kind), told, {Duty(duty) for duty in duties.split()})
    return found


@pytest.mark.parametrize("code", expected())
def test_a_code_is_what_the_specification_says(code: int) -> None:
    kind, answers, duties = expected()[code]

    row = meaning(code)

    assert row.kind is kind
    assert tuple(row.about(stage) for stage in Stage) == answers
    assert row.duties == duties


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.first}-{row.last}")
def test_no_row_stands_in_the_table_that_nobody_expects(row: Meaning) -> None:
    assert {row.first, row.last} <= expected().keys()
    assert row.words
    assert row.words[-1] != "."


def test_every_warning_has_a_row() -> None:
    assert [code for code in range(2100, 2200) if code not in CODES] == []


@pytest.mark.parametrize("code", [-1, 0, 1, 99, 101, 2099, 2200, 9999, 10350, 99999])
@pytest.mark.parametrize("stage", Stage)
def test_a_code_that_is_not_listed_never_ends_an_order(code: int, stage: Stage) -> None:
    row = meaning(code)

    assert row.about(stage) is Verdict.IN_DOUBT
    assert row.duties == {Duty.LOOK_UP, Duty.PAGE}
    assert (row.first, row.last, row.kind) == (code, code, UNLISTED.kind)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.first))
def test_only_a_cancel_that_was_confirmed_ends_an_order_that_was_accepted(row: Meaning) -> None:
    ends = {Verdict.REFUSED, Verdict.CANCELLED}
    accepted = {row.working, row.changing, row.cancelling}

    assert row.first == 202 or not accepted & ends


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.first))
def test_where_there_is_doubt_there_is_something_that_ends_it(row: Meaning) -> None:
    doubts = {row.about(stage) for stage in Stage} & {Verdict.IN_DOUBT, Verdict.REFUSED_IF_GONE}
    ends = {Duty.LOOK_UP, Duty.RECONNECT, Duty.RECONCILE, Duty.STAND_DOWN, Duty.REFUSE_START}

    assert not doubts or row.duties & ends


def test_every_kind_of_message_has_its_answers_and_is_used() -> None:
    assert set(KINDS) == set(Kind)
    assert {row.kind for row in ROWS} == set(Kind)


class TestExtending:
    def test_a_code_learned_later_gets_the_answers_of_its_kind(self) -> None:
        codes = extended({10999: "INFO", 10998: "REJECT_CANDIDATE"})

        assert meaning(10999, codes).about(Stage.NEW) is Verdict.STANDS
        assert meaning(10998, codes).about(Stage.CHANGING) is Verdict.CHANGE_REFUSED
        assert meaning(10998, codes).duties == {Duty.LOOK_UP}
        assert meaning(202, codes) is CODES[202]

    @pytest.mark.parametrize("code", [201, 2150, 10349])
    def test_what_is_listed_keeps_its_meaning(self, code: int) -> None:
        with pytest.raises(ModelError, match=f"code must not be listed already, {code} is "):
            extended({code: "INFO"})

    def test_an_unknown_kind_is_named(self) -> None:
        with pytest.raises(
            ModelError, match=r"kind of code 10999 must be one of AMBIGUOUS, .*'OK'"
        ):
            extended({10999: "OK"})

    @pytest.mark.parametrize("code", [0, -1, True, "10999", 1.5])
    def test_what_is_no_code_is_named(self, code: int) -> None:
        with pytest.raises(ModelError, match="code must be a whole number above 0, got "):
            extended({code: "INFO"})


class TestTable:
    def test_a_code_has_one_row(self) -> None:
        with pytest.raises(ModelError, match="code must have one row, 201 has two"):
            table([CODES[201], CODES[201]])

    def test_a_range_goes_up(self) -> None:
        with pytest.raises(ModelError, match="codes must go up, got 5 to 4"):
            table([replace(CODES[201], first=5, last=4)])


class TestText:
    @pytest.mark.fault("F-73")
    @pytest.mark.parametrize(
        ("text", "waits"),
        [
            (
                "Order Message:\nBUY 1 AAPL NASDAQ.NMS\nWarning: your order will not be placed at the exchange until 2026-11-23 09:30:00 US/Eastern",
                True,
            ),
            ("Warning: Your order will not be placed  at the\nexchange until 04:00", True),
            ("Order Message: the price was capped", False),
            ("", False),
        ],
    )
    def test_an_order_that_waits_for_the_open_is_noticed(self, text: str, waits: bool) -> None:  # noqa: FBT001  # a column of the table
        assert waits_for_open(text) is waits

    @pytest.mark.fault("F-73")
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("BUY 1 AAPL\nuntil 2026-11-23 09:30:00 US/Eastern.", "2026-11-23T14:30:00+00:00"),
            ("until\n20260602 09:30:00 America/New_York", "2026-06-02T13:30:00+00:00"),
            ("until 2026-11-23 14:30:00 UTC", "2026-11-23T14:30:00+00:00"),
            ("until 2026-11-23 09:30:00", None),  # on a clock that nobody names
            ("until 2026-11-23 09:30:00 Mars/Olympus", None),
            ("until 2026-13-41 09:30:00 US/Eastern", None),
            ("until 09:30", None),
            ("", None),
        ],
    )
    def test_the_moment_is_told_where_it_can_be_read(self, text: str, moment: str | None) -> None:
        wanted = nanoseconds(datetime.fromisoformat(moment)) if moment else 0
        assert placed_at(text) == wanted

    @pytest.mark.parametrize(
        ("text", "state"),
        [
            ("OrderId 7 that needs to be cancelled can not be cancelled, state: Filled.", "Filled"),
            (
                "OrderId 7 that needs to be cancelled cannot be cancelled, state: PendingCancel",
                "PendingCancel",
            ),
            ("state: Cancelled by somebody", "Cancelled"),
            ("OrderId 7 that needs to be cancelled is not found.", ""),
            ("state:", ""),
        ],
    )
    def test_the_state_that_a_refused_cancel_names_is_read(self, text: str, state: str) -> None:
        assert told_state(text) == state
