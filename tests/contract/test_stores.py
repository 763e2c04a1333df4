"""Every store keeps the promises of the shipped suite."""

from pathlib import Path
from typing import TypeVar

import pytest

from fillpath.core.ports import Store
from fillpath.core.rows import Row
from fillpath.data.store.sql_store import SqlStore
from fillpath.testing.store_contract import StoreContract

R = TypeVar("R", bound=Row)


class SqlStoreContract(StoreContract):
    url: str

    async def make_store(self) -> SqlStore:
        return SqlStore(self.url)

    async def stored(self, store: Store, kind: type[R], account: str) -> list[R]:
        assert isinstance(store, SqlStore)
        return await store.all_rows(kind, account)


class TestSqlite(SqlStoreContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.url = f"sqlite:///{tmp_path}/store.db"


class TestPostgres(SqlStoreContract):
    @pytest.fixture(autouse=True)
    def place(self, postgres_url: str) -> None:
        self.url = postgres_url


class TestTimescale(SqlStoreContract):
    @pytest.fixture(autouse=True)
    def place(self, timescale_url: str) -> None:
        self.url = timescale_url
