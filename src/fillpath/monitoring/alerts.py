"""An alert: one thing that people are told of, how often it came, and who has acknowledged it."""

import hashlib
import re
from typing import Final

from msgspec import Struct

from fillpath.core.commands import RaiseAlarm
from fillpath.monitoring.kinds import OVER, Kind, Severity, kind_of

LONGEST_TEXT: Final = 1_000
OUTSIDE: Final = -1
"""The record number of a fact that no journal holds."""
_DIGITS: Final = re.compile(r"\d+")
_HOLDING: Final = re.compile(r"(?:^|\s)(\S+ of .+?) (?:are|is) ")
_ALL_OVER: Final = frozenset({"ENGINE_STARTED", "FEED_BACK"})
"""These end what they end whatever it was about."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")


class Fact(Struct, frozen=True, kw_only=True):
    """One alarm of an account.

    Args:
        account: whose engine said so.
        at: nanoseconds UTC.
        code: of its kind.
        text: one sentence.
        order_id: the order that it is about, empty for none.
        record: number of the journal record behind it, -1 where no journal holds it.
    """

    account: str
    at: int
    code: str
    text: str
    order_id: str = ""
    record: int = OUTSIDE

    @property
    def kind(self) -> Kind:
        """Return what kind of alert it is."""
        return kind_of(self.code)

    @property
    def event_id(self) -> str:
        """Return its name, which is the same each time that the journal is read."""
        content = f"{self.at}\0{self.order_id}\0{self.text}".encode()
        return f"{self.account}:{self.code}:{hashlib.sha256(content).hexdigest()[:16]}"

    @property
    def subject(self) -> str:
        """Return what it is about: facts of one code and one subject are one alert."""
        words = self.text.removesuffix(OVER).strip(" :")
        return self.order_id or _DIGITS.sub("#", words)[:200]

    @property
    def ends(self) -> bool:
        """Return whether it says that an earlier one with its code is over."""
        return self.text.endswith(OVER)

    def is_the_end_of(self, text: str) -> bool:
        """Return whether what a text told of is over with this, where the codes say that it may be."""
        mine = about(self.text)
        return not mine or self.code in _ALL_OVER or mine == about(text)


def about(text: str) -> str:
    """Return what a sentence is about: what is held, or the word in front; empty for none."""
    holding = _HOLDING.search(text)
    if holding is not None:
        return holding[1]
    words = text.removesuffix(OVER).split()
    return words[0].rstrip(":;,") if words else ""


def fact_of(account: str, alarm: RaiseAlarm, record: int = OUTSIDE) -> Fact:
    """Return an alarm as a fact; what no line may hold is a space."""
    text = _CONTROL.sub(" ", alarm.text).strip()[:LONGEST_TEXT]
    code, at, order_id = alarm.code, alarm.at, alarm.order_id
    return Fact(account=account, at=at, code=code, text=text, order_id=order_id, record=record)


class Alert(Struct, frozen=True, kw_only=True):
    """What the book holds of one alert.

    Args:
        number: in the order of their coming, from 1.
        alert_id: name of the first fact.
        account: whose engine said so.
        code: of its kind.
        severity: how soon a person has to know.
        subject: what it is about.
        text: of the newest fact.
        order_id: the order that it is about, empty for none.
        raised_at: nanoseconds UTC of the first fact.
        last_at: nanoseconds UTC of the newest fact.
        count: facts so far.
        acknowledged_by: who knows of it, empty while nobody has said so.
        acknowledged_at: nanoseconds UTC, 0 while nobody has said so.
        ended_at: nanoseconds UTC at which it was over, 0 while it is not known to be.
    """

    number: int
    alert_id: str
    account: str
    code: str
    severity: Severity
    subject: str
    text: str
    order_id: str
    raised_at: int
    last_at: int
    count: int = 1
    acknowledged_by: str = ""
    acknowledged_at: int = 0
    ended_at: int = 0

    @property
    def kind(self) -> Kind:
        """Return what kind of alert it is."""
        return kind_of(self.code)

    @property
    def stands(self) -> bool:
        """Return whether somebody should still acknowledge it."""
        quiet = self.acknowledged_by or self.ended_at or self.severity is Severity.INFO
        return not quiet


__all__ = ["LONGEST_TEXT", "OUTSIDE", "Alert", "Fact", "about", "fact_of"]
