"""The page is whole in itself, says what is modelled, and lets no word become code."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from msgspec.structs import replace

from fillpath.core.units import NANOSECONDS
from fillpath.reports.page import MOST_ALERTS, MOST_STORIES, render
from fillpath.reports.result import PriceSeries, RunResult
from tests.unit.reports.builders import (
    FACTS,
    OPEN,
    a_closed_order,
    a_decision,
    a_fill,
    a_measurement,
    a_result,
    a_ticket,
    an_alarm,
)

ATTACK = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
VOID = {"meta", "input", "br"}


def _series(size: int = 23_400) -> PriceSeries:
    bid = 15_000 * 10**6 + np.cumsum(np.random.default_rng(1).integers(-1, 2, size)) * 10**6
    return PriceSeries(ts=OPEN + np.arange(size) * NANOSECONDS, bid=bid, ask=bid + 2 * 10**6)


def _full_result() -> RunResult:
    slices = [
        a_closed_order(
            a_ticket(
                order_id=f"trend/s2#{n}",
                parent_id="trend/s2",
                signal_id="s2",
                slice_number=n,
                slice_count=2,
                route="twap",
            )
        )
        for n in (1, 2)
    ]
    return a_result(
        a_decision(flags=("SAMPLE_SIZE_UNKNOWN",), participation=10**6),
        a_decision(signal_id="s2", order_id="trend/s2", route="twap"),
        a_decision(
            signal_id="s3",
            outcome="REFUSED",
            reason="NO_EDGE",
            text="no",
            limit=None,
            stop=None,
            sizing={},
            kelly=None,
            market=None,
            side="",
            quantity=0,
            risk="",
        ),
        a_decision(signal_id="s4", outcome="HELD", reason="STALE_QUOTE"),
        a_decision(signal_id="s2", stage="SLICE", outcome="HELD", reason="NO_QUOTE"),
        *slices,
        a_closed_order(reason="late"),
        a_fill(),
        a_fill(fill_id="2", side="SELL"),
        a_measurement(),
        a_measurement(
            order_id="trend/s2#1",
            parent_id="trend/s2",
            route="twap",
            value=100_000_000 * 14_995_000_000,
        ),
        an_alarm(),
        prices={"IBM": _series()},
    )


class _Balance(HTMLParser):
    """Finds tags that were not closed, or closed by another."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def _parsed(page: str) -> _Balance:
    parser = _Balance()
    parser.feed(page)
    return parser


@pytest.mark.parametrize("result", [_full_result(), a_result(), a_result(an_alarm())])
def test_the_page_is_well_formed(result: RunResult) -> None:
    parsed = _parsed(render(result))

    assert parsed.open == []
    assert parsed.faults == []


def test_the_page_asks_nobody_for_anything() -> None:
    page = render(_full_result())

    assert not re.search(r"https?://|//[a-z]|@import|url\(|src=|href=", page)
    assert "default-src 'none'" in page
    assert "script" not in _parsed(page).seen


def test_words_of_others_cannot_become_code() -> None:
    named = {"strategy_name": ATTACK, "signal_id": ATTACK}
    result = a_result(
        a_decision(
            **named,
            text=ATTACK,
            reason=ATTACK,
            route=ATTACK,
            route_reason=ATTACK,
            bound=ATTACK,
            sizing={ATTACK: 1},
            risk=ATTACK,
            risk_reasons=(ATTACK,),
            flags=(ATTACK,),
            direction=ATTACK,
        ),
        a_closed_order(
            a_ticket(**named, order_id=ATTACK, parent_id=ATTACK, route=ATTACK),
            reason=ATTACK,
            status=ATTACK,
        ),
        a_measurement(order_id=ATTACK, route=ATTACK, strategy_name=ATTACK),
        a_fill(order_id=ATTACK),
        an_alarm(text=ATTACK, code=ATTACK, order_id=ATTACK),
        facts=replace(FACTS, title=ATTACK, notes=(ATTACK,), bad_rows={ATTACK: 1}),
        prices={"IBM": _series(100)},
    )

    page = render(result)

    assert "<script" not in page
    assert "<img" not in page
    assert {"script", "img"}.isdisjoint(_parsed(page).seen)
    assert "&lt;script&gt;" in page


