"""Only what a person named is called, however the address is written (S-29)."""

from ipaddress import ip_address

import pytest

from fillpath.core.errors import ConfigError
from fillpath.runtime.addresses import Address, check_address, check_destination

ALLOWED = (
    "hooks.example.com",
    "own.example.com:8443",
    "127.0.0.1:9000",
    "169.254.169.254",
    "[::1]",
)

pytestmark = pytest.mark.security("S-29")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        pytest.param(
            "https://hooks.example.com/a?b=c",
            Address("https", "hooks.example.com", 443),
            id="named",
        ),
        pytest.param(
            "HTTPS://Hooks.Example.COM/", Address("https", "hooks.example.com", 443), id="capitals"
        ),
        pytest.param(
            "https://own.example.com:8443/", Address("https", "own.example.com", 8443), id="port"
        ),
        pytest.param("http://127.0.0.1:9000/", Address("http", "127.0.0.1", 9000), id="here"),
        pytest.param("http://[::1]/", Address("http", "::1", 80), id="here, sixth version"),
    ],
)
def test_what_was_named_is_called(url: str, address: Address) -> None:
    assert check_address(url, ALLOWED) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "//hooks.example.com/",
        "http://hooks.example.com/",
        "https://hooks.example.com:8443/",
        "https://own.example.com/",
        "https://evil.test/",
        "https://hooks.example.com.evil.test/",
        "https://hooks.example.com@evil.test/",
        "https://evil.test#hooks.example.com",
        "https://evil.test\\@hooks.example.com/",
        "https://hooks.example.com:port/",
        "https://hooks.example.com:99999/",
        "https://[::1/",
        "https://hooks.example.com%2eevil.test/",
        "https://hooks.example.com\r\nHost: evil.test/",
        "https://hooks example.com/",
        "https://hóoks.example.com/",
        "https://" + "a" * 3_000,
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:169.254.169.254]/",
        "https:///path",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        check_address(url, ALLOWED)


def test_nothing_is_allowed_where_nobody_named_anything() -> None:
    with pytest.raises(ConfigError, match="none"):
        check_address("https://hooks.example.com/", ())


@pytest.mark.parametrize(
    "number",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"],  # noqa: S104  # the address that is refused
)
def test_a_name_that_leads_to_this_machine_or_its_neighbour_is_refused(number: str) -> None:
    with pytest.raises(ConfigError, match="leads to"):
        check_destination("hooks.example.com", ip_address(number))


def test_a_name_may_lead_into_the_network_or_out_of_it() -> None:
    check_destination("hooks.example.com", ip_address("10.1.2.3"))
    check_destination("hooks.example.com", ip_address("93.184.216.34"))
    check_destination("localhost", ip_address("::1"))
