"""The engine hands alarms over at once; what is written, and from where on, survives everything."""

import threading
from pathlib import Path

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import Unavailable
from fillpath.monitoring import post as module
from fillpath.monitoring.book import FILE, AlertBook
from fillpath.monitoring.kinds import Severity
from fillpath.monitoring.post import FRESH_NS, AlertPost
from tests.unit.monitoring.desk_of_alerts import T0, Hand, an_alarm


class Desk:
    """A post and what its log heard."""

    def __init__(self, folder: Path, records: int | None = None) -> None:
        self.folder = folder
        self.clock = Hand()
        self.heard: list[RaiseAlarm] = []
        self.post = AlertPost(folder, "SIM", self.heard.append, self.clock.now)
        self.post.open({"phone": Severity.INFO})
        if records is not None:
            self.post.serve("SIM", records)

    def texts(self) -> list[str]:
        assert self.post.close()
        with AlertBook(self.folder) as book:
            return [alert.text for alert in reversed(book.listed())]


def test_what_no_journal_holds_is_logged_and_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.post.page(an_alarm("STOP_KEEPER", "by nobody"))

    assert [alarm.code for alarm in desk.heard] == ["STOP_KEEPER"]
    assert desk.texts() == ["by nobody"]


def test_an_alarm_of_the_journal_is_kept_once_however_often_it_is_read(tmp_path: Path) -> None:
    first = Desk(tmp_path, 0)
    first.post.journaled(3, an_alarm("IN_DOUBT", "a"))
    assert first.texts() == ["a"]

    again = Desk(tmp_path, 9)
    for record, text in ((3, "a"), (5, "b")):
        again.post.journaled(record, an_alarm("IN_DOUBT", text, T0 + record))

    assert again.texts() == ["a", "b"]
    assert again.heard == []


def test_a_first_start_tells_of_the_last_day_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 9)
    desk.post.journaled(1, an_alarm("IN_DOUBT", "long ago", T0 - FRESH_NS - 1))
    desk.post.journaled(2, an_alarm("IN_DOUBT", "lately", T0 - 1))

    assert desk.texts() == ["lately"]


def test_a_journal_that_was_restored_is_taken_from_its_end_on(tmp_path: Path) -> None:
    first = Desk(tmp_path, 0)
    first.post.journaled(90, an_alarm("IN_DOUBT", "a"))
    first.texts()

    restored = Desk(tmp_path, 50)
    restored.post.journaled(49, an_alarm("IN_DOUBT", "known", T0 + 1))
    restored.post.journaled(50, an_alarm("IN_DOUBT", "new", T0 + 2))

    assert restored.texts() == ["a", "new"]


def test_repeats_of_the_pager_stay_in_the_log(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.post.page(an_alarm("UNANSWERED", "still"))

    assert len(desk.heard) == 1
    assert desk.texts() == []


def test_a_new_start_ends_what_was_said_of_the_old_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.post.note("START_REFUSED", "no broker")
    desk.post.begun()
    desk.texts()

    with AlertBook(tmp_path) as book:
        assert book.listed(standing=True) == []


def test_what_finds_no_room_is_counted_and_comes_again_with_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    clock, heard = Hand(), list[RaiseAlarm]()
    post = AlertPost(tmp_path, "SIM", heard.append, clock.now)
    post.serve("SIM", 9)
    for record in (1, 2, 3):
        post.journaled(record, an_alarm("IN_DOUBT", "ab"[record % 2] * record, T0 + record))
    post.open({"phone": Severity.INFO})
    post.close()

    monkeypatch.undo()
    again = Desk(tmp_path, 9)
    for record in (1, 2, 3):
        again.post.journaled(record, an_alarm("IN_DOUBT", "ab"[record % 2] * record, T0 + record))
    texts = again.texts()
    assert {"b", "aa", "bbb"} <= set(texts)
    assert any("alerts came while" in text for text in texts)


def test_a_disk_that_takes_nothing_is_said_once_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.01)
    full, tried = threading.Event(), threading.Event()
    full.set()
    take = AlertBook.take

    def perhaps(self: AlertBook, *facts: object, **more: object) -> None:
        tried.set()
        if full.is_set():
            raise Unavailable("no room")
        take(self, *facts, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(AlertBook, "take", perhaps)
    desk = Desk(tmp_path)
    desk.post.page(an_alarm("STOP_KEEPER", "by nobody"))
    tried.wait(5)
    full.clear()

    assert desk.texts() == ["by nobody"]
    assert [alarm.code for alarm in desk.heard] == ["STOP_KEEPER", "ALERTS_FAILING"]


def test_a_file_that_cannot_be_used_stops_no_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSE_SECONDS", 0.05)
    (tmp_path / FILE).write_bytes(b"no database at all, and long enough" * 200)
    desk = Desk(tmp_path, 0)
    desk.post.page(an_alarm("STOP_KEEPER", "by nobody"))

    assert not desk.post.close()
    assert next(alarm.code for alarm in desk.heard) == "ALERTS_FAILING"
