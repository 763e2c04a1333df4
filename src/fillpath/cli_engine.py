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


def ask_engine(
    chosen: Chosen, request: Mapping[str, Any], wait_seconds: float = ANSWER_SECONDS
) -> Any:
    """Return what the engine answers.

    Raises:
        Unavailable: no engine answers there.
        ConfigError: it answers that the request is wrong; says why.
    """
    import asyncio

    from fillpath.service.control import ask

    return asyncio.run(ask(folder_of(chosen), request, wait_seconds))


__all__ = ["ACCOUNT", "ask_engine", "folder_of"]
