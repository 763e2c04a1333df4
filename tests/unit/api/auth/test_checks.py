"""What a request must look like, before anybody asks who sent it."""

from ipaddress import ip_network

import pytest

from fillpath.api.auth.checks import (
    BODY_BYTES,
    Caller,
    caller_of,
    cross_origin,
    depth_problem,
    forgery_problem,
    host_problem,
)
from fillpath.api.auth.policy import names_of, networks_of

OWN = frozenset({"http://127.0.0.1:8788", "https://desk.example.com"})
GOOD = {
    "origin": "http://127.0.0.1:8788",
    "sec-fetch-site": "same-origin",
    "x-fillpath": "1",
    "content-type": "application/json",
}
PROXY = networks_of(("10.0.0.0/8",))
FORWARDED = {"x-forwarded-for": "1.2.3.4, 10.0.0.9", "x-forwarded-proto": "https"}
HOSTS = names_of("127.0.0.1", 8788, ("desk.example.com",), here=True)


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in GOOD.items() if name not in names}


@pytest.mark.security("S-10")
class TestHost:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1:8788",
            "LOCALHOST:8788",
            "[::1]:8788",
            "desk.example.com",
            "desk.example.com:8788",
        ],
    )
    def test_our_names_are_ours(self, host: str) -> None:
        assert host_problem([host], "/", HOSTS) is None

    @pytest.mark.parametrize(
        ("hosts", "path"),
        [
            (["evil.test"], "/"),
            (["evil.test:8788"], "/"),
            (["127.0.0.1"], "/"),
            (["127.0.0.1:80"], "/"),
            (["127.0.0.1:8788.evil.test"], "/"),
            (["desk.example.com."], "/"),
            ([], "/"),
            ([""], "/"),
            (["127.0.0.1:8788", "evil.test"], "/"),
            (["127.0.0.1:8788"], "http://evil.test/"),
            (["127.0.0.1:8788"], "*"),
        ],
    )
    def test_every_other_is_misdirected(self, hosts: list[str], path: str) -> None:
        problem = host_problem(hosts, path, HOSTS)

        assert problem is not None
        assert problem.status == 421

    def test_the_port_may_be_left_out_where_a_browser_does(self) -> None:
        assert "desk.example.com" in names_of("desk.example.com", 443, (), here=False)
        assert "desk.example.com" not in names_of("desk.example.com", 8788, (), here=False)

    def test_nobody_is_called_every_address(self) -> None:
        assert names_of("0.0.0.0", 8788, (), here=False) == frozenset()  # noqa: S104  # what is left out


@pytest.mark.security("S-10")
class TestCaller:
    def test_what_was_forwarded_is_believed_of_nobody(self) -> None:
        assert caller_of("127.0.0.1", "http", FORWARDED, ()) == Caller("127.0.0.1", "http")
        assert caller_of("9.9.9.9", "http", FORWARDED, PROXY) == Caller("9.9.9.9", "http")

    def test_a_trusted_proxy_is_believed_up_to_the_first_stranger(self) -> None:
        headers = {"x-forwarded-for": "6.6.6.6, 1.2.3.4, 10.0.0.9", "x-forwarded-proto": "https"}

        assert caller_of("10.0.0.1", "http", headers, PROXY) == Caller("1.2.3.4", "https")

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"x-forwarded-for": ""},
            {"x-forwarded-for": "evil", "x-forwarded-proto": "gopher"},
            {"x-forwarded-for": "10.0.0.9"},
        ],
    )
    def test_a_proxy_that_says_nothing_useful_is_the_caller(self, headers: dict[str, str]) -> None:
        assert caller_of("10.0.0.1", "http", headers, PROXY) == Caller("10.0.0.1", "http")

    def test_what_is_no_address_is_in_no_network(self) -> None:
        assert caller_of("", "http", FORWARDED, (ip_network("0.0.0.0/0"),)).address == ""


