"""The simulated disk keeps what was synced, loses any part of the rest, and fails when told to."""

import errno
from random import Random  # noqa: TID251  # seeded by the test

import pytest

from fillpath.chaos.disk import PAGE, Disk, SimFile


def a_disk(seed: int = 0) -> Disk:
    return Disk(Random(seed))  # noqa: S311  # repeatable, nothing secret


def a_file(disk: Disk) -> SimFile:
    return SimFile(disk, lambda _effect, _when, _content: None, lambda: None)


def test_what_was_synced_survives_the_power_cut() -> None:
    disk = a_disk()
    file = a_file(disk)
    file.write(0, b"kept")
    file.sync()

    disk.power_cut()

    assert a_file(disk).read(0, 4) == b"kept"


def test_what_was_not_synced_survives_in_part() -> None:
    left = set()
    for seed in range(50):
        disk = a_disk(seed)
        disk.write(0, b"a" * PAGE + b"b" * PAGE)
        disk.power_cut()
        left.add((b"a" in disk.durable, b"b" in disk.durable))

    assert left == {(False, False), (True, False), (False, True), (True, True)}


def test_a_page_never_has_a_later_write_without_an_earlier_one() -> None:
    for seed in range(50):
        disk = a_disk(seed)
        disk.write(0, b"first")
        disk.write(5, b"second")
        disk.power_cut()

        assert bytes(disk.durable) in {b"", b"first", b"firstsecond"}


def test_a_killed_process_loses_nothing_that_it_wrote() -> None:
    disk = a_disk()
    a_file(disk).write(0, b"cached")

    assert a_file(disk).read(0, 6) == b"cached"


def test_a_full_disk_takes_nothing_beyond_its_end() -> None:
    disk = a_disk()
    file = a_file(disk)
    file.reserve(100)
    disk.full = True

    file.write(50, b"inside")
    with pytest.raises(OSError, match="no space") as full:
        file.write(99, b"outside")

    assert full.value.errno == errno.ENOSPC


def test_a_failed_sync_loses_for_good_what_it_did_not_store() -> None:
    losses = 0
    for seed in range(20):
        disk = a_disk(seed)
        file = a_file(disk)
        file.write(0, b"content")
        disk.broken = True
        with pytest.raises(OSError, match="failed"):
            file.sync()
        disk.broken = False
        file.sync()
        losses += b"content" not in disk.durable

    assert losses
