"""The guard of the dashboard put together: settings become who may do what."""

import re
import stat
from pathlib import Path
from typing import Final

from fillpath.api.auth.desk import Desk
from fillpath.api.auth.policy import Guarding, names_of, networks_of
from fillpath.core.errors import ConfigError
from fillpath.core.units import NANOSECONDS
from fillpath.runtime.clock import SystemClock
from fillpath.runtime.person import person
from fillpath.settings import Settings
from fillpath.settings.dashboard import words

COOKIE: Final = "__Host-fillpath"
FIRST: Final = "admin"
_OTHERS: Final = 0o077
_MINUTE: Final = 60


def guarding_of(settings: Settings, port: int) -> Guarding:
    """Return how the dashboard is guarded.

    Args:
        settings: what they say.
        port: that it really listens at; a cookie is one port's own, as a host's are not.

    Raises:
        ConfigError: the key of TLS cannot be read, or others may read it.
    """
    knobs = settings.dashboard
    here = knobs.on_this_machine
    _check_key(knobs.tls_key)
    return Guarding(
        hosts=names_of(knobs.host, port, words(knobs.hosts), here=here),
        origins=frozenset(words(knobs.origins)),
        trusted=networks_of(words(knobs.trusted_proxies)),
        cookie=f"{COOKIE}-{port}",
        code_needed=knobs.second_factor == "always" or not here or settings.broker.real_money,
        session_ns=int(knobs.session_hours * _MINUTE * _MINUTE * NANOSECONDS),
        idle_ns=int(knobs.idle_minutes * _MINUTE * NANOSECONDS),
        approve_limit=knobs.approve_limit,
        logins_per_minute=knobs.logins_per_minute,
        acts_per_second=knobs.acts_per_second,
        reads_per_second=knobs.reads_per_second,
    )


def open_desk(settings: Settings, port: int) -> Desk:
    """Return who may do what, from the file in the engine's folder; to be closed.

    Raises:
        ConfigError: a file that holds secrets may be read by others.
        Unavailable: the desk's file cannot be opened.
    """
    guarding = guarding_of(settings, port)
    # The machine's own clock: codes follow it, and sessions end while a laptop sleeps.
    return Desk(Path(settings.engine.folder), guarding, SystemClock())


def first_name() -> str:
    """Return the name of the first user: that of whoever starts the dashboard."""
    name = re.sub(r"[^a-z0-9._-]", "-", person().lower())[:32]
    return name if re.match(r"[a-z]", name) else FIRST


def _check_key(key: str) -> None:
    if not key:
        return
    try:
        mode = stat.S_IMODE(Path(key).stat().st_mode)
    except OSError as error:
        raise ConfigError(f"dashboard.tls_key: cannot read {key}: {error.strerror}") from error
    if mode & _OTHERS:
        raise ConfigError(f"dashboard.tls_key must be readable by its owner alone: chmod 600 {key}")


__all__ = ["first_name", "guarding_of", "open_desk"]