@pytest.mark.security("S-08")
class TestForgery:
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_what_changes_nothing_is_not_asked(self, method: str) -> None:
        assert forgery_problem(method, {}, OWN, by_cookie=True) is None

    @pytest.mark.parametrize(
        "headers",
        [
            GOOD,
            without("origin"),
            without("sec-fetch-site"),
            GOOD | {"content-type": "application/json; charset=UTF-8"},
            GOOD | {"origin": "https://desk.example.com", "sec-fetch-site": "cross-site"},
        ],
    )
    def test_our_own_page_may_act(self, headers: dict[str, str]) -> None:
        assert forgery_problem("POST", headers, OWN, by_cookie=True) is None

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            pytest.param(GOOD | {"origin": "https://evil.test"}, 403, id="another site"),
            pytest.param(GOOD | {"origin": "null"}, 403, id="a page without a site"),
            pytest.param(GOOD | {"origin": "http://127.0.0.1:9999"}, 403, id="another port"),
            pytest.param(GOOD | {"origin": "https://127.0.0.1:8788"}, 403, id="another scheme"),
            pytest.param(GOOD | {"origin": ""}, 403, id="an empty site"),
            pytest.param(
                without("origin") | {"sec-fetch-site": "cross-site"}, 403, id="cross-site"
            ),
            pytest.param(without("origin") | {"sec-fetch-site": "same-site"}, 403, id="same-site"),
            pytest.param(GOOD | {"sec-fetch-site": "none"}, 403, id="typed by hand"),
            pytest.param(without("origin", "sec-fetch-site"), 403, id="nobody says"),
            pytest.param(without("x-fillpath"), 403, id="a form cannot add a header"),
            pytest.param(GOOD | {"x-fillpath": "0"}, 403, id="another value"),
            pytest.param(without("content-type"), 415, id="no type"),
            pytest.param(GOOD | {"content-type": "text/plain"}, 415, id="text"),
            pytest.param(
                GOOD | {"content-type": "application/x-www-form-urlencoded"}, 415, id="form"
            ),
            pytest.param(
                GOOD | {"content-type": "multipart/form-data; boundary=x"}, 415, id="form of parts"
            ),
            pytest.param(
                GOOD | {"content-type": "application/json, text/plain"}, 415, id="two types"
            ),
            pytest.param(
                GOOD | {"content-type": "text/plain; application/json"}, 415, id="type in disguise"
            ),
        ],
    )
    def test_what_another_page_can_make_a_browser_send_is_refused(
        self, headers: dict[str, str], status: int
    ) -> None:
        problem = forgery_problem("POST", headers, OWN, by_cookie=True)

        assert problem is not None
        assert problem.status == status

    def test_a_program_with_a_token_comes_from_no_page(self) -> None:
        headers = without("origin", "sec-fetch-site")

        assert forgery_problem("POST", headers, OWN, by_cookie=False) is None

    def test_a_deletion_without_a_body_needs_no_type(self) -> None:
        headers = without("content-type")

        assert forgery_problem("DELETE", headers, OWN, by_cookie=True) is None
        assert forgery_problem("POST", headers, OWN, by_cookie=True) is not None


@pytest.mark.security("S-09")
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://desk.example.com", True),
        ("https://evil.test", False),
        ("https://desk.example.com.evil.test", False),
        ("http://desk.example.com", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_a_named_site_may_read_answers(origin: str, *, allowed: bool) -> None:
    headers = cross_origin({"origin": origin} if origin else {}, {"https://desk.example.com"})

    assert bool(headers) == allowed
    assert headers.get("access-control-allow-origin", origin) == origin
    assert "*" not in headers.values()


@pytest.mark.security("S-14")
@pytest.mark.parametrize(
    ("body", "fine"),
    [
        (b"", True),
        (b'{"a": [1, {"b": "[[[[[[[[[[[[[[[[[[[[[[[[[[[["}]}', True),
        (b'{"a": "\\"[[[[[[[[[[[[[[[[[[[[[[[[[[["}', True),
        (b"[" * 20 + b"]" * 20, True),
        (b"[" * 21 + b"]" * 21, False),
        (b'{"a":' * 21, False),
        (b"[" * BODY_BYTES, False),
    ],
)
def test_a_body_is_not_nested_deeply(body: bytes, *, fine: bool) -> None:
    assert (depth_problem(body) is None) == fine
