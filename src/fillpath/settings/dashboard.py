"""The settings of the dashboard: where it listens, who may reach it and how people sign in."""

from ipaddress import ip_address, ip_network
from typing import Literal, Self

from pydantic import model_validator

from fillpath.core.errors import ConfigError
from fillpath.runtime.sections import Number, Section, choice, number, whole

_LOCAL_NAME = "localhost"


class DashboardSettings(Section):
    """The page and the programming interface, a process of their own beside the engine."""

    host: str = choice(
        "127.0.0.1",
        "address it listens at; any other than one of this machine needs tls_cert and tls_key",
    )
    port: int = whole(8788, 0, 65_535, "", "port of the page; 0: a free one")
    read_only: bool = choice(
        default=False, description="serve no route that changes anything, not even the kill"
    )
    hosts: str = choice(
        "",
        "further names by which the page may be called, with commas between; the address it listens "
        "at and, on this machine, localhost are known",
    )
    origins: str = choice(
        "",
        "other sites whose pages may ask, such as https://desk.example.com, with commas between; "
        "empty: none",
    )
    trusted_proxies: str = choice(
        "",
        "addresses or networks of proxies whose X-Forwarded-For and -Proto are believed, with commas "
        "between; empty: none",
    )
    tls_cert: str = choice("", "PEM file of the certificate and its chain; empty: no TLS")
    tls_key: str = choice("", "PEM file of its key, readable only by its owner")
    second_factor: Literal["auto", "always"] = choice(
        "auto",
        "whether who trades signs in with a code too; auto: when the page can be reached from "
        "another machine, and on a live account",
    )
    session_hours: Number = number("12", "0.1", "24", "hours", "a person signs in again after this")
    idle_minutes: Number = number(
        "15",
        "1",
        "60",
        "minutes",
        "who did nothing for so long gives the password again before the next act; a kill never",
    )
    approve_limit: Number = number(
        "10000",
        "0",
        "1000000000000",
        "account currency",
        "the largest order that the role trader may approve; the roles risk and admin any",
    )
    logins_per_minute: int = whole(
        5, 1, 60, "attempts", "to sign in, from one address; further ones wait longer and longer"
    )
    acts_per_second: int = whole(5, 1, 100, "acts", "of one person; a kill is never counted")
    reads_per_second: int = whole(50, 1, 1_000, "requests", "of one person that change nothing")

    @property
    def on_this_machine(self) -> bool:
        """Return whether only this machine can reach the page."""
        if self.host == _LOCAL_NAME:
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ConfigError("dashboard.tls_cert and dashboard.tls_key must be given together")
        if not self.host:
            raise ConfigError("dashboard.host must be an address or a name, got an empty text")
        if not self.on_this_machine and not self.tls_cert:
            raise ConfigError(
                "dashboard.tls_cert and dashboard.tls_key must be set while dashboard.host is not "
                f"an address of this machine, got {self.host}"
            )
        return self

    @model_validator(mode="after")
    def _named(self) -> Self:
        for origin in words(self.origins):
            scheme, _, host = origin.partition("://")
            if scheme not in {"http", "https"} or not host or set(host) & set("/*@ "):
                raise ConfigError(
                    "dashboard.origins must be sites such as https://desk.example.com, exactly, "
                    f"got {origin}"
                )
        for name in words(self.hosts):
            if set(name) & set("/*@ "):
                raise ConfigError(f"dashboard.hosts must be names of hosts, exactly, got {name}")
        for proxy in words(self.trusted_proxies):
            try:
                ip_network(proxy)
            except ValueError:
                raise ConfigError(
                    f"dashboard.trusted_proxies must be addresses or networks, got {proxy}"
                ) from None
        return self


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text with commas between."""
    return tuple(word.strip() for word in text.split(",") if word.strip())
