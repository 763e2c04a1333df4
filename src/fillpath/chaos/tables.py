"""The tables and the subscribers behind the engine: they fail, outlive it, and forget nothing."""

from collections.abc import Sequence
from typing import Final, NoReturn

from fillpath.chaos.chance import Chance
from fillpath.chaos.crashing import Life
from fillpath.chaos.faults import Swarm
from fillpath.core.errors import Unavailable
from fillpath.core.rows import Projected

LOST_ANSWER: Final = 0.02
"""How often a table that is failing now and then says nothing though it has stored the rows."""


class Tables:
    """What is stored, whoever writes it."""

    def __init__(self) -> None:
        self.rows: list[Projected] = []
        self.through = -1
        self.told = -1
        self.down = False


class StoreLink:
    """One process's connection to the tables; fulfils ``core.ports.Store``.

    Args:
        tables: what is stored.
        life: the process.
        chance: of the run.
        swarm: which faults strike.
    """

    def __init__(self, tables: Tables, life: Life, chance: Chance, swarm: Swarm) -> None:
        self._tables = tables
        self._life = life
        self._chance = chance
        self._swarm = swarm

    async def start(self) -> None:
        """Connect."""

    async def applied(self, account: str) -> int:
        """Return the number of the last record whose rows are stored."""
        self._enter(f"applied[{account}]")
        return self._tables.through

    async def apply(self, account: str, rows: Sequence[Projected], through: int) -> None:
        """Store rows and the place together."""
        self._enter(f"apply[{account}]")
        tables = self._tables
        tables.rows.extend(row for row in rows if row.sequence > tables.through)
        tables.through = max(tables.through, through)
        self._life.point(f"store.apply[{account}].after")
        failing = self._swarm["store_down"] > 0
        if failing and self._chance.happens("store.answer", LOST_ANSWER):
            self._fail()

    async def clear(self, account: str) -> None:
        """Forget everything."""
        self._enter(f"clear[{account}]")
        self._tables.rows.clear()
        self._tables.through = -1

    async def tier(self) -> str:
        """Return what it stands on."""
        return "simulated"

    async def close(self) -> None:
        """Let go of it."""

    def load(self) -> int:
        """Return how far the subscribers were told."""
        return self._tables.told

    def save(self, through: int) -> None:
        """Remember how far the subscribers were told."""
        self._life.point("place.save.before")
        self._tables.told = through
        self._life.point("place.save.after")

    def _enter(self, act: str) -> None:
        self._life.point(f"store.{act}.before")
        if self._tables.down:
            self._fail()

    def _fail(self) -> NoReturn:
        raise Unavailable("the simulated tables cannot be reached")
