"""Whatever is asked for in whatever order, an account that obeys the guard never makes four."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fillpath.risk.limits import DayTradeLimits
from fillpath.risk.pdt_guard import BrokerWord, check_entry, day_trades, report
from tests.unit.risk.day_trading import BY_ORDERS, DAY, LEGACY, Account, an_entry

symbols = st.sampled_from(["A", "B", "C", "D"])
entries = st.tuples(st.just("entry"), symbols, st.sampled_from([-70, -30, 30, 70]))
exits = st.tuples(st.just("exit"), symbols, st.integers(1, 4))
nights = st.tuples(st.just("night"), st.just(""), st.just(0))
days = st.lists(entries | exits | nights, max_size=60)
overnight = st.dictionaries(symbols, st.sampled_from([-100, 100]), max_size=4)


def live(
    account: Account, acts: list[tuple[str, str, int]], rules: DayTradeLimits, equity: int
) -> list[int]:
    """Let an account do what it wants, as far as the guard allows; return its counts."""
    counts = []
    for act, symbol, number in acts:
        held = account.held.get(symbol, 0)
        if act == "night":
            account.day += 1
        elif act == "exit":
            if held:
                part = max(abs(held) // number, 1)
                account.trade(-part if held > 0 else part, symbol=symbol)
        elif held * number >= 0:
            entry = an_entry(equity, symbol=symbol, day=account.day)
            if check_entry(account.state, entry, rules) is None:
                account.trade(number, symbol=symbol)
        counts.append(account.count(rules))
    return counts


@given(held=overnight, acts=days, rules=st.sampled_from([LEGACY, BY_ORDERS]))
def test_a_small_account_never_makes_a_fourth_day_trade(
    held: dict[str, int], acts: list[tuple[str, str, int]], rules: DayTradeLimits
) -> None:
    counts = live(Account(**held), acts, rules, equity=20_000)

    assert max(counts, default=0) <= 3


@given(acts=days, remaining=st.integers(0, 3))
def test_the_brokers_number_is_never_overdrawn_within_its_day(
    acts: list[tuple[str, str, int]], remaining: int
) -> None:
    account = Account()
    rules = DayTradeLimits()
    report(account.state, BrokerWord(0, DAY, remaining), rules)
    one_day = [act for act in acts if act[0] != "night"]

    counts = live(account, one_day, rules, equity=20_000)

    assert max(counts, default=0) <= remaining


@given(held=overnight, acts=days)
def test_what_is_left_of_yesterday_is_all_that_is_held_or_nothing(
    held: dict[str, int], acts: list[tuple[str, str, int]]
) -> None:
    account = Account(**held)

    live(account, acts, LEGACY, equity=30_000)

    for today in account.state.sessions.values():
        assert all(trades.overnight in {0, trades.held} for trades in today.values())


@given(acts=days)
def test_counting_by_orders_never_counts_more_than_was_opened(
    acts: list[tuple[str, str, int]],
) -> None:
    account = Account()
    opened = sum(act == "entry" for act, _, _ in acts)

    live(account, acts, BY_ORDERS, equity=30_000)

    assert day_trades(account.state, account.day, BY_ORDERS) <= opened


@given(shares=st.lists(st.integers(-5, 5).filter(bool), max_size=30))
def test_a_day_makes_no_more_day_trades_than_turns(shares: list[int]) -> None:
    account = Account()

    account.trade(*shares)

    turns = sum(before * after < 0 for before, after in pairwise(shares))
    assert account.count() <= turns
