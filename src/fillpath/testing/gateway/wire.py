"""Frames and fields of the socket protocol: a length, then texts that end in a zero byte."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

SERVER_VERSION: Final = 178
LARGEST_FRAME: Final = 0xFFFFFF
GREETING: Final = b"API\0"
_LENGTH: Final = 4
_EASTERN: Final = ZoneInfo("America/New_York")

Value = str | int | Decimal | bool | None


class BadFrame(Exception):
    """What came in cannot be a frame, or not the message that its number promises."""


class Message(Struct, frozen=True):
    """One message to a client.

    Args:
        kind: its name, such as ``orderStatus``.
        fields: the texts, with the number of its kind first.
        about: the order or request id that it is about, -1 for none.
    """

    kind: str
    fields: tuple[str, ...]
    about: int = -1

    def frame(self) -> bytes:
        """Return the bytes that go on the wire."""
        return frame(self.fields)


def frame(fields: Iterable[str]) -> bytes:
    """Return the bytes of a frame that holds these texts."""
    body = "".join(f"{field}\0" for field in fields).encode()
    return len(body).to_bytes(_LENGTH) + body


def message(kind: str, about: int, *values: Value) -> Message:
    """Return a message whose values are spelt as the gateway spells them."""
    return Message(kind, tuple(map(spelt, values)), about)


def spelt(value: Value) -> str:
    """Return the text of a value: exact numbers, 1 and 0 for truth, nothing for None."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal) and value.is_finite():
        return format(value.normalize(), "f")
    return str(value)


def stamp(at: datetime, separator: str = " ") -> str:
    """Return a moment as the gateway writes it: New York, exact to the second."""
    return at.astimezone(_EASTERN).strftime(f"%Y%m%d{separator}%H:%M:%S US/Eastern")


class Frames:
    """Put bytes together until they are frames."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._greeted = False

    def feed(self, data: bytes) -> Iterator[list[str]]:
        """Yield the texts of each frame that is complete now.

        Raises:
            BadFrame: no greeting comes first, or a frame is longer than any may be.
        """
        self._bytes += data
        if not self._greeted:
            if len(self._bytes) < len(GREETING):
                return
            if self._bytes[: len(GREETING)] != GREETING:
                raise BadFrame("the first bytes must be the greeting API")
            del self._bytes[: len(GREETING)]
            self._greeted = True
        while (body := self._next()) is not None:
            yield body.decode(errors="backslashreplace").split("\0")

    def _next(self) -> bytes | None:
        if len(self._bytes) < _LENGTH:
            return None
        size = int.from_bytes(self._bytes[:_LENGTH])
        if size > LARGEST_FRAME:
            raise BadFrame(f"a frame of {size} bytes")
        end = _LENGTH + size
        if len(self._bytes) < end:
            return None
        body = bytes(self._bytes[_LENGTH:end])
        del self._bytes[:end]
        return body


class Reader:
    """Take one text after the other, as what it has to be."""

    def __init__(self, fields: list[str]) -> None:
        self._fields = fields
        self._at = 0

    @property
    def left(self) -> int:
        """Return how many texts were not taken yet."""
        return len(self._fields) - self._at

    def text(self) -> str:
        """Return the next text.

        Raises:
            BadFrame: there is none.
        """
        if not self.left:
            raise BadFrame("the message is too short")
        self._at += 1
        return self._fields[self._at - 1]

    def texts(self, count: int) -> tuple[str, ...]:
        """Return the next so many texts.

        Raises:
            BadFrame: there are fewer.
        """
        return tuple(self.text() for _ in range(count))

    def whole(self) -> int:
        """Return the next text as a whole number, 0 when it is empty.

        Raises:
            BadFrame: it is none.
        """
        text = self.text()
        try:
            return int(text or 0)
        except ValueError:
            raise BadFrame(f"{text!r} is no whole number") from None

    def truth(self) -> bool:
        """Return the next text as yes or no.

        Raises:
            BadFrame: it is no number.
        """
        return bool(self.whole())

    def number(self) -> Decimal | None:
        """Return the next text as a number, None when it is empty.

        Raises:
            BadFrame: it is none, or not finite.
        """
        return number(self.text())


def number(text: str) -> Decimal | None:
    """Return a text as a number, None when it is empty.

    Raises:
        BadFrame: it is none, or not finite.
    """
    if not text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise BadFrame(f"{text!r} is no number") from None
    if not found.is_finite():
        raise BadFrame(f"{text!r} is no finite number")
    return found


__all__ = [
    "LARGEST_FRAME",
    "SERVER_VERSION",
    "BadFrame",
    "Frames",
    "Message",
    "Reader",
    "Value",
    "frame",
    "message",
    "number",
    "spelt",
    "stamp",
]
