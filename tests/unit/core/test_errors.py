"""Errors say what to do next, and keep what the other side said."""

import pytest

from fillpath.core import errors
from fillpath.core.errors import (
    BrokerRefused,
    DataError,
    FillpathError,
    ModelError,
    NoTrade,
    PriceUnavailable,
    Refused,
)

TREE = {
    "ConfigError": "FillpathError",
    "ModelError": "FillpathError",
    "DataError": "FillpathError",
    "Refused": "FillpathError",
    "NoTrade": "Refused",
    "PriceUnavailable": "NoTrade",
    "QuoteUnavailable": "Refused",
    "BrokerRefused": "Refused",
    "Unavailable": "FillpathError",
    "JournalError": "FillpathError",
    "Fenced": "JournalError",
    "JournalFull": "JournalError",
    "JournalMissing": "JournalError",
    "JournalCorrupt": "JournalError",
    "JournalDiverged": "JournalError",
}


@pytest.mark.parametrize(("name", "parent"), TREE.items())
def test_the_tree_is_as_drawn(name: str, parent: str) -> None:
    assert getattr(errors, name).__bases__[0] is getattr(errors, parent)
    assert f"── {name} " in (errors.__doc__ or "")


def test_every_error_has_its_place_in_the_tree() -> None:
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, FillpathError)
    }

    assert kinds == TREE.keys() | {"FillpathError"}


def test_a_model_error_is_a_value_error_too() -> None:
    assert issubclass(ModelError, ValueError)


def test_a_bad_row_is_named_by_file_and_number() -> None:
    error = DataError("quotes.csv", 7, "bid must be above 0, got -1")

    assert str(error) == "quotes.csv, row 7: bid must be above 0, got -1"
    assert (error.source, error.row, error.reason) == (
        "quotes.csv",
        7,
        "bid must be above 0, got -1",
    )


def test_a_bad_file_is_named_alone() -> None:
    assert str(DataError("quotes.csv", None, "column ask is missing")) == (
        "quotes.csv: column ask is missing"
    )


@pytest.mark.parametrize("kind", [Refused, NoTrade, BrokerRefused])
def test_a_refusal_carries_code_and_words(kind: type[Refused]) -> None:
    error = kind("NO_EDGE", "f* is -0.2")

    assert (error.code, error.reason, error.text) == ("NO_EDGE", "NO_EDGE", "f* is -0.2")
    assert str(error) == "NO_EDGE: f* is -0.2"


def test_a_missing_price_names_its_symbol() -> None:
    error = PriceUnavailable("AAPL")

    assert error.code == "PRICE_UNAVAILABLE"
    assert str(error) == (
        "PRICE_UNAVAILABLE: AAPL has no signal_price, no usable quote and no marked position"
    )
