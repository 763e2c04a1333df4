"""The probe on a fake paper account: it confirms, refutes, cleans up, and never touches a live one."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from fillpath import cli
from fillpath.app_probe import Report, Request, probe, write_report
from fillpath.core.errors import BrokerRefused, ConfigError, Unavailable
from fillpath.ibkr.probing import CHECKS, Verdict
from fillpath.service.control import ControlServer
from fillpath.settings import Settings, load_settings
from fillpath.testing.gateway import Gateway, Setup
from fillpath.testing.gateway.faults import Fault, Ignore, Mute, Refuse, Rewrite
from tests.integration.ibkr.bars import with_history
from tests.integration.ibkr.gateway_settings import ACCOUNT, settings_for

REFUSED = {"tick", "fraction"}


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """Yield a gateway with a market in one share."""
    async with Gateway() as open_gateway:
        open_gateway.quote("AAPL", "189.50", "189.60")
        yield open_gateway


class Asked:
    """A user who says what they are told to say."""

    def __init__(self, *, says: bool = True) -> None:
        self.plan = ""
        self.told: list[str] = []
        self._says = says

    def confirm(self, plan: str) -> bool:
        self.plan = plan
        return self._says


async def probed(
    settings: Settings, user: Asked | None = None, *, is_open: bool = True, only: str = ""
) -> Report | None:
    """Return what the probe reports."""
    user = user or Asked()
    wanted = only.split(",") if only else [check.name for check in CHECKS]
    return await probe(
        Request(
            settings=settings,
            symbol="AAPL",
            confirm=user.confirm,
            say=user.told.append,
            checks=tuple(check for check in CHECKS if check.name in wanted),
            is_open=lambda _: is_open,
        )
    )


def verdicts(report: Report | None) -> dict[str, Verdict]:
    """Return the verdict of each check."""
    assert report is not None
    return {one.name: one.verdict for one in report.results}


def working(gateway: Gateway) -> list[str]:
    """Return the references of the orders that work at the gateway, held ones too."""
    return [order.ref for order in gateway.orders if order.is_open or order.is_held]


async def test_on_an_account_as_it_is_believed_to_be_everything_is_confirmed(
    gateway: Gateway, tmp_path: Path
) -> None:
    user = Asked()

    report = await probed(settings_for(gateway, tmp_path), user)

    assert report is not None
    assert [one for one in report.results if one.verdict is not Verdict.CONFIRMED] == []
    assert list(verdicts(report)) == [check.name for check in CHECKS]
    assert len(user.told) == len(CHECKS)
    assert (report.left, report.account) == ((), "******567")


async def test_a_question_that_becomes_an_order_is_refuted_and_cancelled(
    gateway: Gateway, tmp_path: Path
) -> None:
    gateway.book.trades_questions = True

    report = await probed(settings_for(gateway, tmp_path), only="what-if")

    assert verdicts(report) == {"what-if": Verdict.REFUTED}
    assert working(gateway) == []


async def test_a_question_without_an_answer_shows_nothing(gateway: Gateway, tmp_path: Path) -> None:
    gateway.misbehave(Refuse("placeOrder", number=321, text="read-only"))

    report = await probed(settings_for(gateway, tmp_path), only="what-if")

    assert verdicts(report) == {"what-if": Verdict.UNKNOWN}


async def test_whatever_it_looked_at_nothing_is_left_behind(
    gateway: Gateway, tmp_path: Path
) -> None:
    await probed(settings_for(gateway, tmp_path))

    shares = [held.shares for held in gateway.accounts[ACCOUNT].holdings.values()]
    assert working(gateway) == []
    assert set(shares) <= {Decimal(0)}


async def test_it_orders_single_shares_and_buys_one(gateway: Gateway, tmp_path: Path) -> None:
    user = Asked()

    await probed(settings_for(gateway, tmp_path), user)

    assert {order.placed.quantity for order in gateway.orders} <= {Decimal(1), Decimal("0.5")}
    assert sum(order.filled for order in gateway.orders) == 2
    assert "one share is bought near the market and sold again" in user.plan
    assert "1234567" not in user.plan


async def test_while_the_exchange_is_closed_nothing_is_bought(
    gateway: Gateway, tmp_path: Path
) -> None:
    report = await probed(settings_for(gateway, tmp_path), is_open=False)

    unknown = {name for name, said in verdicts(report).items() if said is Verdict.UNKNOWN}
    assert unknown >= {check.name for check in CHECKS if check.trades}
    assert sum(order.filled for order in gateway.orders) == 0


async def test_who_does_not_say_yes_has_sent_nothing(gateway: Gateway, tmp_path: Path) -> None:
    report = await probed(settings_for(gateway, tmp_path), Asked(says=False))

    assert report is None
    assert gateway.log.count("placeOrder") == 0


async def test_settings_for_real_money_are_refused_before_anything_is_asked(
    gateway: Gateway, tmp_path: Path
) -> None:
    live = settings_for(
        gateway, tmp_path, BROKER__PAPER_TRADING="false", BROKER__IBKR__ACCOUNT_ID="U7654321"
    )

    with pytest.raises(ConfigError, match="never touches real money"):
        await probed(live)

    assert gateway.log.received == []


@pytest.mark.parametrize("accounts", [("U7654321",), (ACCOUNT, "U7654321")], ids=["only", "beside"])
async def test_a_login_that_shows_a_live_account_is_refused(
    tmp_path: Path, accounts: tuple[str, ...]
) -> None:
    async with Gateway(Setup(accounts=accounts)) as live:
        settings = settings_for(live, tmp_path, BROKER__IBKR__ACCOUNT_ID="")

        with pytest.raises(BrokerRefused):
            await probed(settings)

        assert live.log.count("placeOrder") == 0


async def test_an_account_whose_engine_runs_is_left_alone(gateway: Gateway, tmp_path: Path) -> None:
    async def status(_: object) -> dict[str, str]:
        return {"status": "{}"}

    settings = settings_for(gateway, tmp_path)
    (tmp_path / ACCOUNT).mkdir()
    server = ControlServer(tmp_path / ACCOUNT, {"status": status}, {}, "")
    await server.start()
    try:
        with pytest.raises(ConfigError, match="stop the engine"):
            await probed(settings)
    finally:
        await server.close()


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (Rewrite("openOrder", times=0, fields={23: "another"}), "identity"),
        (Refuse("placeOrder", number=201, text="no"), "identity"),
        (Mute("placeOrder"), "identity"),
        (Ignore("placeOrder", skip=1), "change"),
        (Ignore("reqCompletedOrders"), "completed orders"),
        (Ignore("reqAllOpenOrders"), "untransmitted"),
        (Ignore("reqExecutions"), "executions"),
    ],
    ids=["no reference", "refused", "muted", "no change", "no answer", "silent", "no executions"],
)
async def test_what_is_not_seen_is_never_called_confirmed(
    gateway: Gateway, tmp_path: Path, fault: Fault, name: str
) -> None:
    gateway.misbehave(fault)

    report = await probed(
        settings_for(gateway, tmp_path, BROKER__IBKR__ANSWER_SECONDS="1"), only=name
    )

    assert verdicts(report) == {name: verdicts(report)[name]}
    assert verdicts(report)[name] is not Verdict.CONFIRMED


async def test_a_refusal_with_another_number_refutes(gateway: Gateway, tmp_path: Path) -> None:
    gateway.misbehave(Refuse("placeOrder", times=0, number=201, text="other words"))

    report = await probed(settings_for(gateway, tmp_path), only="tick,fraction")

    assert set(verdicts(report).values()) == {Verdict.REFUTED}
    assert verdicts(report).keys() == REFUSED


async def test_an_order_whose_end_is_not_told_is_named_as_left(
    gateway: Gateway, tmp_path: Path
) -> None:
    gateway.misbehave(Ignore("cancelOrder", times=0))
    settings = settings_for(gateway, tmp_path, BROKER__IBKR__ANSWER_SECONDS="1")

    report = await probed(settings, only="identity")

    assert report is not None
    assert list(report.left) == working(gateway)
    assert "end it by hand" in report.as_markdown()


async def test_without_a_quote_the_last_session_says_what_a_share_costs(tmp_path: Path) -> None:
    user = Asked(says=False)
    async with Gateway() as quiet:
        with_history(quiet, "AAPL", price="100")

        await probed(settings_for(quiet, tmp_path), user)

    assert "the market is near 100" in user.plan


async def test_without_any_price_nothing_is_sent(tmp_path: Path) -> None:
    async with Gateway() as quiet:
        with pytest.raises(Unavailable, match="--price"):
            await probed(settings_for(quiet, tmp_path))


async def test_the_report_is_data_and_a_page(gateway: Gateway, tmp_path: Path) -> None:
    report = await probed(settings_for(gateway, tmp_path), only="identity")
    assert report is not None

    data, page = write_report(report, tmp_path / "out")

    assert msgspec.json.decode(data.read_bytes(), type=Report) == report
    assert "| identity | a new order is shown" in page.read_text()


async def test_a_report_that_cannot_be_written_says_so(gateway: Gateway, tmp_path: Path) -> None:
    report = await probed(settings_for(gateway, tmp_path), only="identity")
    assert report is not None
    (tmp_path / "out").touch()

    with pytest.raises(ConfigError, match="cannot write the report"):
        write_report(report, tmp_path / "out")


def test_the_command_refuses_real_money(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SA_BROKER__PAPER_TRADING", "false")
    monkeypatch.setenv("SA_BROKER__IBKR__PORT", "4001")
    assert load_settings(None).broker.ibkr.port == 4001

    code = cli.main(["probe", "ibkr", "--yes"])

    assert code == 2
    assert "never touches real money" in capsys.readouterr().err
