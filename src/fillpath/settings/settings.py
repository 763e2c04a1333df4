"""All settings in one value, and the frozen policies that they become."""

from collections.abc import Iterator
from dataclasses import replace
from types import UnionType
from typing import Annotated, Any, Final, Literal, Self, Union, get_args, get_origin

from pydantic import PrivateAttr, model_validator

from fillpath.core.errors import ConfigError
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
from fillpath.risk.limits import Autonomy, Permissions, RiskLimits
from fillpath.runtime.knobs import Catalogue, KeyPath, Knob
from fillpath.runtime.limit_sections import risk_limits
from fillpath.runtime.sections import Section
from fillpath.settings.dashboard import DashboardSettings
from fillpath.settings.listings import Listings
from fillpath.settings.monitoring import AlertSettings, MetricsSettings
from fillpath.settings.sections import (
    BacktestSettings,
    BrokerSettings,
    DatabaseSettings,
    EngineSettings,
    ExecutionSettings,
    RedisSettings,
    RiskSettings,
    RouterSettings,
    SimulationSettings,
)

RISK: Final = "risk"


class Settings(Section):
    """All settings; built without arguments it holds the defaults."""

    broker: BrokerSettings = BrokerSettings()
    execution: ExecutionSettings = ExecutionSettings()
    router: RouterSettings = RouterSettings()
    risk: RiskSettings = RiskSettings()
    simulation: SimulationSettings = SimulationSettings()
    backtest: BacktestSettings = BacktestSettings()
    engine: EngineSettings = EngineSettings()
    redis: RedisSettings = RedisSettings()
    database: DatabaseSettings = DatabaseSettings()
    dashboard: DashboardSettings = DashboardSettings()
    alerts: AlertSettings = AlertSettings()
    metrics: MetricsSettings = MetricsSettings()

    _listings: Listings = PrivateAttr(default=Listings())

    @model_validator(mode="after")
    def _fleet(self) -> Self:
        if self.engine.accounts and self.database.journal != "database":
            raise ConfigError("database.journal must be database while engine.accounts is set")
        if self.engine.accounts and self.redis.url and not self.redis.per_account:
            raise ConfigError("redis.per_account must be true while engine.accounts is set")
        return self

    def with_listings(self, listings: Listings) -> Self:
        """Return the settings with the lists that their files say."""
        known = self.model_copy()
        known._listings = listings  # noqa: SLF001  # our own
        return known

    def desk_policy(self, *, live: bool | None = None) -> DeskPolicy:
        """Return every rule that the desk decides by.

        Args:
            live: whether the rules of a real broker hold where the settings say null; None asks
                the broker of the settings.

        Raises:
            ModelError: two settings contradict each other.
        """
        execution = self.execution
        live = self.broker.provider == "ibkr" if live is None else live
        required = execution.adv_required
        return DeskPolicy(
            sizing=self._sizing(),
            router=self._router(),
            quality=QualityPolicy(
                max_slippage_bps=execution.alert_slippage_bps,
                max_latency_ms=execution.alert_latency_ms,
            ),
            risk=self._risk(live=live),
            max_signal_age_seconds=execution.max_signal_age_seconds,
            adv_required=live if required is None else required,
            stop_keeper=self.risk.protection.protective_stop,
        )

    def check_start(self) -> None:
        """Refuse to begin trading where an account would not be guarded as it must be.

        Raises:
            ConfigError: the mode is for paper and the account is not, nobody could tell who sends
                the signals of a real broker, or it would trade on invented quotes.
        """
        self._check_origin()
        self._check_broker()
        mode = self.risk.autonomy.mode
        if self.broker.real_money and mode == Autonomy.PAPER_ONLY:
            raise ConfigError(
                "risk.autonomy.mode must be MANUAL_APPROVAL, BOUNDED_AUTONOMOUS or FULL_AUTONOMOUS "
                f"on a live account, got {mode}"
            )

    def _check_origin(self) -> None:
        keys, redis = self.redis.strategy_keys, self.redis.url
        if redis and not keys and self.broker.provider == "ibkr":
            raise ConfigError(
                "redis.strategy_keys must be the folder of the strategies' keys while signals come "
                "over redis.url to a real broker, got an empty text"
            )
        if keys and self.redis.bridge:
            raise ConfigError(
                "redis.bridge must be false while redis.strategy_keys is set: what is only "
                "published carries no signature"
            )

    def _check_broker(self) -> None:
        real, engine = self.broker.provider == "ibkr", self.engine
        if real and engine.feed == "modelled":
            raise ConfigError(
                "engine.feed must not be modelled while broker.provider is ibkr: its quotes are "
                "invented"
            )
        if not real and engine.feed == "ibkr":
            raise ConfigError(
                f"engine.feed must not be ibkr while broker.provider is {self.broker.provider}"
            )
        if real and engine.accounts:
            raise ConfigError(
                "engine.accounts must be empty while broker.provider is ibkr: each account has an "
                "engine and a broker.ibkr.client_id of its own"
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
        chosen = FillProfile(profile or knobs.profile or otherwise)
        realistic = chosen is FillProfile.REALISTIC
        return SimulationPolicy(
            profile=chosen,
            cash=knobs.cash,
            commission_pct=knobs.commission_pct,
            slippage_pct=knobs.slippage_pct,
            displayed_size=knobs.displayed_size,
            realistic=knobs.realistic.policy() if realistic else None,
        )

    def _risk(self, *, live: bool) -> RiskLimits:
        age, known = self.router.max_quote_age_seconds, self._listings
        return replace(
            risk_limits(self.risk, live=live, quote_age=age),
            # Where orders are real, a strategy that nobody allowed anything may do nothing.
            permissions=known.permissions or Permissions(everyone=not live),
            instruments=known.instruments,
            sectors=known.sectors,
            real_money=live and self.broker.real_money,
        )

    def _sizing(self) -> SizingPolicy:
        execution, risk = self.execution, self.risk
        return SizingPolicy(
            position_sizing=SizingMethod(execution.position_sizing),
            default_order_type=OrderType(execution.default_order_type.upper()),
            limit_offset_pct=execution.limit_offset_pct,
            stop_loss_pct=risk.stop_loss_pct,
            max_position_pct=risk.max_position_pct,
            cash_reserve_pct=risk.cash_reserve_pct,
            risk_budget_pct=execution.risk_budget_pct,
            fixed_quantity=execution.fixed_quantity,
            percent_equity=execution.percent_equity,
            scale_by_strength=execution.scale_by_strength,
            kelly_shrinkage=execution.kelly_shrinkage,
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
"""Every setting, whichever file it is in."""
LIMITS: Final = Catalogue(
    knob._replace(path=knob.path[1:]) for path, knob in CATALOGUE.knobs.items() if path[0] == RISK
)
"""The settings in ``risk_limits.yaml``, as they are called in that file."""
MAIN: Final = Catalogue(knob for path, knob in CATALOGUE.knobs.items() if path[0] != RISK)
"""The settings in ``settings.yaml``."""
