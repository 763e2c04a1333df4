"""Alerts with real processes: told in time, told after every death, and told when nothing started."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.units import moment
from fillpath.monitoring.book import AlertBook
from tests.unit.monitoring.test_channels import Server

SIGNS = "0123456789abcdef" * 2
PATIENCE = 40.0


class Receiver:
    """A webhook that can be away: it listens when told to, always at the same place."""

    def __init__(self) -> None:
        self.server = Server()
        self.server.status = 503
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def told(self) -> list[dict[str, Any]]:
        return [alert for *_, body in list(self.server.got) for alert in json.loads(body)["alerts"]]

    def codes(self) -> list[str]:
        return [alert["code"] for alert in self.told()]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Machine:
    """Where engines are started and die."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.folder = folder / "data"
        place = receiver.server.place
        path = folder / "channels.toml"
        path.write_text(f'[ops]\nwebhook = "http://{place}/x"\nsecret = "{SIGNS}"\n')
        path.chmod(0o600)
        self.environment = {name: value for name, value in os.environ.items() if name[:3] != "SA_"}
        self.environment |= {
            "SA_ENGINE__FOLDER": str(self.folder),
            "SA_ENGINE__HEALTH_PORT": "0",
            "SA_ALERTS__CHANNELS": str(path),
            "SA_ALERTS__HOSTS": place,
        }
        self.started: list[subprocess.Popen[bytes]] = []

    def run(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "fillpath", *words],
            env=self.environment | more,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.started.append(process)
        return process

    def trading(self, **more: str) -> subprocess.Popen[bytes]:
        engine = self.run("run", **more)
        assert engine.stderr is not None
        for line in engine.stderr:
            if b"stops it cleanly" in line:
                return engine
        raise AssertionError("the engine did not start")

    def kill_switch(self, reason: str) -> None:
        assert self.run("kill", "--reason", reason).wait(PATIENCE) == 0

    def couriers(self) -> list[int]:
        """Return the processes that deliver for this folder."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if b"deliver" in words and str(self.folder).encode() in environment:
                found.append(int(entry.name))
        return found

    def close(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()
        for process_id in self.couriers():
            os.kill(process_id, signal.SIGKILL)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def machine(tmp_path: Path, receiver: Receiver) -> Iterator[Machine]:
    made = Machine(tmp_path, receiver)
    yield made
    made.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


@pytest.mark.control("A-14", "refuses")
def test_a_kill_reaches_the_channel_within_five_seconds(
    machine: Machine, receiver: Receiver
) -> None:
    receiver.server.status = 200
    machine.trading()
    machine.kill_switch("news")
    until(lambda: "KILL_SWITCH" in receiver.codes())
    told = time.time()

    (alert,) = [alert for alert in receiver.told() if alert["code"] == "KILL_SWITCH"]
    raised = alert["raised_at"]
    with AlertBook(machine.folder) as book:
        (kept,) = [alert for alert in book.listed() if alert.code == "KILL_SWITCH"]
    took = told - moment(kept.raised_at).timestamp()
    print(f"a kill of {raised} was told after {took:.2f} s")
    assert took < 5


def test_a_death_between_the_fact_and_its_delivery_loses_nothing(
    machine: Machine, receiver: Receiver
) -> None:
    engine = machine.trading()
    machine.kill_switch("before the death")
    for process_id in machine.couriers():
        os.kill(process_id, signal.SIGKILL)
    engine.kill()
    engine.wait()
    assert "KILL_SWITCH" not in [code for code in receiver.codes() if receiver.server.status == 200]

    receiver.server.got.clear()
    receiver.server.status = 200
    machine.trading()
    until(lambda: "KILL_SWITCH" in receiver.codes())

    assert next(alert["text"] for alert in receiver.told() if alert["code"] == "KILL_SWITCH").endswith(
        "before the death"
    )  # fmt: skip


def test_an_engine_that_dies_is_told_of_by_what_outlives_it(
    machine: Machine, receiver: Receiver
) -> None:
    receiver.server.status = 200
    engine = machine.trading()
    until(lambda: "ENGINE_STARTED" in receiver.codes())
    engine.kill()

    until(lambda: "ENGINE_GONE" in receiver.codes())
    until(lambda: machine.couriers() == [])


def test_a_clean_stop_leaves_nobody_behind_and_wakes_nobody(
    machine: Machine, receiver: Receiver
) -> None:
    receiver.server.status = 200
    engine = machine.trading()
    engine.terminate()

    assert engine.wait(PATIENCE) == 0
    assert "ENGINE_GONE" not in receiver.codes()
    assert machine.couriers() == []


def test_a_start_that_is_refused_is_told_though_no_engine_runs(
    machine: Machine, receiver: Receiver
) -> None:
    receiver.server.status = 200
    refused = machine.run(
        "run",
        SA_BROKER__PROVIDER="ibkr",
        SA_BROKER__ON_CONNECT_FAILURE="halt",
        SA_BROKER__IBKR__ACCOUNT_ID="DU123",
        SA_BROKER__IBKR__START_SECONDS="5",
    )

    assert refused.wait(PATIENCE) == 4
    assert {"BROKER_UNAVAILABLE", "START_REFUSED"} <= set(receiver.codes())


def test_a_degraded_start_is_told(machine: Machine, receiver: Receiver) -> None:
    receiver.server.status = 200
    machine.trading(
        SA_BROKER__PROVIDER="ibkr",
        SA_BROKER__IBKR__ACCOUNT_ID="DU123",
        SA_BROKER__IBKR__START_SECONDS="5",
    )

    until(lambda: "BROKER_UNAVAILABLE" in receiver.codes())
    (alert,) = [alert for alert in receiver.told() if alert["code"] == "BROKER_UNAVAILABLE"]
    assert "stands in" in alert["text"]
