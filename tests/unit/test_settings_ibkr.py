"""The settings of Interactive Brokers: what contradicts itself does not start."""

from typing import Final

import pytest

from fillpath.core.errors import ConfigError
from fillpath.settings import Settings, load_settings

IBKR: Final = {"SA_BROKER__PROVIDER": "ibkr", "SA_BROKER__IBKR__ACCOUNT_ID": "DU1234567"}


def settings(**variables: str) -> Settings:
    """Return what these variables say."""
    return load_settings(None, variables)


@pytest.mark.parametrize("text", ["", "00:00", "23:45", "09:30"])
def test_the_daily_restart_has_a_time_of_day_or_none(text: str) -> None:
    assert settings(SA_BROKER__IBKR__RESTART_AT=text).broker.ibkr.restart_at == text


@pytest.mark.parametrize("text", ["24:00", "9:30", "23:60", "midnight", "23:45:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"broker\.ibkr\.restart_at must be HH:MM"):
        settings(SA_BROKER__IBKR__RESTART_AT=text)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc", "", "America"])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ConfigError, match=r"broker\.ibkr\.restart_zone must be a time zone"):
        settings(SA_BROKER__IBKR__RESTART_ZONE=zone)


def test_another_time_zone_is_taken() -> None:
    assert settings(SA_BROKER__IBKR__RESTART_ZONE="Europe/Zurich").broker.ibkr.restart_zone


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MESSAGES_PER_SECOND", "50"),
        ("HEARTBEAT_SECONDS", "5"),
        ("CLIENT_ID", "0"),
    ],
)
def test_what_would_break_the_promises_of_the_connection_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"SA_BROKER__IBKR__{name}"):
        settings(**{f"SA_BROKER__IBKR__{name}": value})


def test_a_pace_that_cannot_be_kept_in_fifths_of_a_second_is_refused() -> None:
    with pytest.raises(ConfigError, match="must be a multiple of 5, got 42"):
        settings(SA_BROKER__IBKR__MESSAGES_PER_SECOND="42")


def test_a_real_broker_is_not_started_on_invented_quotes() -> None:
    with pytest.raises(ConfigError, match=r"^engine\.feed must not be modelled while broker"):
        settings(**IBKR, SA_ENGINE__FEED="modelled").check_start()


@pytest.mark.parametrize("provider", ["simulated", "paper_stub"])
def test_the_feed_of_a_broker_that_is_not_there_is_refused(provider: str) -> None:
    chosen = settings(SA_BROKER__PROVIDER=provider, SA_ENGINE__FEED="ibkr")

    with pytest.raises(ConfigError) as refused:
        chosen.check_start()

    assert str(refused.value) == f"engine.feed must not be ibkr while broker.provider is {provider}"


def test_a_fleet_does_not_share_one_client_id() -> None:
    fleet = {
        "SA_ENGINE__ACCOUNTS": "DU1,DU2",
        "SA_DATABASE__URL": "postgresql://localhost/none",
        "SA_DATABASE__JOURNAL": "database",
    }

    with pytest.raises(ConfigError, match=r"^engine\.accounts must be empty while broker"):
        settings(**IBKR, **fleet).check_start()


@pytest.mark.parametrize("feed", ["auto", "ibkr", "none"])
def test_what_agrees_may_start(feed: str) -> None:
    settings(**IBKR, SA_ENGINE__FEED=feed).check_start()
