"""An engine trades on the account it was started for, at the broker it was started with."""

import pytest

from fillpath.risk.binding import (
    Binding,
    WithoutBroker,
    account_problem,
    port_problem,
    without_broker,
)

PAPER = Binding(paper=True, port=4002)
LIVE = Binding(paper=False, port=4001)


@pytest.mark.control("C-41", "passes")
@pytest.mark.parametrize(
    ("binding", "connected"),
    [
        pytest.param(PAPER, ["DU1"], id="the only one on paper"),
        pytest.param(LIVE, ["U1"], id="the only live one"),
        pytest.param(Binding(paper=True, port=7497, account="DU2"), ["DU1", "DU2"], id="named"),
        pytest.param(Binding(paper=False, port=7496, account="U2"), ["U1", "U2"], id="live"),
        pytest.param(Binding(paper=True, port=5000), ["DU1"], id="a port of its own"),
    ],
)
def test_the_account_of_the_start_may_trade(binding: Binding, connected: list[str]) -> None:
    assert account_problem(binding, connected) == ""


@pytest.mark.control("C-41", "refuses")
@pytest.mark.parametrize(
    ("binding", "connected", "problem"),
    [
        pytest.param(PAPER, ["U1"], "the account is none for paper trading", id="live for paper"),
        pytest.param(LIVE, ["DU1"], "the account is none for live trading", id="paper for live"),
        pytest.param(LIVE, [""], "the account is none for live trading", id="no number"),
        pytest.param(PAPER, [], "the login shows 0 accounts; name one of them", id="none"),
        pytest.param(PAPER, ["DU1", "DU2"], "the login shows 2 accounts", id="several"),
        pytest.param(
            Binding(paper=True, port=4002, account="DU3"),
            ["DU1", "DU2"],
            "the login does not show the account of the settings",
            id="another",
        ),
        pytest.param(
            Binding(paper=True, port=4001),
            ["DU1"],
            "port 4001 is one of live trading",
            id="the port of live trading",
        ),
        pytest.param(
            Binding(paper=False, port=7497),
            ["U1"],
            "port 7497 is one of paper trading",
            id="the port of paper trading",
        ),
    ],
)
@pytest.mark.security("S-23")
def test_another_account_may_not(binding: Binding, connected: list[str], problem: str) -> None:
    assert account_problem(binding, connected).startswith(problem)


def test_the_port_alone_can_be_asked_about() -> None:
    assert port_problem(PAPER) == ""
    assert port_problem(Binding(paper=True, port=7496)) == "port 7496 is one of live trading"
    assert port_problem(Binding(paper=False, port=4002)) == "port 4002 is one of paper trading"


@pytest.mark.control("C-42", "passes")
def test_on_paper_the_stub_may_stand_in_at_the_start() -> None:
    binding = Binding(paper=True, port=4002, stub_at_start=True)

    assert without_broker(binding, started=False) is WithoutBroker.STUB


@pytest.mark.control("C-42", "refuses")
@pytest.mark.parametrize(
    "binding",
    [
        pytest.param(Binding(paper=True, port=4002), id="paper that halts"),
        pytest.param(LIVE, id="live"),
        pytest.param(Binding(paper=False, port=4001, stub_at_start=True), id="live all the same"),
    ],
)
def test_elsewhere_it_may_not(binding: Binding) -> None:
    assert without_broker(binding, started=False) is WithoutBroker.HALT


@pytest.mark.control("C-42", "refuses")
@pytest.mark.parametrize("paper", [True, False])
@pytest.mark.parametrize("stub", [True, False])
def test_a_broker_that_is_lost_later_is_waited_for(*, paper: bool, stub: bool) -> None:
    binding = Binding(paper=paper, port=5000, stub_at_start=stub)

    assert without_broker(binding, started=True) is WithoutBroker.WAIT


def test_what_may_become_of_an_engine_is_told_in_these_words() -> None:
    assert [word.value for word in WithoutBroker] == ["STUB", "HALT", "WAIT"]
