"""Ask the engine of the account that a command line means."""

# ruff: noqa: PLC0415

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fillpath.cli_table import Chosen, Option

ANSWER_SECONDS: Final = 10.0

ACCOUNT: Final = Option(
    "--account", "account of a fleet (default: the only one)", {"metavar": "NAME"}
)


def folder_of(chosen: Chosen) -> Path:
    """Return the folder of the account.

    Raises:
        ConfigError: the settings cannot be used.
    """
    from fillpath.app_live import account_folder
    from fillpath.settings import load_settings

    return account_folder(load_settings(chosen.settings), chosen.account or "")


def standing_in(chosen: Chosen) -> bytes | None:
    """Return the status of the paper stub that stands in for the broker of the settings, if any."""
    import asyncio

    from fillpath.app_parts import STAND_IN, account_folder
    from fillpath.core.errors import Unavailable
    from fillpath.service.control import ask
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    if chosen.account or not settings.broker.stub_may_stand_in:
        return None
    try:
        answer = asyncio.run(ask(account_folder(settings, STAND_IN), {"do": "status"}))
    except Unavailable:
        return None
    told: str = answer["status"]
    return told.encode()


def ask_engine(
    chosen: Chosen,
    request: Mapping[str, Any],
    wait_seconds: float = ANSWER_SECONDS,
    *,
    stub: bool = True,
) -> Any:
    """Return what the engine answers; ``stub`` names the paper stub where that runs instead.

    Raises:
        Unavailable: no engine answers there.
        ConfigError: it answers that the request is wrong; says why.
    """
    import asyncio

    from fillpath.core.errors import Unavailable
    from fillpath.service.control import ask

    try:
        return asyncio.run(ask(folder_of(chosen), request, wait_seconds))
    except Unavailable as error:
        if not stub or standing_in(chosen) is None:
            raise
        raise Unavailable(
            f"{error}; the paper stub stands in for the broker: give --account STUB"
        ) from error


__all__ = ["ACCOUNT", "ask_engine", "folder_of", "standing_in"]
