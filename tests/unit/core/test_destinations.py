"""Destinations: asked for in metadata, checked field by field, the same after there and back."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.checking import check_metadata
from fillpath.core.destinations import (
    AUCTIONS,
    KINDS,
    Adaptive,
    ArrivalPrice,
    AtClose,
    AtOpen,
    ClosePrice,
    DarkIce,
    Destination,
    PercentOfVolume,
    Twap,
    Vwap,
    as_metadata,
    destination_of,
    destination_text,
    name_of,
    text_destination,
)
from fillpath.core.errors import ModelError

START: Final = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
END: Final = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)

USUAL: Final[dict[str, Destination]] = {
    "adaptive": Adaptive(),
    "twap": Twap(),
    "vwap": Vwap(),
    "arrival_price": ArrivalPrice(),
    "close_price": ClosePrice(),
    "at_close": AtClose(),
    "at_open": AtOpen(),
}


@pytest.mark.parametrize("name", USUAL)
def test_a_name_alone_asks_for_what_is_usual(name: str) -> None:
    assert destination_of(name) == USUAL[name]
    assert destination_of({"name": name}) == USUAL[name]
    assert as_metadata(USUAL[name]) == {"name": name}


def test_no_destination_is_none() -> None:
    assert destination_of(None) is None
    assert text_destination("") is None


def test_parameters_stand_beside_the_name() -> None:
    told = {
        "name": "vwap",
        "max_share": "0.1",
        "start": "2026-11-23T15:00:00Z",
        "end": END,
        "past_end": True,
        "never_take": True,
        "speed_up": True,
    }

    assert destination_of(told) == Vwap(
        max_share=Decimal("0.1"),
        start=START,
        end=END,
        past_end=True,
        never_take=True,
        speed_up=True,
    )


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    new_york = END.astimezone(timezone(timedelta(hours=-5)))

    assert destination_of({"name": "twap", "end": new_york.isoformat()}) == Twap(end=END)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (5, "destination must be a name or a mapping with a name, got 5"),
        ("iceberg", "name of a destination must be one of adaptive, twap, .*, got 'iceberg'"),
        ({}, "name of a destination must be one of .*, got None"),
        ({"name": 5}, "name of a destination must be one of .*, got 5"),
        ("VWAP", "name of a destination must be one of .*, got 'VWAP'"),
        (
            {"name": "vwap", "maxPctVol": 0.1},
            "parameter of vwap must be one of max_share, .*, got 'maxPctVol'",
        ),
        ({"name": "at_close", "x": 1}, "parameter of at_close must be one of none, got 'x'"),
        ("percent_of_volume", "share of percent_of_volume must be given"),
        ("dark_ice", "display_size of dark_ice must be given"),
        (
            {"name": "adaptive", "priority": "urgent"},
            "priority must be one of Urgent, Normal, Patient, got 'urgent'",
        ),
        ({"name": "adaptive", "priority": 1}, "priority must be one of .*, got 1"),
        (
            {"name": "arrival_price", "risk": "Brave"},
            "risk must be one of Get Done, Aggressive, Neutral, Passive, got 'Brave'",
        ),
        ({"name": "close_price", "risk": ""}, "risk must be one of .*, got ''"),
        ({"name": "twap", "moment": "Now"}, "moment must be one of Marketable, .*, got 'Now'"),
        ({"name": "vwap", "max_share": "0.6"}, r"max_share must be from 0\.01 to 0\.5, got 0\.6"),
        ({"name": "vwap", "max_share": 0}, r"max_share must be from 0\.01 to 0\.5, got 0"),
        ({"name": "vwap", "max_share": "NaN"}, "max_share must be finite, got 'NaN'"),
        (
            {"name": "percent_of_volume", "share": float("inf")},
            "share must be finite, got inf",
        ),
        (
            {"name": "percent_of_volume", "share": None},
            "share must be a number, got None",
        ),
        ({"name": "dark_ice", "display_size": 0}, "display_size must be a whole .* got 0"),
        ({"name": "dark_ice", "display_size": "9"}, "display_size must be a whole .* got '9'"),
        ({"name": "dark_ice", "display_size": True}, "display_size must be a whole .* got True"),
        ({"name": "twap", "end": "soon"}, "end must be a time of ISO 8601, got 'soon'"),
        ({"name": "twap", "end": "2026-11-23T20:30:00"}, "end must carry a time zone, got "),
        ({"name": "twap", "start": 5}, "start must be an aware datetime, got 5"),
        (
            {"name": "vwap", "start": END, "end": START},
            "end must be after start, got 2026-11-23T15:00:00Z and 2026-11-23T20:30:00Z",
        ),
        ({"name": "vwap", "start": END, "end": END}, "end must be after start, got "),
        ({"name": "dark_ice", "display_size": 9, "past_end": 1}, "past_end must be true or false"),
        ({"name": "vwap", "never_take": "yes"}, "never_take must be true or false, got 'yes'"),
        ({"name": "twap", "past_end": True}, "past_end must be false without an end, got True"),
    ],
)
def test_what_cannot_be_is_refused_by_name(told: object, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        destination_of(told)


def test_every_kind_has_its_name() -> None:
    assert {name_of(made): made for made in USUAL.values()} == USUAL
    assert set(KINDS) == {*USUAL, "percent_of_volume", "dark_ice"}
    assert sorted(AUCTIONS) == ["at_close", "at_open"]


SHARES: Final = st.integers(10, 500).map(lambda units: Decimal(units).scaleb(-3))
WINDOWS: Final = st.fixed_dictionaries(
    {},
    optional={
        "start": st.integers(0, 1_000).map(lambda minutes: START + timedelta(minutes=minutes))
    },
)


def built(kind: type[Any], ended: dict[str, Any], **more: st.SearchStrategy[Any]) -> Any:
    return st.builds(
        lambda window, rest: kind(**window, **ended, **rest),
        WINDOWS,
        st.fixed_dictionaries({}, optional=more),
    )


FINAL: Final = {"end": START + timedelta(days=9)}
RISKS: Final = st.sampled_from(["Get Done", "Aggressive", "Neutral", "Passive"])
ALL: Final[st.SearchStrategy[Destination]] = st.one_of(
    st.builds(Adaptive, priority=st.sampled_from(["Urgent", "Normal", "Patient"])),
    built(Twap, FINAL, past_end=st.booleans(), moment=st.just("Matching Last")),
    built(Vwap, FINAL, max_share=SHARES, never_take=st.booleans(), speed_up=st.booleans()),
    built(ArrivalPrice, FINAL, max_share=SHARES, risk=RISKS, complete=st.booleans()),
    st.builds(PercentOfVolume, share=SHARES, never_take=st.booleans()),
    built(ClosePrice, {}, max_share=SHARES, risk=RISKS, complete=st.booleans()),
    st.builds(DarkIce, display_size=st.integers(1, 10_000)),
    st.just(AtClose()),
    st.just(AtOpen()),
)


@given(ALL)
def test_a_destination_goes_there_and_comes_back(destination: Destination) -> None:
    plain = as_metadata(destination)
    check_metadata({"destination": plain})

    assert destination_of(plain) == destination
    assert text_destination(destination_text(destination)) == destination
