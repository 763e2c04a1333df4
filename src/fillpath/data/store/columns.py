"""Column types that lose nothing: exact decimals, aware times, whole texts, plain data.

Every type gives back what it was given on SQLite and on PostgreSQL. SQLite has neither decimals nor
times, and the usual substitutes round the one and forget the zone of the other without a word; so
both are written as text there: a decimal in plain digits, a time in UTC with a fixed width, which
sorts as it should. ``number`` makes a decimal sort and sum there.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Dialect, Double, Numeric, Text, cast
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from fillpath.core.errors import ModelError
from fillpath.core.units import aware

_NUL = "\x00"
_ESCAPED_NUL = "\\u0000"
_REPLACEMENT = "\ufffd"


def number(column: Any) -> Any:
    """Return an exact column as a double, for sorting and statistics; the stored value stays."""
    return cast(column, Double)


def whole(text: str) -> str:
    """Return text that every database can hold: a NUL or half a character becomes U+FFFD."""
    if _NUL in text:
        text = text.replace(_NUL, _REPLACEMENT)
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encoded(value: object) -> str:
    """Return plain data as JSON; decimals become strings, not finite numbers null."""
    text = msgspec.json.encode(value).decode()
    return text.replace(_ESCAPED_NUL, _REPLACEMENT) if _ESCAPED_NUL in text else text


def decoded(text: str | bytes) -> Any:
    """Return the plain data behind JSON."""
    return msgspec.json.decode(text)


class Exact(TypeDecorator[Decimal]):
    """An exact, finite decimal: NUMERIC, or on SQLite its digits as text."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that this database stores."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> Any:
        """Return what is sent; anything but a finite Decimal raises ModelError."""
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise ModelError(f"an exact column takes a finite Decimal, got {value!r}")
        if dialect.name != "sqlite":
            return value
        return format(value, "f") if value else "0"

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        """Return the Decimal that was stored."""
        del dialect
        return value if value is None or isinstance(value, Decimal) else Decimal(value)


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC, to the microsecond: TIMESTAMPTZ, or on SQLite ISO 8601 text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that this database stores."""
        sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(Text() if sqlite else TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return what is sent; a time without a zone raises ModelError."""
        if value is None:
            return None
        moment = aware(value, "a time column")
        if dialect.name != "sqlite":
            return moment
        return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return the time that was stored, in UTC."""
        del dialect
        if value is None:
            return None
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC)


class Words(TypeDecorator[str]):
    """A text of any length, sorted by its characters alike on every database."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that this database stores."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Text(collation="C"))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text in whole characters."""
        del dialect
        return None if value is None else whole(str(value))


class Plain(TypeDecorator[Any]):
    """Plain data: JSONB, or on SQLite JSON as text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that this database stores."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else JSONB())

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> Any:
        """Return what is sent."""
        return encoded(value) if dialect.name == "sqlite" and value is not None else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        """Return the plain data that was stored."""
        return decoded(value) if dialect.name == "sqlite" and value is not None else value
