"""Channels: where alerts go, as a file that only its owner may read says."""

import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from msgspec import Struct
from pydantic import SecretStr

from fillpath.core.errors import ConfigError, FillpathError
from fillpath.monitoring.kinds import Severity
from fillpath.monitoring.messages import Message

MOST_CHANNELS: Final = 8
LEAST_SECRET: Final = 32
_KEYS: Final = frozenset({"webhook", "secret", "apprise", "least"})
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class ChannelFailed(FillpathError):
    """A channel did not take a message, or it is unknown whether it did; says why, without secrets."""


class Channel(Protocol):
    """Takes messages.

    A message may come twice, after a crash or an answer that was lost: the ids of its alerts tell.
    """

    def send(self, message: Message) -> None:
        """Hand a message over; returns once it was taken.

        Raises:
            ChannelFailed: it was not, as far as is known.
        """
        ...


class Wanted(Struct, frozen=True, kw_only=True):
    """One channel as the file describes it.

    Args:
        name: of the channel.
        kind: webhook or apprise.
        address: where to; a secret, because most hold a token.
        secret: signs what a webhook gets.
        least: what is less severe is not for it.
    """

    name: str
    kind: str
    address: SecretStr
    secret: SecretStr
    least: Severity

    @property
    def shown(self) -> str:
        """Return where it leads, without anything that is secret."""
        scheme, _, rest = self.address.get_secret_value().partition("://")
        host = rest.partition("/")[0].rpartition("@")[2] if self.kind == "webhook" else "***"
        return f"{scheme}://{host}/***" if self.kind == "webhook" else f"{scheme}://{host}"


def read_channels(path: Path) -> tuple[Wanted, ...]:
    """Return the channels of a file.

    Raises:
        ConfigError: it cannot be read, others may read it, or what it says cannot be.
    """
    return tuple(_wanted(path, name, table) for name, table in _tables(path).items())


def _tables(path: Path) -> Mapping[str, Any]:
    try:
        mode = path.stat().st_mode
        if mode & _OTHERS:
            raise ConfigError(
                f"{path} must be readable by its owner alone (chmod 600), its mode is "
                f"{stat.S_IMODE(mode):o}"
            )
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"alerts.channels must name a readable file: {error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # The text of the error may quote the file, which is secret.
        where = str(error).rpartition("(")[2].rstrip(")")
        raise ConfigError(f"{path} must be TOML: it cannot be read {where:.40}") from None
    if len(tables) > MOST_CHANNELS:
        raise ConfigError(f"{path} must hold at most {MOST_CHANNELS} channels, got {len(tables)}")
    return tables


def _wanted(path: Path, name: str, table: object) -> Wanted:
    where = f"{path}: [{name}]"
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {name} must be a section such as [{name}]")
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise ConfigError(f"{where} must hold only {', '.join(sorted(_KEYS))}, got {unknown[0]}")
    kinds = [kind for kind in ("webhook", "apprise") if kind in table]
    if len(kinds) != 1 or not all(isinstance(value, str) for value in table.values()):
        raise ConfigError(f"{where} must hold one address in quotes, webhook or apprise")
    secret = table.get("secret", "")
    if kinds == ["webhook"] and len(secret) < LEAST_SECRET:
        raise ConfigError(f"{where} must hold a secret of at least {LEAST_SECRET} characters")
    least = str(table.get("least", "INFO")).upper()
    if least not in set(Severity):
        words = ", ".join(Severity)
        raise ConfigError(f"{where} least must be one of {words}, got {least!r:.20}")
    return Wanted(
        name=name,
        kind=kinds[0],
        address=SecretStr(table[kinds[0]]),
        secret=SecretStr(secret),
        least=Severity(least),
    )


__all__ = [
    "LEAST_SECRET",
    "MOST_CHANNELS",
    "Channel",
    "ChannelFailed",
    "Wanted",
    "read_channels",
]
