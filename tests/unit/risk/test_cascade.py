"""The cascade: every check at its boundary, and what becomes of the order."""

from typing import Any

import pytest

from fillpath.risk.asking import Ask
from fillpath.risk.cascade import ROWS, At, Cascade, Row
from fillpath.risk.checks.inputs import check_input
from fillpath.risk.controls import CONTROLS
from fillpath.risk.limits import Autonomy, AutonomyLimits, Instruments, RiskLimits
from fillpath.risk.verdicts import Objection
from tests.unit.risk.builders import DEFAULTS, an_exit, an_order, judge, judged

PASSED: tuple[str, int, list[str]] = ("APPROVE", 30, [])
STRICT = RiskLimits(
    restricted="XYZ",
    instruments=Instruments(rows=(("AAPL", "265598", "liquid", "USD", "NASDAQ"),)),
    autonomy=AutonomyLimits(mode=Autonomy.PAPER_ONLY),
    real_money=True,
)


def only_objection(order: Ask, limits: RiskLimits = DEFAULTS) -> Objection:
    (objection,) = judge(order, limits).objections
    return objection


@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.control("C-44", "passes")
@pytest.mark.control("C-36", "passes")
@pytest.mark.control("C-17", "passes")
@pytest.mark.control("C-19", "passes")
def test_an_entry_within_every_limit_is_approved_whole(side: str) -> None:
    assert judged(an_order(side)) == PASSED


@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.control("C-28", "passes")
def test_an_exit_of_what_is_held_is_approved_whole(side: str) -> None:
    assert judged(an_exit(side)) == PASSED


def test_what_stops_everything_and_what_is_broken_come_first() -> None:
    assert [row.code for row in ROWS[:2]] == ["KILL_SWITCH", "INPUT"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_every_row_gives_a_reason_of_its_control(row: Row) -> None:
    assert row.code in CONTROLS[row.control].codes


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.check.__name__)
@pytest.mark.parametrize("limits", [DEFAULTS, STRICT], ids=["defaults", "strict"])
def test_what_switches_a_check_off_is_said_in_words(row: Row, limits: RiskLimits) -> None:
    assert isinstance(row.off(limits), str)


def test_a_check_of_exits_alone_is_not_asked_about_entries() -> None:
    (row,) = (row for row in ROWS if row.check is check_input)
    cascade = Cascade(DEFAULTS, [row._replace(at=At.EXIT)])

    assert cascade.exit.checks == cascade.told_exit.checks == (check_input,)
    assert cascade.whole.checks == cascade.told.checks == ()


class TestKillSwitch:
    @pytest.mark.parametrize("order", [an_order(killed=True), an_exit(killed=True)])
    @pytest.mark.control("C-44", "refuses")
    def test_nothing_passes_not_even_an_exit(self, order: Ask) -> None:
        assert judged(order) == ("REJECT", 0, ["KILL_SWITCH"])
        assert only_objection(order) == Objection(
            "KILL_SWITCH", "the kill switch is set, no order leaves", 0, 30_000_000, 0
        )

    def test_the_other_objections_are_told_too(self) -> None:
        assert judged(an_order(killed=True, price="4")) == (
            "REJECT",
            0,
            ["KILL_SWITCH", "PRICE_FLOOR"],
        )


