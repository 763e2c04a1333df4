"""Building blocks of a settings section: exact numbers, ranges with units, nothing unknown."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _exact(value: object) -> object:
    """Take the numbers of YAML through their shortest text; leave everything else alone."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(repr(value))
    return value


Number = Annotated[Decimal, BeforeValidator(_exact)]


def choice(default: object, description: str) -> Any:
    """Describe a word, a text or a switch."""
    return Field(default=default, description=description)


def whole(default: int, low: int, high: int, unit: str, description: str) -> Any:
    """Describe a whole number."""
    extra = {"unit": unit, "range": f"from {low} to {high}"}
    return Field(
        default=default, ge=low, le=high, description=description, json_schema_extra=dict(extra)
    )


def number(default: str | None, low: str, high: str, unit: str, description: str) -> Any:
    """Describe an exact number; 6 decimals keep every percentage inside the ratio scale."""
    extra = {"unit": unit, "range": f"from {low} to {high}"}
    return Field(
        default=None if default is None else Decimal(default),
        ge=Decimal(low),
        le=Decimal(high),
        decimal_places=6,
        description=description,
        json_schema_extra=dict(extra),
    )


class Section(BaseModel):
    """A part of the settings: frozen, without unknown keys, without silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
