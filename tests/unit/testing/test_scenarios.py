"""Async tests without a plugin, and expected errors without a test runner."""

import inspect

import pytest

from fillpath.testing.broker_bench import BrokerHooks
from fillpath.testing.clock_contract import ClockContract
from fillpath.testing.feed_contract import FeedContract
from fillpath.testing.scenarios import played, raised


class Suite:
    def __init__(self) -> None:
        self.runs = 0

    @played
    async def test_something(self) -> None:
        """Say what is tested."""
        self.runs += 1


def test_a_played_test_is_a_plain_function_that_keeps_its_name() -> None:
    suite = Suite()

    suite.test_something()

    assert suite.runs == 1
    assert not inspect.iscoroutinefunction(Suite.test_something)
    assert list(inspect.signature(Suite.test_something).parameters) == ["self"]
    assert Suite.test_something.__name__ == "test_something"
    assert Suite.test_something.__doc__ == "Say what is tested."


def test_an_expected_error_is_accepted() -> None:
    with raised(ValueError, "seven"):
        raise ValueError("not seven")


def test_an_error_that_does_not_come_fails() -> None:
    with pytest.raises(AssertionError, match="ValueError must be raised"), raised(ValueError):
        pass


def test_an_error_that_says_something_else_fails() -> None:
    with pytest.raises(AssertionError, match="must say 'seven'"), raised(ValueError, "seven"):
        raise ValueError("eight")


def test_another_error_goes_on() -> None:
    with pytest.raises(KeyError), raised(ValueError):
        raise KeyError("other")


async def test_what_a_suite_needs_must_be_filled_in() -> None:
    with pytest.raises(NotImplementedError):
        BrokerHooks().make_broker()
    with pytest.raises(NotImplementedError):
        ClockContract().make_clock()
    with pytest.raises(NotImplementedError):
        FeedContract().make_feed()
