"""Passwords: which ones are good enough, and how they are kept.

They are kept as argon2id hashes with the parameters of RFC 9106 for ordinary machines. What is
good enough follows length, not mixtures of signs: people who must mix signs write `Password1!`.
"""

import functools
import re
import secrets
import unicodedata
from importlib import resources
from typing import Any, Final

SHORTEST: Final = 12
ADVISED: Final = 15
LONGEST: Final = 256
_DISTINCT: Final = 5
_WORDS: Final = "common_passwords.txt"
_FIRST_LENGTH: Final = 15


def plain(password: str) -> str:
    """Return a password in the one form in which it is hashed and compared."""
    return unicodedata.normalize("NFKC", password)


def problem_with(password: str, name: str) -> str | None:
    """Return why a password is not taken, in one sentence; None when it is.

    Args:
        password: as it was typed.
        name: who it is for.
    """
    text = plain(password)
    if not SHORTEST <= len(text) <= LONGEST:
        return (
            f"password must have from {SHORTEST} to {LONGEST} characters, {ADVISED} or more are "
            f"better, got {len(text)}"
        )
    if len(set(text)) < _DISTINCT:
        return f"password must have at least {_DISTINCT} different characters"
    low = text.lower()
    if len(name) > 2 and name.lower() in low:  # noqa: PLR2004  # two letters occur by chance
        return "password must not contain the user's name"
    if low in common() or _without_decoration(low) in common():
        return "password is one of those that are tried first: take several words of your own"
    return None


def _without_decoration(low: str) -> str:
    """Return the letters that are left when digits and signs at both ends are taken away."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", low)


@functools.cache
def common() -> frozenset[str]:
    """Return the passwords, and the words in their middle, that are tried first."""
    text = resources.files("fillpath.api.auth").joinpath(_WORDS).read_text("utf-8")
    rows = [row for row in text.splitlines() if not row.startswith("#")]
    return frozenset(word for row in rows for word in row.split())


def hashed(password: str) -> str:
    """Return what is kept of a password; takes a tenth of a second and 64 MB by design."""
    return str(_hasher().hash(plain(password)))


def matches(kept: str, password: str) -> bool:
    """Return whether a password is the one that was kept; takes as long as ``hashed``."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415  # heavy

    try:
        return bool(_hasher().verify(kept, plain(password)))
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def nobody() -> str:
    """Return the hash that is compared with when nobody has the name that was given.

    The answer then takes as long as for a name that somebody has.
    """
    return hashed(secrets.token_urlsafe(_FIRST_LENGTH))


def first_password() -> str:
    """Return a random password of 20 signs, 120 bits."""
    return secrets.token_urlsafe(_FIRST_LENGTH)


@functools.cache
def _hasher() -> Any:
    from argon2 import PasswordHasher  # noqa: PLC0415  # heavy

    return PasswordHasher()
