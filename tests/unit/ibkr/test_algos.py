"""Algorithms and auctions in the vendor's words; what does not fit is refused before it is sent."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
from msgspec.structs import replace

from fillpath.core.auctions import Day
from fillpath.core.destinations import (
    KINDS,
    Adaptive,
    ArrivalPrice,
    ClosePrice,
    DarkIce,
    Destination,
    PercentOfVolume,
    Twap,
    Vwap,
    as_metadata,
)
from fillpath.core.errors import BrokerRefused
from fillpath.core.units import nanoseconds
from fillpath.ibkr.algos import (
    ALGORITHMS,
    DESTINATIONS,
    TAKES_NO_ALGORITHM,
    algorithm_refused,
    directed,
    parameters,
)
from fillpath.ibkr.codes import CODES
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.verdicts import Verdict
from fillpath.ibkr.words import Instrument, form_of
from tests.unit.ibkr.contracts import AAPL, form, order

START: Final = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
END: Final = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
NOW: Final = nanoseconds(datetime(2026, 11, 23, 14, 45, tzinfo=UTC))
DAY: Final = Day(
    nanoseconds(datetime(2026, 11, 23, 14, 30, tzinfo=UTC)),
    nanoseconds(datetime(2026, 11, 23, 21, 0, tzinfo=UTC)),
)
WINDOW: Final = (("startTime", "20261123 15:00:00 UTC"), ("endTime", "20261123 20:30:00 UTC"))

# Written from the vendor's documentation, not from the table.
CASES: Final = [
    (Adaptive(priority="Urgent"), "Adaptive", (("adaptivePriority", "Urgent"),)),
    (Twap(), "Twap", (("allowPastEndTime", "0"),)),
    (
        Twap(start=START, end=END, past_end=True, moment="Matching Midpoint"),
        "Twap",
        (("strategyType", "Matching Midpoint"), *WINDOW, ("allowPastEndTime", "1")),
    ),
    (Vwap(), "Vwap", (("allowPastEndTime", "0"), ("noTakeLiq", "0"))),
    (
        Vwap(max_share="0.1", start=START, end=END, never_take=True, speed_up=True),
        "Vwap",
        (
            ("maxPctVol", "0.1"),
            *WINDOW,
            ("allowPastEndTime", "0"),
            ("noTakeLiq", "1"),
            ("speedUp", "1"),
        ),
    ),
    (
        ArrivalPrice(max_share=0.25, risk="Get Done", start=START, end=END, complete=True),
        "ArrivalPx",
        (
            ("maxPctVol", "0.25"),
            ("riskAversion", "Get Done"),
            *WINDOW,
            ("forceCompletion", "1"),
            ("allowPastEndTime", "0"),
        ),
    ),
    (
        PercentOfVolume(share="0.5", start=START, end=END, never_take=True),
        "PctVol",
        (("pctVol", "0.5"), *WINDOW, ("noTakeLiq", "1")),
    ),
    (
        ClosePrice(max_share="0.4", risk="Passive", start=START, complete=True),
        "ClosePx",
        (
            ("maxPctVol", "0.4"),
            ("riskAversion", "Passive"),
            WINDOW[0],
            ("forceCompletion", "1"),
        ),
    ),
    (
        DarkIce(display_size=10, start=START, end=END, past_end=True),
        "DarkIce",
        (("displaySize", "10"), *WINDOW, ("allowPastEndTime", "1")),
    ),
]


OPEN: Final = replace(AAPL, sessions=(DAY,))


def sent(told: object, *, at: int = NOW, traded: Instrument = OPEN, **fields: Any) -> OrderForm:
    """Return the form of an order with such a destination."""
    asked = order(metadata={"destination": told}, **fields)
    return directed(form_of(asked, 7, traded, "DU1"), asked, traded, at)


@pytest.mark.parametrize(("algorithm", "strategy", "told"), CASES)
def test_an_algorithm_is_sent_with_its_parameters(
    algorithm: Destination, strategy: str, told: tuple[tuple[str, str], ...]
) -> None:
    form = sent(as_metadata(algorithm), order_type="LIMIT", limit_price=150)

    assert (form.algo, form.algo_params) == (strategy, told)
    assert (form.order_type, form.tif) == ("LMT", "DAY")
    assert form.limit_price == 150


def test_every_algorithm_is_in_a_case_and_every_destination_is_offered() -> None:
    assert {type(algorithm) for algorithm, _, _ in CASES} == set(ALGORITHMS)
    assert set(KINDS) == DESTINATIONS


@pytest.mark.parametrize("kind", ALGORITHMS)
def test_every_field_of_an_algorithm_has_a_parameter(kind: type[Any]) -> None:
    assert set(ALGORITHMS[kind].parameters.values()) == set(kind.__struct_fields__)


def test_what_nobody_has_seen_taken_is_marked() -> None:
    unseen = {known.strategy for known in ALGORITHMS.values() if not known.verified}

    assert unseen == {"Twap", "DarkIce"}
    assert parameters(Adaptive()) == (("adaptivePriority", "Normal"),)


def test_an_order_without_a_destination_stays_as_it_is() -> None:
    plain = form()

    assert directed(plain, order(), AAPL, NOW) is plain


class TestAuctions:
    @pytest.mark.parametrize(
        ("name", "fields", "word", "tif"),
        [
            ("at_close", {}, "MOC", "DAY"),
            ("at_close", {"order_type": "LIMIT", "limit_price": 150}, "LOC", "DAY"),
        ],
    )
    def test_an_order_for_the_close_is_moc_or_loc(
        self, name: str, fields: dict[str, Any], word: str, tif: str
    ) -> None:
        form = sent(name, **fields)

        assert (form.order_type, form.tif, form.algo) == (word, tif, "")

    @pytest.mark.parametrize(
        ("fields", "word"), [({}, "MKT"), ({"order_type": "LIMIT", "limit_price": 150}, "LMT")]
    )
    def test_an_order_for_the_open_is_moo_or_loo(self, fields: dict[str, Any], word: str) -> None:
        before = DAY.opens_at - 10**9 * 3_600

        form = sent("at_open", at=before, **fields)

        assert (form.order_type, form.tif) == (word, "OPG")

    def test_too_late_is_refused_with_the_time(self) -> None:
        with pytest.raises(BrokerRefused) as refused:
            sent("at_close", at=DAY.closes_at - 10**9 * 600)

        assert refused.value.code == "AUCTION_TOO_LATE"
        assert refused.value.text == (
            "an order for the close must be sent by 2026-11-23T20:49:30Z, it is "
            "2026-11-23T20:50:00Z"
        )

    def test_without_a_known_session_it_is_refused(self) -> None:
        with pytest.raises(BrokerRefused, match="AUCTION_UNKNOWN: the time of the open is not"):
            sent("at_open", traded=AAPL)

    @pytest.mark.parametrize(("name", "word"), [("at_close", "MOC"), ("at_open", "OPG")])
    def test_a_contract_without_auctions_refuses_them(self, name: str, word: str) -> None:
        picky = replace(OPEN, order_types=frozenset({"MKT", "LMT"}))

        with pytest.raises(BrokerRefused, match=f"order_type must be one .* takes, got {word}"):
            sent(name, traded=picky, at=DAY.opens_at - 10**9 * 3_600)


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"order_type": "STOP", "stop_price": 1}, "order_type of an order for .* got 'STP'"),
            ({"time_in_force": "GTC"}, "time_in_force of an order for .* must be DAY, got 'GTC'"),
            ({"oca_group": "g"}, "oca_group of an order for .* must be empty, got 'g'"),
        ],
    )
    @pytest.mark.parametrize("told", ["vwap", "at_close"])
    def test_what_does_not_fit_a_destination_is_refused(
        self, told: str, fields: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(BrokerRefused, match=words):
            sent(told, **fields)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"outside_rth": True}, "outside_rth of an order for vwap must be False, got True"),
            ({"parent_id": 6}, "parent_id of an order for vwap must be 0, got 6"),
        ],
    )
    def test_what_the_form_already_says_has_to_fit_too(
        self, fields: dict[str, Any], words: str
    ) -> None:
        asked = order(metadata={"destination": "vwap"})
        plain = replace(form_of(asked, 7, AAPL, "DU1"), **fields)

        with pytest.raises(BrokerRefused, match=words):
            directed(plain, asked, AAPL, NOW)

    def test_a_destination_that_cannot_be_is_refused_by_name(self) -> None:
        with pytest.raises(BrokerRefused, match="INVALID_DESTINATION: max_share must be from "):
            sent({"name": "vwap", "max_share": "0.9"})

    def test_no_more_is_shown_than_there_is(self) -> None:
        with pytest.raises(BrokerRefused, match="display_size must be at most the quantity 100"):
            sent({"name": "dark_ice", "display_size": 101})

    def test_an_end_that_has_passed_is_refused(self) -> None:
        with pytest.raises(BrokerRefused, match="end must be after now, 2026-11-23T20:30:00Z"):
            sent({"name": "twap", "end": "2026-11-23T20:30:00Z"}, at=nanoseconds(END))

    def test_a_contract_without_algorithms_says_so(self) -> None:
        picky = replace(OPEN, order_types=frozenset({"MKT", "LMT"}))

        with pytest.raises(BrokerRefused) as refused:
            sent("vwap", traded=picky)

        assert refused.value.code == "DESTINATION_NOT_TAKEN"


class TestFallBack:
    @pytest.mark.parametrize("code", [439, 441, 442, 443])
    def test_a_refused_algorithm_is_told_as_one(self, code: int) -> None:
        assert algorithm_refused(sent("vwap"), code)
        assert code in TAKES_NO_ALGORITHM
        assert CODES[code].new is Verdict.REFUSED_IF_GONE

    def test_every_other_refusal_is_one_of_the_order(self) -> None:
        assert not algorithm_refused(sent("vwap"), 201)
        assert not algorithm_refused(form(), 439)
        assert len(TAKES_NO_ALGORITHM) == 4


def test_a_share_is_written_without_an_exponent() -> None:
    told = parameters(PercentOfVolume(share=Decimal("0.10")))

    assert told[0] == ("pctVol", "0.10")
