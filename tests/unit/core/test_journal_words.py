"""Events and intents are written as arrays: a field may be added at the end, never moved or taken.

What stands here is what old journals hold. A line may grow; anything else breaks them.
"""

from typing import Any, get_args

import msgspec
import pytest

from fillpath.core.commands import CancelOrder, Intent, PlaceOrder, Ticket
from fillpath.core.events import Event, MarketView, OpeningPosition, OrderAccepted
from fillpath.core.ports import BrokerCapabilities
from fillpath.core.translation import filled_by
from fillpath.testing.builders import a_fill, a_ticket

WORDS = {
    "account_opened": "at account cash positions policy_hash version epoch",
    "engine_started": "at policy_hash version epoch",
    "policy_adopted": "at policy_hash rules by reason",
    "signal_received": "at signal market",
    "quote_seen": "at symbol market",
    "timer_fired": "at timer_id due symbol market",
    "order_accepted": "at order_id broker_order_id",
    "order_filled": "at order_id fill_id symbol side quantity price traded_at commission parent_id "
    "simulated",
    "commission_reported": "at order_id fill_id commission revision",
    "fill_corrected": "at order_id fill_id revision quantity price commission reason",
    "order_cancelled": "at order_id reason market",
    "order_refused": "at order_id code reason",
    "order_expired": "at order_id reason",
    "order_in_doubt": "at order_id reason",
    "cancel_failed": "at order_id reason",
    "kill_switch_set": "at reason by scope target code until exits",
    "kill_switch_cleared": "at by scope target code",
    "flatten_asked": "at by scope target reason",
    "cancel_asked": "at order_id by reason",
    "trading_held": "at code text",
    "trading_released": "at code by",
    "symbol_quarantined": "at symbol reason order_id",
    "symbol_released": "at symbol by",
    "position_adjusted": "at symbol quantity price by reason cash",
    "account_differed": "at code text symbol order_id",
    "reference_seen": "at symbol con_id instrument_class currency exchange tick prior_close",
    "trading_status_seen": "at symbol status lower_band upper_band short_restricted shortable "
    "delayed",
    "market_halted": "at reason level",
    "split_applied": "at symbol new_shares old_shares",
    "dividend_paid": "at symbol quantity per_share ex_date",
    "order_amended": "at order_id quantity stop reason",
    "amend_failed": "at order_id reason",
    "order_held": "at order_id reason until",
    "level_reached": "at watch_id symbol market",
    "session_opened": "at closes_at day",
    "session_closed": "at",
    "approval_given": "at order_id by market",
    "approval_declined": "at order_id by reason",
    "arming_asked": "at by user_id account strategies limits",
    "trading_armed": "at by user_id account strategies limits",
    "trading_disarmed": "at by reason",
    "origin_unknown": "at message_id strategy_name text",
    "account_reported": "at equity settled_cash day_trades_left margin_excess kind",
    "account_valued": "at long_value short_value",
    "volatility_seen": "at value",
    "operator_seen": "at by act",
    "place_order": "at ticket",
    "amend_order": "at order_id broker_order_id quantity stop reason",
    "cancel_order": "at order_id broker_order_id reason",
}
PARTS: dict[type[msgspec.Struct], str] = {
    MarketView: "bid ask bid_size ask_size quote_at adv long_value short_value sector_value mean",
    OpeningPosition: "symbol quantity cost strategy_name",
    Ticket: "order_id parent_id symbol side quantity order_type limit stop time_in_force "
    "strategy_name signal_id route route_reason protected slice_number slice_count "
    "interval_seconds signal_price signal_at strength kelly sizing group",
}


def kinds() -> dict[str, Any]:
    """Return every record that a journal may hold, by its tag."""
    found = (*get_args(Event), *get_args(Intent))
    return {kind.__struct_config__.tag: kind for kind in found}


def test_every_record_has_its_word() -> None:
    assert kinds().keys() == WORDS.keys()


@pytest.mark.parametrize(("word", "fields"), WORDS.items())
def test_the_fields_of_a_record_keep_their_places(word: str, fields: str) -> None:
    kind = kinds()[word]

    assert kind.__struct_config__.array_like
    assert kind.__struct_fields__[: len(fields.split())] == tuple(fields.split())


@pytest.mark.parametrize(
    ("kind", "fields"), PARTS.items(), ids=lambda p: getattr(p, "__name__", "")
)
def test_the_fields_of_a_part_keep_their_places(kind: type[msgspec.Struct], fields: str) -> None:
    assert kind.__struct_config__.array_like
    assert kind.__struct_fields__[: len(fields.split())] == tuple(fields.split())


@pytest.mark.parametrize(
    "record",
    [
        PlaceOrder(1, a_ticket()),
        CancelOrder(1, "o1", "B1", "why"),
        OrderAccepted(1, "o1", "B1"),
        filled_by(1, a_fill()),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_record_comes_back_as_it_went(record: Event | Intent) -> None:
    kind: Any = Event | Intent

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=kind) == record


def test_a_broker_that_says_nothing_is_not_in_process() -> None:
    """The careful answer: commit before every act."""
    assert not BrokerCapabilities().in_process
