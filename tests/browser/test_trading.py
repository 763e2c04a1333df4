"""What a person does at the desk, in a real browser, with a real engine behind it."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.visitor import Visitor

ACCOUNT = "DEMO"
STOP = re.compile(r"#p\d+$")
"""Stops stand under the order that they protect."""


def test_an_order_appears_and_fills_while_somebody_looks(visitor: Visitor, desk: Desk) -> None:
    visitor.open("Trades")
    expect(visitor.header).to_contain_text("live")

    order = desk.send("AAPL", 120)

    line = visitor.order(order)
    expect(line).to_contain_text("AAPL")
    expect(line).to_contain_text("filled")
    expect(line).to_contain_text("120")


def test_a_resting_order_is_shown_as_one_that_works(visitor: Visitor, desk: Desk) -> None:
    visitor.open("Trades")

    order = desk.send("MSFT", 50, strength="0.5")

    expect(visitor.order(order)).to_contain_text("submitted")


def test_an_order_is_approved_only_after_its_findings_were_seen(
    visitor: Visitor, desk: Desk
) -> None:
    visitor.open("Trades")
    order = desk.send("AAPL", 260)
    waiting = visitor.approval("BUY 260 AAPL")
    expect(waiting.get_by_role("list", name="Findings")).to_contain_text("a person is asked")

    waiting.get_by_role("button", name="Approve").click()
    send = waiting.get_by_role("button", name="Send the order")
    expect(send).to_be_disabled()
    waiting.get_by_label("Type BUY 260 AAPL").fill("BUY 260 AAPL")
    send.click()

    expect(visitor.order(order)).to_contain_text("filled")
    expect(waiting).to_have_count(0)


def test_a_rejected_order_is_never_sent_and_the_reason_is_kept(
    visitor: Visitor, desk: Desk
) -> None:
    visitor.open("Trades")
    order = desk.send("IBM", 175)
    waiting = visitor.approval("BUY 175 IBM")

    waiting.get_by_role("button", name="Reject").click()
    waiting.get_by_label("Why").fill("too much for today")
    waiting.get_by_role("button", name="Reject it").click()

    expect(waiting).to_have_count(0)
    expect(visitor.order(order)).to_have_count(0)
    assert desk.ask({"do": "approvals"})["approvals"] == []


def test_a_kill_takes_the_typed_word_and_so_does_its_end(visitor: Visitor, desk: Desk) -> None:
    visitor.open("Risk")

    visitor.kill("a test of the switch")

    expect(visitor.header).to_contain_text("KILLED")
    expect(visitor.page.get_by_role("alert").first).to_contain_text("a test of the switch")
    refused = desk.send("AAPL", 10)

    visitor.resume(ACCOUNT)

    expect(visitor.header).to_contain_text("TRADING")
    visitor.open("Trades")
    expect(visitor.order(refused)).to_have_count(0)
    expect(visitor.order(desk.send("AAPL", 10))).to_contain_text("filled")


def test_another_word_kills_nothing(visitor: Visitor) -> None:
    visitor.open("Trades")
    visitor.page.get_by_role("button", name="KILL", exact=True).click()
    dialog = visitor.page.get_by_role("dialog", name="Stop trading")

    dialog.get_by_label("Type KILL").fill("kill")

    expect(dialog.get_by_role("button", name="Stop it")).to_be_disabled()


def test_what_happened_while_the_desk_was_away_is_there_when_it_is_back(
    visitor: Visitor, desk: Desk
) -> None:
    visitor.open("Trades")
    before = desk.send("AAPL", 30)
    expect(visitor.order(before)).to_contain_text("filled")

    desk.shut()
    banner = visitor.page.get_by_role("alert").filter(has_text="Disconnected")
    expect(banner).to_contain_text("this page has heard nothing")
    meanwhile = [desk.send("AAPL", 31), desk.send("MSFT", 32)]
    desk.open()

    expect(banner).to_have_count(0)
    for order in (before, *meanwhile):
        expect(visitor.order(order)).to_contain_text("filled")


def test_the_file_holds_what_the_table_shows(visitor: Visitor, desk: Desk, tmp_path: Path) -> None:
    visitor.open("Trades")
    for quantity in (41, 42, 43):
        expect(visitor.order(desk.send("MSFT", quantity))).to_contain_text("filled")
    visitor.page.get_by_label("Symbol").fill("MSFT")
    link = visitor.page.get_by_role("link", name="CSV")
    expect(link).to_have_attribute("href", re.compile("symbol=MSFT"))

    with visitor.page.expect_download() as coming:
        link.click()
    coming.value.save_as(tmp_path / "orders.csv")

    with (tmp_path / "orders.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sent = {row["order_id"]: row for row in rows if not STOP.search(row["order_id"])}
    lines = visitor.page.locator("[data-order]")
    expect(lines).to_have_count(len(sent))
    for name, row in sent.items():
        for told in (row["side"], row["quantity"], row["status"].lower()):
            expect(visitor.order(name)).to_contain_text(told)
    assert {row["symbol"] for row in rows} == {"MSFT"}
    assert {"41", "42", "43"} <= {row["quantity"] for row in rows}


@pytest.mark.browsing(viewport={"width": 1280, "height": 800})
def test_the_desk_is_worked_with_the_keyboard_alone(visitor: Visitor, desk: Desk) -> None:
    visitor.open("Trades")
    other, order = desk.send("AAPL", 51), desk.send("MSFT", 52)
    expect(visitor.order(order)).to_contain_text("filled")
    page = visitor.page

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(visitor.tab("Trades")).to_be_focused()  # where it was before, and not a moment later
    page.keyboard.press("/")
    expect(page.get_by_label("Find")).to_be_focused()
    page.keyboard.type("MSFT")
    page.keyboard.press("Escape")
    expect(visitor.order(other)).to_have_count(0)
    expect(visitor.order(order)).to_be_visible()
    page.keyboard.press("j")
    chosen = page.locator("[data-order][aria-selected=true]")
    expect(chosen).to_have_count(1)
    expect(page).to_have_url(re.compile("line="))
    page.reload()
    expect(chosen).to_have_count(1)
    expect(visitor.order(other)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/order"))
    page.keyboard.press("g")
    page.keyboard.press("q")

    expect(page.get_by_role("heading", name="Execution quality", level=1)).to_be_visible()


def test_an_order_tells_its_price_its_reasons_and_its_story(visitor: Visitor, desk: Desk) -> None:
    visitor.open("Trades")
    order = desk.send("MSFT", 61)
    visitor.order(order).click()

    page = visitor.page
    expect(page.get_by_role("heading", name="BUY 61 MSFT", level=1)).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    expect(visitor.frame("Why")).to_contain_text("urgent")
    expect(visitor.frame("What happened")).to_contain_text(re.compile("fill", re.IGNORECASE))


def test_a_resting_order_is_cancelled_by_the_person_who_opens_it(
    visitor: Visitor, desk: Desk
) -> None:
    visitor.open("Trades")
    order = desk.send("IBM", 9, strength="0.5")
    expect(visitor.order(order)).to_contain_text("submitted")
    visitor.order(order).click()

    visitor.page.get_by_role("button", name="Cancel").click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^Why")).fill("no longer wanted")
    dialog.get_by_label("Type CANCEL").fill("CANCEL")
    dialog.get_by_role("button", name="Cancel the order").click()
    expect(dialog).to_have_count(0)  # what is cancelled cannot be cancelled again

    visitor.open("Trades")
    expect(visitor.order(order)).to_contain_text("cancelled")
