"""What every store promises; subclass ``StoreContract`` and fill in the hooks."""

# A suite of tests: the names are the promises.
# ruff: noqa: D102

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeVar

from fillpath.core.ports import Store
from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    HoldingChangeRow,
    OrderRow,
    PositionRow,
    Projected,
    QualityRow,
    Row,
    SignalRow,
    SnapshotRow,
)
from fillpath.testing.builders import START
from fillpath.testing.rows import (
    ONE_OF_EACH_ROW,
    a_decision_row,
    a_fill_row,
    a_position_row,
    a_quality_row,
    a_signal_row,
    a_snapshot_row,
    an_alert_row,
    an_order_row,
    made_by,
)
from fillpath.testing.scenarios import played

R = TypeVar("R", bound=Row)

MANY: Final = 3_000
LAST: Final = 41
"""Numbers of records that the tests count up to."""

MINE: Final = "DU1"
OTHER: Final = "DU2"
KINDS: Final[tuple[type[Row], ...]] = (
    SignalRow,
    OrderRow,
    FillRow,
    PositionRow,
    SnapshotRow,
    QualityRow,
    DecisionRow,
    AlertRow,
    HoldingChangeRow,
)


class StoreContract:
    """The suite; each test runs on a store that is empty at first."""

    async def make_store(self) -> Store:
        """Return a store on the place of this test, not started; the place keeps what it holds."""
        raise NotImplementedError

    async def stored(self, store: Store, kind: type[R], account: str) -> list[R]:
        """Return every row of one kind of an account, in the order of its key."""
        raise NotImplementedError

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        """Open the store of this test, and close it."""
        store = await self.make_store()
        await store.start()
        try:
            yield store
        finally:
            await store.close()

    async def everything(self, store: Store, account: str) -> dict[type[Row], list[Row]]:
        """Return every row of an account by kind."""
        return {kind: list(await self.stored(store, kind, account)) for kind in KINDS}

    @played
    async def test_a_new_store_has_applied_nothing(self) -> None:
        async with self.opened() as store:
            assert await store.applied(MINE) == -1

    @played
    async def test_every_kind_of_row_comes_back_exactly(self) -> None:
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, *ONE_OF_EACH_ROW), 0)

            found = await self.everything(store, MINE)

        assert found == {type(row): [row] for row in ONE_OF_EACH_ROW}

    @played
    async def test_what_was_applied_survives_a_restart(self) -> None:
        async with self.opened() as store:
            await store.apply(MINE, made_by(3, an_order_row()), LAST)

        async with self.opened() as store:
            assert await store.applied(MINE) == LAST
            assert await self.stored(store, OrderRow, MINE) == [an_order_row()]

    @played
    async def test_starting_twice_keeps_everything(self) -> None:
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, an_alert_row()), 0)

            await store.start()

            assert await self.stored(store, AlertRow, MINE) == [an_alert_row()]

    @played
    async def test_records_without_rows_move_the_cursor_alone(self) -> None:
        async with self.opened() as store:
            await store.apply(MINE, [], LAST)

            assert await store.applied(MINE) == LAST

    @played
    async def test_a_repeat_changes_nothing(self) -> None:
        first = made_by(0, an_order_row(), an_alert_row())
        async with self.opened() as store:
            await store.apply(MINE, first, 0)
            before = await self.everything(store, MINE)

            await store.apply(MINE, made_by(0, an_order_row(status="OTHER"), an_alert_row()), 0)

            assert await self.everything(store, MINE) == before

    @played
    async def test_a_batch_that_was_stored_in_part_is_completed(self) -> None:
        rows = [*made_by(0, an_alert_row(code="A")), *made_by(1, an_alert_row(code="B"))]
        async with self.opened() as store:
            await store.apply(MINE, rows[:1], 0)

            await store.apply(MINE, rows, 1)

            assert [row.code for row in await self.stored(store, AlertRow, MINE)] == ["A", "B"]

    @played
    async def test_an_older_end_does_not_move_the_cursor_back(self) -> None:
        async with self.opened() as store:
            await store.apply(MINE, [], LAST)

            await store.apply(MINE, made_by(2, an_alert_row()), 2)

            assert await store.applied(MINE) == LAST
            assert await self.stored(store, AlertRow, MINE) == []

    @played
    async def test_a_row_that_cannot_be_stored_leaves_nothing_of_its_batch(self) -> None:
        naive = START.replace(tzinfo=None)
        rows = made_by(0, an_order_row(), an_alert_row(ts=naive))
        async with self.opened() as store:
            refused = await self._refused(store, rows)

            assert "time zone" in refused
            assert await store.applied(MINE) == -1
            assert await self.stored(store, OrderRow, MINE) == []

    async def _refused(self, store: Store, rows: Sequence[Projected]) -> str:
        try:
            await store.apply(MINE, rows, 0)
        except ValueError as problem:
            return str(problem)
        return ""

    @played
    async def test_an_order_stands_as_its_newest_record_says(self) -> None:
        done = an_order_row(status="FILLED", filled_quantity=Decimal(100), closed_at=START)
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, an_order_row()), 0)
            await store.apply(MINE, made_by(1, an_order_row(status="PENDING"), done), 1)

            assert await self.stored(store, OrderRow, MINE) == [done]

    @played
    async def test_a_decision_says_what_became_of_its_signal(self) -> None:
        held = a_decision_row(outcome="HELD", reason="STALE_QUOTE", text="old", order_id="")
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, a_signal_row(), held), 0)
            (waiting,) = await self.stored(store, SignalRow, MINE)
            await store.apply(MINE, made_by(1, a_decision_row()), 1)

            (done,) = await self.stored(store, SignalRow, MINE)

        assert (waiting.outcome, waiting.reason, waiting.order_id) == ("HELD", "STALE_QUOTE", "")
        assert done == a_signal_row(outcome="ORDERED", order_id="trend/sig-1")

    @played
    async def test_a_decision_about_a_slice_leaves_the_signal_alone(self) -> None:
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, a_signal_row(outcome="ORDERED")), 0)

            await store.apply(MINE, made_by(1, a_decision_row(stage="SLICE", outcome="HELD")), 1)

            (row,) = await self.stored(store, SignalRow, MINE)
            assert row.outcome == "ORDERED"

    @played
    async def test_a_repeated_signal_does_not_hide_what_became_of_the_first(self) -> None:
        first = a_signal_row(outcome="ORDERED", order_id="trend/sig-1")
        again = a_signal_row(outcome="REFUSED", reason="DUPLICATE", received_at=START)
        refused = a_decision_row(outcome="REFUSED", reason="DUPLICATE")
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, first), 0)

            await store.apply(MINE, made_by(1, again, refused), 1)

            assert await self.stored(store, SignalRow, MINE) == [first]

    @played
    async def test_a_correction_replaces_the_fill_and_an_older_one_does_not(self) -> None:
        bust = a_fill_row(quantity=Decimal(0), revision=2)
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, a_fill_row()), 0)
            await store.apply(MINE, made_by(1, bust, a_fill_row(revision=1)), 1)

            await store.apply(MINE, made_by(2, a_fill_row(revision=1)), 2)

            assert await self.stored(store, FillRow, MINE) == [bust]

    @played
    async def test_a_position_is_what_is_held_now(self) -> None:
        closed = a_position_row(quantity=Decimal(0), average_price=None)
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, a_position_row()), 0)

            await store.apply(MINE, made_by(1, closed), 1)

            assert await self.stored(store, PositionRow, MINE) == [closed]

    @played
    async def test_a_late_fill_measures_its_order_anew(self) -> None:
        later = a_quality_row(filled_at=START + timedelta(days=40), quantity=Decimal(200))
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, a_quality_row()), 0)

            await store.apply(MINE, made_by(1, later), 1)

            assert await self.stored(store, QualityRow, MINE) == [later]

    @played
    async def test_every_snapshot_stays(self) -> None:
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, a_snapshot_row()), 0)

            await store.apply(MINE, made_by(1, a_snapshot_row(positions=2)), 1)

            rows = await self.stored(store, SnapshotRow, MINE)
            assert [row.positions for row in rows] == [1, 2]

    @played
    async def test_accounts_know_nothing_of_each_other(self) -> None:
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, *ONE_OF_EACH_ROW), 0)
            await store.apply(OTHER, made_by(0, an_order_row(status="FILLED")), 3)

            await store.clear(OTHER)

            assert await store.applied(OTHER) == -1
            assert await store.applied(MINE) == 0
            assert await self.stored(store, OrderRow, OTHER) == []
            assert await self.stored(store, OrderRow, MINE) == [an_order_row()]

    @played
    async def test_a_store_that_was_cleared_can_be_fed_again(self) -> None:
        rows = made_by(0, *ONE_OF_EACH_ROW)
        async with self.opened() as store:
            await store.apply(MINE, rows, 0)
            before = await self.everything(store, MINE)
            await store.clear(MINE)
            cleared = await self.everything(store, MINE)

            await store.apply(MINE, rows, 0)

            assert not any(cleared.values())
            assert await self.everything(store, MINE) == before

    @played
    async def test_text_that_no_database_holds_is_stored_as_far_as_it_can_be(self) -> None:
        async with self.opened() as store:
            await store.apply(MINE, made_by(0, an_alert_row(text="a\x00b\ud800c")), 0)
            await store.apply(MINE, made_by(1, a_signal_row(metadata={"k\x00": "\x00"})), 1)

            (alert,) = await self.stored(store, AlertRow, MINE)
            (signal,) = await self.stored(store, SignalRow, MINE)

        assert alert.text == "a\ufffdb\ufffdc"
        assert signal.metadata == {"k\ufffd": "\ufffd"}

    @played
    async def test_thousands_of_rows_go_in_at_once(self) -> None:
        rows = [p for n in range(MANY) for p in made_by(n, an_order_row(order_id=f"o{n:04}"))]
        async with self.opened() as store:
            await store.apply(MINE, rows, MANY - 1)

            assert len(await self.stored(store, OrderRow, MINE)) == MANY

    @played
    async def test_it_says_what_it_stands_on(self) -> None:
        async with self.opened() as store:
            assert await store.tier()

    @played
    async def test_closing_twice_is_harmless(self) -> None:
        async with self.opened() as store:
            await store.close()


__all__ = ["KINDS", "MINE", "OTHER", "StoreContract"]