class TestInput:
    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            pytest.param(
                {"price": "0", "worst_price": "1"}, "price must be above 0, got 0", id="p"
            ),
            pytest.param(
                {"price": "-1", "worst_price": "1"}, "price must be above 0, got -1", id="n"
            ),
            pytest.param({"worst_price": "0"}, "worst_price must be above 0, got 0", id="worst"),
            pytest.param({"quantity": "0"}, "quantity must be above 0, got 0", id="quantity"),
            pytest.param({"quantity": "-30"}, "quantity must be above 0, got -30", id="negative"),
            pytest.param({"lot": "0"}, "lot must be above 0, got 0", id="lot"),
            pytest.param({"working_buy": "-1"}, "working_buy must be 0 or more, got -1", id="buy"),
            pytest.param(
                {"working_sell": "-1"}, "working_sell must be 0 or more, got -1", id="sell"
            ),
        ],
    )
    @pytest.mark.parametrize("build", [an_order, an_exit])
    @pytest.mark.control("C-36", "refuses")
    def test_a_broken_number_rejects_entries_and_exits_alike(
        self, build: Any, changes: dict[str, str], text: str
    ) -> None:
        order = build(**changes)

        assert judged(order) == ("REJECT", 0, ["INPUT"])
        assert only_objection(order).text == text

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            pytest.param({"equity": "0"}, "equity must be above 0, got 0", id="none"),
            pytest.param({"equity": "-1"}, "equity must be above 0, got -1", id="negative"),
            pytest.param({"reserved": "-1"}, "reserved must be 0 or more, got -1", id="reserved"),
        ],
    )
    def test_money_must_make_sense_for_entries_only(
        self, changes: dict[str, str], text: str
    ) -> None:
        order = an_order(**changes)

        assert judged(order) == ("REJECT", 0, ["INPUT"])
        assert only_objection(order).text == text
        assert judged(an_exit(**changes)) == PASSED

    def test_every_broken_number_is_named(self) -> None:
        order = an_order(quantity="0", equity="0")

        assert only_objection(order).text == (
            "quantity must be above 0, got 0; equity must be above 0, got 0"
        )


class TestPriceFloor:
    @pytest.mark.control("C-07", "passes")
    def test_the_floor_itself_is_allowed(self) -> None:
        assert judged(an_order(price="5")) == PASSED

    @pytest.mark.control("C-07", "refuses")
    def test_below_it_an_entry_is_refused_with_the_numbers(self) -> None:
        order = an_order(price="4.99")

        assert judged(order) == ("REJECT", 0, ["PRICE_FLOOR"])
        assert only_objection(order) == Objection(
            "PRICE_FLOOR",
            "AAPL at 4.99 is below the price floor 5",
            500_000_000,
            499_000_000,
            0,
        )

    @pytest.mark.control("C-07", "passes")
    def test_below_it_an_exit_passes(self) -> None:
        assert judged(an_exit(price="4.99")) == PASSED


class TestMaxPositions:
    FULL = RiskLimits(max_positions=3)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({"open_symbols": 2}, PASSED, id="room for one"),
            pytest.param({"open_symbols": 3}, ("REJECT", 0, ["MAX_POSITIONS"]), id="full"),
            pytest.param({"open_symbols": 4}, ("REJECT", 0, ["MAX_POSITIONS"]), id="over-full"),
            pytest.param({"open_symbols": 4, "symbol_is_open": True}, PASSED, id="an open one"),
            pytest.param(
                {"open_symbols": 3, "reduces": True, "account_held": "30"}, PASSED, id="x"
            ),
        ],
    )
    @pytest.mark.control("C-17", "refuses")
    @pytest.mark.control("C-17", "passes")
    def test_entries_in_a_new_symbol_need_a_free_place(
        self, changes: dict[str, Any], expected: Any
    ) -> None:
        assert judged(an_order("SELL", **changes), self.FULL) == expected

    def test_the_numbers_are_told(self) -> None:
        assert only_objection(an_order(open_symbols=3), self.FULL) == Objection(
            "MAX_POSITIONS",
            "3 symbols are held or worked, AAPL would be one more than the 3 allowed",
            3,
            4,
            0,
        )


