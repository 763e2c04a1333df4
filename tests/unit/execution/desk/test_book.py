"""The book: cash, positions, whose they are, and where their stops stand."""

from typing import Final

import pytest

from fillpath.core.events import AccountOpened
from tests.unit.execution.desk.scene import Scene, a_holding, money, price, shares

ORDER: Final = "trend/sig-1"


# Opening.


def test_the_account_opens_with_what_it_holds() -> None:
    scene = Scene(
        cash=1_000,
        positions=(a_holding(100), a_holding(50, 160, "other"), a_holding(7, 10, "", "MSFT")),
    )

    state = scene.desk.state
    assert (state.account, state.rules, state.book.cash) == ("SIM", "rules", money(1_000))
    assert state.book.holdings["AAPL"].quantity == shares(150)
    assert state.book.holdings["AAPL"].cost == money(15_000 + 8_000)
    assert state.book.by_strategy == {
        ("trend", "AAPL"): shares(100),
        ("other", "AAPL"): shares(50),
        ("", "MSFT"): shares(7),
    }


def test_two_positions_of_one_strategy_are_one() -> None:
    scene = Scene(positions=(a_holding(100), a_holding(20)))

    assert scene.desk.state.book.by_strategy == {("trend", "AAPL"): shares(120)}


def test_an_account_is_opened_once() -> None:
    scene = Scene()
    before = scene.desk.state.book.cash

    answer = scene.tell(AccountOpened(scene.at, "OTHER", money(5)))

    assert answer.alarms == ["UNEXPECTED_FACT"]
    assert (scene.desk.state.account, scene.desk.state.book.cash) == ("SIM", before)


# Moving.


def test_a_buy_moves_cash_into_the_position() -> None:
    scene = Scene()
    scene.signal(quantity=100)

    scene.trade(ORDER, "149.995")

    book = scene.desk.state.book
    assert book.cash == money(10_000_000) - money("14999.5")
    assert book.holdings["AAPL"].quantity == shares(100)
    assert book.holdings["AAPL"].cost == money("14999.5")
    assert book.by_strategy == {("trend", "AAPL"): shares(100)}


def test_a_short_sale_brings_cash_and_a_negative_position() -> None:
    scene = Scene()
    scene.signal("SHORT", quantity=100)

    scene.trade(ORDER, "149.99")

    book = scene.desk.state.book
    assert book.cash == money(10_000_000) + money(14_999)
    assert book.holdings["AAPL"].quantity == shares(-100)
    assert book.holdings["AAPL"].cost == money(-14_999)


def test_a_closed_position_leaves_its_profit_behind() -> None:
    scene = Scene(positions=(a_holding(100, 140),))
    scene.signal("FLAT")

    scene.trade(ORDER, "150")

    book = scene.desk.state.book
    assert book.holdings == {}
    assert book.by_strategy == {}
    assert book.realized == money(1_000)


def test_a_position_that_turns_over_keeps_its_profit() -> None:
    scene = Scene(positions=(a_holding(100, 140),))
    scene.signal("FLAT")
    scene.accept(ORDER)

    scene.fill(ORDER, 130, "150")

    holding = scene.desk.state.book.holdings["AAPL"]
    assert (holding.quantity, holding.cost) == (shares(-30), money(-4_500))
    assert holding.realized == money(1_000)


def test_many_symbols_count_as_open() -> None:
    scene = Scene(positions=tuple(a_holding(1, symbol=f"S{n}") for n in range(20)))

    answer = scene.signal(quantity=10)

    assert answer.outcomes == ["REFUSED MAX_POSITIONS"]


# Whose shares they are.


def test_a_strategy_closes_its_own_shares_only() -> None:
    scene = Scene(positions=(a_holding(100), a_holding(50, strategy="other")))

    (ticket,) = scene.signal("FLAT").placed

    assert ticket.quantity == shares(100)


