"""The dashboard is not reachable from elsewhere by mistake."""

import pytest

from fillpath.core.errors import ConfigError
from fillpath.settings import load_settings


def given(**values: str) -> dict[str, str]:
    return {f"SA_DASHBOARD__{name.upper()}": value for name, value in values.items()}


@pytest.mark.security("S-01")
def test_it_listens_on_this_machine_alone() -> None:
    dashboard = load_settings(None, {}).dashboard

    assert dashboard.host == "127.0.0.1"
    assert dashboard.on_this_machine


@pytest.mark.security("S-01")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.example.com"])  # noqa: S104  # what is refused
def test_another_address_without_tls_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match=r"dashboard\.tls_cert"):
        load_settings(None, given(host=host))


@pytest.mark.security("S-01")
def test_another_address_with_tls_is_taken() -> None:
    settings = load_settings(None, given(host="192.168.1.5", tls_cert="c.pem", tls_key="k.pem"))

    assert not settings.dashboard.on_this_machine


@pytest.mark.parametrize("host", ["localhost", "::1", "127.0.0.2"])
def test_this_machine_has_several_names(host: str) -> None:
    assert load_settings(None, given(host=host)).dashboard.on_this_machine


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"tls_cert": "c.pem"}, "given together"),
        ({"host": ""}, "must be an address"),
        ({"origins": "*"}, "exactly, got \\*"),
        ({"origins": "null"}, "got null"),
        ({"origins": "https://*.example.com"}, "exactly"),
        ({"origins": "https://desk.example.com/"}, "exactly"),
        ({"hosts": "*.example.com"}, "exactly"),
        ({"trusted_proxies": "proxy"}, "addresses or networks"),
    ],
)
def test_what_cannot_be_meant_is_refused(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        load_settings(None, given(**values))


def test_names_and_proxies_are_lists() -> None:
    settings = load_settings(
        None,
        given(
            hosts="desk, desk.example.com",
            origins="https://other.example.com",
            trusted_proxies="10.0.0.0/8",
        ),
    )

    assert settings.dashboard.hosts == "desk, desk.example.com"
