"""Which symbols have a line to the market: there are only so many, and what is held comes first."""

from collections.abc import Collection

from msgspec import Struct


class Placed(Struct, frozen=True):
    """What became of a wish for a line.

    Args:
        refused: why there is none; empty when there is one.
        freed: the symbol that lost its line for it; empty when none did.
    """

    refused: str = ""
    freed: str = ""


class Places:
    """Give out lines to the symbols in use.

    A line that only a passing wish holds may be given to another symbol once it was held for a
    while; a line of a position or a working order never is.

    Args:
        most: how many lines there are.
        least_ns: how long a passing wish keeps its line, nanoseconds.
    """

    def __init__(self, most: int, least_ns: int) -> None:
        self._most = most
        self._least_ns = least_ns
        self._wished: dict[str, int] = {}
        self._kept: frozenset[str] = frozenset()

    @property
    def symbols(self) -> Collection[str]:
        """Return the symbols that have a line, those wished for longest ago first."""
        return self._wished.keys()

    def keep(self, symbols: Collection[str]) -> None:
        """Say which symbols must not lose their line: positions and working orders."""
        self._kept = frozenset(symbols)

    def want(self, symbol: str, at: int) -> Placed:
        """Give a symbol a line, or say why there is none."""
        if symbol in self._wished or len(self._wished) < self._most:
            # Put at the end: the one wished for longest ago is freed first.
            self._wished.pop(symbol, None)
            self._wished[symbol] = at
            return Placed()
        freed = self._oldest(symbol, at)
        if not freed:
            text = f"all {self._most} lines to the market are in use, {symbol} gets none"
            return Placed(refused=text)
        del self._wished[freed]
        self._wished[symbol] = at
        return Placed(freed=freed)

    def _oldest(self, symbol: str, at: int) -> str:
        """Return whose line may be given away, empty when nobody's may."""
        for other, since in self._wished.items():
            if other in self._kept:
                continue
            if symbol in self._kept or at - since >= self._least_ns:
                return other
        return ""


__all__ = ["Placed", "Places"]
