"""After a gap, or without live data, there is no quote."""

from decimal import Decimal

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.markets import TradingStatusSeen
from fillpath.ibkr.heard import DataKind
from fillpath.ibkr.states import Because, State
from fillpath.ibkr.ticking import ASK_SIZE, BID_SIZE
from tests.unit.data.ibkr.feed_scene import FIRST, NONE, quoted


class TestGaps:
    @pytest.mark.fault("F-48")
    async def test_a_lost_line_leaves_no_quote(self) -> None:
        scene = await quoted()
        scene.connection.go_down()
        await scene.settle()

        assert scene.sides() == NONE
        assert scene.status() == "UNKNOWN"
        assert scene.told.codes == ["FEED_LOST"]

    @pytest.mark.fault("F-54")
    async def test_a_restart_that_was_expected_is_told_to_nobody(self) -> None:
        scene = await quoted()
        scene.connection.go_down(state=State.EXPECTED_DOWN)
        await scene.settle()
        down = scene.sides()
        await scene.connection.come_up()

        assert down == NONE
        assert scene.told.codes == []

    async def test_a_gap_over_night_is_told_to_nobody(self) -> None:
        scene = await quoted()
        scene.engine.open = False
        scene.connection.say(2103)
        await scene.settle()

        assert scene.sides() == NONE
        assert scene.told.codes == []

    @pytest.mark.fault("F-48")
    async def test_a_new_line_subscribes_all_and_waits_for_fresh_values(self) -> None:
        scene = await quoted()
        scene.connection.go_down()
        await scene.connection.come_up()
        await scene.settle()
        empty = scene.sides()
        scene.connection.quote("AAPL", "151.00", "151.02")
        await scene.settle()

        assert empty == NONE
        assert scene.sides() == (Decimal("151.00"), Decimal("151.02"))
        assert len(scene.connection.written("stream")) == 2
        assert scene.told.codes == ["FEED_LOST", "FEED_BACK"]

    @pytest.mark.fault("F-48")
    async def test_lost_subscriptions_are_made_anew_and_the_old_ones_ended(self) -> None:
        scene = await quoted()
        scene.connection.say(1101)
        await scene.connection.come_up(Because.DATA_LOST)
        await scene.settle()

        assert scene.sides() == NONE
        assert scene.connection.written("stop_stream") == [1]
        assert scene.connection.streams == {"AAPL": 2}

    @pytest.mark.fault("F-48")
    async def test_kept_subscriptions_stay_and_count_from_their_next_value(self) -> None:
        scene = await quoted()
        scene.connection.say(1102)
        await scene.connection.come_up(Because.DATA_KEPT)
        await scene.settle()
        empty = scene.sides()
        scene.connection.quote("AAPL")
        await scene.settle()

        assert empty == NONE
        assert scene.sides() == FIRST
        assert scene.connection.streams == {"AAPL": 1}

    @pytest.mark.parametrize("code", [1100, 2103, 2105, 2110, 2157])
    async def test_no_quote_is_believed_while_a_farm_is_broken(self, code: int) -> None:
        scene = await quoted()
        scene.connection.say(code)
        await scene.settle()

        assert scene.sides() == NONE
        assert scene.status() == "UNKNOWN"
        assert scene.told.codes == ["FEED_GAP"]

    async def test_the_word_that_a_farm_is_back_brings_no_quote_back(self) -> None:
        scene = await quoted()
        scene.connection.say(2103)
        scene.connection.say(2104)
        await scene.settle()

        assert scene.sides() == NONE

    async def test_what_a_farm_left_without_a_quote_is_subscribed_anew(self) -> None:
        scene = await quoted()
        scene.feed.follow("MSFT")
        await scene.serve()
        scene.connection.say(2103)
        scene.connection.say(2104)
        scene.connection.quote("AAPL")
        scene.clock.advance(5)
        scene.feed.look()
        await scene.serve()

        assert scene.connection.streams == {"AAPL": 1, "MSFT": 3}
        assert scene.connection.written("stop_stream") == [2]

    async def test_a_price_that_stays_is_asked_for_after_a_gap(self) -> None:
        scene = await quoted()
        scene.connection.say(1102)
        scene.connection.tick("AAPL", BID_SIZE, size="100")
        scene.connection.tick("AAPL", ASK_SIZE, size="100")
        await scene.settle()
        by_sizes = scene.sides()
        scene.clock.advance(5)
        scene.feed.look()
        await scene.serve()

        assert by_sizes == NONE
        assert scene.connection.streams == {"AAPL": 2}

    async def test_a_line_that_breaks_while_subscribing_is_reported_to_the_connection(self) -> None:
        scene = await quoted()
        scene.connection.go_down()
        scene.connection.choked = True

        with pytest.raises(Unavailable):
            await scene.connection.come_up()

    async def test_a_dropped_symbol_is_not_looked_at_again(self) -> None:
        scene = await quoted(lines=1)
        scene.connection.say(2104)
        scene.engine.used = {"MSFT"}
        scene.feed.look()
        scene.clock.advance(5)
        scene.feed.look()

        assert scene.feed.followed == ("MSFT",)


class TestNoLiveData:
    @pytest.mark.fault("F-88")
    @pytest.mark.parametrize("code", [354, 10089, 10090, 10167, 10168])
    async def test_a_symbol_without_permission_has_no_quote(self, code: int) -> None:
        scene = await quoted()
        scene.connection.say(code, "AAPL", "Requested market data is not subscribed")
        scene.connection.quote("AAPL")
        await scene.settle()

        assert scene.sides() == NONE
        assert scene.status() == "UNKNOWN"
        assert scene.told.codes == ["FEED_REFUSED"]

    @pytest.mark.fault("F-88")
    async def test_delayed_data_is_told_and_never_shown(self) -> None:
        scene = await quoted()
        scene.connection.hear(DataKind(1, 3))
        scene.connection.quote("AAPL")
        await scene.settle()
        fact = scene.engine.facts[-1]

        assert scene.sides() == NONE
        assert isinstance(fact, TradingStatusSeen)
        assert fact.delayed
        assert scene.told.codes == ["FEED_DELAYED"]

    async def test_live_data_said_to_be_live_changes_nothing(self) -> None:
        scene = await quoted()
        scene.connection.hear(DataKind(1, 1))
        await scene.settle()

        assert scene.sides() == FIRST

    @pytest.mark.parametrize("about", ["AAPL", -1])
    async def test_a_competing_login_is_told_and_tried_again(self, about: str | int) -> None:
        scene = await quoted()
        scene.connection.say(10197, about, "No market data during competing live session")
        await scene.settle()
        empty = scene.sides()
        scene.engine.open = False
        scene.clock.advance(60)
        scene.feed.look()
        await scene.serve()
        scene.connection.quote("AAPL")
        await scene.settle()

        assert scene.told.codes == ["FEED_COMPETING"]
        assert empty == NONE
        assert scene.sides() == FIRST

    async def test_a_message_about_something_else_changes_nothing(self) -> None:
        scene = await quoted()
        scene.connection.say(2107)
        scene.connection.say(399, "AAPL")
        await scene.settle()

        assert scene.sides() == FIRST
        assert scene.told.codes == []
