"""Rows that nobody reads are never made; those that are read are made once."""

from fillpath.reports.later import Rows


def counted(made: list[int], *items: int) -> Rows[str]:
    def make(item: int) -> str:
        made.append(item)
        return f"row {item}"

    return Rows(make, items)


def test_counting_rows_makes_none() -> None:
    made: list[int] = []

    assert len(counted(made, 1, 2)) == 2
    assert not made


def test_every_row_is_made_once() -> None:
    made: list[int] = []
    rows = counted(made, 1, 2)

    assert list(rows) == ["row 1", "row 2"]
    assert rows[-1] == "row 2"
    assert rows[:1] == ("row 1",)
    assert made == [1, 2]


def test_rows_equal_any_sequence_of_the_same() -> None:
    rows = counted([], 1)

    assert rows == ("row 1",)
    assert rows == counted([], 1)
    assert hash(rows) == hash(counted([], 1))
    assert rows != ("row 2",)
    assert rows != "row 1"
    assert rows != 1
    assert repr(rows) == "('row 1',)"
