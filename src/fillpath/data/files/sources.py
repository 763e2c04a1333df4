"""An input file before its rows: there, a file, and text where text is wanted; or the reason."""

from pathlib import Path
from stat import S_ISDIR

from fillpath.core.errors import DataError


def check_file(path: Path) -> None:
    """Refuse a path that is no file.

    Raises:
        DataError: nothing is there, it is a folder, or it may not be looked at.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as err:
        raise DataError(str(path), None, "the file does not exist") from err
    except OSError as err:
        raise unreadable(path, err) from err
    if S_ISDIR(mode):
        raise DataError(str(path), None, "this is a folder, and a file is needed")


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8; a byte order mark at its start is left out.

    Raises:
        DataError: it cannot be read or is no UTF-8.
    """
    check_file(path)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as err:
        raise unreadable(path, err) from err
    except UnicodeDecodeError as err:
        raise DataError(
            str(path), None, f"the file is no UTF-8 text: {err.reason} at byte {err.start}"
        ) from err


def unreadable(path: Path, err: OSError) -> DataError:
    """Return the error of a file that the system does not let us read."""
    return DataError(str(path), None, f"the file cannot be read: {err.strerror or err}")


__all__ = ["check_file", "read_text", "unreadable"]
