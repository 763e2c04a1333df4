"""Metadata is plain data that a journal can hold, or it is refused by the place where it is not."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from fillpath.core.checking import check_metadata
from fillpath.core.errors import ModelError
from fillpath.core.events import MarketView, SignalReceived
from fillpath.core.models import Signal, SignalDirection
from fillpath.data.codec import decode_group, encode_group
from fillpath.testing.builders import a_signal

PLAIN = [
    {},
    {"win_rate": 0.55, "n_trades": 40, "name": "x", "live": True, "none": None},
    {"price": Decimal("NaN"), "rate": float("nan")},
    {"legs": [{"symbol": "A"}, ("b", 1), 0.5]},
    {"a": {"b": {"c": {}}}},
    {"count": (1 << 63) - 1, "low": -(1 << 63)},
    {"text": "x" * 1_024},
    {f"k{n}": n for n in range(64)},
    MappingProxyType({"quantity": 5}),
]


@pytest.mark.parametrize("metadata", PLAIN, ids=lambda m: str(m)[:30])
def test_plain_data_is_taken(metadata: Mapping[str, object]) -> None:
    check_metadata(metadata)


REFUSED = [
    pytest.param(
        {"text": "x" * 1_025},
        r"metadata\['text'\] must be at most 1024 characters long",
        id="long text",
    ),
    pytest.param({"n": 1 << 63}, r"metadata\['n'\] must be a whole number of 64 bits", id="wide"),
    pytest.param({"n": -(1 << 63) - 1}, "must be a whole number of 64 bits", id="wide below"),
    pytest.param({"at": datetime(2026, 1, 1, tzinfo=UTC)}, "must be plain data", id="a time"),
    pytest.param({"f": {1, 2}}, r"metadata\['f'\] must be plain data", id="a set"),
    pytest.param({"f": b"x"}, "must be plain data", id="bytes"),
    pytest.param({1: "x"}, "metadata must have texts as keys, got 1", id="a number as key"),
    pytest.param({1: {}}, "metadata must have texts as keys, got 1", id="a number as key of more"),
    pytest.param({"l": [1, object()]}, r"metadata\['l'\]\[1\] must be plain data", id="in a list"),
    pytest.param(
        {f"k{n}": n for n in range(65)}, "must hold at most 64 entries, got 65", id="many keys"
    ),
    pytest.param({"l": list(range(65))}, "must hold at most 64 entries, got 65", id="long list"),
    pytest.param({"a": {"b": {"c": {"d": {}}}}}, "nested more than 4 deep", id="deep"),
]


@pytest.mark.parametrize(("metadata", "message"), REFUSED)
def test_what_no_journal_can_hold_is_refused_by_its_place(
    metadata: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        Signal(
            symbol="AAPL",
            direction=SignalDirection.LONG,
            strength=Decimal(1),
            metadata=metadata,
        )


@pytest.mark.parametrize("nested", [{"a": 1}, [1], ({"a": 1},)], ids=str)
def test_what_is_nested_is_kept_as_it_was(nested: Any) -> None:
    signal = Signal(
        symbol="AAPL",
        direction=SignalDirection.LONG,
        strength=Decimal(1),
        metadata={"legs": nested},
    )
    kept = repr(signal.metadata)

    (nested[0] if isinstance(nested, tuple) else nested).clear()

    assert repr(signal.metadata) == kept


BREAKING = [
    pytest.param({"text": "\ud800"}, id="half a character"),
    pytest.param({"\ud800": 1}, id="half a character as key"),
    pytest.param({"legs": MappingProxyType({"a": 1})}, id="a mapping of another kind"),
    pytest.param({"legs": {"a": MappingProxyType({})}}, id="deeper down"),
]


@pytest.mark.parametrize("metadata", BREAKING)
def test_what_would_end_the_journal_is_refused_or_written(metadata: dict[str, Any]) -> None:
    written = b""
    with suppress(ModelError):
        signal = Signal(
            symbol="AAPL",
            direction=SignalDirection.LONG,
            strength=Decimal(1),
            metadata=metadata,
        )
        written = encode_group(0, 0, [SignalReceived(1, signal, MarketView())])

    assert not written or decode_group(written).records


@pytest.mark.parametrize("name", ["signal_id", "strategy_name"])
def test_a_name_is_a_text_that_can_be_written(name: str) -> None:
    with pytest.raises(ModelError):
        a_signal(**{name: "\ud800"})


def test_a_mapping_in_itself_is_refused() -> None:
    endless: dict[str, object] = {}
    endless["self"] = endless

    with pytest.raises(ModelError, match="nested more than 4 deep"):
        check_metadata(endless)
