"""Codes count once, and only for a moment (S-06)."""

import pyotp
import pytest

from fillpath.api.auth.codes import accepted, enrolment, new_secret

pytestmark = pytest.mark.security("S-06")

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  # of no account
NOW = 1_800_000_015
STEP = NOW // 30


def code(step: int) -> str:
    return pyotp.TOTP(SECRET).generate_otp(step)


@pytest.mark.parametrize("step", [STEP - 1, STEP, STEP + 1])
def test_a_code_of_now_is_taken(step: int) -> None:
    assert accepted(SECRET, code(step), NOW, 0) == step


def test_spaces_do_not_matter() -> None:
    text = code(STEP)

    assert accepted(SECRET, f" {text[:3]} {text[3:]} ", NOW, 0) == STEP


@pytest.mark.parametrize("step", [STEP - 2, STEP + 2])
def test_a_code_of_another_time_is_refused(step: int) -> None:
    assert accepted(SECRET, code(step), NOW, 0) is None


def test_a_code_that_was_used_is_refused() -> None:
    assert accepted(SECRET, code(STEP), NOW, STEP) is None
    assert accepted(SECRET, code(STEP - 1), NOW, STEP) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "१२३४५६"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert accepted(SECRET, typed, NOW, 0) is None


def test_a_secret_is_random_and_an_app_takes_it() -> None:
    secret = new_secret()

    assert secret != new_secret()
    assert len(secret) == 32
    assert enrolment(secret, "maria").startswith("otpauth://totp/fillpath:maria?secret=")
