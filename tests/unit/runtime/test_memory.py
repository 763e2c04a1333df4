"""The collector is calm inside the block and as before after it, whatever happens."""

import gc
from contextlib import suppress

from fillpath.runtime.memory import MIDDLE, OLD, YOUNG, calm_collector


def test_it_collects_rarely_inside() -> None:
    with calm_collector():
        inside = gc.get_threshold()

    assert inside == (YOUNG, MIDDLE, OLD)


def test_what_exists_is_left_alone_inside() -> None:
    with calm_collector():
        frozen = gc.get_freeze_count()

    assert frozen > 0


def test_afterwards_all_is_as_before() -> None:
    before = gc.get_threshold()

    with calm_collector():
        pass

    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_an_error_changes_nothing_about_that() -> None:
    before = gc.get_threshold()

    with suppress(KeyError), calm_collector():
        raise KeyError

    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