class TestPositionCap:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({"quantity": "50", "price": "100"}, ("APPROVE", 50, []), id="exactly"),
            pytest.param({"quantity": "34"}, ("REDUCE_SIZE", 33, ["POSITION_CAP"]), id="one over"),
            pytest.param(
                {"account_held": "20"}, ("REDUCE_SIZE", 13, ["POSITION_CAP"]), id="held counts"
            ),
            pytest.param(
                {"working_buy": "20"}, ("REDUCE_SIZE", 13, ["POSITION_CAP"]), id="working counts"
            ),
            pytest.param({"working_sell": "20"}, PASSED, id="the other side gives no room"),
            pytest.param(
                {"account_held": "-20", "quantity": "40"}, ("APPROVE", 40, []), id="a short does"
            ),
            pytest.param({"account_held": "33"}, ("REJECT", 0, ["POSITION_CAP"]), id="full"),
            pytest.param({"account_held": "90"}, ("REJECT", 0, ["POSITION_CAP"]), id="over-full"),
            pytest.param(
                {"quantity": "34", "lot": "10"}, ("REDUCE_SIZE", 30, ["POSITION_CAP"]), id="lots"
            ),
            pytest.param(
                {"quantity": "34", "lot": "100"}, ("REJECT", 0, ["POSITION_CAP"]), id="no lot"
            ),
        ],
    )
    @pytest.mark.control("C-17", "refuses")
    @pytest.mark.control("C-17", "passes")
    def test_a_symbol_never_passes_its_share_of_equity(
        self, changes: dict[str, str], expected: Any
    ) -> None:
        assert judged(an_order("BUY", **changes)) == expected

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({"quantity": "34"}, ("REDUCE_SIZE", 33, ["POSITION_CAP"]), id="one over"),
            pytest.param(
                {"account_held": "-20"}, ("REDUCE_SIZE", 13, ["POSITION_CAP"]), id="short"
            ),
            pytest.param({"working_sell": "20"}, ("REDUCE_SIZE", 13, ["POSITION_CAP"]), id="works"),
            pytest.param({"working_buy": "20"}, PASSED, id="the other side gives no room"),
        ],
    )
    @pytest.mark.control("C-17", "refuses")
    def test_shorts_are_capped_alike(self, changes: dict[str, str], expected: Any) -> None:
        assert judged(an_order("SELL", **changes)) == expected

    def test_the_numbers_are_told(self) -> None:
        assert only_objection(an_order(quantity="40")) == Objection(
            "POSITION_CAP",
            "AAPL would be worth 6000, the cap of 5 % of equity is 5000",
            5_000 * 10**14,
            6_000 * 10**14,
            33_333_333,
        )


class TestCash:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({"cash": "14500"}, PASSED, id="exactly"),
            pytest.param({"cash": "14499.99"}, ("REDUCE_SIZE", 29, ["CASH"]), id="a cent short"),
            pytest.param({"reserved": "35501"}, ("REDUCE_SIZE", 29, ["CASH"]), id="reserved"),
            pytest.param(
                {"cash": "14500", "worst_price": "151"}, ("REDUCE_SIZE", 29, ["CASH"]), id="worst"
            ),
            pytest.param({"cash": "10000"}, ("REJECT", 0, ["CASH"]), id="only the reserve"),
            pytest.param({"cash": "-5"}, ("REJECT", 0, ["CASH"]), id="none"),
        ],
    )
    @pytest.mark.control("C-19", "refuses")
    @pytest.mark.control("C-19", "passes")
    def test_a_buy_leaves_the_reserve_untouched_at_its_worst_price(
        self, changes: dict[str, str], expected: Any
    ) -> None:
        assert judged(an_order("BUY", **changes)) == expected

    @pytest.mark.parametrize("order", [an_order("SELL", cash="0"), an_exit("BUY", cash="0")])
    @pytest.mark.control("C-19", "passes")
    def test_short_sales_and_exits_need_no_cash(self, order: Ask) -> None:
        assert judged(order) == PASSED

    def test_the_numbers_are_told(self) -> None:
        order = an_order(cash="13000", worst_price="150.5")

        assert only_objection(order) == Objection(
            "CASH",
            "4515 is needed at worst, 3000 is free after reserved cash and 10 % of equity",
            3_000 * 10**14,
            4_515 * 10**14,
            19_933_554,
        )


