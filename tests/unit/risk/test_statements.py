"""The broker's statement and the journal explain each other row by row (control P-05)."""

from datetime import timedelta

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.events import (
    CommissionReported,
    Event,
    FillCorrected,
    OrderFilled,
    SessionClosed,
)
from fillpath.core.models import OrderSide
from fillpath.core.units import nanoseconds
from fillpath.risk.statements import Stated, Unexplained, executions, read_statement, unexplained
from fillpath.testing.builders import START
from tests.unit.execution.desk.scene import money, price, shares

AT = nanoseconds(START)
HEAD = "Symbol,Buy/Sell,Quantity,TradePrice,IBCommission,IBExecID"
ROW = "AAPL,BUY,100,150.01,-1.005,0001.5f.01.01"


def filled(fill_id: str = "0001.5f.01", at: int = AT, **changes: object) -> OrderFilled:
    given: dict[str, object] = {
        "order_id": "trend/one",
        "symbol": "AAPL",
        "side": OrderSide.BUY,
        "quantity": shares(100),
        "price": price("150.01"),
        "traded_at": at,
        "commission": money("1"),
    } | changes
    return OrderFilled(at=at, fill_id=fill_id, **given)  # type: ignore[arg-type]  # as it takes them


def stated(*rows: str) -> list[Stated]:
    return read_statement("\n".join((HEAD, *rows)))


def differences(rows: list[Stated], *records: Event) -> list[str]:
    return [one.text for one in unexplained(rows, executions(records), lambda _at: True)]


@pytest.mark.control("P-05", "passes")
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(ROW, id="the revision of an execution"),
        pytest.param("AAPL,BOT,100,150.01,-1,0001.5f.01", id="its family"),
        pytest.param("AAPL,buy,-100,150.0100,-1.01,0001.5f.01.07", id="a later revision"),
    ],
)
def test_a_row_that_the_journal_has_is_explained(row: str) -> None:
    assert differences(stated(row), filled()) == []


@pytest.mark.control("P-05", "refuses")
@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            "AAPL,BUY,101,150.01,-1,0001.5f.01.01",
            "row 2 states BUY 101 AAPL at 150.01, the journal has BUY 100 AAPL at 150.01",
        ),
        (
            "AAPL,BUY,100,150.02,-1,0001.5f.01.01",
            "row 2 states BUY 100 AAPL at 150.02, the journal has BUY 100 AAPL at 150.01",
        ),
        (
            "AAPL,SLD,100,150.01,-1,0001.5f.01.01",
            "row 2 states SELL 100 AAPL at 150.01, the journal has BUY 100 AAPL at 150.01",
        ),
        (
            "MSFT,BUY,100,150.01,-1,0001.5f.01.01",
            "row 2 states BUY 100 MSFT at 150.01, the journal has BUY 100 AAPL at 150.01",
        ),
        (
            "AAPL,BUY,100,150.01,-1.02,0001.5f.01.01",
            "row 2 states a commission of 1.02, the journal has 1",
        ),
        (
            "AAPL,BUY,100,150.01,,0001.5f.01.01",
            "row 2 states a commission of 0, the journal has 1",
        ),
    ],
)
def test_a_row_that_says_something_else_is_not_explained(row: str, text: str) -> None:
    assert differences(stated(row), filled()) == [text]


@pytest.mark.control("P-05", "refuses")
def test_a_row_that_the_journal_does_not_have_is_not_explained() -> None:
    (found,) = unexplained(stated(ROW), {}, lambda _at: True)

    assert found == Unexplained(
        execution="0001.5f.01.01",
        symbol="AAPL",
        text="row 2 states BUY 100 AAPL at 150.01, the journal knows nothing of it",
    )
    assert found.code == "STATEMENT_DIFFERENCE"


@pytest.mark.control("P-05", "refuses")
def test_an_execution_that_is_not_stated_is_not_explained() -> None:
    (text,) = differences([], filled())

    assert text.startswith("the journal has BUY 100 AAPL at 150.01 at 20")
    assert text.endswith(", UTC")


@pytest.mark.control("P-05", "refuses")
def test_an_execution_that_is_stated_twice_is_not_explained() -> None:
    assert differences(stated(ROW, ROW), filled()) == ["row 3 states it once more, after row 2"]


@pytest.mark.control("P-05", "passes")
def test_what_was_traded_on_other_days_need_not_be_stated() -> None:
    late = nanoseconds(START + timedelta(days=1))
    journal = executions([filled(), filled("0002.1", late)])

    assert unexplained(stated(ROW), journal, lambda at: at < late) == []
    assert len(unexplained(stated(ROW), journal, lambda _at: True)) == 1


@pytest.mark.control("P-05", "passes")
def test_corrections_and_commissions_are_in_what_the_journal_has() -> None:
    name = "0001.5f.01"
    records: list[Event] = [
        CommissionReported(AT, "trend/one", "early", money(3), 0),
        filled(commission=0),
        FillCorrected(AT, "trend/one", name, 2, shares(90), price("150.02"), 0, "corrected"),
        FillCorrected(AT, "trend/one", name, 1, shares(1), price("1"), 0, "too late"),
        CommissionReported(AT, "trend/one", name, money("9"), 1),
        CommissionReported(AT, "trend/one", name, money("0.9"), 2),
        SessionClosed(AT),
        filled("early", quantity=shares(5)),
        filled(quantity=shares(77)),
    ]

    found = executions(records)

    assert (
        differences(
            stated(
                f"AAPL,BUY,90,150.02,-0.9,{name}.02",
                "AAPL,BUY,5,150.01,-3,early.1",
            ),
            *records,
        )
        == []
    )
    assert list(found) == [name, "early"]


@pytest.mark.control("P-05", "passes")
def test_an_execution_that_was_undone_need_not_be_stated() -> None:
    undone = FillCorrected(AT, "trend/one", "0001.5f.01", 1, 0, 0, 0, "busted")

    assert differences([], filled(), undone) == []
    assert executions([filled(), undone])["0001.5f.01"].price == price("150.01")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must have one column execution_id or ibexecid or execid, it has 0"),
        ("Symbol,symbol", "one column execution_id"),
        (f"{HEAD}\nAAPL,BUY,100", "row 2 of the statement cannot be read"),
        (f"{HEAD}\n{ROW}\nAAPL,HOLD,1,1,0,x.1", "row 3 of the statement cannot be read: 'HOLD'"),
        (f"{HEAD}\nAAPL,BUY,0,1,0,x.1", "quantity must be"),
        (f"{HEAD}\nAAPL,BUY,1,1,0,", "execution_id must not be empty"),
        (f"{HEAD}\nAAPL,BUY,NaN,1,0,x.1", "row 2 of the statement cannot be read: quantity"),
    ],
)
def test_a_statement_that_cannot_be_read_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        read_statement(text)


def test_columns_may_be_called_as_brokers_call_them_and_empty_rows_are_none() -> None:
    text = "execution_id,symbol,side,quantity,price,commission,more\nx.1,AAPL,SELL,1,2,-3,4\n\n,,\n"

    (row,) = read_statement(text)

    assert (row.row, row.side, row.commission) == (2, OrderSide.SELL, money(3))
