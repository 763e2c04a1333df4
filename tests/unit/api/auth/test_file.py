"""The file of the desk is ours alone, and a change of it is whole or none."""

import sqlite3
from pathlib import Path

import pytest

from fillpath.api.auth.file import FILE, DeskFile
from fillpath.core.errors import ConfigError, Unavailable


@pytest.mark.security("S-21")
def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    with DeskFile(tmp_path / "new") as file, file.change() as cursor:
        cursor.execute("INSERT INTO proposals VALUES ('a', 'b', 'c', 'd', 1)")
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}

    assert modes[FILE] == 0o600
    assert set(modes.values()) == {0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.security("S-21")
def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    DeskFile(tmp_path).close()
    (tmp_path / FILE).chmod(0o644)

    with pytest.raises(ConfigError, match="chmod 600"):
        DeskFile(tmp_path)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"something else that is long enough to be read as one" * 50)
    (tmp_path / FILE).chmod(0o600)

    with pytest.raises(ConfigError, match="not the file of a desk"):
        DeskFile(tmp_path)


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    DeskFile(tmp_path).close()
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("PRAGMA user_version = 9")
    db.close()

    with pytest.raises(ConfigError, match="version 9"):
        DeskFile(tmp_path)


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable, match="cannot be opened"):
        DeskFile(tmp_path / "file")


def half_done(file: DeskFile) -> None:
    with file.change() as cursor:
        cursor.execute("INSERT INTO proposals VALUES ('a', 'b', 'c', 'd', 1)")
        cursor.execute("INSERT INTO nothing VALUES (1)")


@pytest.mark.security("S-27")
def test_a_change_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with DeskFile(tmp_path) as file:
        with pytest.raises(Unavailable):
            half_done(file)

        assert file.rows("SELECT * FROM proposals") == []


@pytest.mark.security("S-26")
def test_a_file_that_is_closed_answers_nothing(tmp_path: Path) -> None:
    file = DeskFile(tmp_path)
    file.close()

    with pytest.raises(Unavailable):
        file.rows("SELECT * FROM users")
    with pytest.raises(Unavailable), file.change():
        pass
