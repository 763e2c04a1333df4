"""A strategy is shown the market as it comes, and what it says is sent whole or not at all."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ConfigError, FillpathError
from fillpath.core.models import OrderSide, Signal
from fillpath.core.rows import Projected
from fillpath.data.bus.messages import outgoing
from fillpath.data.bus.notices import Notice
from fillpath.runner.frames import ShowBar, ShowQuote, ShowRecord
from fillpath.runner.process import StrategyStopped
from fillpath.strategy.declared import Needs
from fillpath.testing.builders import START, a_quote
from fillpath.testing.rows import a_fill_row, an_order_row
from tests.unit.runner.scene import MINUTE, Asked, Scene, a_bar, a_word
from tests.unit.service.account_room import in_virtual_time


def played(scene: Scene, *seconds: float, mid: int = 100) -> None:
    """Run a scene with a quote after each pause."""

    async def script() -> None:
        for pause in seconds:
            await asyncio.sleep(pause)
            scene.market.say(mid)
            await asyncio.sleep(0)

    run(scene, script)


def run(scene: Scene, script: Any) -> None:
    in_virtual_time(lambda: scene.play(script))


def failed(scene: Scene, *seconds: float) -> FillpathError:
    """Run a scene that fails, and return why."""
    with pytest.raises(ExceptionGroup) as caught:
        played(scene, *seconds)
    (error,) = caught.value.exceptions
    assert isinstance(error, FillpathError)
    return error


def messages(scene: Scene) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload, _ in scene.line.sent]


def on_quotes(*signals: Signal) -> Any:
    """Return what answers every quote."""

    def answer(asked: Asked) -> Sequence[Signal]:
        return signals if isinstance(asked, ShowQuote) else ()

    return answer


def test_a_quote_is_shown_and_what_is_said_about_it_is_sent() -> None:
    scene = Scene(on_quotes(a_word()))

    played(scene, 1, 1)

    assert [message["strategy_name"] for message in messages(scene)] == ["trend", "trend"]
    first, second = (message["signal_id"] for message in messages(scene))
    assert first.startswith("AAPL-20260302T143001")
    assert first != second
    assert scene.runner.counts.signals == 2
    assert scene.strategist.ended


def test_bars_are_made_of_quotes_and_shown_at_their_end() -> None:
    scene = Scene(ready={"quotes": False})

    played(scene, 5, 20, 30, 10)

    (shown,) = scene.strategist.of(ShowBar)
    assert (shown.bar.ts_end - shown.bar.ts).total_seconds() == 60
    assert scene.strategist.of(ShowQuote) == []
    assert scene.runner.counts.bars == 1


def test_a_bar_is_shown_though_no_quote_follows_it() -> None:
    scene = Scene()

    async def script() -> None:
        scene.market.say()
        await asyncio.sleep(61)

    run(scene, script)

    assert len(scene.strategist.of(ShowBar)) == 1


def test_a_bar_in_which_the_line_was_cut_is_not_shown() -> None:
    scene = Scene()

    async def script() -> None:
        scene.market.say()
        scene.runner.hear(Notice("FEED_LOST", "quotes stopped"))
        await asyncio.sleep(30)
        scene.runner.hear(Notice("FEED_BACK", "quotes come again"))
        scene.market.say()
        await asyncio.sleep(31)

    run(scene, script)

    assert scene.strategist.of(ShowBar) == []
    assert scene.told == ["quotes stopped", "quotes come again"]


def test_of_quotes_that_wait_the_newest_is_shown() -> None:
    scene = Scene()

    async def script() -> None:
        for mid in (100, 101, 102):
            scene.market.say(mid)
        scene.market.say(50, "MSFT")

    run(scene, script)

    (shown,) = scene.strategist.of(ShowQuote)
    assert shown.quote.mid_price == 102
    assert scene.runner.counts.passed_over == 2


def test_a_quote_that_is_read_again_after_a_cut_is_shown_once() -> None:
    scene = Scene(on_quotes(a_word()))

    async def script() -> None:
        scene.market.say()
        await asyncio.sleep(1)
        again = scene.market.last_quote("AAPL")
        assert again is not None
        scene.market.set_quote(again)
        await asyncio.sleep(1)

    run(scene, script)

    assert len(scene.line.sent) == 1


def test_a_quote_from_before_the_start_is_not_acted_on() -> None:
    scene = Scene(on_quotes(a_word()))

    async def script() -> None:
        scene.market.set_quote(a_quote(symbol="AAPL", ts=START - MINUTE))
        await asyncio.sleep(1)

    run(scene, script)

    assert scene.strategist.of(ShowQuote) == []


def test_history_teaches_and_what_is_said_about_it_is_sent_to_nobody() -> None:
    scene = Scene(lambda asked: (a_word(),) if isinstance(asked, ShowBar) else ())
    scene.history = [a_bar(-3), a_bar(-2)]

    played(scene)

    assert [shown.bar for shown in scene.strategist.of(ShowBar)] == scene.history
    assert [shown.known.now for shown in scene.strategist.of(ShowBar)] == [
        bar.ts_end for bar in scene.history
    ]
    assert scene.line.sent == []


def a_told_fill(side: str, quantity: int, price: int, **changes: Any) -> tuple[str, bytes]:
    fields: dict[str, Any] = {
        "fill_id": f"{side}-{price}",
        "side": OrderSide(side),
        "quantity": Decimal(quantity),
        "price": Decimal(price),
        "strategy_name": "trend",
    }
    message = outgoing(
        changes.pop("account", "SIM"), Projected(1, 0, a_fill_row(**fields | changes))
    )
    assert message is not None
    return message.channel, message.payload


def test_its_positions_and_its_record_are_those_of_its_own_fills() -> None:
    scene = Scene()
    order = outgoing(
        "SIM", Projected(1, 0, an_order_row(strategy_name="trend", quantity=Decimal(9)))
    )
    assert order is not None
    scene.line.tells = [
        a_told_fill("BUY", 5, 100),
        a_told_fill("BUY", 7, 100, strategy_name="gap", fill_id="other"),
        (order.channel, order.payload),
        ("execution:fills", b"{broken"),
    ]

    async def script() -> None:
        await asyncio.sleep(1)
        scene.market.say()
        await asyncio.sleep(0)
        scene.line.tell(*a_told_fill("SELL", 5, 110, fill_id="exit"))
        await asyncio.sleep(2)
        scene.market.say()

    run(scene, script)

    before, after = (shown.known for shown in scene.strategist.of(ShowQuote))
    assert (before.position("AAPL"), after.position("AAPL")) == (5, 0)
    assert before.at_work("AAPL") == 9
    assert [shown.record.trades for shown in scene.strategist.of(ShowRecord)] == [0, 1]
    assert scene.runner._account.unread == 1  # noqa: SLF001  # nobody else asks


def test_a_strategy_that_wants_no_record_is_told_none() -> None:
    scene = Scene(ready={"records": False})

    played(scene, 1)

    assert scene.strategist.of(ShowRecord) == []


def test_two_accounts_that_tell_of_one_strategy_are_not_mixed() -> None:
    scene = Scene()
    scene.line.tells = [a_told_fill("BUY", 5, 100)]

    async def script() -> None:
        scene.line.tell(*a_told_fill("BUY", 5, 100, account="OTHER", fill_id="2"))
        await asyncio.sleep(3)

    with pytest.raises(ExceptionGroup) as caught:
        run(scene, script)

    (error,) = caught.value.exceptions
    assert isinstance(error, ConfigError)
    assert "give --account" in str(error)


def test_of_several_accounts_the_named_one_counts() -> None:
    scene = Scene(account="OTHER")
    scene.line.tells = [
        a_told_fill("BUY", 5, 100),
        a_told_fill("BUY", 2, 100, account="OTHER", fill_id="2"),
    ]

    played(scene, 1)

    (shown,) = scene.strategist.of(ShowQuote)
    assert shown.known.position("AAPL") == 2


def test_signals_are_signed_where_there_is_a_key() -> None:
    scene = Scene(on_quotes(a_word()), key=lambda name: f"key of {name}".encode())

    played(scene, 1)

    ((payload, signature),) = scene.line.sent
    signed = hmac.new(b"key of trend", b"execution:signals\n" + payload, hashlib.sha256)
    assert signature == signed.hexdigest()


def test_a_server_that_is_away_gets_the_same_bytes_once_it_is_back() -> None:
    scene = Scene(on_quotes(a_word()))

    async def script() -> None:
        scene.line.away = True
        scene.market.say()
        await asyncio.sleep(3)
        scene.line.away = False
        await asyncio.sleep(3)

    run(scene, script)

    assert len(scene.line.sent) == 1
    assert len([told for told in scene.told if "waits to be sent" in told]) == 1


def test_a_signal_that_is_too_old_is_given_up_and_said_so() -> None:
    scene = Scene(on_quotes(a_word()))

    async def script() -> None:
        scene.line.away = True
        scene.market.say()
        await asyncio.sleep(40)
        scene.line.away = False
        await asyncio.sleep(1)

    run(scene, script)

    assert scene.line.sent == []
    assert scene.runner.counts.given_up == 1
    assert "was given up" in scene.told[-1]


def test_nothing_is_shown_until_the_engine_has_said_what_became_of_a_signal() -> None:
    scene = Scene(on_quotes(a_word()))
    scene.line.deaf = True

    async def script() -> None:
        for _ in range(5):
            scene.market.say()
            await asyncio.sleep(1)
        (payload, _), *_ = scene.line.sent
        told = json.loads(payload) | {"type": "signal", "account": "SIM"}
        scene.line.tell("execution:orders", json.dumps(told).encode())
        await asyncio.sleep(1)

    run(scene, script)

    assert len(scene.line.sent) == 2
    assert scene.runner.counts.passed_over == 3


def test_an_engine_that_says_nothing_is_waited_for_as_long_as_it_would_take_the_signal() -> None:
    scene = Scene(on_quotes(a_word()))
    scene.line.deaf = True

    async def script() -> None:
        scene.market.say()
        await asyncio.sleep(1)
        scene.market.say()
        await asyncio.sleep(40)

    run(scene, script)

    assert len(scene.line.sent) == 2
    assert "the engine has not said in time what became of AAPL-" in scene.told[0]


def test_an_end_waits_for_a_signal_that_is_being_sent_but_not_for_long() -> None:
    scene = Scene(on_quotes(a_word()))

    async def script() -> None:
        scene.line.away = True
        scene.market.say()
        await asyncio.sleep(0.5)

    seconds = in_virtual_time(lambda: scene.play(script))

    assert scene.runner.counts.given_up == 1
    assert seconds < 5


def test_the_start_waits_for_a_server_that_is_away() -> None:
    scene = Scene(on_quotes(a_word()))
    scene.line.away = True

    async def script() -> None:
        await asyncio.sleep(5)
        scene.line.away = False
        await asyncio.sleep(2)
        scene.market.say()

    run(scene, script)

    assert scene.told == ["Redis cannot be reached"]
    assert len(scene.line.sent) == 1


def test_a_stop_during_that_wait_is_a_stop() -> None:
    scene = Scene()
    scene.line.away = True

    played(scene)

    assert scene.strategist.ended


@pytest.mark.parametrize(
    "words",
    [
        (a_word(), a_word("MSFT")),
        (a_word(), a_word(strategy_name="gap")),
        (a_word(), a_word(metadata={"note": "x" * 200})),
    ],
)
def test_an_answer_of_which_one_word_is_wrong_is_not_sent_at_all(words: tuple[Signal]) -> None:
    scene = Scene(on_quotes(*words))

    error = failed(scene, 1)

    assert isinstance(error, StrategyStopped)
    assert "it said what it may not say" in str(error)
    assert scene.line.sent == []
    assert scene.strategist.ended


def test_symbols_that_a_strategy_does_not_take_are_refused() -> None:
    scene = Scene(ready={"needs": Needs(symbols=("SPY",))})

    assert "trades SPY alone, got --symbols AAPL" in str(failed(scene))


def test_a_dry_run_prints_and_sends_nothing() -> None:
    printed: list[str] = []
    scene = Scene(on_quotes(a_word()), dry_run=printed.append)

    played(scene, 1, 10)

    assert [json.loads(line)["symbol"] for line in printed] == ["AAPL", "AAPL"]
    assert (scene.line.sent, scene.line.beats) == ([], [])


def test_signs_of_life_say_what_happened() -> None:
    scene = Scene(on_quotes(a_word()))

    async def script() -> None:
        scene.market.say()
        await asyncio.sleep(6)
        scene.line.away = True
        await asyncio.sleep(10)

    run(scene, script)

    first, second = map(json.loads, scene.line.beats)
    assert (first["signals"], second["signals"]) == (0, 1)
    assert second["strategy_name"] == "trend"
    assert scene.refreshed > 1
