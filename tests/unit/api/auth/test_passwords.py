"""Passwords are long, are not those that are tried first, and are kept as argon2id (S-06)."""

import pytest

from fillpath.api.auth.passwords import (
    common,
    first_password,
    hashed,
    matches,
    nobody,
    plain,
    problem_with,
)

pytestmark = pytest.mark.security("S-06")

GOOD = "seven green lamps over water"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "x9-kq" * 13,
        "лампа над водой вечером",
        "correct staple battery horse",
        "a bcdefghijkl",
    ],
)
def test_a_password_of_several_words_is_taken(password: str) -> None:
    assert problem_with(password, "maria") is None


def test_sixty_four_characters_and_more_are_taken() -> None:
    assert problem_with("many words make a phrase " * 8, "maria") is None


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short one 1", "12 to 256"),
        ("long" * 70, "12 to 256"),
        ("abababababababab", "different"),
        ("maria likes green lamps", "name"),
        ("QWERTYUIOPASDFGH", "tried first"),
        ("Password1234!", "tried first"),
        ("123changemenow456", "tried first"),
        ("correct-horse-battery-staple", "tried first"),
    ],
)
def test_a_password_that_is_guessed_soon_is_refused(password: str, sentence: str) -> None:
    problem = problem_with(password, "maria")

    assert problem is not None
    assert sentence in problem


def test_the_list_is_shipped_and_all_in_small_letters() -> None:
    assert len(common()) > 200
    assert all(word == word.lower() for word in common())


def test_what_is_kept_is_argon2id_and_says_nothing() -> None:
    kept = hashed(GOOD)

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert matches(kept, GOOD)
    assert not matches(kept, GOOD + "!")
    assert kept != hashed(GOOD)


def test_a_hash_that_is_none_matches_nothing() -> None:
    assert not matches("", GOOD)
    assert not matches("plain", "plain")


def test_two_ways_to_type_the_same_letters_are_one_password() -> None:
    assert plain("bru\u0302le\u0301e") == plain("br\u00fbl\u00e9e")


@pytest.mark.security("S-05")
def test_a_first_password_is_random_and_good_enough() -> None:
    first = first_password()

    assert first != first_password()
    assert len(first) >= 20
    assert problem_with(first, "maria") is None


def test_nobody_is_compared_with_something_too() -> None:
    assert nobody() is nobody()
    assert not matches(nobody(), GOOD)
