"""Jobs are run by hand only by those who may, and only those that are known (S-34)."""

from pathlib import Path
from typing import Any

import pytest

from fillpath.api.auth.tokens import Scope
from fillpath.api.ports import AccountParts
from fillpath.api.server import make_app
from tests.unit.api.fakes import FakeEngine, parts
from tests.unit.api.gate.desks import Scene, code_of

pytestmark = pytest.mark.security("S-34")

KEY = {"idempotency-key": "a-key-of-mine-1"}


JOB = {
    "name": "report",
    "meaning": "",
    "schedule": "",
    "running": False,
    "last_started_at": None,
    "last_ended_at": None,
    "succeeded": True,
    "result": "",
    "next_due": "2026-01-03T00:00:00Z",
    "runs": 1,
    "failures": 0,
}


def an_engine() -> FakeEngine:
    """Return an engine with one job."""
    return FakeEngine({"jobs": {"jobs": [JOB]}, "run_job": {"job": JOB}})


def the_desk(folder: Path, engine: FakeEngine) -> Scene:
    nothing: dict[str, Any] = dict.fromkeys(("tables", "measures", "changes", "alerts"))
    account = AccountParts(name="SIM", engine=engine, **nothing)
    return Scene(folder, make_app(parts(accounts={"SIM": account})))


def ran(engine: FakeEngine) -> list[tuple[str, str]]:
    return [(one["name"], one["by"]) for one in engine.asked if one["do"] == "run_job"]


async def test_a_job_is_run_by_who_may_and_by_nobody_else(tmp_path: Path) -> None:
    engine = an_engine()
    scene = the_desk(tmp_path, engine)
    path = "/api/v1/system/jobs/report/run"
    codes = []

    with scene.desk:
        for name in ("vic", "tom", "rita"):
            async with scene.person(name) as asking:
                codes.append(code_of(await asking.post(path, json={}, headers=KEY)))
        async with scene.program("rita", Scope.TRADE) as program, scene.asker() as stranger:
            codes += [code_of(await one.post(path, json={})) for one in (program, stranger)]

    assert codes == ["forbidden", "forbidden", "", "forbidden", "unauthenticated"]
    assert ran(engine) == [("report", "rita")]


@pytest.mark.parametrize("name", ["other", "..%2f..%2freport", "report;ls", "import%20os"])
async def test_only_a_known_job_is_run(tmp_path: Path, name: str) -> None:
    engine = an_engine()
    scene = the_desk(tmp_path, engine)

    with scene.desk:
        async with scene.person("rita") as asking:
            answer = await asking.post(f"/api/v1/system/jobs/{name}/run", json={}, headers=KEY)

    assert answer.status_code in {404, 422}
    assert ran(engine) == []
