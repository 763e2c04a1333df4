"""A small file is the old one or the new one, and never anything between."""

from pathlib import Path

import pytest

from fillpath.runtime.disk import replace_file, sync_folder


def test_a_file_is_made_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "word.json"
    replace_file(path, b"a long word")

    replace_file(path, b"short")

    assert path.read_bytes() == b"short"
    assert [found.name for found in tmp_path.iterdir()] == ["word.json"]


def test_where_nothing_can_be_written_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "word.json"
    replace_file(path, b"old")
    (tmp_path / "word.new").mkdir()

    with pytest.raises(OSError, match="directory"):
        replace_file(path, b"new")

    assert path.read_bytes() == b"old"


def test_a_folder_that_is_gone_keeps_no_names(tmp_path: Path) -> None:
    sync_folder(tmp_path)

    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "gone")