def test_a_strategy_may_close_what_nobody_claims() -> None:
    scene = Scene(positions=(a_holding(100, strategy=""),))

    (ticket,) = scene.signal("FLAT").placed
    scene.trade(ticket.order_id)

    assert ticket.quantity == shares(100)
    assert scene.desk.state.book.by_strategy == {}


@pytest.mark.parametrize(
    ("sold", "own", "unclaimed"),
    [
        pytest.param(20, 30, 50, id="its own first"),
        pytest.param(80, 0, 20, id="then what nobody claims"),
        pytest.param(100, 0, 0, id="then nothing is left"),
    ],
)
def test_a_sale_takes_its_own_shares_first(sold: int, own: int, unclaimed: int) -> None:
    scene = Scene(positions=(a_holding(50), a_holding(50, strategy="")))
    scene.signal("FLAT", quantity=sold)

    scene.trade(ORDER)

    kept = {("trend", "AAPL"): shares(own), ("", "AAPL"): shares(unclaimed)}
    assert scene.desk.state.book.by_strategy == {key: q for key, q in kept.items() if q}


def test_an_unclaimed_short_is_covered_by_a_strategy() -> None:
    scene = Scene(positions=(a_holding(-100, strategy=""),))
    (ticket,) = scene.signal("FLAT").placed

    scene.trade(ticket.order_id)

    assert (ticket.side, ticket.quantity) == ("BUY", shares(100))
    assert scene.desk.state.book.by_strategy == {}


def test_a_hand_made_signal_moves_what_nobody_claims() -> None:
    scene = Scene(positions=(a_holding(100, strategy=""),))
    answer = scene.signal("FLAT", strategy_name="")
    (ticket,) = answer.placed

    scene.trade(ticket.order_id)

    assert answer.outcomes == ["ORDERED"]
    assert (ticket.order_id, ticket.quantity) == ("sig-1", shares(100))
    assert scene.desk.state.book.by_strategy == {}


def test_an_entry_beside_unclaimed_shares_is_the_strategys_own() -> None:
    scene = Scene(positions=(a_holding(100, strategy=""),))
    scene.signal(quantity=10)

    scene.trade(ORDER)

    assert scene.desk.state.book.by_strategy == {
        ("", "AAPL"): shares(100),
        ("trend", "AAPL"): shares(10),
    }


def test_the_shares_of_all_add_up_to_the_account() -> None:
    scene = Scene(
        positions=(a_holding(50), a_holding(-20, strategy="bear"), a_holding(5, strategy=""))
    )
    scene.signal("SHORT", quantity=30, strategy_name="bear")
    scene.trade("bear/sig-1")

    book = scene.desk.state.book
    assert sum(book.by_strategy.values()) == book.holdings["AAPL"].quantity == shares(5)


def test_what_nobody_claims_is_closed_once() -> None:
    scene = Scene(positions=(a_holding(100, strategy=""),))
    scene.signal("FLAT", strategy_name="north")

    answer = scene.signal("FLAT", strategy_name="south")

    assert answer.placed == []


def test_an_entry_counts_what_all_others_hold() -> None:
    """5 % of 10,000,000 are 3,333 shares, of which others hold 3,000."""
    scene = Scene(
        cash=10_000_000 - 451_500,
        positions=(a_holding(3_000, strategy="other"), a_holding(10)),
    )

    answer = scene.signal(quantity=1_000)

    assert [ticket.quantity for ticket in answer.placed] == [shares(323)]
    assert answer.outcomes == ["ORDERED"]  # sized to fit: risk had nothing to cut


@pytest.mark.parametrize(
    ("direction", "held", "room"),
    [("LONG", 1, 1), ("LONG", -1, 0), ("SHORT", -1, 1), ("SHORT", 1, 0)],
)
def test_one_unit_that_others_hold_takes_its_room_on_its_own_side(
    direction: str, held: int, room: int
) -> None:
    free = Scene().signal(direction).decision.sizing["POSITION_CAP"]
    unit = a_holding(f"{held / 10**6:f}", 0, "other")

    taken = Scene(positions=(unit,)).signal(direction).decision.sizing["POSITION_CAP"]

    assert free - taken == room


