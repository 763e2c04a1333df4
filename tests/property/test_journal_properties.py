"""No tear, flip or hole in a journal goes unnoticed, and no durable group is lost to a repair."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.errors import JournalError
from fillpath.data.codec import Record
from fillpath.data.journal import MemoryJournal
from fillpath.data.journal.frames import HEADER_SIZE
from fillpath.testing.journal_contract import ONE_OF_EACH, a_record

GROUPS = st.lists(
    st.lists(st.sampled_from(ONE_OF_EACH), min_size=1, max_size=4), min_size=1, max_size=5
)
ROOM = st.integers(min_value=0, max_value=200)


def journal_of(groups: Sequence[Sequence[Record]]) -> MemoryJournal:
    journal = MemoryJournal()
    for group in groups:
        for record in group:
            journal.append(record)
        journal.commit()
    return journal


def flat(groups: Sequence[Sequence[Record]]) -> list[Record]:
    return [record for group in groups for record in group]


def outcome(content: bytes) -> list[Record] | None:
    """Return the records of what opens, and None for what is refused."""
    try:
        return list(MemoryJournal(content).records())
    except JournalError:
        return None


@given(GROUPS)
def test_what_goes_in_comes_out_in_order(groups: list[list[Record]]) -> None:
    journal = journal_of(groups)

    assert list(MemoryJournal(journal.content).records()) == flat(groups)


@pytest.mark.fault("F-35")
@given(GROUPS, st.data(), ROOM)
def test_a_write_torn_at_any_byte_loses_only_its_own_group(
    groups: list[list[Record]], data: st.DataObject, room: int
) -> None:
    whole, kept = journal_of(groups).content, journal_of(groups[:-1]).content
    cut = data.draw(st.integers(len(kept), len(whole) - 1))

    journal = MemoryJournal(whole[:cut] + bytes(room))

    # Zeros at the end of a payload look like the room that was taken ahead.
    complete = (whole[:cut] + bytes(room)).startswith(whole)
    assert list(journal.records()) == flat(groups if complete else groups[:-1])
    assert journal.content == MemoryJournal(whole if complete else kept).content


@pytest.mark.fault("F-35")
@given(GROUPS, st.data(), ROOM)
def test_a_write_of_which_any_part_is_missing_loses_only_its_own_group(
    groups: list[list[Record]], data: st.DataObject, room: int
) -> None:
    whole, kept = journal_of(groups).content, len(journal_of(groups[:-1]).content)
    start = data.draw(st.integers(kept, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    holed = whole[:start] + bytes(end - start) + whole[end:] + bytes(room)

    survived = outcome(holed)

    assert survived == flat(groups if holed.startswith(whole) else groups[:-1])


@given(GROUPS, st.data())
def test_a_repaired_journal_is_as_if_the_torn_write_had_never_been(
    groups: list[list[Record]], data: st.DataObject
) -> None:
    whole, kept = journal_of(groups).content, journal_of(groups[:-1])
    cut = data.draw(st.integers(len(kept.content), len(whole) - 1))
    repaired, kept = MemoryJournal(whole[:cut]), MemoryJournal(kept.content)
    for journal in (repaired, kept):
        journal.append(a_record())

    for journal in (repaired, kept):
        journal.commit()

    assert repaired.content == kept.content


@pytest.mark.fault("F-35")
@pytest.mark.parametrize("bit", range(8))
def test_no_bit_can_flip_unnoticed(bit: int) -> None:
    groups = [list(ONE_OF_EACH[:2]), list(ONE_OF_EACH[5:7]), [a_record()]]
    whole = journal_of(groups).content
    last = len(journal_of(groups[:-1]).content)

    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << bit
        survived = outcome(bytes(flipped))

        # In the last frame it cannot be told from an unfinished write; before it, it is damage.
        assert survived == (flat(groups[:-1]) if place >= last else None), place


@pytest.mark.fault("F-35")
@given(GROUPS, st.data())
def test_no_stretch_of_a_durable_group_can_go_missing_unnoticed(
    groups: list[list[Record]], data: st.DataObject
) -> None:
    groups = [*groups, [a_record()]]
    whole, last = journal_of(groups).content, len(journal_of(groups[:-1]).content)
    start = data.draw(st.integers(HEADER_SIZE, last - 1))
    end = data.draw(st.integers(start + 1, last))

    survived = outcome(whole[:start] + whole[end:])

    assert survived is None
