"""A record says who did it, even where the machine has no name for them."""

import os

import pytest

from fillpath.runtime.person import person

NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME")


def test_the_user_has_the_name_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ann")

    assert person() == "ann"


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 999_999_999)

    assert person() == "user 999999999"
