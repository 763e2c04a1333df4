"""The shape of every answer for the contract, made from the struct that is answered with.

A row is written down once: its fields, their kinds and what they mean are read from the struct and
its docstring, so that the contract cannot say anything else.
"""

import inspect
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, create_model

EXACT: Final = Annotated[
    str,
    Field(
        pattern=r"^-?[0-9]+(\.[0-9]+)?$",
        examples=["101.25"],
        json_schema_extra={"format": "decimal"},
    ),
]
"""A number in plain digits: a float would lose some."""

_MADE: dict[Any, type[BaseModel]] = {}


def shape_of(kind: Any) -> Any:
    """Return the pydantic model of a struct; the same one each time.

    Args:
        kind: a struct, or a generic one with its argument, such as ``Page[OrderRow]``.
    """
    if kind not in _MADE:
        _MADE[kind] = _made(kind)
    return _MADE[kind]


def _made(kind: Any) -> type[BaseModel]:
    struct = get_origin(kind) or kind
    bound = dict(zip(getattr(struct, "__parameters__", ()), get_args(kind), strict=False))
    meanings = meanings_of(struct)
    fields: dict[str, Any] = {}
    for item in msgspec.structs.fields(struct):
        annotation = _kind(item.type, bound)
        fields[item.name] = (annotation, Field(description=meanings.get(item.name)))
    name = "".join(part.__name__ for part in (struct, *get_args(kind)))
    config = ConfigDict(extra="forbid", title=name)
    summary = (inspect.getdoc(struct) or "").partition("\n\n")[0]
    return create_model(name, __config__=config, __doc__=summary, **fields)


def _kind(annotation: Any, bound: Mapping[Any, Any]) -> Any:
    """Return what an annotation of a struct is in JSON."""
    annotation = bound.get(annotation, annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        return Union[tuple(_kind(part, bound) for part in arguments)]  # noqa: UP007  # made of a list
    if origin in {list, tuple}:
        return list[_kind(arguments[0], bound)]  # type: ignore[misc]  # made when the program starts
    if origin in {dict, Mapping}:
        return dict[str, _kind(arguments[1], bound)]  # type: ignore[misc]  # likewise
    return _plain(annotation, origin or annotation)


def _plain(annotation: Any, kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return shape_of(annotation)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Literal[tuple(str(member) for member in kind)]
    return EXACT if annotation is Decimal else annotation


def meanings_of(struct: type[Struct]) -> dict[str, str]:
    """Return what the docstring of a struct says of its fields."""
    text = (inspect.getdoc(struct) or "").partition("Args:\n")[2].partition("\n\n")[0]
    found = re.findall(r"^    (\w+): (.+(?:\n {8}.+)*)", text, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", meaning).rstrip(".") for name, meaning in found}


__all__ = ["EXACT", "meanings_of", "shape_of"]
