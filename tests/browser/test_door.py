"""The door: nobody is let in without a password of their own."""

from playwright.sync_api import Browser, expect

from tests.browser.desk import Desk
from tests.browser.visitor import Visitor


def test_the_first_password_is_replaced_before_anything_is_shown(
    browser: Browser, desk: Desk
) -> None:
    with browser.new_context(base_url=desk.address) as context:
        visitor = Visitor(context.new_page())

        visitor.come_first(desk.door)

        expect(visitor.header).to_contain_text("REPLAY")
