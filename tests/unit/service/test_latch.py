"""The kill latch: written once, whole, and set whenever it cannot be read."""

import stat
from pathlib import Path

import pytest

from fillpath.service.latch import FILE, PARTS, UNREADABLE, KillLatch, Latch, Scope, write_latch

WHY = Latch("losing", "ann", 5)


@pytest.fixture
def latch(tmp_path: Path) -> KillLatch:
    """Return a latch that is not set."""
    return KillLatch(tmp_path)


def test_a_new_account_is_not_stopped(latch: KillLatch) -> None:
    assert latch.read() is None


def test_the_latch_says_who_stopped_trading_and_why(latch: KillLatch) -> None:
    assert latch.set(WHY)

    assert KillLatch(latch.path.parent).read() == WHY


@pytest.mark.fault("F-109")
def test_the_second_kill_changes_nothing(latch: KillLatch) -> None:
    latch.set(WHY)

    assert not latch.set(Latch("again", "bob", 6))
    assert latch.read() == WHY


@pytest.mark.fault("F-109")
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"reason": 1}', b"\xff\xfe", b"null"])
def test_what_cannot_be_read_counts_as_set(latch: KillLatch, content: bytes) -> None:
    latch.path.write_bytes(content)

    found = latch.read()

    assert found is not None
    assert found.reason == "the kill latch cannot be read, which counts as set"


def test_a_folder_in_its_place_counts_as_set(latch: KillLatch) -> None:
    latch.path.mkdir()

    assert latch.read() is not None


def test_only_the_user_who_set_it_can_read_it(latch: KillLatch) -> None:
    latch.set(WHY)

    assert stat.S_IMODE(latch.path.stat().st_mode) == 0o600


def test_a_cleared_latch_allows_trading_and_can_be_set_again(latch: KillLatch) -> None:
    latch.set(WHY)

    latch.clear()
    latch.clear()

    assert latch.read() is None
    assert latch.set(WHY)


STRATEGY = Latch("losing", "ann", 5, Scope.STRATEGY, "trend/1 \u00e9")
SYMBOL = Latch("news", "bob", 6, Scope.SYMBOL, "AAPL")
ALL = Latch("everything", "cid", 7, Scope.ALL)


@pytest.fixture
def account(tmp_path: Path) -> KillLatch:
    """Return the latches of one account of several."""
    (tmp_path / "SIM").mkdir()
    return KillLatch(tmp_path / "SIM", tmp_path)


@pytest.mark.control("A-16", "refuses")
@pytest.mark.parametrize("why", [STRATEGY, SYMBOL, ALL, WHY])
def test_every_scope_is_kept_and_cleared_by_itself(account: KillLatch, why: Latch) -> None:
    first, second = account.set(why), account.set(why)
    kept = list(account.every())

    account.clear(why.scope, why.target)

    assert (first, second) == (True, False)
    assert kept == [why]
    assert list(account.every()) == []


def test_a_strategy_or_a_symbol_does_not_stop_the_account(account: KillLatch) -> None:
    account.set(STRATEGY)
    account.set(SYMBOL)

    assert account.read() is None
    assert account.stopped("trend/1 \u00e9", "MSFT") == STRATEGY
    assert account.stopped("other", "AAPL") == SYMBOL
    assert account.stopped("other", "MSFT") is None


@pytest.mark.fault("F-110")
def test_clearing_the_account_leaves_what_else_is_stopped(account: KillLatch) -> None:
    for why in (STRATEGY, SYMBOL, ALL, WHY):
        account.set(why)

    account.clear()

    assert list(account.every()) == [ALL, STRATEGY, SYMBOL]


def test_what_stops_every_account_lies_above_them(account: KillLatch, tmp_path: Path) -> None:
    account.set(ALL)

    assert KillLatch(tmp_path / "OTHER", tmp_path).read() == ALL
    assert KillLatch(tmp_path / "SIM").read() is None


def test_where_there_is_only_one_account_all_of_them_is_this_one(latch: KillLatch) -> None:
    latch.set(ALL)

    assert latch.read() == Latch("everything", "cid", 7)


@pytest.mark.fault("F-109")
@pytest.mark.parametrize("name", [FILE, f"{PARTS}/symbol-AAPL.json", f"{PARTS}/anything"])
def test_an_empty_file_stops_the_account(latch: KillLatch, name: str) -> None:
    path = latch.path.parent / name
    path.parent.mkdir(exist_ok=True)
    path.touch()

    assert latch.read() == Latch(UNREADABLE, "fillpath", 0)
    latch.clear()
    assert list(latch.every()) == []


@pytest.mark.fault("F-109")
def test_a_place_that_cannot_be_listed_stops_the_account(latch: KillLatch) -> None:
    (latch.path.parent / PARTS).write_text("no folder")

    assert latch.read() == Latch(UNREADABLE, "fillpath", 0)


def test_a_file_stops_what_its_place_says_whatever_it_says_itself(
    account: KillLatch, tmp_path: Path
) -> None:
    write_latch(tmp_path / FILE, SYMBOL)

    assert account.read() == Latch("news", "bob", 6, Scope.ALL)


def test_a_long_name_is_kept_too(latch: KillLatch) -> None:
    why = Latch("losing", "ann", 5, Scope.STRATEGY, "n" * 1_000)

    latch.set(why)

    assert latch.stopped("n" * 1_000, "AAPL") == why
    assert latch.stopped("n" * 999, "AAPL") is None
