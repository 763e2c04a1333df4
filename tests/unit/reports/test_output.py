"""The JSON object: complete, exact, and the same bytes for the same run."""

import json

from msgspec.structs import replace

from fillpath.reports.output import to_json
from tests.unit.reports.builders import FACTS, a_decision, a_result


def test_it_carries_what_programs_rely_on() -> None:
    told = json.loads(to_json(a_result()))

    assert told["signals"] == {"received": 1, "ordered": 1, "refused": {}}
    assert set(told) >= {"orders", "fills", "quality", "positions", "cash", "equity", "quotes"}
    assert set(told["fills"][0]) >= {
        *("order_id", "parent_order_id", "symbol", "side", "quantity", "price", "ts", "commission")
    }
    assert set(told["quality"][0]) >= {
        *("order_id", "route", "slippage_bps", "arrival_slippage_bps", "fill_latency_ms")
    }
    assert told["elapsed_s"] == 1.5


def test_money_prices_quantities_and_costs_are_strings() -> None:
    told = json.loads(to_json(a_result()))

    assert told["cash"] == "84998.24995"
    assert told["fills"][0]["price"] == "150.01"
    assert told["fills"][0]["quantity"] == "100"
    assert told["quality"][0]["slippage_bps"] == "3.333333333333333333333333333"
    assert told["quality"][0]["fill_latency_ms"] == "1250"


def test_a_position_shows_its_protective_stop() -> None:
    (held,) = json.loads(to_json(a_result()))["positions"]

    assert held["stop_price"] == "147.01"


def test_the_same_run_gives_the_same_bytes() -> None:
    assert to_json(a_result()) == to_json(a_result())


def test_only_the_elapsed_time_may_differ() -> None:
    slower = a_result(facts=replace(FACTS, elapsed_s=9.0))

    assert to_json(slower) == to_json(a_result()).replace('"elapsed_s":1.5', '"elapsed_s":9.0')


def test_maps_are_written_in_the_order_of_their_names() -> None:
    facts = replace(FACTS, bad_rows={"b.csv: NaN": 1, "a.csv: crossed": 2})
    decisions = [
        a_decision(outcome="REFUSED", reason=reason, signal_id=reason) for reason in ("Z", "A")
    ]

    told = to_json(a_result(*decisions, facts=facts))

    assert told.index("a.csv: crossed") < told.index("b.csv: NaN")
    assert '"refused":{"A":1,"Z":1}' in told


def test_what_is_modelled_is_said() -> None:
    told = json.loads(to_json(a_result()))

    assert told["notes"] == ["The intraday path is modelled."]
