"""The account's tables as a destination that is opened when it can be reached."""

from fillpath.core.ports import Store
from fillpath.data.store.feeding import StoreDestination


class Tables(StoreDestination):
    """Bring the tables up to date before the first row; a database may be away at the start.

    Args:
        store: the tables.
        account: whose rows they are.
    """

    def __init__(self, store: Store, account: str) -> None:
        super().__init__(store, account)
        self._tables = store
        self._started = False

    async def position(self) -> int:
        """Return the number of the last record whose rows are all stored."""
        if not self._started:
            await self._tables.start()
            self._started = True
        return await super().position()
