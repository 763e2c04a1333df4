"""From a signal to its markouts: the engine, its journal, the tables, the tape and the costs."""

from pathlib import Path

from fillpath.core.events import OrderFilled
from fillpath.core.models import OrderSide
from fillpath.data.store.costs import CostTables
from fillpath.data.store.feeding import Feeder, StoreDestination
from fillpath.data.store.sql_store import SqlStore
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.projecting import Projector
from fillpath.service.costing import CostKeeper
from fillpath.service.opening import open_account
from fillpath.service.taping import Tape, wanted_of
from fillpath.testing.builders import SYMBOL
from tests.unit.service.account_room import Room


class Desk(Room):
    """A live account with tables, a tape and a keeper of costs, each moved by hand."""

    async def begin(self) -> None:
        self.store = SqlStore(f"sqlite:///{self.folder}/store.db")
        await self.store.start()
        self.feeder = Feeder(
            StoreDestination(self.store, "SIM"),
            self.journal.tail,
            lambda: Projector(DeskPolicy()).take,
            self.clock,
        )
        self.tape = Tape(self.feed, self.clock, self.store.save_quotes)
        self.keeper = CostKeeper(lambda: CostTables(self.store.engine, "SIM"), self.clock)
        await open_account(self.live)

    async def measure(self) -> None:
        """Do what the jobs beside the engine do all the time."""
        await self.look()
        await self.tape.write()
        await self.feeder.carry_all()
        await self.keeper.catch_up()

    async def look(self) -> None:
        filled: list[OrderFilled] = list(reversed(self.live.tally.filled))
        self.tape.follow(wanted_of(self.live.desk.state, filled, self.clock.nanoseconds()))
        self.tape.look()


async def test_a_signal_is_followed_from_its_decision_to_its_last_markout(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.begin()
    desk.tick(1)
    offered = desk.live.offer([desk.signal()])
    await desk.live.turn()
    await offered
    desk.tick(0.05)
    await desk.measure()
    for second in range(320):
        desk.tick(1, f"{150 + second / 100:.2f}", f"{150.02 + second / 100:.2f}")
        await desk.live.turn()
        await desk.look()
    early = await desk.store.parent_costs("SIM")

    await desk.measure()

    (row,) = await desk.store.parent_costs("SIM")
    await desk.store.close()
    assert (row.side, row.symbol) == (OrderSide.BUY, SYMBOL)
    assert row.filled_quantity == 10
    assert [one.markout_300s_bps for one in early] == [None]
    assert row.markout_300s_bps is not None
    assert row.markout_300s_bps > 0
    assert row.markout_1s_bps is not None
    assert row.acknowledged_at is not None
    assert row.signal_at is not None
    assert row.signal_at <= row.acknowledged_at
    assert row.shortfall == row.delay + row.execution + row.opportunity + row.fees  # type: ignore[operator]  # all are known
    assert row.due_at is None
    assert wanted_of(desk.live.desk.state, reversed(desk.live.tally.filled), 0)
