"""Where settings mean real money: known to the limits, refused at the start in a mode for paper."""

from pathlib import Path
from typing import Final

import pytest

from fillpath import app_live
from fillpath.app import _unattended
from fillpath.core.errors import ConfigError
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import Autonomy
from fillpath.settings import Settings, load_settings

LIVE: Final = {
    "SA_BROKER__PROVIDER": "ibkr",
    "SA_BROKER__PAPER_TRADING": "false",
    "SA_BROKER__IBKR__PORT": "4001",
    "SA_BROKER__IBKR__ACCOUNT_ID": "U1234567",
}
PAPER: Final = {"SA_BROKER__PROVIDER": "ibkr"}


def settings(**variables: str) -> Settings:
    return load_settings(None, variables)


@pytest.mark.parametrize(
    ("variables", "real"), [(LIVE, True), (PAPER, False), ({}, False)], ids=["live", "paper", "no"]
)
@pytest.mark.control("C-41", "passes")
def test_only_a_live_account_at_a_real_broker_is_real_money(
    variables: dict[str, str], *, real: bool
) -> None:
    assert settings(**variables).desk_policy().risk.real_money is real


def test_a_replay_of_live_settings_risks_nothing_real() -> None:
    assert not settings(**LIVE).desk_policy(live=False).risk.real_money


@pytest.mark.control("C-41", "refuses")
def test_a_mode_for_paper_does_not_start_on_a_live_account(tmp_path: Path) -> None:
    folder = {"SA_ENGINE__FOLDER": str(tmp_path)}

    with pytest.raises(ConfigError) as refused:
        app_live.build(settings(**LIVE, **folder), lambda _alarm: None)

    assert str(refused.value) == (
        "risk.autonomy.mode must be MANUAL_APPROVAL, BOUNDED_AUTONOMOUS or FULL_AUTONOMOUS on a "
        "live account, got PAPER_ONLY"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.control("C-41", "passes")
@pytest.mark.parametrize("mode", ["MANUAL_APPROVAL", "BOUNDED_AUTONOMOUS", "FULL_AUTONOMOUS"])
def test_every_other_mode_may_start_there(mode: str) -> None:
    settings(**LIVE, SA_RISK__AUTONOMY__MODE=mode).check_start()


@pytest.mark.control("C-41", "passes")
def test_a_mode_for_paper_may_start_on_paper() -> None:
    settings(**PAPER).check_start()


def test_a_replay_has_nobody_to_ask() -> None:
    manual = settings(SA_RISK__AUTONOMY__MODE="MANUAL_APPROVAL").desk_policy()

    assert manual.risk.autonomy.mode is Autonomy.MANUAL_APPROVAL
    assert _unattended(manual).risk.autonomy.mode is Autonomy.PAPER_ONLY
    assert _unattended(DeskPolicy()) == DeskPolicy()


REDIS: Final = {"SA_REDIS__URL": "redis://127.0.0.1:6379/0"}


@pytest.mark.control("C-02", "refuses")
@pytest.mark.security("S-22")
def test_a_real_broker_takes_no_unsigned_signals_over_redis() -> None:
    with pytest.raises(ConfigError, match=r"^redis\.strategy_keys must be the folder"):
        settings(**PAPER, **REDIS).check_start()


@pytest.mark.control("C-02", "refuses")
def test_signed_signals_and_a_bridge_without_signatures_exclude_each_other() -> None:
    keys = {"SA_REDIS__STRATEGY_KEYS": "keys", "SA_REDIS__BRIDGE": "true"}

    with pytest.raises(ConfigError, match=r"^redis\.bridge must be false"):
        settings(**REDIS, **keys).check_start()


@pytest.mark.control("C-02", "passes")
@pytest.mark.parametrize(
    "variables",
    [REDIS, PAPER, PAPER | REDIS | {"SA_REDIS__STRATEGY_KEYS": "keys"}],
    ids=["simulated", "without a bus", "signed"],
)
def test_where_it_is_known_who_speaks_the_engine_starts(variables: dict[str, str]) -> None:
    settings(**variables).check_start()
