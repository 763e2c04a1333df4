"""Who sent a signal by hand: whoever asks for an order does not also allow it."""

from typing import Final

from fillpath.api.auth.file import DeskFile
from fillpath.core.units import NANOSECONDS

KEPT_NS: Final = 7 * 86_400 * NANOSECONDS


class Senders:
    """The people behind signals of the last week.

    Args:
        file: the desk's file.
    """

    def __init__(self, file: DeskFile) -> None:
        self._file = file

    def note(self, account: str, strategy: str, signal_id: str, name: str, at: int) -> None:
        """Note who sends a signal; whoever sent it first has sent it."""
        with self._file.change() as cursor:
            cursor.execute("DELETE FROM senders WHERE at <= ?", (at - KEPT_NS,))
            cursor.execute(
                "INSERT OR IGNORE INTO senders VALUES (?, ?, ?, ?, ?)",
                (account, strategy, signal_id, name, at),
            )

    def of(self, account: str, strategy: str, signal_id: str) -> str:
        """Return who sent a signal; empty when nobody here did."""
        rows = self._file.rows(
            "SELECT name FROM senders WHERE account = ? AND strategy = ? AND signal_id = ?",
            account,
            strategy,
            signal_id,
        )
        return str(rows[0]["name"]) if rows else ""
