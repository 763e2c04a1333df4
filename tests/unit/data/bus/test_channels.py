"""Names on the bus."""

import pytest

from fillpath.core.errors import ConfigError, ModelError
from fillpath.data.bus.channels import quote_channel, signal_stream, volume_channel


def test_the_only_account_reads_the_plain_name() -> None:
    assert signal_stream() == "execution:signals"


def test_each_of_several_accounts_has_a_stream_of_its_own() -> None:
    assert signal_stream("DU123-4.x_y") == "execution:signals:DU123-4.x_y"


@pytest.mark.parametrize("account", ["dead", "a b", "a:b", "a/b", "x" * 65, "a\n", "ä"])
def test_an_account_that_could_be_taken_for_something_else_is_refused(account: str) -> None:
    with pytest.raises(ConfigError, match="an account on the bus must be"):
        signal_stream(account)


def test_quotes_and_volumes_have_a_channel_for_each_symbol() -> None:
    assert quote_channel("BRK.B") == "market:quotes:BRK.B"
    assert volume_channel("BRK.B") == "market:adv:BRK.B"


def test_a_channel_is_for_a_symbol_only() -> None:
    with pytest.raises(ModelError, match="symbol must be"):
        quote_channel("*")