def test_an_exit_is_its_strategys_own_affair() -> None:
    """What others work in the symbol takes nothing off what a strategy may close."""
    scene = Scene(positions=(a_holding(100), a_holding(70, strategy="other")))
    scene.signal("FLAT", strategy_name="other")

    answer = scene.signal("FLAT")

    assert [ticket.quantity for ticket in answer.placed] == [shares(100)]


# What shorts brought in.


def test_what_a_short_brought_in_is_set_aside() -> None:
    scene = Scene()
    scene.signal("SHORT", quantity=30)

    scene.trade(ORDER, "150")

    assert scene.desk.state.book.proceeds == money(4_500)


def test_what_is_covered_is_set_free() -> None:
    scene = Scene(positions=(a_holding(-30),))
    scene.signal("FLAT", quantity=10)

    scene.trade(ORDER, "140")

    assert scene.desk.state.book.proceeds == money(3_000)


def test_a_short_that_was_there_already_is_set_aside_too() -> None:
    scene = Scene(positions=(a_holding(-30), a_holding(5, symbol="MSFT")))

    assert scene.desk.state.book.proceeds == money(4_500)


# Stops.


@pytest.mark.parametrize(
    ("direction", "paid", "stop"),
    [
        pytest.param("LONG", "150.01", "147.01", id="below a long, rounded towards the entry"),
        pytest.param("SHORT", "149.99", "152.98", id="above a short, rounded towards the entry"),
    ],
)
def test_the_stop_is_anchored_to_the_average_fill(direction: str, paid: str, stop: str) -> None:
    scene = Scene()
    scene.signal(direction, quantity=100)

    scene.trade(ORDER, paid)

    assert scene.desk.state.book.holdings["AAPL"].stop == price(stop)


def test_adding_to_a_position_moves_its_stop() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    scene.accept(ORDER)
    scene.fill(ORDER, 50, "150")

    scene.fill(ORDER, 50, "140")

    assert scene.desk.state.book.holdings["AAPL"].stop == price("142.10")


def test_an_exit_leaves_the_stop_where_it_is() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    scene.trade(ORDER, "150")
    scene.signal("FLAT", quantity=40)

    scene.trade("trend/sig-2", "160")

    holding = scene.desk.state.book.holdings["AAPL"]
    assert (holding.quantity, holding.stop) == (shares(60), price("147"))


def test_an_entry_that_closes_the_account_leaves_no_stop() -> None:
    """One strategy is short what the other buys: the account holds nothing."""
    scene = Scene(positions=(a_holding(-100, strategy="bear"),))
    scene.signal(quantity=100)

    scene.trade(ORDER)

    book = scene.desk.state.book
    assert book.holdings == {}
    assert book.by_strategy == {("bear", "AAPL"): shares(-100), ("trend", "AAPL"): shares(100)}


def test_the_stop_stands_on_the_side_of_the_accounts_position() -> None:
    scene = Scene(positions=(a_holding(-100, strategy="bear"),))
    scene.signal(quantity=40)

    scene.trade(ORDER)

    holding = scene.desk.state.book.holdings["AAPL"]
    assert holding.quantity == shares(-60)
    assert holding.stop is None or holding.stop > price(150)


def test_exact_to_the_last_unit_after_many_parts() -> None:
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=7)
    scene.accept(ORDER)
    for number in range(7):
        scene.fill(ORDER, 1, f"150.0000000{number}", commission="0.00000000000001")

    book = scene.desk.state.book
    assert book.cash == money(10_000_000) - money("1050.00000021") - money("0.00000000000007")
    assert book.reserved == 0
