"""Echoes, and ids of stream entries."""

import pytest

from fillpath.data.bus.echoes import Echoes
from fillpath.data.bus.stream_ids import oldest_kept, stream_id


def test_only_the_same_bytes_by_another_way_are_an_echo() -> None:
    echoes = Echoes()

    answers = [
        echoes.is_echo(payload, origin)
        for payload, origin in (
            (b"1", "stream"),
            (b"1", "stream"),
            (b"1", "pubsub"),
            (b"2", "pubsub"),
            (b"2", "stream"),
        )
    ]

    assert answers == [False, False, True, False, True]


def test_old_messages_are_forgotten() -> None:
    echoes = Echoes(remembered=2)
    for payload in (b"1", b"2", b"3"):
        echoes.is_echo(payload, "stream")

    assert not echoes.is_echo(b"1", "pubsub")
    assert echoes.is_echo(b"3", "pubsub")


def test_ids_are_ordered_by_time_and_then_by_count() -> None:
    ids = ["1772461800250-0", "10-10", "10-2", "9-10", ""]

    assert sorted(ids, key=stream_id) == ids[::-1]


@pytest.mark.parametrize(
    ("acknowledged", "pending", "floor"),
    [
        ("100000-0", "100000-0", "40000-0"),
        ("100000-0", "39999-9", "39999-9"),
        ("60000-0", "60000-0", ""),
        ("1-1", "1-1", ""),
    ],
)
def test_what_is_open_is_never_let_go(acknowledged: str, pending: str, floor: str) -> None:
    assert oldest_kept(acknowledged, pending, 60) == floor
