"""Settings: one YAML file and ``SA_`` variables become the frozen policies that the rooms take.

A variable wins over the file. A name that is not known, in the file or in a variable, stops the
start, and so does a value of the wrong type or out of its range. The fields below are the only
description of the settings: ``config/settings.yaml`` and the reference page are made from them.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from importlib import resources
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Literal, Self, Union, get_args, get_origin
from urllib.parse import urlsplit, urlunsplit

from pydantic import BeforeValidator, ValidationError, model_validator

from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.models import OrderType
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.policy import (
    DeskPolicy,
    LargeOrders,
    QualityPolicy,
    RouterPolicy,
    SizingMethod,
    SizingPolicy,
)
from fillpath.risk.limits import RiskLimits
from fillpath.runtime.documents import read_mapping
from fillpath.runtime.knobs import Catalogue, Given, KeyPath, Knob, tree
from fillpath.runtime.sections import Number, Section, choice, number, whole

_PAPER_PORTS: Final = frozenset({4002, 7497})
_LIVE_PORTS: Final = frozenset({4001, 7496})
_PAPER_ACCOUNT: Final = "D"
_STUB_NAMES: Final = frozenset({"", "demo", "stub"})
_ACCOUNT_SHOWN: Final = 3


def _provider(value: object) -> object:
    return "paper_stub" if value is None or value in _STUB_NAMES else value


Provider = Annotated[Literal["ibkr", "simulated", "paper_stub"], BeforeValidator(_provider)]


class IbkrSettings(Section):
    """Where the gateway or workstation of Interactive Brokers listens."""

    host: str = choice("127.0.0.1", "host of the gateway or workstation")
    port: int = whole(
        4002,
        1,
        65_535,
        "",
        "4002 gateway paper, 4001 gateway live, 7497 workstation paper, 7496 workstation live",
    )
    client_id: int = whole(
        1, 0, 999_999, "", "client id of the broker; data uses the next one, the feed the one after"
    )
    account_id: str = choice("", "account number; empty when the login has only one")


class BrokerSettings(Section):
    """Which broker gets the orders."""

    provider: Provider = choice(
        "paper_stub", "where orders go; the words demo and stub, and no word, mean paper_stub"
    )
    paper_trading: bool = choice(default=True, description="a paper account, not real money")
    on_connect_failure: Literal["paper_stub", "halt"] = choice(
        "paper_stub",
        "what a failed connection at start does in paper trading; real money always halts",
    )
    ibkr: IbkrSettings = IbkrSettings()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        paper, port, account = self.paper_trading, self.ibkr.port, self.ibkr.account_id
        trading = f"while broker.paper_trading is {str(paper).lower()}"
        if port in (_LIVE_PORTS if paper else _PAPER_PORTS):
            wanted = " or ".join(map(str, sorted(_PAPER_PORTS if paper else _LIVE_PORTS)))
            raise ConfigError(f"broker.ibkr.port must be {wanted} {trading}, got {port}")
        if account and account.startswith(_PAPER_ACCOUNT) != paper:
            wanted = f"{'' if paper else 'not '}begin with {_PAPER_ACCOUNT}"
            raise ConfigError(
                f"broker.ibkr.account_id must {wanted} {trading}, got {masked(account)}"
            )
        return self

    @property
    def stub_may_stand_in(self) -> bool:
        """Return whether a failed connection at start may go on with the paper stub."""
        return self.paper_trading and self.on_connect_failure == "paper_stub"


class ExecutionSettings(Section):
    """How much to trade, and at what price."""

    default_order_type: Literal["limit", "market"] = choice("limit", "type of generated orders")
    limit_offset_pct: Number = number(
        "0.05", "0", "1", "percent", "how far a limit reaches beyond its price; 0.05 is 5 bps"
    )
    max_slippage_pct: Number = number(
        "0.10", "0", "5", "percent", "the most a protected market order pays beyond the far touch"
    )
    position_sizing: Literal["half_kelly", "fixed", "percent_equity"] = choice(
        "half_kelly", "how the size of an entry is found"
    )
    fixed_quantity: Number = number(
        "100", "1", "1000000000", "shares", "size of each entry with fixed sizing"
    )
    percent_equity: Number = number(
        "2", "0.01", "100", "percent of equity", "size of each entry with percent_equity sizing"
    )
    scale_by_strength: bool = choice(
        default=False, description="whether a weaker signal gets a smaller position"
    )
    risk_budget_pct: Number | None = number(
        None,
        "0.01",
        "100",
        "percent of equity",
        "the most one entry may lose at its stop; null: off",
    )
    min_trades: int = whole(
        30, 0, 1_000_000, "trades", "trades that win statistics need, where their number is given"
    )
    stop_loss_pct: Number = number(
        "2", "0.01", "50", "percent", "distance from the entry price to the protective stop"
    )
    lot_size: int = whole(1, 1, 1_000_000, "shares", "shares of one lot; sizes are whole lots")
    max_signal_age_seconds: Number = number(
        "30", "0.001", "86400", "seconds", "a signal older than this on arrival is refused"
    )
    adv_required: bool | None = choice(
        None, "refuse orders whose average volume is unknown; null: only with the ibkr broker"
    )
    alert_slippage_bps: Number = number(
        "10", "0", "10000", "bps", "alert when the slippage of an order is above this"
    )
    alert_latency_ms: Number = number(
        "5000", "0", "86400000", "milliseconds", "alert when signal to fill takes longer than this"
    )


class RouterSettings(Section):
    """Which way to trade, and in which pieces."""

    size_threshold_small_pct: Number = number(
        "0.1", "0", "100", "percent of ADV", "a smaller order rests at its own side of the quote"
    )
    size_threshold_large_pct: Number = number(
        "1.0", "0.001", "1000", "percent of ADV", "a larger order is sliced over time"
    )
    twap_num_slices: int = whole(5, 2, 1_000, "slices", "pieces of a large order")
    twap_interval_seconds: int = whole(60, 1, 86_400, "seconds", "time between slices")
    wide_spread_threshold_bps: Number = number(
        "20.0", "0", "10000", "bps", "at a wider spread an order works around the mid"
    )
    urgent_strength: Number = number(
        "0.9", "0", "1", "signal strength", "a stronger signal crosses the spread at once"
    )
    max_quote_age_seconds: Number = number(
        "5", "0.001", "86400", "seconds", "an older live quote is not used; replays have an option"
    )
    protect_market: bool = choice(
        default=True, description="send market orders as limits at max_slippage_pct"
    )
    slice_large: Literal["always", "table"] = choice(
        "always", "always slices every large order; table takes the first matching row alone"
    )
    max_participation_pct: Number = number(
        "30", "0.01", "100", "percent of volume", "alert when an order expects a larger share"
    )


class RiskSettings(Section):
    """What no order may exceed."""

    max_position_pct: Number = number(
        "5", "0.01", "100", "percent of equity", "the most one symbol may hold, working included"
    )
    cash_reserve_pct: Number = number(
        "10", "0", "100", "percent of equity", "cash that entries leave untouched"
    )
    max_positions: int = whole(
        20, 1, 100_000, "symbols", "symbols that may be held or worked at once"
    )
    price_floor: Number = number(
        "5", "0", "1000000", "account currency", "lowest price at which an entry may be made"
    )
    allow_short: bool = choice(default=True, description="whether a sell may open a short position")


class SimulationSettings(Section):
    """How the simulated broker fills."""

    profile: Literal["spec", "quotes"] | None = choice(
        None,
        "spec fills whole at a worsened touch, quotes at the far touch as quoted; "
        "null: quotes in replays and demos and with displayed_size, else spec",
    )
    commission_pct: Number = number(
        "0.005", "0", "5", "percent of the traded value", "commission of every fill"
    )
    slippage_pct: Number = number(
        "0.05", "0", "5", "percent", "how far the profile spec worsens the touch"
    )
    displayed_size: bool = choice(
        default=False, description="fill at most the size shown in the quote"
    )
    cash: Number = number("100000", "0", "1000000000000", "account currency", "opening cash")


class EngineSettings(Section):
    """The engine as a service: where it keeps its files and what it follows."""

    account: str = choice(
        "", "name of the account; empty: that of the broker, SIM or STUB without a real one"
    )
    accounts: str = choice(
        "",
        "accounts of a fleet, with commas between, the same on every machine; each is run by the one "
        "engine that has its lease",
    )
    lease_seconds: Number = number(
        "3",
        "1",
        "600",
        "seconds",
        "after this long without a sign of life an account is taken over",
    )
    folder: str = choice(
        "fillpath-data", "folder of journals, tables and kill latches, one folder for each account"
    )
    hours: Literal["auto", "exchange", "always"] = choice(
        "auto", "when orders may leave; auto: always with a simulated broker, else the exchange's"
    )
    feed: Literal["auto", "redis", "modelled", "none"] = choice(
        "auto", "where quotes come from; auto: redis where redis.url is set, else a modelled market"
    )
    symbols: str = choice(
        "AAPL,MSFT,GOOG,IBM,SPY", "symbols of the modelled market, with commas between"
    )
    health_port: int = whole(8787, 0, 65_535, "", "port of 127.0.0.1 that answers /health; 0: none")
    resume_delay_seconds: Number = number(
        "30", "0", "86400", "seconds", "time that must pass between a kill and its clearing"
    )


class RedisSettings(Section):
    """A bus that several processes and machines share."""

    url: str = choice("", "redis://HOST:PORT/DB; empty: signals come through this machine only")
    per_account: bool = choice(
        default=False,
        description="take signals from execution:signals:ACCOUNT, for several engines on one Redis",
    )
    bridge: bool = choice(
        default=False,
        description="also take signals that are only published on the channel; those may be lost",
    )


class DatabaseSettings(Section):
    """Where the tables are, and the journal of accounts that another machine may take over."""

    url: str = choice(
        "", "postgresql://USER:PASSWORD@HOST:PORT/NAME; empty: SQLite in the account's folder"
    )
    journal: Literal["file", "database"] = choice(
        "file", "file: on this machine; database: in PostgreSQL, so that others may take over"
    )
    keep_snapshots_days: int = whole(
        0, 0, 36_500, "days", "portfolio snapshots older than this leave the tables; 0: they stay"
    )
    keep_quality_days: int = whole(
        0,
        0,
        36_500,
        "days",
        "measurements older than this leave the tables, their daily and weekly sums stay; 0: they "
        "stay",
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.journal == "database" and not self.url:
            raise ConfigError("database.journal must be file while database.url is empty")
        return self


class Settings(Section):
    """All settings; built without arguments it holds the defaults."""

    broker: BrokerSettings = BrokerSettings()
    execution: ExecutionSettings = ExecutionSettings()
    router: RouterSettings = RouterSettings()
    risk: RiskSettings = RiskSettings()
    simulation: SimulationSettings = SimulationSettings()
    engine: EngineSettings = EngineSettings()
    redis: RedisSettings = RedisSettings()
    database: DatabaseSettings = DatabaseSettings()

    @model_validator(mode="after")
    def _fleet(self) -> Self:
        if self.engine.accounts and self.database.journal != "database":
            raise ConfigError("database.journal must be database while engine.accounts is set")
        if self.engine.accounts and self.redis.url and not self.redis.per_account:
            raise ConfigError("redis.per_account must be true while engine.accounts is set")
        return self

    def desk_policy(self) -> DeskPolicy:
        """Return every rule that the desk decides by.

        Raises:
            ModelError: two settings contradict each other.
        """
        execution, live = self.execution, self.broker.provider == "ibkr"
        required = execution.adv_required
        return DeskPolicy(
            sizing=self._sizing(),
            router=self._router(),
            quality=QualityPolicy(
                max_slippage_bps=execution.alert_slippage_bps,
                max_latency_ms=execution.alert_latency_ms,
            ),
            risk=RiskLimits(**dict(self.risk)),
            max_signal_age_seconds=execution.max_signal_age_seconds,
            adv_required=live if required is None else required,
        )

    def simulation_policy(self, profile: FillProfile | None = None) -> SimulationPolicy:
        """Return how the simulated broker fills.

        Args:
            profile: wins over the profile of the settings.

        Raises:
            ModelError: two settings contradict each other.
        """
        knobs = self.simulation
        otherwise = FillProfile.QUOTES if knobs.displayed_size else FillProfile.SPEC
        return SimulationPolicy(
            profile=FillProfile(profile or knobs.profile or otherwise),
            cash=knobs.cash,
            commission_pct=knobs.commission_pct,
            slippage_pct=knobs.slippage_pct,
            displayed_size=knobs.displayed_size,
        )

    def _sizing(self) -> SizingPolicy:
        execution, risk = self.execution, self.risk
        return SizingPolicy(
            position_sizing=SizingMethod(execution.position_sizing),
            default_order_type=OrderType(execution.default_order_type.upper()),
            limit_offset_pct=execution.limit_offset_pct,
            stop_loss_pct=execution.stop_loss_pct,
            max_position_pct=risk.max_position_pct,
            cash_reserve_pct=risk.cash_reserve_pct,
            risk_budget_pct=execution.risk_budget_pct,
            fixed_quantity=execution.fixed_quantity,
            percent_equity=execution.percent_equity,
            scale_by_strength=execution.scale_by_strength,
            min_trades=execution.min_trades,
            lot_size=execution.lot_size,
        )

    def _router(self) -> RouterPolicy:
        knobs = dict(self.router) | {"slice_large": LargeOrders(self.router.slice_large)}
        execution = self.execution
        return RouterPolicy(
            **knobs,
            limit_offset_pct=execution.limit_offset_pct,
            max_slippage_pct=execution.max_slippage_pct,
            lot_size=execution.lot_size,
        )


def masked(account: str) -> str:
    """Return an account number with only its last characters readable."""
    return "*" * max(len(account) - _ACCOUNT_SHOWN, 0) + account[-_ACCOUNT_SHOWN:]


def without_password(url: str) -> str:
    """Return a URL that may be shown: its password is replaced by stars."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{place}"))


