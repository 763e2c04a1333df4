"""What a person has to know of, and to answer: told at once, and again until somebody does (A-14).

A matter is something that stands, such as a latch or a quarantine, and not the moment at which it
began. It is forgotten when it stands no more; when it comes back it is a new one.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct, field

from fillpath.core.units import NANOSECONDS

TOLD_WITHIN_NS: Final = 5 * NANOSECONDS
"""How long it may take until a matter has reached a person's channel."""
AGAIN_NS: Final = 60 * NANOSECONDS
"""How long after a page that nobody answered the next one follows."""
EVERYTHING: Final = "all"


class Matter(Struct):
    """One thing that stands.

    Args:
        text: one sentence.
        since: nanoseconds UTC when it was first seen.
        paged_at: nanoseconds UTC of the newest page, 0 before the first.
        times: pages so far.
        failed: the newest one reached nobody.
        answered_by: who has answered; empty while nobody has.
    """

    text: str
    since: int
    paged_at: int = 0
    times: int = 0
    failed: bool = False
    answered_by: str = ""


class Page(Struct, frozen=True):
    """What a person is told.

    Args:
        name: of the matter, by which it is answered.
        text: one sentence.
        since: nanoseconds UTC when it was first seen.
        times: which page of it this is, from 1; one that is tried again is the same.
    """

    name: str
    text: str
    since: int
    times: int


class Matters(Struct):
    """All that stands.

    Args:
        open: by name, in the order of their coming.
    """

    open: dict[str, Matter] = field(default_factory=dict)

    def look(self, standing: Mapping[str, str], at: int) -> list[Page]:
        """Take what stands now, and return what a person has to be told.

        Args:
            standing: texts by name.
            at: nanoseconds UTC.
        """
        for name in [name for name in self.open if name not in standing]:
            del self.open[name]
        pages: list[Page] = []
        for name, text in standing.items():
            matter = self.open.setdefault(name, Matter(text, at))
            matter.text = text
            if not matter.answered_by and _due(matter, at):
                matter.paged_at = at
                matter.times += not matter.failed
                matter.failed = False
                pages.append(Page(name, text, matter.since, matter.times))
        return pages

    def missed(self, pages: Iterable[Page]) -> None:
        """Note that pages reached nobody: they follow again after ``TOLD_WITHIN_NS``."""
        for page in pages:
            self.open[page.name].failed = True

    def answer(self, name: str, by: str) -> list[str]:
        """Note that a person knows of a matter, or of ``all``; return those that were answered."""
        names = [one for one in self.open if name in {one, EVERYTHING}]
        answered = [one for one in names if not self.open[one].answered_by]
        for one in answered:
            self.open[one].answered_by = by
        return answered

    def unanswered(self) -> dict[str, str]:
        """Return what nobody has answered, texts by name."""
        return {name: matter.text for name, matter in self.open.items() if not matter.answered_by}


def _due(matter: Matter, at: int) -> bool:
    """Return whether it is time for a page; a clock that went back does not put one off."""
    pause = TOLD_WITHIN_NS if matter.failed else AGAIN_NS
    return not matter.times or not 0 <= at - matter.paged_at < pause


__all__ = ["AGAIN_NS", "EVERYTHING", "TOLD_WITHIN_NS", "Matter", "Matters", "Page"]
