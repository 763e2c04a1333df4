"""What travels between a runner and its strategy comes back as it was, or is refused."""

from decimal import Decimal

import pytest

from fillpath.core.errors import ModelError
from fillpath.runner.frames import (
    Begin,
    Broke,
    Known,
    Said,
    ShowBar,
    line_of,
    read_answered,
    read_asked,
)
from fillpath.testing.builders import START
from tests.unit.runner.scene import a_bar, a_word


def test_questions_and_answers_come_back_as_they_were() -> None:
    asked = ShowBar(a_bar(), Known(now=START, cash=Decimal("0.1")))
    said = Said([a_word()])

    assert read_asked(line_of(asked)) == asked
    assert read_answered(line_of(said)) == said


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"type": "said", "signals": [{"symbol": "?"}]}', b"\xff\n"]
)
def test_what_is_no_answer_is_refused(line: bytes) -> None:
    with pytest.raises(ModelError, match="what is no answer"):
        read_answered(line)


@pytest.mark.parametrize(
    ("frame", "why"),
    [(Begin("x", {"seed": object()}), "plain values"), (Broke("x" * 2_000_000), "bytes at most")],
)
def test_what_cannot_be_told_is_one_error(frame: Begin | Broke, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        line_of(frame)
