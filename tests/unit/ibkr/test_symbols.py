"""Tickers there and back, and both sides of a trade."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.errors import ModelError
from fillpath.core.models import OrderSide
from fillpath.ibkr.sides import ACTIONS, SIDES
from fillpath.ibkr.symbols import our_symbol, vendor_symbol


@pytest.mark.parametrize(
    ("ours", "theirs"), [("AAPL", "AAPL"), ("BRK.B", "BRK B"), ("BF.B", "BF B"), ("X-1", "X-1")]
)
def test_a_share_class_stands_behind_a_space_there_and_behind_a_dot_here(
    ours: str, theirs: str
) -> None:
    assert vendor_symbol(ours) == theirs
    assert our_symbol(theirs) == ours


@given(st.from_regex(r"[A-Z0-9\-]([A-Z0-9.\-]{0,19}[A-Z0-9\-])?", fullmatch=True))
def test_every_ticker_comes_back_as_it_went(symbol: str) -> None:
    assert our_symbol(vendor_symbol(symbol)) == symbol


@pytest.mark.parametrize("text", ["", " ", "aapl", "A" * 22, "A/B"])
def test_a_name_that_is_no_ticker_of_ours_is_none(text: str) -> None:
    assert our_symbol(text) is None


def test_a_ticker_that_cannot_be_is_not_sent() -> None:
    with pytest.raises(ModelError, match="symbol must be 1 to 21 characters"):
        vendor_symbol("aapl")


@pytest.mark.parametrize(
    ("word", "side"),
    [
        ("BUY", OrderSide.BUY),
        ("BOT", OrderSide.BUY),
        ("SELL", OrderSide.SELL),
        ("SLD", OrderSide.SELL),
        ("SSHORT", OrderSide.SELL),
    ],
)
def test_a_side_is_what_the_gateway_says(word: str, side: OrderSide) -> None:
    assert SIDES[word] is side
    assert len(SIDES) == 5


@pytest.mark.parametrize("side", OrderSide)
def test_a_side_goes_there_and_back(side: OrderSide) -> None:
    assert SIDES[ACTIONS[side]] is side
