"""A change is the same order again, in another size or with another trigger."""

from decimal import Decimal

import pytest

from fillpath.ibkr.changing import changed_form
from tests.unit.ibkr.tracked_scene import Scene, a_form, a_stop, an_order, shown


@pytest.mark.parametrize(("stop", "trigger"), [(None, "140"), (Decimal(145), "145")])
def test_a_changed_stop_keeps_everything_else(stop: Decimal | None, trigger: str) -> None:
    form = a_form(an_order(**a_stop()), 11)

    changed = changed_form(form, Decimal(60), stop)

    assert (changed.order_id, changed.order_ref) == (form.order_id, form.order_ref)
    assert changed.quantity == 60
    assert changed.aux_price == Decimal(trigger)


def test_a_limit_order_gets_no_trigger() -> None:
    changed = changed_form(a_form(an_order(), 11), Decimal(60), Decimal(145))

    assert changed.aux_price is None


def test_an_order_that_was_found_changes_without_what_was_sent() -> None:
    scene = Scene()
    scene.look_up(shown())

    scene.hear(shown(quantity=Decimal(60)))

    assert scene.told == ["OrderAmended"]
    assert scene.tracked().form is None
