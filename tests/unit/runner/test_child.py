"""What a strategy's process answers, and what it lets nobody import."""

import io
from decimal import Decimal

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.models import Bar, Quote, Signal, SignalDirection
from fillpath.runner import child
from fillpath.runner.child import Desk, NotForStrategies, View, is_forbidden
from fillpath.runner.frames import (
    Answered,
    Asked,
    Begin,
    Broke,
    Known,
    Ready,
    Said,
    ShowBar,
    ShowQuote,
    ShowRecord,
    line_of,
    read_answered,
)
from fillpath.strategy.base import StrategyView
from fillpath.strategy.measured import Record
from fillpath.testing.builders import START, a_quote
from tests.unit.runner.scene import a_bar

HERE = "tests.unit.runner.test_child"
KNOWN = Known(now=START, positions={"AAPL": Decimal(3)}, working={"AAPL": Decimal(-1)})
RECORD = Record(trades=0, win_rate=None, avg_win_pct=None, avg_loss_pct=None)


class Teller:
    """Say what it sees of its account."""

    name = "teller"

    def __init__(self, shares: int = 1) -> None:
        self.shares = shares

    def on_bar(self, bar: Bar, view: StrategyView) -> list[Signal]:
        """Say position and work."""
        seen = {"held": view.position(bar.symbol), "working": view.working(bar.symbol)}
        metadata = {name: str(value) for name, value in seen.items()} | {"now": str(view.now)}
        return [Signal(symbol=bar.symbol, direction=SignalDirection.LONG, strength=Decimal(1),
                       metadata=metadata | {"quantity": self.shares})]  # fmt: skip


class Rich(Teller):
    """Ask for what nobody told, and want to know what it earned."""

    name = "rich"

    def on_bar(self, bar: Bar, view: StrategyView) -> list[Signal]:
        """Ask for the cash."""
        return [] if view.cash else super().on_bar(bar, view)

    def on_record(self, record: Record) -> None:
        """Raise, for nobody expects that."""
        raise ArithmeticError(str(record.trades))


class Strange:
    """Say what cannot be said."""

    name = "strange"

    def on_quote(self, quote: Quote, view: StrategyView) -> list[object]:
        """Return no signals."""
        del quote, view
        return [object()]


def begun(name: str, **parameters: object) -> Desk:
    desk = Desk()
    assert isinstance(desk.answer(Begin(f"{HERE}:{name}", parameters)), Ready)
    return desk


def broke(answer: Answered) -> str:
    assert isinstance(answer, Broke)
    return answer.text


def test_a_strategy_is_made_and_says_what_it_reads() -> None:
    answer = Desk().answer(Begin("momentum", {"lookback": 3}))

    assert isinstance(answer, Ready)
    assert (answer.name, answer.bars, answer.quotes, answer.records) == (
        "momentum",
        True,
        False,
        True,
    )
    assert answer.needs.history == 4


@pytest.mark.parametrize(
    ("reference", "parameters"), [("momentun", {}), ("momentum", {"lookback": 0})]
)
def test_a_strategy_that_cannot_be_made_is_wrong_input(
    reference: str, parameters: dict[str, object]
) -> None:
    answer = Desk().answer(Begin(reference, parameters))

    assert isinstance(answer, Broke)
    assert answer.wrong_input


def test_a_strategy_sees_what_is_known_and_answers() -> None:
    answer = begun("Teller", shares=7).answer(ShowBar(a_bar(), KNOWN))

    assert isinstance(answer, Said)
    (signal,) = answer.signals
    assert signal.metadata == {"held": "3", "working": "-1", "now": str(START), "quantity": 7}


def test_what_a_strategy_raises_is_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    rich = begun("Rich")

    assert broke(rich.answer(ShowRecord(RECORD))) == "ArithmeticError: 0"
    assert "the cash of the account is not known" in broke(rich.answer(ShowBar(a_bar(), KNOWN)))
    assert "Traceback" in capsys.readouterr().err


def test_a_question_that_it_cannot_answer_is_told() -> None:
    assert "ShowQuote" in broke(begun("Teller").answer(ShowQuote(a_quote(), KNOWN)))


def test_cash_and_equity_are_shown_where_they_are_known() -> None:
    view = View(Known(now=START, cash=Decimal(5), equity=Decimal(6)))

    assert (view.cash, view.equity) == (Decimal(5), Decimal(6))
    with pytest.raises(Unavailable, match="equity"):
        _ = View(KNOWN).equity


def test_lines_are_answered_until_there_are_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(child, "_end", ended.append)
    asked: list[Asked] = [Begin(f"{HERE}:Strange", {}), ShowQuote(a_quote(), KNOWN)]
    answers = io.BytesIO()

    child.serve(io.BytesIO(b"".join(line_of(one) for one in asked)), answers)

    ready, told = (read_answered(line) for line in answers.getvalue().splitlines())
    assert isinstance(ready, Ready)
    assert "must be plain values" in broke(told)
    assert ended == [3], "whoever is not asked any more ends, whatever the strategy does"


@pytest.mark.security("S-30")
@pytest.mark.parametrize(
    "module",
    [
        "ib_async",
        "ib_async.client",
        "fillpath.app",
        "fillpath.app_live",
        "fillpath.cli_stop",
        "fillpath.execution.broker.ibkr_broker",
        "fillpath.execution.sending",
        "fillpath.ibkr.session",
        "fillpath.data.journal",
        "fillpath.data.store.reader",
        "fillpath.service.control",
        "fillpath.settings.loading",
        "fillpath.testing.broker_bench",
    ],
)
def test_a_strategy_cannot_import_what_acts_or_keeps(module: str) -> None:
    assert is_forbidden(module)
    with pytest.raises(ImportError, match=f"a strategy cannot import {module}"):
        NotForStrategies().find_spec(module, None)


@pytest.mark.parametrize(
    "module",
    [
        *("fillpath", "fillpath.core.models", "fillpath.strategy.rules", "fillpath.data.bus.told"),
        *("fillpath.backtest.loading", "sklearn", "fillpathology", "appdirs"),
    ],
)
def test_everything_else_is_left_alone(module: str) -> None:
    assert not is_forbidden(module)
    assert NotForStrategies().find_spec(module, None) is None
