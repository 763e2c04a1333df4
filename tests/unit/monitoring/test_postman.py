"""One process delivers for a folder; another one waits and takes over."""

import threading
from pathlib import Path

import pytest

from fillpath.core.errors import Unavailable
from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.kinds import Severity
from fillpath.monitoring.messages import Message
from fillpath.monitoring.postman import Postman, Route
from fillpath.monitoring.timing import Rules
from tests.unit.monitoring.desk_of_alerts import Ear, Hand, a_fact

LONG = 10.0


class Bell(Ear):
    """An ear that rings."""

    def __init__(self) -> None:
        super().__init__()
        self.rang = threading.Event()

    def send(self, message: Message) -> None:
        super().send(message)
        self.rang.set()


class Office:
    def __init__(self, folder: Path, **channels: Ear) -> None:
        routes = [Route(name, channel) for name, channel in channels.items()]
        self.postman = Postman(folder, routes, Rules(), Hand().now)
        self.thread = threading.Thread(target=self.postman.run, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.postman.end()
        self.thread.join(LONG)
        assert not self.thread.is_alive()


def happens(folder: Path, text: str) -> None:
    with AlertBook(folder) as book:
        book.register({"phone": Severity.INFO, "mail": Severity.INFO})
        book.take([a_fact(text=text)])


def test_what_happened_before_and_after_the_start_is_told(tmp_path: Path) -> None:
    happens(tmp_path, "before")
    phone = Bell()
    office = Office(tmp_path, phone=phone, mail=Bell())
    assert phone.rang.wait(LONG)
    phone.rang.clear()
    happens(tmp_path, "after")
    assert phone.rang.wait(LONG)
    office.close()

    assert phone.texts == ["before", "after"]


def test_a_channel_that_hangs_delays_no_other_and_no_end(tmp_path: Path) -> None:
    happens(tmp_path, "now")
    never = threading.Event()
    hangs, phone = Ear(), Bell()
    hangs.fails = lambda: never.wait(LONG)
    office = Office(tmp_path, mail=hangs, phone=phone)

    assert phone.rang.wait(LONG)
    never.set()
    office.close()


def test_a_second_process_waits_until_the_first_one_ends(tmp_path: Path) -> None:
    happens(tmp_path, "one")
    first_ear, second_ear = Bell(), Bell()
    first = Office(tmp_path, phone=first_ear)
    assert first_ear.rang.wait(LONG)
    second = Office(tmp_path, phone=second_ear)
    first.close()
    happens(tmp_path, "two")
    assert second_ear.rang.wait(LONG)
    second.close()

    assert (first_ear.texts, second_ear.texts) == (["one"], ["two"])


def test_a_process_that_waits_ends_when_it_is_told_to(tmp_path: Path) -> None:
    happens(tmp_path, "one")
    phone = Bell()
    first = Office(tmp_path, phone=phone)
    assert phone.rang.wait(LONG)  # so it has the lock
    second = Office(tmp_path, phone=Bell())

    second.close()

    assert first.thread.is_alive()
    first.close()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "alerts"
    folder.write_text("no folder")

    with pytest.raises(Unavailable, match="cannot be opened"):
        Postman(folder, [], Rules(), Hand().now).run()
