"""Words of strategies and brokers are words: no page takes them for anything else."""

import json
import sqlite3
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.visitor import Visitor

HOSTILE: Final = (
    "<script>window.hurt=1</script>",
    "<img src=x onerror=window.hurt=1>",
    '"><svg onload=window.hurt=1>',
    "javascript:window.hurt=1",
    "{{constructor.constructor('window.hurt=1')()}}",
    "</title><iframe srcdoc='<script>parent.hurt=1</script>'>",
    "' autofocus onfocus=window.hurt=1 x='",
)
TEXTS: Final = (
    ("orders", "reason"),
    ("orders", "route_reason"),
    ("orders", "strategy_name"),
    ("risk_decisions", "text"),
    ("risk_decisions", "strategy_name"),
    ("alerts", "text"),
    ("signals", "strategy_name"),
)


@pytest.fixture(scope="module")
def hostile(desk: Desk) -> str:
    """Let every text that others write be hostile; return an order that carries them."""
    orders = [desk.send("AAPL", 10 + number) for number in range(len(HOSTILE))]
    orders += [desk.send("AAPL", 10, metadata={"quantity": 10, "signal_price": "15"})]
    desk.wait_for_rows("orders", len(HOSTILE))
    with sqlite3.connect(desk.tables) as tables:
        for table, column in TEXTS:
            names = [row[0] for row in tables.execute(f"select rowid from {table}")]  # noqa: S608
            for place, name in enumerate(names):
                text = HOSTILE[place % len(HOSTILE)]
                tables.execute(
                    f"update {table} set {column} = ? where rowid = ?",  # noqa: S608
                    (text, name),
                )
    tables.close()
    return orders[0]


def is_unhurt(page: Page) -> bool:
    """Return whether nothing of what others wrote was run."""
    return bool(
        page.evaluate(
            "window.hurt === undefined && document.querySelectorAll('iframe, img[src=x]').length === 0"
        )
    )


@pytest.mark.security("S-25")
def test_what_others_wrote_is_shown_and_never_run(visitor: Visitor, hostile: str) -> None:
    visitor.open("Trades")
    expect(visitor.order(hostile)).to_contain_text(HOSTILE[0])

    hurt = []
    for name in ("Trades", "Quality", "Portfolio", "Risk", "System"):
        visitor.open(name)
        expect(visitor.page.get_by_role("heading", level=1)).to_have_count(1)
        visitor.settle()
        if not is_unhurt(visitor.page):
            hurt.append(name)

    assert hurt == []


@pytest.mark.security("S-25")
def test_a_signal_by_hand_with_hostile_words_is_a_signal_or_a_refusal(
    visitor: Visitor, desk: Desk
) -> None:
    visitor.open("Trades")
    for word in HOSTILE:
        message = {
            "v": 1,
            "symbol": "MSFT",
            "direction": "LONG",
            "strength": "0.95",
            "strategy_name": word,
            "metadata": {"quantity": 1, "note": word},
        }
        desk.try_to_ask({"do": "signal", "signal": json.dumps(message)})
    expect(visitor.order(desk.send("MSFT", 3))).to_contain_text("filled")

    assert is_unhurt(visitor.page)
