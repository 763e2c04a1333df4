"""A store that takes down what was asked of it."""

from collections.abc import Sequence
from datetime import datetime

from fillpath.core.errors import Unavailable
from fillpath.core.models import Quote
from fillpath.core.rows import Projected


class WordStore:
    """Says which of its doors were used, in order."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.away = False

    async def start(self) -> None:
        self.said.append("start")
        if self.away:
            raise Unavailable("the database is away")

    async def applied(self, account: str) -> int:
        self.said.append(f"applied {account}")
        return 7

    async def apply(self, account: str, rows: Sequence[Projected], through: int) -> None:
        del rows
        self.said.append(f"apply {account} {through}")

    async def clear(self, account: str) -> None:
        self.said.append(f"clear {account}")

    async def upkeep(self, now: datetime) -> None:
        self.said.append(f"upkeep {now:%Y}")

    @property
    def engine(self) -> object:
        return "an engine of words"

    async def save_quotes(self, quotes: Sequence[Quote]) -> None:
        self.said.append(f"quotes {len(quotes)}")

    async def tier(self) -> str:
        self.said.append("tier")
        return "words"

    async def close(self) -> None:
        self.said.append("close")
