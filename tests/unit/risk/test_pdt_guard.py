"""Who may open: the legacy rule at its boundary, the broker's own numbers, and what may still come."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from fillpath.core.units import MONEY_SCALE, NANOSECONDS
from fillpath.risk.limits import DayTradeLimits, DayTradeRegime
from fillpath.risk.pdt_guard import (
    UNLIMITED,
    BrokerWord,
    broker_word,
    check_entry,
    possible_day_trades,
    report,
)
from tests.unit.risk.day_trading import BY_ORDERS, DAY, LEGACY, POOR, RICH, Account, an_entry

BROKER = DayTradeLimits()
MARGIN = DayTradeLimits(regime=DayTradeRegime.INTRADAY_MARGIN)
OFF = DayTradeLimits(regime=DayTradeRegime.OFF)


def a_trader(made: int) -> Account:
    """Return an account that has made so many day trades today."""
    account = Account()
    account.round_trips(made)
    return account


def code(account: Account, rules: DayTradeLimits = LEGACY, **changes: object) -> str | None:
    blocked = check_entry(account.state, an_entry(**changes), rules)  # type: ignore[arg-type]
    return None if blocked is None else blocked.code


@pytest.mark.parametrize(
    ("made", "expected"), [(0, None), (2, None), (3, "DAY_TRADES"), (4, "DAY_TRADES")]
)
def test_a_fourth_day_trade_is_not_opened(made: int, expected: str | None) -> None:
    assert code(a_trader(made)) == expected


@pytest.mark.parametrize(
    ("equity", "expected"),
    [
        pytest.param("24999.99", "DAY_TRADES", id="a cent below"),
        pytest.param(RICH, None, id="exactly"),
        pytest.param("25000.01", None, id="a cent above"),
        pytest.param(None, "CTRL_30_INPUT", id="unknown"),
        pytest.param(0, "CTRL_30_INPUT", id="nothing"),
        pytest.param(-1, "CTRL_30_INPUT", id="less than nothing"),
    ],
)
def test_equity_decides_whether_day_trades_are_limited(
    equity: int | str | None, expected: str | None
) -> None:
    assert code(a_trader(3), equity=equity) == expected


def test_unknown_equity_refuses_even_the_first_opening() -> None:
    assert code(a_trader(0), equity=None) == "CTRL_30_INPUT"


def test_the_fifth_session_after_is_free_again() -> None:
    account = a_trader(3)

    assert code(account, day=DAY + 4) == "DAY_TRADES"
    assert code(account, day=DAY + 5) is None


def test_what_was_opened_today_may_be_closed_today() -> None:
    account = a_trader(1)
    account.trade(100, symbol="HELD")

    assert code(account) is None  # one made, one may come, and this one
    account.trade(100, symbol="MORE")

    assert code(account) == "DAY_TRADES"


def test_adding_to_what_was_opened_today_makes_no_further_day_trade() -> None:
    account = a_trader(2)
    account.trade(100, symbol="HELD")

    assert code(account, symbol="HELD") is None


def test_opening_again_after_a_sale_is_a_further_one() -> None:
    account = a_trader(2)
    account.trade(100, -50, symbol="HELD")

    assert code(account, symbol="HELD") == "DAY_TRADES"


def test_what_is_held_since_yesterday_does_not_count() -> None:
    account = Account(OLD=100)
    account.round_trips(2)
    account.trade(-50, symbol="OLD")

    assert code(account) is None


@pytest.mark.parametrize(
    ("overnight", "shares", "possible"),
    [
        pytest.param(0, (100,), 2, id="a long of today"),
        pytest.param(0, (-100,), 2, id="a short of today"),
        pytest.param(0, (100, 100), 2, id="opened twice, closed once"),
        pytest.param(0, (100, -100), 1, id="closed already"),
        pytest.param(0, (100, -50), 1, id="closed in part, and counted"),
        pytest.param(0, (-100, 50), 1, id="covered in part, and counted"),
        pytest.param(0, (100, -50, 50), 2, id="opened again"),
        pytest.param(0, (100, -200), 2, id="turned over: the new short may be covered"),
        pytest.param(100, (-50,), 1, id="what is left of yesterday"),
        pytest.param(100, (50,), 2, id="added to what was held"),
        pytest.param(100, (-150,), 2, id="yesterday's is sold, and a short is opened"),
        pytest.param(-100, (50,), 1, id="what is left of yesterday's short"),
    ],
)
def test_what_may_still_be_closed_today_is_counted(
    overnight: int, shares: tuple[int, ...], possible: int
) -> None:
    account = Account(ABC=overnight)

    account.trade(*shares)

    assert possible_day_trades(account.state, an_entry(), LEGACY) == possible


@pytest.mark.parametrize(
    ("shares", "possible"),
    [((100,), 2), ((50, 50), 3), ((100, -40), 1), ((50, 50, -50), 2), ((100, -100), 1)],
)
def test_by_orders_each_opening_that_is_not_closed_yet_may_be(
    shares: tuple[int, ...], possible: int
) -> None:
    account = Account()

    account.trade(*shares)

    assert possible_day_trades(account.state, an_entry(), BY_ORDERS) == possible


def test_one_unit_of_equity_is_equity() -> None:
    entry = replace(an_entry(), equity=1)

    assert check_entry(a_trader(0).state, entry, LEGACY) is None


def test_working_openings_count_like_filled_ones() -> None:
    account = a_trader(1)

    assert code(account, working=("B",)) is None
    assert code(account, working=("B", "B")) is None  # two orders, one symbol, one turn
    assert code(account, working=("B", "C")) == "DAY_TRADES"


def test_by_orders_every_working_opening_counts() -> None:
    account = a_trader(1)

    assert code(account, BY_ORDERS, working=("B",)) is None
    assert code(account, BY_ORDERS, working=("B", "B")) == "DAY_TRADES"


def test_by_orders_an_opening_that_was_closed_in_part_counts_once() -> None:
    account = Account()
    account.trade(100, 100, -50)

    assert possible_day_trades(account.state, an_entry(), BY_ORDERS) == 2


def test_a_refusal_says_its_numbers() -> None:
    account = a_trader(3)

    blocked = check_entry(account.state, an_entry(), LEGACY)

    assert blocked is not None
    assert (blocked.limit, blocked.value) == (3, 4)
    assert blocked.text == (
        "3 day trades in 5 sessions, with this entry up to 4; below 25000 of equity 3 are "
        "allowed, it is 24999"
    )


@pytest.mark.parametrize("rules", [OFF, MARGIN])
def test_other_regimes_do_not_count(rules: DayTradeLimits) -> None:
    assert code(a_trader(9), rules, equity=None) is None


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [
        pytest.param(UNLIMITED, None, id="no limit"),
        pytest.param(-2, "CTRL_30_INPUT", id="nonsense"),
        pytest.param(0, "DAY_TRADES", id="none left"),
        pytest.param(1, None, id="one left"),
    ],
)
def test_the_brokers_number_is_obeyed(remaining: int, expected: str | None) -> None:
    account = a_trader(9)
    report(account.state, BrokerWord(0, DAY, remaining), BROKER)

    assert code(account, BROKER, equity=None) == expected


def test_day_trades_since_the_broker_spoke_are_taken_off_its_number() -> None:
    account = a_trader(2)
    report(account.state, BrokerWord(0, DAY, 2), BROKER)

    assert code(account, BROKER) is None
    account.round_trips(1)
    assert code(account, BROKER) is None
    account.round_trips(1)

    assert code(account, BROKER) == "DAY_TRADES"


def test_a_day_trade_that_was_taken_back_gives_no_more_than_the_broker_says() -> None:
    account = a_trader(2)
    report(account.state, BrokerWord(0, DAY, 1), BROKER)
    account.state.sessions.clear()

    assert code(account, BROKER) is None
    assert code(account, BROKER, working=("B",)) == "DAY_TRADES"


@pytest.mark.parametrize(
    ("age", "day", "known"),
    [
        pytest.param(300 * NANOSECONDS, DAY, True, id="just young enough"),
        pytest.param(300 * NANOSECONDS + 1, DAY, False, id="too old"),
        pytest.param(-1, DAY, False, id="from the future"),
        pytest.param(0, DAY + 1, False, id="of yesterday"),
    ],
)
def test_only_a_fresh_word_of_this_session_counts(age: int, day: int, *, known: bool) -> None:
    account = a_trader(3)
    report(account.state, BrokerWord(1_000, DAY, UNLIMITED), BROKER)

    word = broker_word(account.state, 1_000 + age, day, BROKER)

    assert (word is not None) is known


def test_a_stale_word_falls_back_to_the_legacy_rule() -> None:
    account = a_trader(3)
    report(account.state, BrokerWord(0, DAY, UNLIMITED), BROKER)

    assert code(account, BROKER, at=301 * NANOSECONDS) == "DAY_TRADES"


def test_a_broker_that_says_nothing_falls_back_to_the_legacy_rule() -> None:
    account = a_trader(3)
    report(account.state, BrokerWord(0, DAY), BROKER)

    assert code(account, BROKER) == "DAY_TRADES"
    assert code(account, BROKER, equity=RICH) is None


def test_a_broker_that_speaks_of_intraday_margin_only_counts_no_longer() -> None:
    account = a_trader(9)
    report(account.state, BrokerWord(0, DAY, None, 5 * MONEY_SCALE), BROKER)

    assert code(account, BROKER, equity=POOR) is None


@pytest.mark.fault("F-107")
def test_equity_that_falls_during_the_day_stops_openings_and_nothing_else() -> None:
    """The guard is asked about opening legs alone, so an exit cannot meet it."""
    account = a_trader(3)
    assert code(account, equity=Decimal(RICH)) is None

    assert code(account, equity=Decimal(POOR)) == "DAY_TRADES"
    account.trade(100, -100)

    assert account.count() == 4  # an exit that came all the same is counted, not stopped