def test_the_mode_and_what_is_modelled_stand_at_the_top() -> None:
    page = render(a_result(facts=replace(FACTS, mode="SIM", bad_rows={"q.csv: NaN": 2})))

    top = page[page.index("<main>") :][:1_500]
    assert ">SIM<" in top
    assert "modelled market, simulated fills" in top
    assert "The intraday path is modelled." in top
    assert "2 rows were skipped: q.csv: NaN" in top


def test_every_part_of_a_decision_is_told() -> None:
    page = render(_full_result())

    for told in (
        *("149.99", "150.01", "1.33 bps", "500 ms", "1,000,000"),  # the quote that was used
        *("POSITION_CAP set the size", "Kelly fraction 0.3250"),
        *("APPROVE", "no other row matched", "SAMPLE_SIZE_UNKNOWN"),
        *("147.00", "NO_EDGE", "STALE_QUOTE", "slice 1 of 2"),
    ):
        assert told in page, told


def test_cost_by_route_comes_with_n_and_interval() -> None:
    page = render(_full_result())

    assert "95 % interval" in page
    assert "orders on each of two routes to tell a difference of 1 bp" in page


def test_the_same_run_gives_the_same_page_whatever_it_took() -> None:
    slow = replace(_full_result(), facts=replace(FACTS, elapsed_s=99.0))

    assert render(slow) == render(_full_result())


def test_light_and_dark_are_both_provided() -> None:
    assert "prefers-color-scheme: dark" in render(a_result())


def test_a_run_in_which_nothing_happened_has_a_page() -> None:
    quiet = replace(a_result(an_alarm()), alerts=(), positions=())

    page = render(quiet)

    assert "Nothing is held at the end." in page
    assert "Where was it filled?" not in page


def _large_result() -> RunResult:
    items: list[object] = []
    for number in range(3_000):
        name, symbol = f"signal-{number}", f"S{number % 12}"
        ticket = a_ticket(order_id=f"trend/{name}", parent_id=f"trend/{name}", signal_id=name)
        ticket = replace(ticket, symbol=symbol)
        items += [
            a_decision(signal_id=name, order_id=ticket.order_id, symbol=symbol),
            a_closed_order(ticket),
            a_fill(order_id=ticket.order_id, fill_id=name, symbol=symbol),
            a_measurement(order_id=ticket.order_id, parent_id=ticket.order_id, symbol=symbol),
            an_alarm(),
        ]
    series = _series(100_000)
    return a_result(*items, prices={f"S{number}": series for number in range(12)})


def test_a_large_run_stays_below_two_megabytes_and_says_what_it_leaves_out() -> None:
    page = render(_large_result())

    assert len(page.encode()) < 2_000_000
    assert page.count("<details") == MOST_STORIES
    assert "2,800 more are in decisions.parquet" in page
    assert f"and {3_000 - MOST_ALERTS:,} more SLIPPAGE" in page
    assert "more fills are in fills.parquet" in page


def test_a_position_shows_its_protective_stop() -> None:
    page = render(a_result())

    assert "<th>stop</th>" in page
    assert "<td>147.01</td>" in page


def test_text_has_one_size_in_every_drawing() -> None:
    """A drawing that is scaled scales its text, so none is."""
    page = render(_full_result())

    drawings = re.findall(r"<svg ([^>]*)>", page)
    assert len(drawings) >= 3
    for drawing in drawings:
        size = re.search(r'width="(\d+)" height="(\d+)" viewBox="0 0 (\d+) (\d+)"', drawing)
        assert size is not None
        assert size.group(1, 2) == size.group(3, 4)
    style = page[page.index("<style>") : page.index("@media print")]
    assert re.findall(r"svg (?:text )?\{[^}]*width", style) == []
    assert len(set(re.findall(r"svg[^{]*\{[^}]*font-size: ([^;]+);", style))) == 1
