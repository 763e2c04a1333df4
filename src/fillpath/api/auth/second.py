"""What takes two people: the word of one waits for that of another."""

from msgspec import Struct

from fillpath.api.auth.file import DeskFile
from fillpath.api.auth.policy import PROPOSED_NS


class Proposal(Struct, frozen=True, kw_only=True):
    """What somebody wants done.

    Args:
        act: what it is, such as ``resume``.
        account: whose account.
        what: every detail of it, in one text.
        name: who wants it.
        at: since when, nanoseconds UTC.
    """

    act: str
    account: str
    what: str
    name: str
    at: int


class SecondPerson:
    """Proposals that wait for another person.

    Args:
        file: the desk's file.
    """

    def __init__(self, file: DeskFile) -> None:
        self._file = file

    def agreed(self, wanted: Proposal) -> Proposal | None:
        """Return the proposal of another person for the same, which is used up; None: it waits now.

        The two words must be of two people and within ten minutes; whoever asks twice only renews
        the proposal.
        """
        with self._file.change() as cursor:
            cursor.execute("DELETE FROM proposals WHERE at <= ?", (wanted.at - PROPOSED_NS,))
            key = (wanted.act, wanted.account, wanted.what)
            row = cursor.execute(
                "SELECT * FROM proposals WHERE act = ? AND account = ? AND what = ?", key
            ).fetchone()
            if row is not None and row["name"] != wanted.name:
                cursor.execute(
                    "DELETE FROM proposals WHERE act = ? AND account = ? AND what = ?", key
                )
                return Proposal(**dict(row))
            cursor.execute(
                "INSERT OR REPLACE INTO proposals VALUES (?, ?, ?, ?, ?)",
                (*key, wanted.name, wanted.at),
            )
        return None

    def waiting(self, at: int) -> tuple[Proposal, ...]:
        """Return every proposal that waits, oldest first."""
        rows = self._file.rows("SELECT * FROM proposals WHERE at > ? ORDER BY at", at - PROPOSED_NS)
        return tuple(Proposal(**row) for row in rows)
