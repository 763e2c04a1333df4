"""Arming at its boundaries: to the nanosecond, and who counts as another person."""

from typing import Final

import pytest
from msgspec.structs import replace

from fillpath.core.events import ArmingAsked, TradingArmed
from fillpath.core.units import NANOSECONDS
from fillpath.risk.arming import ASKED_NS, Scope, check_armed, is_second_person, why_not
from fillpath.risk.asking import Ask
from fillpath.risk.limits import AutonomyLimits, RiskLimits
from fillpath.risk.memory import Permit, RiskMemory
from fillpath.risk.verdicts import Objection
from tests.unit.risk.builders import an_order

HOUR: Final = 3_600 * NANOSECONDS
LIMITS: Final = AutonomyLimits()
SCOPE: Final = Scope("U1", ("trend",), "hash")
ASKED: Final = ArmingAsked(HOUR, "ann", 1001, "U1", ("trend",), "hash")


def confirmed(after: int, user_id: int = 1001) -> TradingArmed:
    """Return the second word, so many nanoseconds after the first."""
    return TradingArmed(ASKED.at + after, "bob", user_id, "U1", ("trend",), "hash")


def why(after: int, user_id: int = 1001) -> str:
    return why_not(ASKED, confirmed(after, user_id), LIMITS, SCOPE)


@pytest.mark.control("C-43", "passes")
@pytest.mark.parametrize("after", [LIMITS.cooling_off_ns, LIMITS.cooling_off_ns + HOUR])
@pytest.mark.security("S-16")
def test_one_person_arms_when_cooled_off_and_for_an_hour_more(after: int) -> None:
    assert why(after) == ""


@pytest.mark.control("C-43", "refuses")
@pytest.mark.parametrize(
    ("after", "text"),
    [
        (LIMITS.cooling_off_ns - 1, "0 s more to cool off"),
        (LIMITS.cooling_off_ns + HOUR + 1, "too long ago"),
    ],
)
def test_a_nanosecond_outside_arms_nothing(after: int, text: str) -> None:
    assert text in why(after)


@pytest.mark.control("C-43", "refuses")
def test_a_second_person_comes_too_late_as_well() -> None:
    assert "too long ago" in why(LIMITS.cooling_off_ns + HOUR + 1, user_id=1002)


def test_a_request_stands_for_an_hour_after_the_cooling_off() -> None:
    assert ASKED_NS == HOUR


@pytest.mark.control("C-43", "refuses")
@pytest.mark.parametrize(
    ("first", "second", "others"),
    [
        (1001, 1002, True),
        (1, 2, True),
        (1001, 1001, False),
        (0, 1001, False),
        (1001, 0, False),
        (-1, 1001, False),
        (1001, -1, False),
    ],
)
@pytest.mark.security("S-16")
def test_root_and_the_unknown_are_no_second_person(
    first: int, second: int, *, others: bool
) -> None:
    assert is_second_person(first, second) is others


class TestPermits:
    """A permit of one strategy until one hour."""

    MEMORY: Final = RiskMemory(permit=Permit(HOUR, ("trend",), "ann and bob"))

    def objection(self, at: int, strategy: str = "trend") -> Objection | None:
        ask: Ask = replace(an_order(), at=at, strategy=strategy)
        return check_armed(ask, self.MEMORY, RiskLimits())

    @pytest.mark.control("C-43", "passes")
    @pytest.mark.parametrize("at", [1, HOUR - 1])
    def test_it_lasts_to_its_last_moment(self, at: int) -> None:
        assert self.objection(at) is None

    @pytest.mark.control("C-43", "refuses")
    @pytest.mark.parametrize("at", [0, HOUR, HOUR + 1])
    def test_after_it_and_at_an_unknown_time_nothing_is_allowed(self, at: int) -> None:
        objection = self.objection(at)

        assert objection is not None
        assert (objection.limit, objection.value, objection.allowed) == (0, an_order().quantity, 0)

    @pytest.mark.control("C-43", "refuses")
    def test_another_strategy_is_not_covered(self) -> None:
        objection = self.objection(1, strategy="other")

        assert objection is not None
        assert objection.text == "live trading is armed for trend, not for other"
