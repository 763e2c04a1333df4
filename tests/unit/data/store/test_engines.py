"""Addresses: which are taken, how they are read, and that no password is ever repeated."""

from pathlib import Path

import pytest

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.data.store.engines import address, connect, folder_of, transaction


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///data/store.db", "sqlite+aiosqlite:///data/store.db"),
        ("postgresql://u@h:1/d", "postgresql+asyncpg://u@h:1/d"),
        ("postgres://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql://u@h/d?sslmode=require", "postgresql+asyncpg://u@h/d?ssl=require"),
    ],
)
def test_an_address_gets_the_driver_that_we_use(given: str, used: str) -> None:
    assert address(given).render_as_string() == used


@pytest.mark.parametrize(
    "given", ["", "store.db", "mysql://u:secret@h/d", "sqlite://", "postgresql://u:secret@h"]
)
def test_any_other_address_is_refused_without_its_password(given: str) -> None:
    with pytest.raises(ConfigError, match=r"database.url must be sqlite:///FILE") as refused:
        address(given)

    assert "secret" not in str(refused.value)


def test_a_file_needs_its_folder_and_a_server_none() -> None:
    assert folder_of(address("sqlite:///data/store.db")) == Path("data")
    assert folder_of(address("postgresql://u@h/d")) is None


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("not a database, though long enough to be looked at" * 9)
    engine = connect(address(f"sqlite:///{tmp_path}/store.db"))

    with pytest.raises(Unavailable, match="file is not a database"):
        async with transaction(engine, writes=True):
            pass

    await engine.dispose()


async def test_a_server_that_is_not_there_is_unavailable_and_its_password_unsaid() -> None:
    engine = connect(address("postgresql://u:secret@127.0.0.1:1/d"))

    with pytest.raises(Unavailable, match="postgresql") as problem:
        async with transaction(engine, writes=False):
            pass

    assert "secret" not in str(problem.value)
    await engine.dispose()


async def test_sqlite_keeps_what_it_committed_through_a_power_loss(tmp_path: Path) -> None:
    engine = connect(address(f"sqlite:///{tmp_path}/store.db"))

    async with transaction(engine, writes=False) as connection:
        asked = [await connection.exec_driver_sql(f"PRAGMA {name}") for name in SAFE]
        found = {name: result.scalar_one() for name, result in zip(SAFE, asked, strict=True)}

    assert found == SAFE
    await engine.dispose()


SAFE: dict[str, object] = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5_000}
