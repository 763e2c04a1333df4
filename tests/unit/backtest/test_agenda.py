"""Moments come in the order of their time, their kind and their entry."""

from fillpath.backtest.agenda import Agenda, Occasion


def taken(agenda: Agenda) -> list[tuple[int, str, str]]:
    """Take everything off the agenda."""
    found = []
    while (entry := agenda.peek()) is not None:
        assert agenda.pop() is entry
        found.append((entry.at, Occasion(entry.occasion).name, entry.symbol))
    return found


def test_earlier_moments_come_first() -> None:
    agenda = Agenda()
    for moment in (30, 10, 20):
        agenda.add(moment, Occasion.CLOSE)

    assert [at for at, _, _ in taken(agenda)] == [10, 20, 30]


def test_at_one_moment_the_kind_decides() -> None:
    agenda = Agenda()
    for occasion in reversed(Occasion):
        if occasion is not Occasion.CROSSING:
            agenda.add(5, occasion)
    agenda.set_crossing("AAPL", 5)

    assert [name for _, name, _ in taken(agenda)] == [
        "OPEN",
        "CROSSING",
        "ARRIVAL",
        "WATCHED",
        "SHOW",
        "TIMER",
        "SIGNAL",
        "CLOSE",
    ]


def test_equal_moments_keep_the_order_of_entry() -> None:
    agenda = Agenda()
    for symbol in ("C", "A", "B"):
        agenda.add(5, Occasion.WATCHED, symbol)

    assert [symbol for _, _, symbol in taken(agenda)] == ["C", "A", "B"]


def test_only_the_latest_crossing_of_a_symbol_counts() -> None:
    agenda = Agenda()
    agenda.set_crossing("AAPL", 10)
    agenda.set_crossing("AAPL", 30)
    agenda.set_crossing("MSFT", 20)

    assert taken(agenda) == [(20, "CROSSING", "MSFT"), (30, "CROSSING", "AAPL")]


def test_a_crossing_can_be_taken_off() -> None:
    agenda = Agenda()
    agenda.set_crossing("AAPL", 10)
    agenda.set_crossing("AAPL", None)

    assert agenda.peek() is None


def test_it_knows_whose_crossings_were_ever_set() -> None:
    agenda = Agenda()
    agenda.set_crossing("AAPL", None)

    assert agenda.has_crossing("AAPL")
    assert not agenda.has_crossing("MSFT")


def test_it_knows_whether_any_crossing_was_ever_set() -> None:
    agenda = Agenda()
    before = agenda.watches_crossings
    agenda.set_crossing("AAPL", 5)

    assert not before
    assert agenda.watches_crossings


def test_looking_takes_nothing() -> None:
    agenda = Agenda()
    agenda.add(5, Occasion.OPEN, "day")

    assert agenda.peek() == agenda.peek()
    assert bool(agenda)


def test_an_empty_agenda_has_no_next_moment() -> None:
    agenda = Agenda()

    assert agenda.peek() is None
    assert not agenda
