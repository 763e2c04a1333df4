"""The dashboard as it is started: who reaches it, who signs in, and a kill in a flood."""

import asyncio
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from httpx2 import AsyncClient, Response

from fillpath.cli import main
from fillpath.service.latch import KillLatch
from tests.proc.stage import Process, until
from tests.servers import free_port, not_there

PASSWORD: Final = "seven green lamps over water"  # noqa: S105  # of nobody
SESSION: Final = "/api/v1/session"
KILL: Final = {"reason": "a test", "word": "KILL"}
SECONDS: Final = 60.0
FLOOD: Final = 8
ASKED: Final = 100


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder with settings; its path is short, because a socket is in it."""
    path = Path(tempfile.mkdtemp(prefix="fp-"))
    (path / "fillpath.yaml").write_text(
        f'engine:\n  folder: "{path / "data"}"\nbroker:\n  provider: "simulated"\n'
    )
    yield path
    shutil.rmtree(path)


class Served:
    """A dashboard that runs.

    Args:
        folder: of its settings and its log.
        words: further words of its command.
    """

    def __init__(self, folder: Path, *words: str) -> None:
        self.port = free_port()
        self._log = folder / "dashboard.log"
        settings = ("--settings", str(folder / "fillpath.yaml"), "--port", str(self.port))
        self.process = Process("fillpath", ["dashboard", *settings, *words], self._log)

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        await self.process.spawn()
        await until(self._ready, "the dashboard answers", SECONDS)

    def _ready(self) -> bool:
        return "Ctrl-C" in self.text and ("sign in as" in self.text)

    @property
    def text(self) -> str:
        """Return what it wrote."""
        return self._log.read_text("utf-8") if self._log.exists() else ""

    @property
    def first(self) -> tuple[str, str]:
        """Return the first name and password that it printed."""
        found = re.search(r"sign in as (\S+) with (\S+)", self.text)
        assert found, self.text
        return found[1], found[2]

    def asker(self, scheme: str = "http", cookie: str = "", **given: Any) -> AsyncClient:
        """Return what asks it as its page does."""
        site = f"{scheme}://127.0.0.1:{self.port}"
        headers = {"origin": site, "x-fillpath": "1", **({"cookie": cookie} if cookie else {})}
        return AsyncClient(base_url=site, headers=headers, timeout=SECONDS, **given)

    async def end(self) -> None:
        """End it."""
        if self.process.alive:
            self.process.send(signal.SIGTERM)
            await asyncio.wait_for(self.process.process.wait(), SECONDS)


@asynccontextmanager
async def served(folder: Path, *words: str) -> AsyncIterator[Served]:
    """Run a dashboard."""
    found = Served(folder, *words)
    try:
        await found.start()
        yield found
    finally:
        await found.end()


async def signed_in(asking: AsyncClient, first: tuple[str, str]) -> Response:
    """Sign in and choose a password; the asker keeps the session."""
    name, password = first
    answer = await asking.post(SESSION, json={"username": name, "password": password})
    keep(asking, answer)
    body = {"password": password, "new_password": PASSWORD}
    changed = await asking.post(f"{SESSION}/password", json=body)
    keep(asking, changed)
    return changed


def keep(asking: AsyncClient, answer: Response) -> None:
    """Keep the cookie as a browser does, which takes this machine for safe."""
    assert answer.status_code == 200, answer.text
    asking.cookies.clear()
    asking.headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]


@pytest.mark.security("S-01")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3"])  # noqa: S104  # what is refused
def test_it_does_not_start_where_others_reach_it_without_tls(
    folder: Path, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    settings = str(folder / "fillpath.yaml")

    code = main(["dashboard", "--host", host, "--port", "0", "--settings", settings])

    assert code == 2
    assert "dashboard.tls_cert" in capsys.readouterr().err
    assert not (folder / "data").exists()


@pytest.mark.security("S-05", "S-07", "S-21")
async def test_the_first_start_prints_a_password_once_and_it_is_changed(folder: Path) -> None:
    async with served(folder) as first, first.asker() as asking:
        shown = first.first
        changed = await signed_in(asking, shown)
        read = await asking.get("/api/v1/accounts")
        old = await asking.post(SESSION, json={"username": shown[0], "password": shown[1]})
    again = Served(folder)
    await again.process.spawn()
    await until(lambda: again.text.count("Ctrl-C") == 2, "it answers again", SECONDS)
    await again.end()

    assert changed.json()["must_change_password"] is False
    assert read.status_code == 200
    assert old.status_code == 401
    assert again.text.count("sign in as") == 1
    assert (folder / "data" / "desk.sqlite").stat().st_mode & 0o777 == 0o600
    assert shown[1] not in (folder / "data" / "audit.jsonl").read_text("utf-8")


@pytest.mark.security("S-12")
async def test_a_kill_is_taken_while_a_flood_is_refused(folder: Path) -> None:
    async with served(folder) as dashboard, dashboard.asker() as asking:
        await signed_in(asking, dashboard.first)
        ended = asyncio.Event()
        refused: list[int] = []

        async def flood(who: AsyncClient) -> None:
            while not ended.is_set():
                answer = await who.get(SESSION)
                refused.append(answer.status_code)

        async with asyncio.TaskGroup() as group:
            askers = [dashboard.asker(cookie=asking.headers["cookie"]) for _ in range(FLOOD)]
            for one in askers:
                group.create_task(flood(one))
            await until(lambda: refused.count(429) > ASKED, "the flood is refused", SECONDS)
            killed = await asking.post("/api/v1/risk/kill", json=KILL)
            ended.set()
        for one in askers:
            await one.aclose()

    assert killed.status_code == 200
    assert list(KillLatch(folder / "data" / "SIM", folder / "data").every())
    assert refused.count(429) > ASKED


@pytest.mark.security("S-35")
async def test_a_server_that_only_reads_has_no_way_to_trade(folder: Path) -> None:
    async with served(folder, "--read-only") as dashboard, dashboard.asker() as asking:
        await signed_in(asking, dashboard.first)
        killed = await asking.post("/api/v1/risk/kill", json=KILL)
        read = await asking.get("/api/v1/accounts")

    assert killed.status_code in {404, 405}
    assert read.status_code == 200


@pytest.mark.security("S-10", "S-20")
async def test_nothing_that_a_proxy_could_say_is_believed(folder: Path) -> None:
    forged = {"x-forwarded-for": "9.9.9.9", "x-forwarded-proto": "https"}

    async with served(folder) as dashboard, dashboard.asker() as asking:
        body = {"username": "nobody", "password": "a\\nforged line"}
        await asking.post(SESSION, json=body, headers=forged)
        other = await asking.get("/api/v1/accounts", headers={"host": "evil.test"})

    log = (folder / "data" / "audit.jsonl").read_text("utf-8")
    assert other.status_code == 421
    assert '"source":"127.0.0.1"' in log
    assert "9.9.9.9" not in log
    assert "server" not in other.headers


def made(folder: Path) -> tuple[Path, Path]:
    """Return a key and its certificate for this machine."""
    program = shutil.which("openssl")
    if program is None:
        not_there("there is no openssl to make a certificate with")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=desk"
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    out = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([str(program), *words.split(), *names, *out], check=True, capture_output=True)
    key.chmod(0o600)
    return key, certificate


@pytest.mark.security("S-01", "S-24")
async def test_with_a_certificate_it_speaks_tls_alone(folder: Path) -> None:
    key, certificate = made(folder)
    tls = ("--tls-cert", str(certificate), "--tls-key", str(key))

    async with served(folder, *tls) as dashboard:
        trusted = ssl.create_default_context(cafile=str(certificate))
        async with dashboard.asker("https", verify=trusted) as asking:
            answer = await asking.get("/livez")

    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=")
