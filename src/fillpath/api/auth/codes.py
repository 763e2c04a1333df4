"""Codes of six digits that change each half minute (TOTP, RFC 6238)."""

import hmac
from typing import Final

STEP_SECONDS: Final = 30
DIGITS: Final = 6
ISSUER: Final = "fillpath"


def new_secret() -> str:
    """Return a random secret of 160 bits, as an authenticator app takes it."""
    import pyotp  # noqa: PLC0415  # not needed by who only reads

    return pyotp.random_base32()


def enrolment(secret: str, name: str) -> str:
    """Return the address that an authenticator app is set up with."""
    import pyotp  # noqa: PLC0415  # not needed by who only reads

    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def accepted(secret: str, code: str, at_seconds: int, last_step: int) -> int | None:
    """Return the step that a code belongs to; None when it is wrong, too old or was used.

    Args:
        secret: what the person's app knows.
        code: as it was typed; spaces do not matter.
        at_seconds: now, seconds UTC.
        last_step: the newest step of which a code was taken; each counts once.
    """
    import pyotp  # noqa: PLC0415  # not needed by who only reads

    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    present = at_seconds // STEP_SECONDS
    maker = pyotp.TOTP(secret)
    for step in (present - 1, present, present + 1):
        right = maker.generate_otp(step)
        if hmac.compare_digest(right, typed) and step > last_step:
            return step
    return None
