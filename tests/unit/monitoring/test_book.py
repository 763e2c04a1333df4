"""The book of alerts loses nothing, gathers what belongs together, and stays small."""

import stat
from pathlib import Path

import pytest

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.monitoring.alerts import about
from fillpath.monitoring.book import FILE, MOST_APART, AlertBook
from fillpath.monitoring.kinds import KINDS, Severity
from fillpath.monitoring.timing import Rules
from tests.unit.monitoring.desk_of_alerts import MINUTE, SECOND, T0, a_fact


def due(book: AlertBook, channel: str = "phone", at: int = T0) -> list[str]:
    return [alert.text for alert, _ in book.due(channel, at, 50)]


def a_book(folder: Path, *channels: str) -> AlertBook:
    book = AlertBook(folder)
    book.register(dict.fromkeys(channels or ("phone",), Severity.INFO))
    return book


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    a_book(tmp_path / "new").close()

    assert stat.S_IMODE((tmp_path / "new" / FILE).stat().st_mode) == 0o600


def test_a_fact_waits_for_every_channel(tmp_path: Path) -> None:
    with a_book(tmp_path, "phone", "mail") as book:
        book.take([a_fact()])

        assert due(book, "phone") == due(book, "mail") == ["ann: losing"]


def test_it_is_still_there_after_a_restart(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact()], through={"SIM": 7})

    with a_book(tmp_path) as book:
        assert due(book) == ["ann: losing"]
        assert book.position("SIM") == 7


def test_a_fact_that_comes_twice_is_one(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact()])
        book.take([a_fact()])

        (alert,) = book.listed()
        assert alert.count == 1


def test_the_same_thing_within_the_window_is_counted_and_not_repeated(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact("IN_DOUBT", f"tried {n}", at=T0 + n, order_id="a/1") for n in range(5)])

        (alert,) = book.listed()
        assert (alert.count, alert.text, alert.last_at) == (5, "tried 4", T0 + 4)


def test_texts_that_differ_in_numbers_alone_are_about_one_thing(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact("STALE_SIGNALS", f"{n} signals", at=T0 + n) for n in (3, 14)])

        assert len(book.listed()) == 1


def test_other_things_are_kept_apart(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact("SYMBOL_QUARANTINED", f"{name}: why") for name in ("AAPL", "IBM")])

        assert len(book.listed()) == 2


def test_after_the_window_it_is_told_anew(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact(), a_fact(at=T0 + 6 * MINUTE)])

        assert len(book.listed()) == 2


def test_after_somebody_has_acknowledged_it_is_told_anew(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact()])
        book.acknowledge("1", "ann", T0)
        book.take([a_fact(at=T0 + SECOND)])

        assert due(book, at=T0 + SECOND) == ["ann: losing"]


def test_who_acknowledged_and_when_is_kept(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact()])

        (known,) = book.acknowledge("all", "ann", T0 + 5)

        (alert,) = book.listed()
        assert known.number == alert.number
        assert (alert.acknowledged_by, alert.acknowledged_at) == ("ann", T0 + 5)
        assert due(book) == []


def test_an_alert_can_be_named_by_its_id(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact()])
        (alert,) = book.listed()

        assert book.acknowledge(alert.alert_id, "ann", T0)
        assert book.acknowledge(alert.alert_id, "bob", T0) == []


@pytest.mark.parametrize("which", ["2", "nothing", "", "9" * 40])
def test_an_unknown_alert_cannot_be_acknowledged(tmp_path: Path, which: str) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact()])

        with pytest.raises(ConfigError, match="alert must be"):
            book.acknowledge(which, "ann", T0)


def test_an_alert_of_another_account_cannot_be_acknowledged(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact()])

        with pytest.raises(ConfigError):
            book.acknowledge("1", "ann", T0, "OTHER")
        assert book.acknowledge("all", "ann", T0, "OTHER") == []


