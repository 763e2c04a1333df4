"""The band around a mean: at its boundary, one tick inside, one outside, and what it cannot use."""

import pytest

from fillpath.risk.checks.prices import check_band
from fillpath.risk.limits import PriceLimits, RiskLimits
from fillpath.risk.verdicts import Objection
from tests.unit.risk.markets import asking, knowing, units
from tests.unit.risk.test_price_checks import DEFAULTS, LISTED, NOTHING, code


class TestBandAroundTheMean:
    """Where nobody tells the band, the mean mid of five minutes stands in for its reference."""

    @pytest.mark.control("C-12", "refuses")
    @pytest.mark.control("C-12", "passes")
    @pytest.mark.parametrize(
        ("limit", "expected"),
        [
            pytest.param("164.99", "", id="a tick inside above"),
            pytest.param("165", "", id="at the band above"),
            pytest.param("165.01", "LULD_BAND", id="a tick outside above"),
            pytest.param("135.01", "", id="a tick inside below"),
            pytest.param("135", "", id="at the band below"),
            pytest.param("134.99", "LULD_BAND", id="a tick outside below"),
        ],
    )
    def test_another_symbol_may_be_ten_percent_away(self, limit: str, expected: str) -> None:
        ask = asking(limit=limit, mean=units("150"))

        assert code(check_band(ask, NOTHING, DEFAULTS)) == expected

    @pytest.mark.control("C-12", "refuses")
    @pytest.mark.control("C-12", "passes")
    @pytest.mark.parametrize(
        ("limit", "expected"),
        [("157.50", ""), ("157.51", "LULD_BAND"), ("142.50", ""), ("142.49", "LULD_BAND")],
    )
    def test_a_liquid_one_five(self, limit: str, expected: str) -> None:
        ask = asking(limit=limit, mean=units("150"))

        assert code(check_band(ask, NOTHING, LISTED)) == expected

    @pytest.mark.control("C-12", "passes")
    @pytest.mark.parametrize(
        ("mean", "limit", "expected"),
        [
            ("3", "3.60", ""),
            ("3", "3.61", "LULD_BAND"),
            ("3.01", "3.16", ""),
            ("3.01", "3.17", "LULD_BAND"),
        ],
    )
    def test_a_cheap_one_twenty(self, mean: str, limit: str, expected: str) -> None:
        ask = asking(limit=limit, mean=units(mean))

        assert code(check_band(ask, NOTHING, LISTED)) == expected

    @pytest.mark.control("C-12", "passes")
    @pytest.mark.parametrize(
        "told", [{"lower_band": "100"}, {"upper_band": "200"}], ids=["lower", "upper"]
    )
    def test_a_band_that_was_told_goes_before_it(self, told: dict[str, str]) -> None:
        ask = asking(limit="180", mean=units("150"))

        assert check_band(ask, knowing(**told), DEFAULTS) is None
        assert code(check_band(ask, knowing(), DEFAULTS)) == "LULD_BAND"

    @pytest.mark.control("C-12", "refuses")
    def test_how_far_is_a_setting(self) -> None:
        narrow = RiskLimits(price=PriceLimits(band_other_pct=1, band_liquid_pct="0.5"))
        ask = asking(limit="151", mean=units("150"))

        assert check_band(ask, NOTHING, narrow) is None
        listed = RiskLimits(price=narrow.price, instruments=LISTED.instruments)
        assert code(check_band(ask, NOTHING, listed)) == "LULD_BAND"

    @pytest.mark.control("C-12", "refuses")
    def test_a_mean_below_nothing_is_no_pass(self) -> None:
        assert code(check_band(asking(mean=-1), NOTHING, DEFAULTS)) == "CTRL_12_INPUT"

    def test_it_is_said_what_the_band_is(self) -> None:
        objection = check_band(asking(limit="166", mean=units("150")), NOTHING, DEFAULTS)

        assert objection == Objection(
            "LULD_BAND",
            "166 is above limit-up of AAPL, which is 165",
            units("165"),
            units("166"),
        )

    def test_where_neither_is_known_the_collar_alone_holds(self) -> None:
        assert check_band(asking(limit="300"), NOTHING, DEFAULTS) is None
