"""Settings: two YAML files and ``SA_`` variables become the frozen policies that the rooms take.

A variable wins over the files. A name that is not known, in a file or in a variable, stops the
start, and so does a value of the wrong type or out of its range. The sections (and, for the limits
of risk, the limits themselves) are the only description of the settings: the files in ``config``
and the reference page are made from them.
"""

from fillpath.settings.loading import (
    RISK_FILE,
    load_settings,
    policy_hash,
    shipped,
    shipped_limits,
    shown,
    shown_limits,
)
from fillpath.settings.masking import masked, without_password
from fillpath.settings.sections import EngineSettings, IbkrSettings
from fillpath.settings.settings import CATALOGUE, LIMITS, MAIN, Settings

__all__ = [
    "CATALOGUE",
    "LIMITS",
    "MAIN",
    "RISK_FILE",
    "EngineSettings",
    "IbkrSettings",
    "Settings",
    "load_settings",
    "masked",
    "policy_hash",
    "shipped",
    "shipped_limits",
    "shown",
    "shown_limits",
    "without_password",
]
