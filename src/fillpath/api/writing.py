"""Answers as JSON: exact numbers as plain digits in strings, times in UTC with ``Z``, every field."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from starlette.responses import Response


def written(value: Any) -> bytes:
    """Return a value as JSON."""
    return msgspec.json.encode(plain(value))


def plain(value: Any) -> Any:
    """Return a value of which every part is JSON, or is made JSON without a loss.

    A field that a struct leaves out of messages is here all the same.
    """
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def answered(value: Any, status: int = 200) -> Response:
    """Return an answer that nobody keeps."""
    headers = {"cache-control": "no-store"}
    return Response(written(value), status, headers, media_type="application/json")


__all__ = ["answered", "plain", "written"]
