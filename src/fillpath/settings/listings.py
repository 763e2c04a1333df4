"""Read the lists that the limits carry: who may trade what, and what the symbols are."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from fillpath.core.errors import ConfigError, DataError, ModelError
from fillpath.data.files.listing import read_listing
from fillpath.risk.limits import Instruments, Permissions, Sectors
from fillpath.risk.limits.listings import ALL, Row
from fillpath.runtime.documents import read_mapping
from fillpath.settings.sections import PermissionSettings

SECTOR: Final = ("symbol", "sector")
INSTRUMENT: Final = ("symbol", "con_id", "class", "currency", "primary_exchange")
PERMISSION: Final = ("symbols", "sides", "order_types", "sessions", "max_notional", "allow_short")
_NEEDED: Final = PERMISSION[:2]
_DEFAULTS: Final = {
    "order_types": ALL,
    "sessions": "regular",
    "max_notional": None,
    "allow_short": False,
}


class Listings(NamedTuple):
    """What the files say; None is a file that nobody named."""

    permissions: Permissions | None = None
    instruments: Instruments = Instruments()
    sectors: Sectors = Sectors()


def read_listings(named: PermissionSettings, folder: Path) -> Listings:
    """Return what the named files say.

    Args:
        named: the names of the files.
        folder: where a relative name is looked for.

    Raises:
        ConfigError: a file cannot be read, or a row says what cannot be.
    """
    try:
        return Listings(
            Permissions(everyone=False, rows=_permissions(folder / named.file))
            if named.file
            else None,
            Instruments(rows=_table(named.instruments_file, folder, INSTRUMENT)),
            Sectors(rows=_table(named.sectors_file, folder, SECTOR)),
        )
    except (DataError, ModelError) as error:
        raise ConfigError(f"risk.permissions: {error}") from error


def _table(name: str, folder: Path, columns: tuple[str, ...]) -> tuple[Row, ...]:
    if not name:
        return ()
    rows = read_listing(folder / name, columns)
    return tuple(tuple(cells[column] for column in columns) for _, cells in rows)


def _permissions(path: Path) -> tuple[Row, ...]:
    return tuple(
        _permission(f"{path}: {strategy}", str(strategy), said)
        for strategy, said in read_mapping(path).items()
    )


def _permission(place: str, strategy: str, said: object) -> Row:
    if not isinstance(said, dict):
        raise ConfigError(f"{place} must be a section with symbols and sides, got {said!r}")
    _check_names(place, said)
    words = [_text(f"{place}.{name}", said.get(name, _DEFAULTS.get(name))) for name in PERMISSION]
    return (strategy, *words)


def _check_names(place: str, said: Mapping[Hashable, object]) -> None:
    unknown = [str(name) for name in said if name not in PERMISSION]
    if unknown:
        raise ConfigError(f"{place}.{unknown[0]} is unknown; allowed are {', '.join(PERMISSION)}")
    missing = [name for name in _NEEDED if name not in said]
    if missing:
        raise ConfigError(f"{place} must say {missing[0]}; write {ALL!r} for all of them")


def _text(place: str, value: object) -> str:
    """Return a list as words with commas between, yes as all, no and nothing as none."""
    if isinstance(value, list):
        return ",".join(sorted({_text(place, item) for item in value}))
    if value is None or isinstance(value, bool):
        return ALL if value else ""
    if not isinstance(value, str | int | float):
        raise ConfigError(f"{place} must be a word, a number or a list of words, got {value!r}")
    return str(value).strip()
