"""The log of who did what shows every change of it (S-19)."""

import json
import threading
from pathlib import Path

import pytest

from fillpath.api.auth.audit import ANCHORS, FILE, AuditLog, Entry
from fillpath.core.errors import ConfigError, DataError, Unavailable

pytestmark = pytest.mark.security("S-19")

DAY = 86_400_000_000_000
NOW = 20_000 * DAY


def entry(act: str = "kill", **more: str) -> Entry:
    return Entry(who="tom", role="trader", source="127.0.0.1", act=act, outcome="DONE", **more)


def a_log(folder: Path, count: int = 5) -> AuditLog:
    log = AuditLog(folder)
    for number in range(count):
        log.write(entry(f"act {number}"), NOW + number)
    return log


def lines(folder: Path) -> list[str]:
    return (folder / FILE).read_text("utf-8").splitlines(keepends=True)


def test_every_entry_says_who_when_from_where_what_and_why(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)

    log.write(entry(reason="news", before="on", after="off", account="SIM", target="AAPL"), NOW)

    (row,) = log.entries()
    assert row["at"] == "2024-10-04T00:00:00Z"
    assert (row["who"], row["role"], row["source"], row["act"]) == (
        "tom",
        "trader",
        "127.0.0.1",
        "kill",
    )
    assert (row["reason"], row["before"], row["after"]) == ("news", "on", "off")
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_log_that_nobody_touched_is_in_order(tmp_path: Path) -> None:
    verdict = a_log(tmp_path).verify()

    assert (verdict.entries, verdict.anchors) == (5, 0)
    assert AuditLog(tmp_path / "empty").verify().entries == 0


def test_a_changed_entry_is_found(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    text = (tmp_path / FILE).read_text("utf-8").replace("act 2", "act 9")
    (tmp_path / FILE).write_text(text, "utf-8")

    with pytest.raises(DataError, match="row 3: was changed"):
        log.verify()


def test_a_changed_entry_with_its_own_hash_made_anew_is_found(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    rows = lines(tmp_path)
    (tmp_path / "forged").mkdir()
    forger = AuditLog(tmp_path / "forged")
    for number in range(5):
        forger.write(entry(f"act {number}" if number != 2 else "nothing"), NOW + number)
    forged = lines(tmp_path / "forged")
    (tmp_path / FILE).write_text("".join([*rows[:2], forged[2], *rows[3:]]), "utf-8")

    with pytest.raises(DataError, match="row 4: does not follow"):
        log.verify()


@pytest.mark.parametrize("gone", range(4))
def test_a_removed_entry_is_found(tmp_path: Path, gone: int) -> None:
    log = a_log(tmp_path)
    rows = lines(tmp_path)
    (tmp_path / FILE).write_text("".join(rows[:gone] + rows[gone + 1 :]), "utf-8")

    with pytest.raises(DataError, match="does not follow"):
        log.verify()


def test_two_entries_that_changed_places_are_found(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    one, two, *rest = lines(tmp_path)
    (tmp_path / FILE).write_text("".join([two, one, *rest]), "utf-8")

    with pytest.raises(DataError, match="row 1: does not follow"):
        log.verify()


@pytest.mark.parametrize("line", ["not json\n", "[]\n", "{}\n"])
def test_what_is_no_entry_is_found(tmp_path: Path, line: str) -> None:
    log = a_log(tmp_path, 1)
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write(line)

    with pytest.raises(DataError, match="row 2: is no entry"):
        log.verify()


def test_each_day_is_anchored_in_another_file(tmp_path: Path) -> None:
    log = a_log(tmp_path, 3)

    log.write(entry("tomorrow"), NOW + DAY)

    last = json.loads(lines(tmp_path)[2])
    anchor = (tmp_path / ANCHORS).read_text("utf-8")
    assert anchor == f"{last['at']} 2 {last['hash']}\n"
    assert log.verify().anchors == 1


def test_a_log_that_was_cut_off_before_an_anchor_is_found(tmp_path: Path) -> None:
    log = a_log(tmp_path, 3)
    log.write(entry("tomorrow"), NOW + DAY)
    (tmp_path / FILE).write_text("".join(lines(tmp_path)[:2]), "utf-8")

    with pytest.raises(DataError, match="ends before entry 2"):
        log.verify()


def test_a_log_that_was_made_anew_does_not_agree_with_its_anchors(tmp_path: Path) -> None:
    log = a_log(tmp_path, 3)
    log.write(entry("tomorrow"), NOW + DAY)
    (tmp_path / FILE).unlink()
    for number in range(4):
        log.write(entry(f"other {number}"), NOW + DAY)

    with pytest.raises(DataError, match="row 3: is not what its anchor says"):
        log.verify()


def test_anchors_that_are_none_are_said(tmp_path: Path) -> None:
    log = a_log(tmp_path, 1)
    (tmp_path / ANCHORS).write_text("what is this\n", "utf-8")

    with pytest.raises(DataError, match="no anchor"):
        log.verify()


@pytest.mark.security("S-20")
@pytest.mark.fault("F-100")
def test_no_text_begins_a_line_of_its_own(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)

    log.write(entry('kill\n{"forged": 1}\u2028\x1b[2J'), NOW)

    assert len(lines(tmp_path)) == 1
    assert "\x1b" not in lines(tmp_path)[0]
    assert lines(tmp_path)[0].isascii()


def test_a_long_text_is_cut(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)

    log.write(entry("x" * 100_000), NOW)

    assert len(lines(tmp_path)[0]) < 3_000


def test_several_writers_make_one_chain(tmp_path: Path) -> None:
    def write(name: str) -> None:
        log = AuditLog(tmp_path)
        for number in range(25):
            log.write(entry(f"{name} {number}"), NOW + number, durable=False)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert AuditLog(tmp_path).verify().entries == 100


def test_the_newest_come_first(tmp_path: Path) -> None:
    log = a_log(tmp_path)

    assert [row["number"] for row in log.newest(2)] == [4, 3]
    assert [row["number"] for row in log.newest(2, before=3)] == [2, 1]
    assert [row["number"] for row in log.newest(9, before=1)] == [0]


@pytest.mark.security("S-21")
def test_a_log_that_others_may_read_is_refused(tmp_path: Path) -> None:
    a_log(tmp_path)
    (tmp_path / FILE).chmod(0o640)

    with pytest.raises(ConfigError, match="chmod 600"):
        AuditLog(tmp_path)


def test_a_log_whose_end_is_torn_takes_nothing(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write('{"number": 5, "at')

    with pytest.raises(Unavailable, match="not complete"):
        log.write(entry(), NOW)


def test_a_disk_that_takes_nothing_is_said(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "nowhere")

    with pytest.raises(Unavailable, match="takes no entry"):
        log.write(entry(), NOW)
