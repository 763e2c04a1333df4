"""What can be said of a strategy without running it."""

from datetime import timedelta

import pytest

from fillpath.strategy.catalogue import data_in_words, described, reference_of
from fillpath.strategy.declared import DAY, Needs
from fillpath.strategy.rules import Momentum


class Bare:
    name = "bare"

    def on_quote(self, quote: object, view: object) -> tuple[()]:
        del quote, view
        return ()


def test_a_short_name_is_looked_up_and_anything_else_stays() -> None:
    assert reference_of("momentum") == "fillpath.strategy.rules:Momentum"
    assert reference_of("mine:Own") == "mine:Own"


def test_a_strategy_is_described_by_its_own_words() -> None:
    found = described("fillpath.strategy.rules:Momentum", Momentum())

    assert found.name == "momentum"
    assert found.summary.startswith("Hold what has risen")
    assert found.text.startswith("It lives on trends")
    assert [parameter.name for parameter in found.parameters][-2:] == ["lookback", "threshold_pct"]
    assert found.needs.history == 21


def test_a_strategy_that_says_nothing_is_described_by_its_methods() -> None:
    found = described("mine:Bare", Bare())

    assert (found.summary, found.text, found.parameters) == ("", "", ())
    assert data_in_words(found.needs) == "every quote"


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        (Needs(), "nothing"),
        (Needs(bar_length=timedelta(minutes=1)), "bars of 1 minute"),
        (Needs(bar_length=timedelta(minutes=5), history=21), "bars of 5 minutes, 21 to begin with"),
        (Needs(bar_length=timedelta(seconds=90)), "bars of 90 seconds"),
        (Needs(bar_length=DAY, symbols=("SPY", "IBM")), "bars of whole sessions, of SPY, IBM"),
    ],
)
def test_the_data_that_is_needed_is_told_in_words(needs: Needs, words: str) -> None:
    assert data_in_words(needs) == words
