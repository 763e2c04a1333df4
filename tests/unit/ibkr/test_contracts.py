"""A symbol means one contract, or none."""

import pytest

from fillpath.core.errors import BrokerRefused
from fillpath.ibkr.contracts import choose, form_of, question
from fillpath.ibkr.forms import ContractForm
from tests.unit.data.ibkr.quiet_connection import contract


def test_one_share_in_dollars_is_the_contract() -> None:
    found = contract("AAPL", 265598)

    chosen = choose(
        "AAPL", [found, contract("AAPL", 9, currency="MXN"), contract("AAPL", 8, sec_type="CFD")]
    )

    assert chosen is found
    assert form_of(found) == ContractForm("AAPL", con_id=265598, primary_exchange="NASDAQ")


def test_a_class_of_shares_is_asked_for_as_the_gateway_writes_it() -> None:
    assert question("BRK.B", 7) == ContractForm("BRK B", con_id=7)
    assert choose("BRK.B", [contract("BRK B", 7)]).con_id == 7


@pytest.mark.parametrize("symbol", ["MSFT", "AAPL"])
def test_what_does_not_fit_is_no_contract(symbol: str) -> None:
    with pytest.raises(BrokerRefused, match=f"no share in dollars is {symbol} with number 5"):
        choose(symbol, [contract("AAPL", 265598)], 5)


def test_none_at_all_is_no_contract() -> None:
    with pytest.raises(BrokerRefused, match=r"NO_CONTRACT: no share in dollars is AAPL$"):
        choose("AAPL", [])


def test_two_shares_of_one_name_are_nobodys_guess() -> None:
    both = [contract("AAPL", 1), contract("AAPL", 2, primary_exchange="NYSE")]

    with pytest.raises(BrokerRefused, match=r"any of 1 \(NASDAQ\), 2 \(NYSE\)"):
        choose("AAPL", both)
    assert choose("AAPL", both, 2).con_id == 2
