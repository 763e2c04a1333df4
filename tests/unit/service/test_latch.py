"""The kill latch: written once, whole, and set whenever it cannot be read."""

import stat
from pathlib import Path

import pytest

from fillpath.service.latch import KillLatch, Latch

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