def test_nobody_cannot_acknowledge(tmp_path: Path) -> None:
    with a_book(tmp_path) as book, pytest.raises(ConfigError, match="by must name"):
        book.acknowledge("all", " ", T0)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (("UNPROTECTED", "10 AAPL of trend are without a stop: x"), ("PROTECTED", "10 AAPL of trend are under a stop again")),
        (("UNPROTECTED", "10 AAPL of trend are without a stop: x"), ("PROTECTED", "AAPL of trend is not held")),
        (("SYMBOL_QUARANTINED", "AAPL: odd"), ("SYMBOL_RELEASED", "AAPL: by ann")),
        (("TRADING_HELD", "CLOCK: drift"), ("TRADING_RELEASED", "CLOCK: released by ann")),
        (("FEED_LOST", "quotes stopped"), ("FEED_BACK", "quotes come from there")),
        (("DISCONNECTED", "the socket is gone"), ("DISCONNECTED", "it is over")),
        (("DISCONNECTED", "feed: the socket is gone"), ("DISCONNECTED", "feed: it is over")),
        (("START_REFUSED", "no broker"), ("ENGINE_STARTED", "PAPER")),
        (("ALERTS_FAILING", "phone: nobody"), ("ALERTS_DELIVERED", "phone: messages are taken")),
    ],
)  # fmt: skip
def test_what_is_over_is_told_once_and_repeated_no_more(
    tmp_path: Path, begin: tuple[str, str], end: tuple[str, str]
) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact(*begin)])
        (first,) = book.listed()
        book.told("phone", [first], T0)
        book.take([a_fact(*end, at=T0 + SECOND)])

        assert due(book, at=T0 + 60 * MINUTE) == [end[1]]
        assert book.listed(standing=True) == []


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (("UNPROTECTED", "10 AAPL of trend are without a stop: x"), ("PROTECTED", "10 IBM of trend are under a stop again")),
        (("SYMBOL_QUARANTINED", "AAPL: odd"), ("SYMBOL_RELEASED", "IBM: by ann")),
        (("DISCONNECTED", "feed: the socket is gone"), ("DISCONNECTED", "data: it is over")),
    ],
)  # fmt: skip
def test_the_end_of_one_thing_is_not_the_end_of_another(
    tmp_path: Path, begin: tuple[str, str], end: tuple[str, str]
) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact(*begin), a_fact(*end, at=T0 + SECOND)])

        assert [alert.code for alert in book.listed(standing=True)] == [begin[0]]


def test_an_end_without_a_beginning_wakes_nobody(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact("DISCONNECTED", "it is over")])

        assert book.listed() == []


def test_what_was_over_before_it_was_told_is_told_all_the_same(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact("FEED_LOST", "gone"), a_fact("FEED_BACK", "again", at=T0 + 1)])

        assert due(book) == ["gone", "again"]


def test_a_storm_of_one_kind_is_counted_and_the_book_stays_small(tmp_path: Path) -> None:
    names = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(MOST_APART + 50)]
    with a_book(tmp_path) as book:
        book.take([a_fact("SYMBOL_QUARANTINED", f"{name}: odd") for name in names])

        alerts = book.listed(limit=1_000)
        assert len(alerts) == MOST_APART
        assert sum(alert.count for alert in alerts) == len(names)


def test_a_new_channel_is_told_of_what_comes_from_now_on(tmp_path: Path) -> None:
    with a_book(tmp_path, "phone") as book:
        book.take([a_fact()])
        book.register({"mail": Severity.INFO})
        book.take([a_fact("IN_DOUBT", "lost", at=T0 + 1)])

        assert due(book, "mail") == ["lost"]
        assert due(book, "phone") == []
        assert [one.name for one in book.channels()] == ["mail"]


def test_a_channel_hears_only_what_is_severe_enough(tmp_path: Path) -> None:
    facts = [a_fact(), a_fact("SLIPPAGE", "12 bps"), a_fact("FLATTENED", "flat")]
    with AlertBook(tmp_path) as book:
        book.register({"phone": Severity.WARNING})
        book.take(facts)
        before = due(book)
        book.register({"phone": Severity.CRITICAL})

        assert before == ["ann: losing", "12 bps"]
        assert due(book) == ["ann: losing"]
        assert [state.waiting for state in book.channels()] == [1]


def test_old_alerts_go_and_those_that_stand_stay(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact(), a_fact("IN_DOUBT", "lost")])
        book.acknowledge("1", "ann", T0)

        assert book.forget(T0 + 40 * 24 * 60 * MINUTE) == 1
        assert [alert.code for alert in book.listed()] == ["IN_DOUBT"]


def test_pages_follow_one_another(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        book.take([a_fact("SYMBOL_QUARANTINED", f"{name}: odd") for name in "ABC"])

        first = book.listed("SIM", limit=2)
        assert [alert.number for alert in first] == [3, 2]
        assert [alert.number for alert in book.listed("SIM", before=2)] == [1]
        assert book.listed("OTHER") == []


def test_nothing_is_half_written(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        broken = a_fact("IN_DOUBT", "x" * 10, at=1 << 70)

        with pytest.raises((Unavailable, OverflowError)):
            book.take([a_fact(), broken], through={"SIM": 1})

        assert book.listed() == []
        assert book.position("SIM") is None


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable, match="cannot be opened"):
        AlertBook(tmp_path / "file" / "below")


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"something else, and long enough to be read" * 100)

    with pytest.raises(Unavailable, match="cannot be used"):
        AlertBook(tmp_path)


def test_a_longer_window_gathers_more(tmp_path: Path) -> None:
    with AlertBook(tmp_path, Rules(together_ns=60 * MINUTE)) as book:
        book.take([a_fact(), a_fact(at=T0 + 50 * MINUTE)])

        assert len(book.listed()) == 1


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_says_what_it_is_and_what_to_do(code: str) -> None:
    kind = KINDS[code]

    assert kind.title
    assert kind.meaning.endswith(".")
    assert kind.remedy.endswith(".")
    assert set(kind.ends) <= set(KINDS)


def test_a_text_of_nothing_is_about_nothing() -> None:
    assert not about("")