class TestAccidentalPositions:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({"account_held": "31"}, PASSED, id="less than is held"),
            pytest.param(
                {"account_held": "29"}, ("REDUCE_SIZE", 29, ["ACCIDENTAL_SHORT"]), id="cut"
            ),
            pytest.param(
                {"working_sell": "10"}, ("REDUCE_SIZE", 20, ["ACCIDENTAL_SHORT"]), id="working"
            ),
            pytest.param(
                {"working_sell": "30"}, ("REJECT", 0, ["ACCIDENTAL_SHORT"]), id="all working"
            ),
            pytest.param({"account_held": "-5"}, ("REJECT", 0, ["ACCIDENTAL_SHORT"]), id="short"),
            pytest.param({"working_buy": "10"}, PASSED, id="buys do not count"),
        ],
    )
    @pytest.mark.control("C-28", "refuses")
    @pytest.mark.control("C-28", "passes")
    def test_an_exit_never_sells_more_than_is_held(
        self, changes: dict[str, str], expected: Any
    ) -> None:
        assert judged(an_exit("SELL", **changes)) == expected

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({"account_held": "-31"}, PASSED, id="less than is short"),
            pytest.param(
                {"account_held": "-29"}, ("REDUCE_SIZE", 29, ["ACCIDENTAL_LONG"]), id="cut"
            ),
            pytest.param(
                {"working_buy": "10"}, ("REDUCE_SIZE", 20, ["ACCIDENTAL_LONG"]), id="working"
            ),
            pytest.param({"account_held": "5"}, ("REJECT", 0, ["ACCIDENTAL_LONG"]), id="long"),
            pytest.param({"working_sell": "10"}, PASSED, id="sells do not count"),
        ],
    )
    @pytest.mark.control("C-28", "refuses")
    @pytest.mark.control("C-28", "passes")
    def test_an_exit_never_buys_back_more_than_is_short(
        self, changes: dict[str, str], expected: Any
    ) -> None:
        assert judged(an_exit("BUY", **changes)) == expected

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({}, ("REJECT", 0, ["ACCIDENTAL_SHORT"]), id="nothing held"),
            pytest.param(
                {"account_held": "20"}, ("REJECT", 0, ["ACCIDENTAL_SHORT"]), id="refused whole"
            ),
            pytest.param({"account_held": "30"}, PASSED, id="no short comes of it"),
        ],
    )
    @pytest.mark.control("C-28", "refuses")
    def test_where_shorts_are_not_allowed_none_is_opened(
        self, changes: dict[str, str], expected: Any
    ) -> None:
        assert judged(an_order("SELL", **changes), RiskLimits(allow_short=False)) == expected

    @pytest.mark.control("C-28", "passes")
    def test_buys_need_no_leave_to_short(self) -> None:
        assert judged(an_order("BUY"), RiskLimits(allow_short=False)) == PASSED

    def test_the_numbers_are_told(self) -> None:
        assert only_objection(an_exit("SELL", account_held="25", working_sell="5")) == Objection(
            "ACCIDENTAL_SHORT",
            "30 AAPL would be sold with 25 held and 5 being sold already",
            20_000_000,
            30_000_000,
            20_000_000,
        )


class TestSeveralObjections:
    def test_the_smallest_allowed_size_wins_and_all_are_told(self) -> None:
        order = an_order(quantity="40", cash="12000")

        assert judged(order) == ("REDUCE_SIZE", 13, ["POSITION_CAP", "CASH"])

    def test_one_refusal_outweighs_every_reduction(self) -> None:
        order = an_order(quantity="40", open_symbols=20)

        assert judged(order) == ("REJECT", 0, ["MAX_POSITIONS", "POSITION_CAP"])

    @pytest.mark.parametrize(
        "order",
        [
            pytest.param(an_order(killed=True), id="killed"),
            pytest.param(an_order(price="0"), id="broken"),
            pytest.param(an_order(price="4"), id="cheap"),
            pytest.param(an_order(open_symbols=20), id="one symbol more"),
            pytest.param(an_order(account_held="90"), id="over the cap"),
            pytest.param(an_order(cash="-5"), id="no cash"),
            pytest.param(an_exit("SELL", account_held="-5"), id="nothing to sell"),
            pytest.param(an_exit("BUY", account_held="5"), id="nothing to buy back"),
        ],
    )
    def test_a_hopeless_order_is_told_that_no_size_would_pass(self, order: Ask) -> None:
        assert only_objection(order).allowed == 0

    def test_broken_input_ends_the_cascade(self) -> None:
        assert judged(an_order(price="0", open_symbols=99)) == ("REJECT", 0, ["INPUT"])
