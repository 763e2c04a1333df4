"""What ``deploy`` starts: nothing published beyond this machine, no password written down, all pinned."""

import json
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fillpath.cli import COMMANDS
from fillpath.monitoring.catalogue import METRICS, series_of
from fillpath.settings import CATALOGUE
from tests.house.project import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("fillpath:")]
ACCESS = (DEPLOY / "redis" / "users.acl").read_text("utf-8").splitlines()
SERIES = {name for metric in METRICS.values() for name in series_of(metric)}
GATEWAY_PORTS = {"4001", "4002", "7496", "7497"}


@pytest.mark.security("S-23")
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_published_on_this_machine_alone(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        address, outer, _ = str(port).split(":")
        assert address == "127.0.0.1"
        assert outer not in GATEWAY_PORTS


@pytest.mark.security("S-23")
def test_only_the_two_pages_are_published() -> None:
    assert {name for name in SERVICES if SERVICES[name].get("ports")} == {"dashboard", "grafana"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_hardened_and_looked_after(name: str) -> None:
    service = SERVICES[name]

    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+\S*", service["image"])
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert not service.get("privileged")
    assert service.get("network_mode") in {None, "service:engine"}
    assert service["healthcheck"]["test"]
    assert service["user"].startswith("${FILLPATH_USER:?")
    assert service["restart"] == "unless-stopped"


@pytest.mark.security("S-05")
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_holds_no_password(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    for variable, value in environment.items():
        secret = re.search(r"PASSWORD|SECRET|TOKEN|KEY", variable)
        assert not secret or str(value).startswith("/run/secrets/")
        assert "://" not in str(value)
    words = " ".join(map(str, SERVICES[name].get("command", [])))
    assert not re.search(r"requirepass|password|--user ", words)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_gets_the_secrets_that_it_needs_and_no_other(name: str) -> None:
    service = SERVICES[name]
    given = set(service.get("secrets", []))
    used = set(re.findall(r"/run/secrets/([\w.]+)", json.dumps(service)))
    if "FILLPATH_REDIS" in service.get("environment", {}):
        used |= {"redis_engine_password", "database_password"}

    assert given == used
    assert given <= set(COMPOSE["secrets"])


def test_every_secret_is_a_file_that_is_never_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8")

    assert "/deploy/secrets/" in ignored
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}


@pytest.mark.parametrize("name", OURS)
def test_every_setting_and_command_exists(name: str) -> None:
    known = {knob.variable for knob in CATALOGUE.knobs.values()}
    given = {word for word in SERVICES[name]["environment"] if word.startswith("SA_")}
    commands = {command.words for command in COMMANDS}
    started, *words = SERVICES[name]["command"]
    probe = SERVICES[name]["healthcheck"]["test"][1:]

    assert given <= known
    assert (started, tuple(words) in commands) == ("fillpath", True)
    assert probe[0] == "python" or tuple(probe[1:]) in commands


@pytest.mark.security("S-28")
def test_the_figures_are_read_over_loopback() -> None:
    prometheus = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    (job,) = prometheus["scrape_configs"]

    port = SERVICES["engine"]["environment"]["SA_METRICS__PORT"]
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{port}"]}]
    assert SERVICES["prometheus"]["network_mode"] == "service:engine"


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text("utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def board() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (DEPLOY / "grafana" / "dashboards" / "fillpath.json").read_text("utf-8")
    )
    return found


def named(expression: str) -> set[str]:
    return set(re.findall(r"\bfillpath_\w+", expression))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_a_rule_names_figures_that_exist(rule: dict[str, Any]) -> None:
    assert named(rule["expr"]) <= SERIES
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"]["summary"]


def test_the_board_shows_every_figure_and_no_other() -> None:
    shown = set().union(
        *(named(target["expr"]) for panel in board()["panels"] for target in panel["targets"])
    )
    missing = [
        metric.name for metric in METRICS.values() if not shown.intersection(series_of(metric))
    ]

    assert shown <= SERIES
    assert missing == []


def test_a_rule_uses_labels_that_the_figure_has() -> None:
    labels = {name: set(metric.labels) for metric in METRICS.values() for name in series_of(metric)}
    for rule in rules():
        for name, inside in re.findall(r"(fillpath_\w+)\{([^}]*)\}", rule["expr"]):
            assert set(re.findall(r"(\w+)=", inside)) <= labels[name] | {"le"}


def users() -> dict[str, str]:
    return {line.split()[1]: line for line in ACCESS}


@pytest.mark.security("S-22")
def test_redis_lets_nobody_in_without_a_name_and_a_password() -> None:
    found = users()

    assert " off " in found.pop("default")
    for name, line in found.items():
        assert f" #{name.upper()} " in line
        assert " -@all " in line
        assert "nopass" not in line
        assert "allkeys" not in line
        assert "~* " not in f"{line} "


@pytest.mark.security("S-22")
def test_a_strategy_may_only_add_signals() -> None:
    line = users()["strategy"]

    assert re.findall(r"\+\S+", line) == ["+@connection", "+xadd"]
    assert re.findall(r"~\S+", line) == ["~execution:signals"]


@pytest.mark.security("S-21")
def test_secrets_are_random_private_and_never_overwritten(tmp_path: Path) -> None:
    folder = copied(tmp_path)

    first = secrets_of(folder)
    second = secrets_of(folder)

    assert first == second
    assert secrets_of(copied(tmp_path / "other"))["database_password"] != first["database_password"]
    for path in (folder / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {name for name in COMPOSE["secrets"] if name not in first} == set()
    assert not re.search(r"#[A-Z]", first["redis_users.acl"])


def copied(folder: Path) -> Path:
    target = folder / "deploy"
    shutil.copytree(DEPLOY, target, ignore=shutil.ignore_patterns("secrets", "data", ".env"))
    return target


def secrets_of(folder: Path) -> dict[str, str]:
    program = [sys.executable, str(folder / "make_secrets.py")]
    subprocess.run(program, check=shutil.which("openssl") is not None, capture_output=True)
    return {path.name: path.read_text("utf-8") for path in (folder / "secrets").iterdir()}


def entered(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(DEPLOY / "entrypoint.sh"), "/usr/bin/env"],
        env={"PATH": "/usr/bin:/bin", "FILLPATH_SECRETS": str(folder)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.security("S-05")
@pytest.mark.parametrize("content", [None, ""])
def test_nothing_starts_without_its_secrets(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "redis_engine_password").write_text(content)

    refused = entered(tmp_path, FILLPATH_REDIS="redis:6379")

    assert refused.returncode == 1
    assert "missing or empty" in refused.stderr


def test_secrets_become_addresses(tmp_path: Path) -> None:
    (tmp_path / "redis_engine_password").write_text("abc\n")
    (tmp_path / "database_password").write_text("def")

    started = entered(tmp_path, FILLPATH_REDIS="redis:6379", FILLPATH_DATABASE="db:5432")

    assert "SA_REDIS__URL=redis://engine:abc@redis:6379/0" in started.stdout
    assert "SA_DATABASE__URL=postgresql://fillpath:def@db:5432/fillpath" in started.stdout


def test_without_servers_nothing_is_asked_for(tmp_path: Path) -> None:
    assert entered(tmp_path).returncode == 0


def test_the_image_runs_as_nobody_special_from_locked_packages() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")

    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.13.9-slim-bookworm"] * 2
    assert "USER 10001:10001" in text
    assert text.count("--require-hashes") == 2


def test_the_image_brings_what_alerts_are_told_through() -> None:
    image = (DEPLOY / "Dockerfile").read_text("utf-8")
    lock = (ROOT / "requirements" / "servers.txt").read_text("utf-8")

    assert "-r requirements/servers.txt" in image
    assert re.search(r"^apprise==", lock, re.MULTILINE)
