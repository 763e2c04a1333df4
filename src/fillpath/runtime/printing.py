"""Words of others on a terminal or in a log: they may say anything, and must not act."""


def printable(text: str) -> str:
    """Return a text that cannot begin a line or move the cursor: others chose parts of it."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


__all__ = ["printable"]
