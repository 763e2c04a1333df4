"""Linear algebra gets one thread, unless the user says otherwise."""

from fillpath.runtime.threads import COUNT, calm_threads


def test_one_thread_is_enough() -> None:
    environment: dict[str, str] = {}

    calm_threads(environment)

    assert environment == {COUNT: "1"}


def test_the_users_own_number_stands() -> None:
    environment = {COUNT: "3"}

    calm_threads(environment)

    assert environment == {COUNT: "3"}
