"""The keys of strategies: one file each, which nobody but the engine's user may read."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fillpath.core.errors import ConfigError
from fillpath.core.models import Signal
from fillpath.core.ports import Delivery
from fillpath.data.bus.messages import read_signal
from fillpath.data.bus.origin import LEAST_KEY, Origins

SUFFIX: Final = ".key"


def read_keys(folder: Path) -> dict[str, bytes]:
    """Return the key of each strategy, by the name of its file.

    Raises:
        ConfigError: the folder or a file cannot be used; says why.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
        return {path.stem: _key(path) for path in paths}
    except OSError as error:
        raise ConfigError(f"redis.strategy_keys: {folder}: {error.strerror}") from error


def decoder(stream: str, folder: str) -> Callable[[Delivery], Signal]:
    """Return what reads the signals of a stream; with keys, only those that are signed.

    Args:
        stream: its name.
        folder: where the keys are; empty when nothing is signed.

    Raises:
        ConfigError: the keys cannot be used; says why.
    """
    if not folder:
        return lambda delivery: read_signal(delivery).signal
    origins = Origins(stream, read_keys(Path(folder)))
    return lambda delivery: origins.read(delivery).signal


def _key(path: Path) -> bytes:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) or stat.S_IMODE(mode) & 0o077:
        found = f"{stat.S_IMODE(mode):04o}"
        raise ConfigError(f"{path} must be a file with mode 0600, got {found}")
    key = path.read_bytes().strip()
    if len(key) < LEAST_KEY:
        raise ConfigError(f"{path} must hold at least {LEAST_KEY} bytes, got {len(key)}")
    return key
