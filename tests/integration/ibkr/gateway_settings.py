"""Settings for the fake gateway, as a user would write them."""

from pathlib import Path

from fillpath.settings import Settings, load_settings
from fillpath.testing.gateway import Gateway

ACCOUNT = "DU1234567"


def settings_for(gateway: Gateway, folder: Path, **more: str) -> Settings:
    """Return settings for a gateway; ``more`` are variables without their ``SA_``."""
    variables = {
        "BROKER__PROVIDER": "ibkr",
        "BROKER__ON_CONNECT_FAILURE": "halt",
        "BROKER__IBKR__PORT": str(gateway.port),
        "BROKER__IBKR__ACCOUNT_ID": ACCOUNT,
        "BROKER__IBKR__CONNECT_SECONDS": "5",
        "BROKER__IBKR__ANSWER_SECONDS": "2",
        "BROKER__IBKR__START_SECONDS": "5",
        "ENGINE__FOLDER": str(folder),
        "ENGINE__HEALTH_PORT": "0",
    }
    return load_settings(None, {f"SA_{name}": value for name, value in (variables | more).items()})
