"""Read settings from files and variables, show them, and hash the rules that they make."""

import os
from collections.abc import Mapping
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from fillpath.core.errors import ConfigError, ModelError
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.rules import rules_hash
from fillpath.runtime.documents import read_mapping
from fillpath.runtime.knobs import Given, KeyPath, tree
from fillpath.settings.listings import read_listings
from fillpath.settings.masking import masked, without_password
from fillpath.settings.settings import CATALOGUE, LIMITS, MAIN, RISK, Settings

RISK_FILE: Final = "risk_limits.yaml"


def load_settings(
    path: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of the files and the variables; what none says keeps its default.

    Args:
        path: a YAML file, whose limits are in ``risk_limits.yaml`` beside it, where that exists;
            None takes the defaults.
        environment: variables by name; None takes those of the process.

    Raises:
        ConfigError: a name is unknown, or a value is wrong; says where, and what is allowed.
    """
    given = {} if path is None else _in_files(path)
    given.update(CATALOGUE.in_variables(os.environ if environment is None else environment))
    try:
        settings = Settings.model_validate(tree(given))
        folder = Path() if path is None else path.parent
        settings = settings.with_listings(read_listings(settings.risk.permissions, folder))
        settings.desk_policy()
        settings.simulation_policy()
    except ValidationError as error:
        raise ConfigError(_sentence(error, given)) from None
    except ModelError as error:
        raise ConfigError(f"settings contradict each other: {error}") from error
    return settings


def shipped() -> str:
    """Return the commented defaults of ``settings.yaml`` that come with the package."""
    return _shipped("settings.yaml")


def shipped_limits() -> str:
    """Return the commented defaults of ``risk_limits.yaml`` that come with the package."""
    return _shipped(RISK_FILE)


def shown(settings: Settings) -> str:
    """Return the settings as a settings file; account numbers and passwords are masked."""
    values = settings.model_dump()
    ibkr = values["broker"]["ibkr"]
    ibkr["account_id"] = masked(ibkr["account_id"])
    for section in ("redis", "database"):
        values[section]["url"] = without_password(values[section]["url"])
    return MAIN.written(values)


def shown_limits(settings: Settings) -> str:
    """Return the limits of risk as a file of them."""
    return LIMITS.written(settings.risk.model_dump())


def _shipped(name: str) -> str:
    return resources.files("fillpath").joinpath(f"config/{name}").read_text("utf-8")


def _in_files(path: Path) -> dict[KeyPath, Given]:
    document = read_mapping(path)
    limits = path.with_name(RISK_FILE)
    if RISK in document:
        raise ConfigError(
            f"{path}: the section {RISK} is not read here, its keys belong in {limits}"
        )
    given = dict(CATALOGUE.in_file(document, str(path)))
    if limits.exists():
        given.update(CATALOGUE.in_file(read_mapping(limits), str(limits), (RISK,)))
    return given


def _sentence(error: ValidationError, given: Mapping[KeyPath, Given]) -> str:
    first = error.errors()[0]
    where = tuple(str(part) for part in first["loc"])
    path = next(where[:size] for size in range(len(where), 0, -1) if where[:size] in given)
    knob, (value, source) = CATALOGUE.knobs[path], given[path]
    unit = f" ({knob.unit})" if knob.unit else ""
    digits = " with at most 6 decimals" if "decimal" in first["type"] else ""
    shown = value if isinstance(value, Decimal) else repr(value)
    return f"{source}: {knob.name} must be {knob.allowed}{digits}{unit}, got {shown}"


def policy_hash(source: Settings | DeskPolicy) -> str:
    """Return a SHA-256 over every rule that decides; equal rules give the same hash."""
    return rules_hash(source.desk_policy() if isinstance(source, Settings) else source)
