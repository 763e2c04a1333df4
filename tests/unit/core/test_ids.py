"""Names are derived from what they name, so that a replay gives the same ones."""

from fillpath.core.ids import (
    ID_SEPARATORS,
    child_order_id,
    derived_signal_id,
    is_external,
    next_manual_order_id,
    parent_order_id,
)


def test_a_derived_signal_id_is_the_same_in_every_process() -> None:
    assert derived_signal_id(b"LONG AAPL", 7) == "sig-23a925522dab97aa-7"


def test_content_and_place_make_a_signal_id() -> None:
    ids = {derived_signal_id(c, n) for c in (b"a", b"b") for n in (1, 2)}

    assert len(ids) == 4


def test_a_derived_signal_id_may_name_an_order() -> None:
    assert ID_SEPARATORS.isdisjoint(derived_signal_id(b"LONG AAPL", 7))


def test_an_order_is_named_after_strategy_and_signal() -> None:
    assert parent_order_id("trend", "s1") == "trend/s1"
    assert parent_order_id("", "s1") == "s1"


def test_a_slice_is_named_after_its_parent() -> None:
    assert child_order_id("trend/s1", 3) == "trend/s1#3"


def test_orders_by_hand_are_counted() -> None:
    first, second = next_manual_order_id(), next_manual_order_id()

    assert first != second
    assert first.startswith("manual-")


def test_what_others_sent_says_so() -> None:
    assert is_external("external:42")
    assert not is_external("trend/external:1")