def _kind(annotation: Any) -> tuple[type | tuple[str, ...], bool]:
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if origin is Literal:
        return arguments, False
    if origin is Annotated:
        return _kind(arguments[0])
    if origin in {Union, UnionType}:
        kind, _ = _kind(next(part for part in arguments if part is not type(None)))
        return kind, True
    return annotation, False


def _knobs(section: type[Section], path: KeyPath = ()) -> Iterator[Knob]:
    for name, field in section.model_fields.items():
        kind, optional = _kind(field.annotation)
        here = (*path, name)
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from _knobs(kind, here)
            continue
        extra = field.json_schema_extra
        said = extra if isinstance(extra, dict) else {}
        unit, bounds = str(said.get("unit", "")), str(said.get("range", ""))
        yield Knob(here, kind, optional, unit, bounds, field.default, field.description or "")


CATALOGUE: Final = Catalogue(_knobs(Settings))


def load_settings(
    path: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of a file and the variables; what neither says keeps its default.

    Args:
        path: a YAML file; None takes the defaults.
        environment: variables by name; None takes those of the process.

    Raises:
        ConfigError: a name is unknown, or a value is wrong; says where, and what is allowed.
    """
    given = {} if path is None else dict(CATALOGUE.in_file(read_mapping(path), str(path)))
    given.update(CATALOGUE.in_variables(os.environ if environment is None else environment))
    try:
        settings = Settings.model_validate(tree(given))
        settings.desk_policy()
        settings.simulation_policy()
    except ValidationError as error:
        raise ConfigError(_sentence(error, given)) from None
    except ModelError as error:
        raise ConfigError(f"settings contradict each other: {error}") from error
    return settings


def shipped() -> str:
    """Return the commented defaults that come with the package."""
    return resources.files("fillpath").joinpath("config/settings.yaml").read_text("utf-8")


def shown(settings: Settings) -> str:
    """Return the settings as a settings file; account numbers and passwords are masked."""
    values = settings.model_dump()
    ibkr = values["broker"]["ibkr"]
    ibkr["account_id"] = masked(ibkr["account_id"])
    for section in ("redis", "database"):
        values[section]["url"] = without_password(values[section]["url"])
    return CATALOGUE.written(values)


def _sentence(error: ValidationError, given: Mapping[KeyPath, Given]) -> str:
    first = error.errors()[0]
    where = tuple(str(part) for part in first["loc"])
    path = next(where[:size] for size in range(len(where), 0, -1) if where[:size] in given)
    knob, (value, source) = CATALOGUE.knobs[path], given[path]
    unit = f" ({knob.unit})" if knob.unit else ""
    digits = " with at most 6 decimals" if "decimal" in first["type"] else ""
    shown = value if isinstance(value, Decimal) else repr(value)
    return f"{source}: {knob.name} must be {knob.allowed}{digits}{unit}, got {shown}"


def policy_hash(source: Settings | DeskPolicy) -> str:
    """Return a SHA-256 over every rule that decides; equal rules give the same hash."""
    policy = source.desk_policy() if isinstance(source, Settings) else source
    text = json.dumps(_canonical(policy), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _canonical(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _canonical(getattr(value, field.name))
            for field in fields(value)
            if field.init
        }
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.value if isinstance(value, Enum) else value
