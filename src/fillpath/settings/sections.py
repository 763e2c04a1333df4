"""Every setting with its unit, its bounds, its default and its meaning."""

import re
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, field_validator, model_validator

from fillpath.core.errors import ConfigError
from fillpath.risk.binding import (
    LIVE_PORTS,
    PAPER_PORTS,
    PAPER_PREFIX,
    Binding,
    WithoutBroker,
    port_problem,
    without_broker,
)
from fillpath.risk.limits import RiskLimits
from fillpath.runtime.limit_sections import section_of
from fillpath.runtime.sections import Number, Section, choice, number, whole
from fillpath.settings.masking import masked
from fillpath.settings.realistic_section import RealisticSettings

_STUB_NAMES: Final = frozenset({"", "demo", "stub"})
_TIME_OF_DAY: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _provider(value: object) -> object:
    return "paper_stub" if value is None or value in _STUB_NAMES else value


Provider = Annotated[Literal["ibkr", "simulated", "paper_stub"], BeforeValidator(_provider)]


class IbkrSettings(Section):
    """Where the gateway or workstation of Interactive Brokers listens, and what is borne of it."""

    host: str = choice("127.0.0.1", "host of the gateway or workstation")
    port: int = whole(
        4002,
        1,
        65_535,
        "",
        "4002 gateway paper, 4001 gateway live, 7497 workstation paper, 7496 workstation live",
    )
    client_id: int = whole(
        1,
        1,
        999_990,
        "",
        "client id of the broker; +1 takes data, +2 the feed, +9 the watchdog, so that two engines "
        "on one gateway must be 10 apart",
    )
    account_id: str = choice("", "account number; empty when the login has only one")
    start_seconds: Number = number(
        "30",
        "5",
        "600",
        "seconds",
        "how long the start tries to connect before broker.on_connect_failure decides",
    )
    connect_seconds: Number = number(
        "10", "1", "120", "seconds", "how long one attempt to connect and shake hands may take"
    )
    answer_seconds: Number = number(
        "10", "1", "60", "seconds", "how long an answer may take before it is asked again"
    )
    heartbeat_seconds: Number = number(
        "2",
        "0.5",
        "2.5",
        "seconds",
        "how often the gateway's clock is asked for, as a sign of life",
    )
    messages_per_second: int = whole(
        40,
        10,
        45,
        "messages",
        "the most that is sent in a second, a multiple of 5; the gateway cuts off above 50",
    )
    max_clock_drift_seconds: Number = number(
        "2",
        "1.5",
        "60",
        "seconds",
        "how far the gateway's clock, which shows whole seconds, may be from this machine's",
    )
    restart_at: str = choice(
        "23:45",
        "HH:MM at which the gateway restarts itself each day; empty: it does not, or nobody knows",
    )
    restart_zone: str = choice("America/New_York", "time zone of restart_at")
    restart_minutes: int = whole(
        15, 1, 240, "minutes", "how long the daily restart may take before a person is told"
    )
    weekly_login_minutes: int = whole(
        720,
        1,
        1_439,
        "minutes",
        "how long after Sunday 01:00 in New York, when the login ends, nobody is told that it is away",
    )
    watchdog_cancels_everything: bool = choice(
        default=False,
        description="let the watchdog cancel at the broker; it can only cancel every order of the "
        "account, those of people and of other programs too",
    )

    @field_validator("messages_per_second")
    @classmethod
    def _fifths(cls, value: int) -> int:
        if value % 5:
            raise ConfigError(
                f"broker.ibkr.messages_per_second must be a multiple of 5, got {value}"
            )
        return value

    @field_validator("restart_at")
    @classmethod
    def _time_of_day(cls, value: str) -> str:
        if value and not _TIME_OF_DAY.fullmatch(value):
            raise ConfigError(
                f"broker.ibkr.restart_at must be HH:MM, such as 23:45, or empty, got {value!r}"
            )
        return value

    @field_validator("restart_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # unknown, no path at all, or a folder of zones
            raise ConfigError(
                "broker.ibkr.restart_zone must be a time zone such as America/New_York, got "
                f"{value!r}"
            ) from None
        return value


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
        if port_problem(self.binding):
            wanted = " or ".join(map(str, sorted(PAPER_PORTS if paper else LIVE_PORTS)))
            raise ConfigError(f"broker.ibkr.port must be {wanted} {trading}, got {port}")
        if account and account.startswith(PAPER_PREFIX) != paper:
            wanted = f"{'' if paper else 'not '}begin with {PAPER_PREFIX}"
            raise ConfigError(
                f"broker.ibkr.account_id must {wanted} {trading}, got {masked(account)}"
            )
        return self

    @property
    def real_money(self) -> bool:
        """Return whether orders go to a live account."""
        return self.provider == "ibkr" and not self.paper_trading

    @property
    def stub_may_stand_in(self) -> bool:
        """Return whether a failed connection at start may go on with the paper stub."""
        return without_broker(self.binding, started=False) is WithoutBroker.STUB

    @property
    def binding(self) -> Binding:
        """Return which account and which broker an engine is started for."""
        return Binding(
            paper=self.paper_trading,
            port=self.ibkr.port,
            account=self.ibkr.account_id,
            stub_at_start=self.on_connect_failure == "paper_stub",
        )


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
    kelly_shrinkage: bool = choice(
        default=False,
        description="whether a record of few trades gets less than half of the Kelly fraction",
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
    participation_cap_pct: Number | None = number(
        None,
        "0.01",
        "100",
        "percent of volume",
        "the most of the expected volume that a sliced order takes; its slices are further apart "
        "where they have to be; null: off",
    )
    pause_move_pct: Number = number(
        "2",
        "0.01",
        "1000",
        "percent",
        "slices of an entry wait while the mid is further than this from where it was on arrival",
    )


class PermissionSettings(Section):
    """Files that say who may trade what."""

    file: str = choice(
        "",
        "YAML file of what each strategy may trade, beside the settings file unless its name says "
        "where; empty: live nothing, else everything",
    )
    sectors_file: str = choice("", "CSV file with the columns symbol and sector; empty: none")
    instruments_file: str = choice(
        "",
        "CSV file with the columns symbol, con_id, class (liquid or other), currency and "
        "primary_exchange; empty: none",
    )


class RiskSettings(section_of(RiskLimits)):  # type: ignore[misc]  # made when the program starts
    """What no order may exceed."""

    permissions: PermissionSettings = PermissionSettings()


class SimulationSettings(Section):
    """How the simulated broker fills."""

    profile: Literal["spec", "quotes", "realistic"] | None = choice(
        None,
        "spec fills whole at a worsened touch, quotes at the far touch as quoted, realistic with delay, "
        "queues, limited size and the fees of a broker; null: quotes in replays and demos and with displayed_size, else spec",
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
    realistic: RealisticSettings = RealisticSettings()


class BacktestSettings(Section):
    """How strategies of other libraries are tested."""

    broker: Literal["backtrader", "simulated"] = choice(
        "backtrader",
        "what fills the orders of a Backtrader strategy (fillpath backtest --engine backtrader); "
        "backtrader: its own broker, simulated: the simulated broker of simulation",
    )


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
    operators: str = choice(
        "",
        "group of the machine whose members may use the engine's own door too, each under the own "
        "name; empty: only the user who runs it",
    )
    page_program: str = choice(
        "",
        "program that tells a person, such as one that rings a phone; it gets one JSON object on its "
        "standard input, at once and again each minute until somebody answers; empty: none",
    )
    hours: Literal["auto", "exchange", "always"] = choice(
        "auto", "when orders may leave; auto: always with a simulated broker, else the exchange's"
    )
    feed: Literal["auto", "ibkr", "redis", "modelled", "none"] = choice(
        "auto",
        "where quotes come from; auto: ibkr with that broker, else redis where redis.url is set, else "
        "a modelled market",
    )
    symbols: str = choice(
        "AAPL,MSFT,GOOG,IBM,SPY",
        "symbols of the modelled market, and those that the feed of ibkr follows from the start, with "
        "commas between",
    )
    health_port: int = whole(8787, 0, 65_535, "", "port of 127.0.0.1 that answers /health; 0: none")
    resume_delay_seconds: Number = number(
        "30", "0", "86400", "seconds", "time that must pass between a kill and its clearing"
    )
    snapshot_seconds: int = whole(
        60, 1, 86_400, "seconds", "from one valuation of what is held to the next"
    )
    reconcile_seconds: int = whole(
        300, 10, 86_400, "seconds", "from one comparison with the broker to the next, as a job"
    )
    keep_backups: int = whole(
        14, 0, 3_650, "copies", "of a journal file that are kept, one after each session; 0: none"
    )
    record_quotes: bool = choice(
        default=False,
        description="keep every quote in the account's folder, so that a live day can be decided once "
        "more; 100 bytes for each quote",
    )


class RedisSettings(Section):
    """A bus that several processes and machines share."""

    url: str = choice("", "redis://HOST:PORT/DB; empty: signals come through this machine only")
    per_account: bool = choice(
        default=False,
        description="take signals from execution:signals:ACCOUNT, for several engines on one Redis",
    )
    strategy_keys: str = choice(
        "",
        "folder of a file NAME.key for each strategy, with which it signs its signals; empty: they "
        "are not signed, which a real broker refuses",
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
    keep_quotes_days: int = whole(
        30,
        0,
        36_500,
        "days",
        "quotes of the tape older than this leave the tables, what they made of costs stays; 0: "
        "they stay",
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.journal == "database" and not self.url:
            raise ConfigError("database.journal must be file while database.url is empty")
        return self
