"""The simulated storage loses exactly what a disk may lose."""

import errno

import pytest

from fillpath.core.errors import Fenced
from fillpath.testing.faulty_files import PAGE, SECTOR, FaultPlan, FaultyFile

NEW = b"n" * PAGE * 4


def crashed(seed: int, grain: int = PAGE) -> bytes:
    file = FaultyFile(b"o" * PAGE * 4, FaultPlan(seed=seed, grain=grain))
    file.write(0, NEW)
    return file.crash()


def test_what_was_synced_survives() -> None:
    file = FaultyFile()
    file.write(0, NEW)
    file.sync()

    assert file.crash() == NEW


def test_pages_that_were_not_synced_survive_in_any_combination() -> None:
    survivors = {crashed(seed) for seed in range(300)}

    assert len(survivors) == 2**4
    for content in survivors:
        for start in range(0, len(content), PAGE):
            assert content[start : start + PAGE] in {b"n" * PAGE, b"o" * PAGE}


def test_a_page_is_torn_only_where_the_plan_says_so() -> None:
    torn = [crashed(seed, SECTOR) for seed in range(20)]

    assert any(len(set(content[:PAGE])) == 2 for content in torn)


def test_the_same_seed_loses_the_same() -> None:
    assert [crashed(seed) for seed in range(20)] == [crashed(seed) for seed in range(20)]


def test_a_length_that_was_not_synced_may_be_lost() -> None:
    sizes = set()
    for seed in range(20):
        file = FaultyFile(b"", FaultPlan(seed=seed))
        file.reserve(10)
        file.reserve(5)
        sizes.add(len(file.crash()))

    assert sizes == {0, 10}


def test_what_was_cut_may_come_back() -> None:
    survivors = set()
    for seed in range(20):
        file = FaultyFile(b"abc", FaultPlan(seed=seed))
        file.truncate(1)
        survivors.add(file.crash())

    assert survivors == {b"a", b"abc"}


def test_a_failed_sync_loses_pages_that_no_later_sync_brings_back() -> None:
    survivors = set()
    for seed in range(20):
        file = FaultyFile(b"o" * PAGE, FaultPlan(seed=seed))
        file.write(0, b"n" * PAGE)
        file.fail("sync", errno.EIO)
        with pytest.raises(OSError, match="Input/output"):
            file.sync()
        file.sync()
        assert file.read(0, PAGE) == b"n" * PAGE
        survivors.add(file.crash()[:1])

    assert survivors == {b"n", b"o"}


def test_room_that_was_taken_stays_usable_on_a_full_disk() -> None:
    file = FaultyFile(plan=FaultPlan(capacity=100))
    file.reserve(100)
    file.capacity = 50

    file.write(90, b"0123456789")

    assert file.content.endswith(b"0123456789")


def test_a_full_disk_takes_what_fits() -> None:
    file = FaultyFile(plan=FaultPlan(capacity=4))

    with pytest.raises(OSError, match="No space left"):
        file.write(0, b"abcdef")
    with pytest.raises(OSError, match="No space left"):
        file.reserve(5)

    assert file.content == b"abcd"


def test_the_plan_lets_writes_and_syncs_fail() -> None:
    file = FaultyFile(plan=FaultPlan(full_share=1.0, broken_share=1.0))

    with pytest.raises(OSError, match="No space left"):
        file.write(0, b"abc")
    with pytest.raises(OSError, match="Input/output"):
        file.sync()

    assert b"abc".startswith(file.content)
    assert file.syncs == 1


def test_a_write_behind_the_end_leaves_zeros_between() -> None:
    file = FaultyFile(b"a")
    file.write(PAGE + 1, b"b")

    file.sync()

    assert file.crash() == b"a" + bytes(PAGE) + b"b"


def test_who_was_taken_over_is_fenced() -> None:
    first = FaultyFile(b"abc")
    first.check_owner()

    second = first.take_over()

    second.check_owner()
    assert second.read(0, 3) == b"abc"
    with pytest.raises(Fenced):
        first.check_owner()


def test_a_file_that_crashed_or_was_closed_takes_nothing() -> None:
    crashed, closed = FaultyFile(), FaultyFile()
    crashed.crash()
    closed.close()

    for file in (crashed, closed):
        with pytest.raises(OSError, match="Bad file descriptor"):
            file.write(0, b"a")
        with pytest.raises(OSError, match="Bad file descriptor"):
            file.size()
