"""The account's tagged values become the report that the engine knows."""

from decimal import Decimal

import pytest

from fillpath.core.reports import AccountReported
from fillpath.core.units import MONEY_SCALE, money_units
from fillpath.ibkr.account_values import AccountBook, day_trades_of, money_of
from fillpath.ibkr.heard import AccountValue
from fillpath.testing.builders import START_NS

ACCOUNT = "DU1234567"


def book(*values: tuple[str, str, str], account: str = ACCOUNT) -> AccountBook:
    made = AccountBook(ACCOUNT)
    for tag, value, currency in values:
        made.take(AccountValue(account, tag, value, currency))
    return made


def test_a_whole_report_has_every_number() -> None:
    told = book(
        ("NetLiquidation", "100000.50", "USD"),
        ("SettledCash", "40000", "USD"),
        ("DayTradesRemaining", "3", ""),
        ("ExcessLiquidity", "-12.25", "USD"),
        ("AccountType", "INDIVIDUAL MARGIN", ""),
    )

    assert told.problem == ""
    assert told.report(START_NS) == AccountReported(
        START_NS,
        money_units(Decimal("100000.50")),
        money_units(Decimal(40_000)),
        3,
        money_units(Decimal("-12.25")),
        "margin",
    )


@pytest.mark.fault("F-61")
def test_what_nobody_told_is_unknown() -> None:
    assert book().report(START_NS) == AccountReported(START_NS)


@pytest.mark.fault("F-61")
@pytest.mark.parametrize(
    "text", ["", "NaN", "Infinity", "0", "0.00", "1.7976931348623157E308", "x"]
)
def test_a_worth_that_cannot_be_is_unknown_and_said(text: str) -> None:
    told = book(("NetLiquidation", text, "USD"))

    assert told.report(START_NS).equity is None
    assert "NetLiquidation must be an amount" in told.problem


@pytest.mark.fault("F-61")
def test_a_number_that_stops_being_one_takes_the_old_one_away() -> None:
    told = book(("NetLiquidation", "100000", "USD"), ("NetLiquidation", "NaN", "USD"))

    assert told.report(START_NS).equity is None


def test_money_of_another_currency_is_not_ours() -> None:
    told = book(("NetLiquidation", "90000", "EUR"), ("SettledCash", "5", "EUR"))

    assert told.report(START_NS) == AccountReported(START_NS)
    assert "EUR" in told.problem


def test_the_worth_of_another_account_is_not_ours() -> None:
    told = book(("NetLiquidation", "90000", "USD"), account="DU7654321")

    assert told.report(START_NS).equity is None


@pytest.mark.parametrize(
    ("words", "kind"),
    [("CASH", "cash"), ("STKCASH", "cash"), ("STKMRGN", "margin"), ("INDIVIDUAL", ""), ("", "")],
)
def test_the_kind_of_the_account_is_read_where_it_is_said(words: str, kind: str) -> None:
    assert book(("TradingType-S", words, "")).report(START_NS).kind == kind


@pytest.mark.parametrize(
    ("power", "own", "kind"),
    [
        ("100000", "100000", "cash"),
        ("99000", "100000", "cash"),
        ("400000", "100000", "margin"),
        ("400000", "0", ""),
        ("400000", "-1", ""),
        ("NaN", "100000", ""),
        ("400000", "", ""),
    ],
)
def test_an_account_that_is_lent_nothing_is_a_cash_account(power: str, own: str, kind: str) -> None:
    told = book(("BuyingPower", power, "USD"), ("AvailableFunds", own, "USD"))

    assert told.report(START_NS).kind == kind


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("-1", -1),
        ("0", 0),
        ("3", 3),
        ("3.0", 3),
        ("2.5", None),
        ("-2", None),
        ("1E9", None),
        (None, None),
    ],
)
def test_day_trades_are_whole_or_without_limit(text: str | None, count: int | None) -> None:
    assert day_trades_of(text) == count


def test_money_is_cut_below_what_can_be_counted() -> None:
    assert money_of("0.000000000000019") == 1
    assert money_of("1") == MONEY_SCALE
