"""Whatever is unknown or wrong in the settings file or in a variable is refused by its name."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fillpath.core.errors import ConfigError
from fillpath.runtime.knobs import Knob
from fillpath.settings import (
    CATALOGUE,
    RISK_FILE,
    Settings,
    load_settings,
)

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


class TestFile:
    def test_a_file_may_say_as_little_as_it_likes(self, path: Path) -> None:
        settings = loaded(path, "router:\n  twap_num_slices: 10\n")

        assert settings.router.twap_num_slices == 10
        assert settings.execution == Settings().execution

    @pytest.mark.parametrize("text", ["# nothing\n", "broker:\n", "broker: {ibkr: }\n"])
    def test_an_empty_file_or_section_says_nothing(self, path: Path, text: str) -> None:
        assert loaded(path, text) == Settings()

    @pytest.mark.fault("F-44")
    @pytest.mark.parametrize("text", ["", " \n"])
    def test_a_file_without_a_word_is_refused(self, path: Path, text: str) -> None:
        with pytest.raises(ConfigError, match="is empty; fill it, or take it away"):
            loaded(path, text)

    def test_a_float_means_the_number_that_was_written(self, path: Path) -> None:
        settings = loaded(path, "execution: {limit_offset_pct: 0.07}")

        assert settings.execution.limit_offset_pct == Decimal("0.07")

    @pytest.mark.fault("F-44")
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            pytest.param(
                "router: {twap_num_slice: 3}",
                "unknown key router.twap_num_slice, the nearest is router.twap_num_slices",
                id="a misspelt key",
            ),
            pytest.param(
                "roter: {twap_num_slices: 3}",
                "unknown key roter, the nearest is router",
                id="a misspelt section",
            ),
            pytest.param(
                "broker: {ibkr: {prot: 4002}}",
                "unknown key broker.ibkr.prot, the nearest is broker.ibkr.port",
                id="a misspelt key below",
            ),
            pytest.param(
                "twap_num_slices: 3",
                "unknown key twap_num_slices, the nearest is router.twap_num_slices",
                id="a key without its section",
            ),
            pytest.param("broker: 5", "broker must be a section, got 5", id="no section"),
            pytest.param(
                "router: {twap_num_slices: 1}",
                "router.twap_num_slices must be a whole number from 2 to 1000 (slices), got 1",
                id="too small",
            ),
            pytest.param(
                "router: {twap_num_slices: 5.0}",
                "router.twap_num_slices must be a whole number from 2 to 1000 (slices), got 5.0",
                id="no whole number",
            ),
            pytest.param(
                "router: {twap_num_slices: '5'}",
                "router.twap_num_slices must be a whole number from 2 to 1000 (slices), got '5'",
                id="a number in quotes",
            ),
            pytest.param(
                "execution: {limit_offset_pct: 5}",
                "execution.limit_offset_pct must be a number from 0 to 1 (percent), got 5",
                id="bps taken for percent",
            ),
            pytest.param(
                "execution: {limit_offset_pct: .nan}",
                "execution.limit_offset_pct must be a number from 0 to 1 (percent), got nan",
                id="not a number",
            ),
            pytest.param(
                "execution: {limit_offset_pct: 0.0000001}",
                "execution.limit_offset_pct must be a number from 0 to 1 with at most 6 decimals "
                "(percent), got 1e-07",
                id="too fine",
            ),
            pytest.param(
                "execution: {limit_offset_pct: true}",
                "execution.limit_offset_pct must be a number from 0 to 1 (percent), got True",
                id="a truth for a number",
            ),
            pytest.param(
                "execution: {limit_offset_pct: }",
                "execution.limit_offset_pct must be a number from 0 to 1 (percent), got None",
                id="nothing for a number",
            ),
            pytest.param(
                "execution: {risk_budget_pct: 0}",
                "execution.risk_budget_pct must be a number from 0.01 to 100 or null "
                "(percent of equity), got 0",
                id="zero where off is null",
            ),
            pytest.param(
                "broker: {provider: ibrk}",
                "broker.provider must be one of ibkr, simulated, paper_stub, got 'ibrk'",
                id="an unknown broker",
            ),
            pytest.param(
                "broker: {paper_trading: 1}",
                "broker.paper_trading must be true or false, got 1",
                id="a number for a truth",
            ),
            pytest.param(
                "broker: {ibkr: {account_id: 12}}",
                "broker.ibkr.account_id must be text, got 12",
                id="a number for text",
            ),
            pytest.param(
                "router:\n  twap_num_slices: 3\n  twap_num_slices: 4\n",
                "line 3, column 3: the key twap_num_slices is there twice",
                id="a key twice",
            ),
            pytest.param("[1, 2]", "must hold sections with keys, got [1, 2]", id="a list"),
            pytest.param("a: [", "line 1, column 5: expected the node content", id="no YAML"),
            pytest.param("a: \x00", "is not YAML: unacceptable character", id="no text"),
            pytest.param("? [1, 2]\n: 3", "line 1, column 3: found unhashable key", id="odd key"),
            pytest.param(
                "!!python/object:os.system {}", "could not determine a constructor", id="code"
            ),
        ],
    )
    def test_what_is_wrong_in_a_file_is_named(self, path: Path, text: str, message: str) -> None:
        with pytest.raises(ConfigError) as refused:
            loaded(path, text)

        assert str(refused.value).startswith(f"{path}: ")
        assert message in str(refused.value)

    def test_a_missing_file_is_named(self, path: Path) -> None:
        with pytest.raises(ConfigError, match=r"cannot read .*settings\.yaml: No such file"):
            load_settings(path, {})

    def test_a_file_in_another_encoding_is_named(self, path: Path) -> None:
        path.write_bytes(b"broker:\n  # \xe4\n")

        with pytest.raises(ConfigError, match="must be UTF-8 text, byte 12 is not"):
            load_settings(path, {})

    def test_settings_that_contradict_each_other_are_refused(self, path: Path) -> None:
        with pytest.raises(ConfigError, match="contradict each other: size_threshold_small_pct"):
            loaded(path, "router: {size_threshold_small_pct: 2}")


class TestRiskFile:
    def test_the_limits_stand_in_a_file_of_their_own(self, path: Path) -> None:
        limits = path.with_name(RISK_FILE)
        limits.write_text("{max_positions: 3, price: {close_band_pct: 7}}", encoding="utf-8")

        settings = loaded(path, "router: {twap_num_slices: 3}")

        assert (settings.risk.max_positions, settings.risk.price.close_band_pct) == (3, 7)
        assert settings.router.twap_num_slices == 3

    def test_a_variable_wins_over_the_file(self, path: Path) -> None:
        path.with_name(RISK_FILE).write_text("max_positions: 3", encoding="utf-8")

        settings = loaded(path, "# nothing\n", SA_RISK__MAX_POSITIONS="2")

        assert settings.risk.max_positions == 2

    def test_limits_among_the_settings_are_refused(self, path: Path) -> None:
        with pytest.raises(ConfigError) as refused:
            loaded(path, "risk: {max_positions: 3}")

        assert str(refused.value) == (
            f"{path}: the section risk is not read here, its keys belong in "
            f"{path.with_name(RISK_FILE)}"
        )

    @pytest.mark.fault("F-44")
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            pytest.param(
                "max_positon: 3",
                "unknown key risk.max_positon, the nearest is risk.max_positions",
                id="a misspelt limit",
            ),
            pytest.param(
                "rate: {symbol_per_second: 3}",
                "unknown key risk.rate, the nearest is risk.rates",
                id="a misspelt group",
            ),
            pytest.param(
                "max_positions: 0",
                "risk.max_positions must be a whole number from 1 to 100000 (symbols), got 0",
                id="out of range",
            ),
            pytest.param(
                "autonomy: {mode: SOMETIMES}",
                "risk.autonomy.mode must be one of PAPER_ONLY, MANUAL_APPROVAL, "
                "BOUNDED_AUTONOMOUS, FULL_AUTONOMOUS, got 'SOMETIMES'",
                id="an unknown word",
            ),
            pytest.param("- 1", "must hold sections with keys, got [1]", id="a list"),
        ],
    )
    def test_what_is_wrong_is_named(self, path: Path, text: str, message: str) -> None:
        limits = path.with_name(RISK_FILE)
        limits.write_text(text, encoding="utf-8")

        with pytest.raises(ConfigError) as refused:
            loaded(path, "# nothing\n")

        assert str(refused.value).startswith(f"{limits}: ")
        assert message in str(refused.value)

    def test_a_limit_that_moved_is_named_where_it_is_now(self, path: Path) -> None:
        with pytest.raises(ConfigError, match=r"the nearest is risk\.stop_loss_pct"):
            loaded(path, "execution: {stop_loss_pct: 2}")


class TestVariables:
    def test_the_specified_examples_work(self) -> None:
        live = load_settings(
            None,
            {
                "SA_BROKER__PROVIDER": "ibkr",
                "SA_BROKER__PAPER_TRADING": "false",
                "SA_BROKER__IBKR__PORT": "4001",
            },
        )
        router = load_settings(
            None,
            {"SA_ROUTER__SIZE_THRESHOLD_LARGE_PCT": "0.5", "SA_ROUTER__TWAP_NUM_SLICES": "10"},
        ).router

        assert (live.broker.provider, live.broker.paper_trading) == ("ibkr", False)
        assert live.broker.ibkr.port == 4001
        assert (router.size_threshold_large_pct, router.twap_num_slices) == (Decimal("0.5"), 10)

    def test_a_variable_wins_over_the_file(self, path: Path) -> None:
        text = "router: {twap_num_slices: 3, twap_interval_seconds: 30}"

        settings = loaded(path, text, SA_ROUTER__TWAP_NUM_SLICES="4")

        assert settings.router.twap_num_slices == 4
        assert settings.router.twap_interval_seconds == 30

    def test_a_wrong_value_in_the_file_may_be_put_right_by_a_variable(self, path: Path) -> None:
        settings = loaded(path, "router: {twap_num_slices: 1}", SA_ROUTER__TWAP_NUM_SLICES="4")

        assert settings.router.twap_num_slices == 4

    def test_without_an_environment_that_of_the_process_is_taken(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SA_ROUTER__TWAP_NUM_SLICES", "7")

        assert load_settings().router.twap_num_slices == 7

    def test_variables_of_others_are_left_alone(self) -> None:
        assert load_settings(None, {"PATH": "/bin", "SALT": "1", "XSA_FOO": "1"}) == Settings()

    @pytest.mark.parametrize("text", ["", "null"])
    def test_nothing_switches_an_optional_setting_off(self, path: Path, text: str) -> None:
        settings = loaded(
            path, "execution: {risk_budget_pct: 1}", SA_EXECUTION__RISK_BUDGET_PCT=text
        )

        assert settings.execution.risk_budget_pct is None

    @pytest.mark.fault("F-44")
    @pytest.mark.parametrize(
        ("name", "text", "message"),
        [
            (
                "SA_ROUTER__TWAP_SLICES",
                "5",
                "unknown variable SA_ROUTER__TWAP_SLICES, the nearest is SA_ROUTER__TWAP_NUM_SLICES",
            ),
            ("SA_BROKER", "ibkr", "unknown variable SA_BROKER, the nearest is SA_BROKER__PROVIDER"),
            ("SA_ROUTER_TWAP_NUM_SLICES", "5", "the nearest is SA_ROUTER__TWAP_NUM_SLICES"),
            ("SA_Router__Twap_Num_Slices", "5", "unknown variable SA_Router__Twap_Num_Slices"),
            ("SA_", "", "unknown variable SA_"),
            (
                "SA_ROUTER__TWAP_NUM_SLICES",
                "ten",
                "variable SA_ROUTER__TWAP_NUM_SLICES: router.twap_num_slices must be a whole",
            ),
            (
                "SA_EXECUTION__LIMIT_OFFSET_PCT",
                "5",
                "execution.limit_offset_pct must be a number from 0 to 1 (percent), got 5",
            ),
            ("SA_EXECUTION__LIMIT_OFFSET_PCT", "a lot", "got 'a lot'"),
            ("SA_EXECUTION__LIMIT_OFFSET_PCT", "NaN", "got NaN"),
            ("SA_EXECUTION__LIMIT_OFFSET_PCT", "", "must be a number from 0 to 1"),
            ("SA_BROKER__PAPER_TRADING", "nope", "must be true or false, got 'nope'"),
            ("SA_BROKER__PROVIDER", "alpaca", "must be one of ibkr, simulated, paper_stub"),
        ],
    )
    def test_what_is_wrong_in_a_variable_is_named(self, name: str, text: str, message: str) -> None:
        with pytest.raises(ConfigError) as refused:
            load_settings(None, {name: text})

        assert message in str(refused.value)

    @pytest.mark.parametrize("knob", KNOBS, ids=named)
    def test_every_setting_has_a_variable(self, knob: Knob) -> None:
        default = value(Settings(), knob)
        text = "" if default is None else str(default)

        assert load_settings(None, {knob.variable: text}) == Settings()

    @pytest.mark.fault("F-44")
    @given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ_", max_size=30))
    def test_no_unknown_variable_is_passed_over(self, rest: str) -> None:
        assume(f"SA_{rest}" not in {knob.variable for knob in KNOBS})

        with pytest.raises(ConfigError, match=f"unknown variable SA_{rest}, "):
            load_settings(None, {f"SA_{rest}": "1"})
