"""The settings hold the specified defaults and become the rules that the rooms take."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import yaml

from fillpath.core.errors import ConfigError
from fillpath.core.models import OrderType
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.policy import DeskPolicy, LargeOrders, RouterPolicy, SizingMethod
from fillpath.risk.limits.account import StopKeeper
from fillpath.runtime.knobs import Knob
from fillpath.settings import (
    CATALOGUE,
    LIMITS,
    MAIN,
    RISK_FILE,
    Settings,
    load_settings,
    masked,
    policy_hash,
    shipped,
    shipped_limits,
    shown,
    shown_limits,
)
from tests.house.project import ROOT

GUARDED = replace(DeskPolicy(), stop_keeper=StopKeeper.BROKER)
"""Hand-built rules place no stops unless they say so; settings do unless they say otherwise."""
KNOBS = list(CATALOGUE.knobs.values())
NAMES = {knob.name: knob for knob in KNOBS}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.yaml"


def loaded(path: Path, text: str, **environment: str) -> Settings:
    path.write_text(text, encoding="utf-8")
    return load_settings(path, environment)


def value(settings: Settings, knob: Knob) -> Any:
    found: Any = settings
    for name in knob.path:
        found = getattr(found, name)
    return found


def named(knob: Knob) -> str:
    return knob.name


class TestDefaults:
    def test_the_file_of_the_repository_holds_exactly_the_defaults(self) -> None:
        assert load_settings(ROOT / "config" / "settings.yaml", {}) == Settings()

    def test_the_file_of_the_repository_names_every_key(self) -> None:
        main, limits = (
            yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8"))
            for name in ("settings.yaml", "risk_limits.yaml")
        )
        sections = main | {"risk": limits}

        for knob in KNOBS:
            found = sections
            for name in knob.path:
                found = found[name]

    def test_the_file_of_the_repository_explains_every_key(self) -> None:
        main = (ROOT / "config" / "settings.yaml").read_text(encoding="utf-8")
        limits = (ROOT / "config" / "risk_limits.yaml").read_text(encoding="utf-8")

        values = Settings().model_dump()
        assert main.endswith(MAIN.written(values, explain=True))
        assert limits.endswith(LIMITS.written(values["risk"], explain=True))

    def test_the_package_ships_the_same_file(self) -> None:
        assert shipped() == (ROOT / "config" / "settings.yaml").read_text(encoding="utf-8")
        limits = (ROOT / "config" / "risk_limits.yaml").read_text(encoding="utf-8")
        assert shipped_limits() == limits

    def test_nothing_said_means_the_defaults(self) -> None:
        assert load_settings(None, {}) == Settings()

    def test_the_rules_of_the_default_settings_are_the_default_rules(self) -> None:
        assert Settings().desk_policy() == GUARDED

    def test_the_default_simulation_is_the_default_of_the_simulated_broker(self) -> None:
        assert Settings().simulation_policy() == SimulationPolicy()

    @pytest.mark.parametrize("knob", KNOBS, ids=named)
    def test_every_setting_is_described(self, knob: Knob) -> None:
        assert knob.description
        assert (
            knob.unit
            or knob.kind not in {int, Decimal}
            or knob.path[-1] in {"client_id", "health_port", "port"}
        )
        assert knob.range or knob.kind not in {int, Decimal}

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("broker.provider", "paper_stub"),
            ("broker.paper_trading", True),
            ("broker.ibkr.host", "127.0.0.1"),
            ("broker.ibkr.port", 4002),
            ("broker.ibkr.client_id", 1),
            ("broker.ibkr.account_id", ""),
            ("execution.default_order_type", "limit"),
            ("execution.limit_offset_pct", Decimal("0.05")),
            ("execution.max_slippage_pct", Decimal("0.10")),
            ("execution.position_sizing", "half_kelly"),
            ("router.size_threshold_small_pct", Decimal("0.1")),
            ("router.size_threshold_large_pct", Decimal("1.0")),
            ("router.twap_num_slices", 5),
            ("router.twap_interval_seconds", 60),
            ("router.wide_spread_threshold_bps", Decimal("20.0")),
        ],
    )
    def test_the_specified_keys_have_the_specified_values(self, name: str, expected: Any) -> None:
        assert value(Settings(), NAMES[name]) == expected


class TestBroker:
    @pytest.mark.parametrize("word", ["demo", "stub", "paper_stub", "''", "null", "~"])
    def test_words_for_the_stub_and_no_word_mean_the_stub(self, path: Path, word: str) -> None:
        assert loaded(path, f"broker: {{provider: {word}}}").broker.provider == "paper_stub"

    @pytest.mark.parametrize("text", ["demo", "stub", ""])
    def test_the_same_words_work_in_the_variable(self, text: str) -> None:
        settings = load_settings(None, {"SA_BROKER__PROVIDER": text})

        assert settings.broker.provider == "paper_stub"

    @pytest.mark.parametrize(
        ("paper", "port", "wanted"),
        [
            ("true", 4001, "4002 or 7497"),
            ("true", 7496, "4002 or 7497"),
            ("false", 4002, "4001 or 7496"),
            ("false", 7497, "4001 or 7496"),
        ],
    )
    def test_a_port_of_the_other_kind_of_money_is_refused(
        self, path: Path, paper: str, port: int, wanted: str
    ) -> None:
        with pytest.raises(ConfigError) as refused:
            loaded(path, f"broker: {{paper_trading: {paper}, ibkr: {{port: {port}}}}}")

        assert str(refused.value).endswith(
            f"broker.ibkr.port must be {wanted} while broker.paper_trading is {paper}, got {port}"
        )

    @pytest.mark.parametrize(("paper", "port"), [("true", 7497), ("false", 4001), ("true", 5000)])
    def test_a_port_of_the_same_kind_or_of_none_is_accepted(
        self, path: Path, paper: str, port: int
    ) -> None:
        settings = loaded(path, f"broker: {{paper_trading: {paper}, ibkr: {{port: {port}}}}}")

        assert settings.broker.ibkr.port == port

    @pytest.mark.parametrize(
        ("paper", "port", "account", "wanted"),
        [
            ("true", 4002, "U1234567", "must begin with D"),
            ("false", 4001, "DU1234567", "must not begin with D"),
        ],
    )
    def test_an_account_of_the_other_kind_of_money_is_refused(
        self, path: Path, paper: str, port: int, account: str, wanted: str
    ) -> None:
        section = f"{{port: {port}, account_id: {account}}}"

        with pytest.raises(ConfigError, match=wanted) as refused:
            loaded(path, f"broker: {{paper_trading: {paper}, ibkr: {section}}}")

        assert "1234" not in str(refused.value)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("broker: {}", True),
            ("broker: {on_connect_failure: halt}", False),
            ("broker: {paper_trading: false, ibkr: {port: 4001}}", False),
        ],
        ids=["paper", "halt", "live"],
    )
    def test_the_stub_stands_in_for_paper_trading_alone(
        self, path: Path, text: str, *, expected: bool
    ) -> None:
        assert loaded(path, text).broker.stub_may_stand_in is expected


class TestPolicies:
    def test_every_execution_setting_reaches_its_rule(self, path: Path) -> None:
        policy = loaded(
            path,
            """
            execution:
              default_order_type: market
              limit_offset_pct: 0.2
              max_slippage_pct: 0.3
              position_sizing: percent_equity
              fixed_quantity: 7
              percent_equity: 3
              scale_by_strength: true
              risk_budget_pct: 0.5
              min_trades: 9
              lot_size: 10
              max_signal_age_seconds: 60
              adv_required: true
              alert_slippage_bps: 11
              alert_latency_ms: 1000
            """,
        ).desk_policy()

        sizing, router = policy.sizing, policy.router
        assert sizing.default_order_type is OrderType.MARKET
        assert sizing.position_sizing is SizingMethod.PERCENT_EQUITY
        assert sizing.limit_offset_pct == router.limit_offset_pct == Decimal("0.2")
        assert router.max_slippage_pct == Decimal("0.3")
        assert (sizing.fixed_quantity, sizing.percent_equity) == (7, 3)
        assert (sizing.scale_by_strength, sizing.risk_budget_pct) == (True, Decimal("0.5"))
        assert sizing.min_trades == 9
        assert sizing.lot_size == router.lot_size == 10
        assert (policy.max_signal_age_seconds, policy.adv_required) == (60, True)
        assert (policy.quality.max_slippage_bps, policy.quality.max_latency_ms) == (11, 1000)

    def test_every_router_setting_reaches_its_rule(self, path: Path) -> None:
        policy = loaded(
            path,
            """
            router:
              size_threshold_small_pct: 0.2
              size_threshold_large_pct: 2
              twap_num_slices: 3
              twap_interval_seconds: 20
              wide_spread_threshold_bps: 40
              urgent_strength: 0.8
              max_quote_age_seconds: 9
              protect_market: false
              slice_large: table
              max_participation_pct: 10
            """,
        ).desk_policy()

        assert policy.router == RouterPolicy(
            size_threshold_small_pct="0.2",
            size_threshold_large_pct=2,
            twap_num_slices=3,
            twap_interval_seconds=20,
            wide_spread_threshold_bps=40,
            urgent_strength="0.8",
            max_quote_age_seconds=9,
            protect_market=False,
            slice_large=LargeOrders.TABLE,
            max_participation_pct=10,
        )

    def test_every_limit_reaches_its_rule(self) -> None:
        limits = [
            knob for knob in KNOBS if knob.path[0] == "risk" and knob.path[1] != "permissions"
        ]
        said = {knob.variable: another(knob) for knob in limits}

        risk = load_settings(None, said).desk_policy().risk

        for knob in limits:
            found: Any = risk
            for name in knob.path[1:]:
                found = getattr(found, name)
            assert str(found).lower() == said[knob.variable].lower(), knob.name

    def test_sizing_keeps_the_limits_of_risk(self, path: Path) -> None:
        path.with_name(RISK_FILE).write_text(
            "{max_position_pct: 6, cash_reserve_pct: 20, stop_loss_pct: 4}", encoding="utf-8"
        )

        policy = loaded(path, "# the defaults\n").desk_policy()

        risk, sizing = policy.risk, policy.sizing
        assert risk.max_position_pct == sizing.max_position_pct == 6
        assert risk.cash_reserve_pct == sizing.cash_reserve_pct == 20
        assert risk.stop_loss_pct == sizing.stop_loss_pct == 4

    def test_where_orders_are_real_a_limit_that_nobody_chose_is_the_stricter_one(self) -> None:
        settings = load_settings(None, {"SA_BROKER__PROVIDER": "ibkr"})

        risk = settings.desk_policy().risk

        assert (risk.allow_short, risk.max_trades_per_day, risk.max_turnover_pct) == (
            False,
            50,
            200,
        )
        assert (risk.size.basket_pct, risk.rates.account_per_second) == (20, 10)
        assert (risk.price.market_quote_age_seconds, risk.price.limit_quote_age_seconds) == (3, 10)
        assert (risk.price.pause_quote_age_seconds, risk.price.cancel_quote_age_seconds) == (10, 60)
        assert risk.breakers.operator_heartbeat_hours == 48
        assert settings.desk_policy(live=False).risk == DeskPolicy().risk

    @pytest.mark.parametrize("provider", ["ibkr", "simulated"])
    def test_a_limit_that_somebody_chose_holds_in_every_mode(self, provider: str) -> None:
        said = {"SA_BROKER__PROVIDER": provider, "SA_RISK__RATES__ACCOUNT_PER_SECOND": "7"}

        settings = load_settings(None, said)

        assert settings.desk_policy().risk.rates.account_per_second == 7

    def test_simulated_ages_follow_the_age_at_which_a_quote_gets_too_old(self) -> None:
        settings = load_settings(
            None,
            {
                "SA_ROUTER__MAX_QUOTE_AGE_SECONDS": "8",
                "SA_RISK__PRICE__MARKET_QUOTE_AGE_SECONDS": "2",
            },
        )

        price = settings.desk_policy().risk.price
        replayed = settings.desk_policy().at_quote_age(180)

        assert (price.market_quote_age_seconds, price.limit_quote_age_seconds) == (2, 8)
        assert price.cancel_quote_age_seconds == 48
        assert replayed.router.max_quote_age_seconds == 180
        assert replayed.risk.price.limit_quote_age_seconds == 180
        assert replayed.risk.price.cancel_quote_age_seconds == 1_080
        assert replayed.risk.price.market_quote_age_seconds == 2

    @pytest.mark.parametrize(
        ("provider", "required"), [("ibkr", True), ("simulated", False), ("paper_stub", False)]
    )
    def test_a_missing_average_volume_is_refused_where_orders_are_real(
        self, path: Path, provider: str, *, required: bool
    ) -> None:
        settings = loaded(path, f"broker: {{provider: {provider}}}")

        assert settings.desk_policy().adv_required is required

    def test_every_simulation_setting_reaches_its_rule(self, path: Path) -> None:
        policy = loaded(
            path,
            "simulation: {profile: quotes, commission_pct: 0.01, slippage_pct: 0.2, "
            "displayed_size: true, cash: 5000}",
        ).simulation_policy()

        assert policy == SimulationPolicy(
            profile=FillProfile.QUOTES,
            commission_pct="0.01",
            slippage_pct="0.2",
            displayed_size=True,
            cash=5000,
        )

    def test_displayed_size_asks_for_the_profile_that_knows_it(self, path: Path) -> None:
        policy = loaded(path, "simulation: {displayed_size: true}").simulation_policy()

        assert policy.profile is FillProfile.QUOTES

    def test_the_profile_that_is_asked_for_wins(self, path: Path) -> None:
        settings = loaded(path, "simulation: {profile: spec}")

        assert settings.simulation_policy(FillProfile.QUOTES).profile is FillProfile.QUOTES

    def test_displayed_size_with_the_profile_that_fills_whole_is_refused(self, path: Path) -> None:
        with pytest.raises(ConfigError, match="displayed_size must be False"):
            loaded(path, "simulation: {profile: spec, displayed_size: true}")

    @pytest.mark.parametrize("knob", [knob for knob in KNOBS if knob.range], ids=named)
    @pytest.mark.parametrize("end", [1, 3], ids=["low", "high"])
    def test_the_ends_of_every_range_are_rules_that_can_be_built(
        self, knob: Knob, end: int
    ) -> None:
        # The thresholds of size must keep their order, so the other one moves along.
        sizes = {"SA_ROUTER__SIZE_THRESHOLD_SMALL_PCT": "0"}
        if knob.name == "router.size_threshold_small_pct":
            sizes = {"SA_ROUTER__SIZE_THRESHOLD_LARGE_PCT": "1000"}
        bound = knob.range.split()[end]

        settings = load_settings(None, sizes | {knob.variable: bound})

        assert value(settings, knob) == Decimal(bound)


class TestPolicyHash:
    def test_equal_rules_have_the_same_hash_however_they_are_written(self, path: Path) -> None:
        settings = loaded(path, "execution: {max_slippage_pct: 0.1, percent_equity: 2.0}")

        assert policy_hash(settings) == policy_hash(Settings()) == policy_hash(GUARDED)

    def test_the_hash_stays_the_same_between_versions(self) -> None:
        # A journal records it: when a new rule changes it, that is a change of rules.
        assert policy_hash(DeskPolicy()) == (
            "8fab546b5926f5a615f5fe1e1720fd3be158da55c6570fac83e2298a214127ac"
        )

    @pytest.mark.parametrize("part", ["sizing", "router", "quality", "risk"])
    def test_every_rule_counts(self, part: str) -> None:
        changes = list(changed(getattr(DeskPolicy(), part)))

        hashes = {policy_hash(replace(DeskPolicy(), **{part: change})) for change in changes}

        assert len(hashes - {policy_hash(DeskPolicy())}) == len(changes)

    @pytest.mark.parametrize("change", [{"max_signal_age_seconds": 31}, {"adv_required": True}])
    def test_the_rules_of_the_desk_itself_count(self, change: dict[str, Any]) -> None:
        assert policy_hash(DeskPolicy(**change)) != policy_hash(DeskPolicy())

    def test_where_orders_go_is_no_rule(self, path: Path) -> None:
        settings = loaded(path, "broker: {provider: simulated}")

        assert policy_hash(settings) == policy_hash(Settings())


def changed(rules: Any) -> Iterator[Any]:
    """Yield the rules with each of them changed in turn, those of a group within too."""
    for rule in fields(rules):
        now = getattr(rules, rule.name)
        if is_dataclass(now):
            yield from (replace(rules, **{rule.name: group}) for group in changed(now))
        elif rule.init:
            yield replace(rules, **{rule.name: other(rules, rule.name)})


def another(knob: Knob) -> str:
    """Return another allowed value of a setting, as a variable says it."""
    if isinstance(knob.kind, tuple):
        return knob.kind[-1]
    if knob.kind is bool:
        return "false"
    return "IBM,XYZ" if knob.kind is str else knob.range.split()[3]


def other(rules: Any, name: str) -> Any:
    """Return another allowed value of a rule."""
    match getattr(rules, name):
        case bool() as truth:
            return not truth
        case Enum() as word:
            return next(member for member in type(word) if member not in {word, OrderType.STOP})
        case None:
            return 1
        case ():
            return {"Permissions": (("a", *"****", "", ""),), "Sectors": (("A", "b"),)}.get(
                type(rules).__name__, (("A", "1", "other", "USD", "NYSE"),)
            )
        case str():
            return "XYZ"
        case number:
            return number * 2 or 1 if name != "urgent_strength" else number / 2


class TestShown:
    def test_what_is_shown_is_a_settings_file(self, path: Path) -> None:
        settings = load_settings(
            None, {"SA_ROUTER__TWAP_NUM_SLICES": "7", "SA_RISK__PRICE__PERIOD_SECONDS": "7"}
        )

        path.with_name(RISK_FILE).write_text(shown_limits(settings), encoding="utf-8")
        assert loaded(path, shown(settings)) == settings

    def test_the_account_is_masked(self) -> None:
        settings = load_settings(None, {"SA_BROKER__IBKR__ACCOUNT_ID": "DU1234567"})

        assert 'account_id: "******567"' in shown(settings)
        assert "1234" not in shown(settings)

    @pytest.mark.parametrize(("account", "expected"), [("", ""), ("DU1", "DU1"), ("DU12", "*U12")])
    def test_only_the_last_three_characters_of_an_account_are_readable(
        self, account: str, expected: str
    ) -> None:
        assert masked(account) == expected
