"""What cannot be decided yet is held: until a good quote comes, or until it is too old."""

from datetime import timedelta

import pytest

from fillpath.core.units import moment
from tests.unit.execution.desk.scene import Scene, price


def unquoted() -> Scene:
    """Return a desk that has never seen a quote."""
    scene = Scene()
    scene.show(None, None)
    return scene


BAD_QUOTES = [
    pytest.param((None, None), "NO_QUOTE", id="none"),
    pytest.param(("149.99", None), "ONE_SIDED_QUOTE", id="one-sided"),
    pytest.param(("150.02", "150.01"), "CROSSED_QUOTE", id="crossed"),
]


@pytest.mark.parametrize(("quote", "reason"), BAD_QUOTES)
@pytest.mark.parametrize("strength", ["0.5", "1"], ids=["patient", "urgent"])
def test_an_unusable_quote_holds_the_signal(
    quote: tuple[str | None, str | None], reason: str, strength: str
) -> None:
    scene = Scene()
    scene.show(*quote)

    answer = scene.signal(quantity=10, strength=strength, metadata={"signal_price": 150})

    assert answer.placed == []
    assert answer.outcomes == [f"HELD {reason}"]
    assert [type(command).__name__ for command in answer] == ["WatchQuote", "SetTimer", "Decision"]


def test_a_quote_that_is_too_old_holds_the_signal() -> None:
    scene = Scene()
    scene.ticking = False
    scene.sleep(5.000001)

    answer = scene.signal(quantity=10)

    assert answer.outcomes == ["HELD PRICE_UNAVAILABLE"]


def test_a_quote_at_the_age_limit_is_traded_on() -> None:
    scene = Scene()
    scene.ticking = False
    scene.sleep(5)

    assert scene.signal(quantity=10).outcomes == ["ORDERED"]


def test_without_any_price_the_signal_is_held() -> None:
    answer = unquoted().signal(quantity=10)

    assert answer.outcomes == ["HELD PRICE_UNAVAILABLE"]
    assert answer.decision.text == "no signal_price and no usable quote"


def test_a_signal_that_would_be_refused_anyway_is_not_held() -> None:
    answer = unquoted().signal(metadata={"signal_price": 150, "win_rate": "0.2"})

    assert answer.outcomes == ["REFUSED NO_EDGE"]


def test_a_held_signal_is_ordered_at_the_next_good_quote() -> None:
    scene = unquoted()
    scene.signal(quantity=10)
    scene.sleep(3)

    answer = scene.quote("151.99", "152.01")

    (ticket,) = answer.placed
    assert ticket.limit == price("151.99")
    assert ticket.signal_price == price("152")
    assert set(scene.timers) == {"resting:AAPL"}
    assert answer.outcomes == ["ORDERED"]


def test_an_unusable_quote_keeps_the_signal_waiting() -> None:
    scene = unquoted()
    scene.signal(quantity=10)

    answer = scene.quote(None, "150")

    assert answer.placed == []
    assert "WatchQuote" in [type(command).__name__ for command in answer]
    assert scene.quote().outcomes == ["ORDERED"]


def test_what_stops_another_symbol_makes_no_quote_of_this_one() -> None:
    scene = unquoted()
    scene.quarantine("MSFT")

    answer = scene.signal(quantity=10, metadata={"signal_price": 150})

    assert (answer.placed, answer.outcomes) == ([], ["HELD NO_QUOTE"])


def test_a_quote_of_another_symbol_releases_nothing() -> None:
    scene = unquoted()
    scene.signal(quantity=10, symbol="MSFT")

    answer = scene.quote()

    assert answer == []
    assert list(scene.desk.state.held) == ["trend/sig-1"]


def test_a_held_signal_is_judged_anew() -> None:
    """The risk gate answers for the moment of sending, not for that of the signal."""
    scene = unquoted()
    scene.signal(quantity=10, metadata={"signal_price": 150})

    answer = scene.quote("3.99", "4.01")

    assert answer.outcomes == ["REFUSED SIGNAL_PRICE_OFF_MARKET"]
    assert scene.timers == {}


def test_a_held_signal_expires_with_its_age() -> None:
    scene = unquoted()
    scene.signal(quantity=10, timestamp=moment(scene.at) - timedelta(seconds=10))
    (timer,) = scene.timers.values()

    answer = scene.wait(20)

    assert timer.due == scene.at
    assert answer.outcomes == ["EXPIRED EXPIRED_SIGNAL"]
    assert answer.decision.text == "no usable quote came before the signal was too old"


def test_at_its_age_limit_a_held_signal_is_still_ordered() -> None:
    scene = unquoted()
    scene.signal(quantity=10)
    scene.sleep(30)

    assert scene.quote().outcomes == ["ORDERED"]


def test_an_expired_signal_trades_no_more() -> None:
    scene = unquoted()
    scene.signal(quantity=10)
    scene.wait(30)

    assert scene.quote() == []


def test_a_timer_of_a_signal_that_went_on_does_nothing() -> None:
    scene = unquoted()
    scene.signal(quantity=10)
    late = dict(scene.timers)
    scene.quote()
    scene.timers = late

    assert scene.wait(30) == []


def test_a_held_signal_expires_when_the_session_closes() -> None:
    scene = unquoted()
    scene.signal(quantity=10)

    answer = scene.close()

    assert answer.outcomes == ["EXPIRED EXPIRED_SIGNAL"]
    assert answer.decision.text == "the session closed before a usable quote came"
    assert (scene.timers, scene.desk.state.held) == ({}, {})


def test_a_held_signal_is_dropped_by_the_kill_switch() -> None:
    scene = unquoted()
    scene.signal(quantity=10)

    answer = scene.kill("fat finger")

    assert answer.outcomes == ["REFUSED KILL_SWITCH"]
    assert (scene.timers, scene.desk.state.held) == ({}, {})
    assert scene.quote() == []


def test_two_held_signals_go_in_the_order_in_which_they_came() -> None:
    scene = unquoted()
    scene.signal(quantity=10, strategy_name="north")
    scene.signal(quantity=20, strategy_name="south")

    answer = scene.quote()

    assert [ticket.order_id for ticket in answer.placed] == ["north/sig-1", "south/sig-2"]


def test_a_newer_signal_supersedes_the_one_that_is_held() -> None:
    """LONG is held, FLAT finds nothing to close: the strategy wants nothing when the quote comes."""
    scene = unquoted()
    scene.signal("LONG", quantity=10, metadata={"signal_price": 150})
    scene.sleep(1)
    scene.signal("FLAT", metadata={"signal_price": 150})

    answer = scene.quote()

    assert answer.placed == []
    assert "REFUSED SUPERSEDED" in scene.all.outcomes


def test_a_signal_that_is_too_old_is_not_revived_by_a_late_timer() -> None:
    scene = unquoted()
    scene.signal(quantity=10)
    scene.sleep(180)

    answer = scene.quote()

    assert answer.placed == []
    assert answer.outcomes == ["EXPIRED EXPIRED_SIGNAL"]


@pytest.mark.parametrize("side", [("150.00", None), (None, "150.00")], ids=["bid", "ask"])
def test_half_a_quote_at_the_signal_is_no_arrival_price(
    side: tuple[str | None, str | None],
) -> None:
    """Without a price of the moment when it came, the one of the decision stands for it."""
    scene = Scene()
    scene.show(*side)
    scene.signal(quantity=10)

    (ticket,) = scene.quote("151.99", "152.01").placed

    assert ticket.signal_price == price(152)
