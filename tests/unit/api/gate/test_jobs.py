"""Jobs are run by hand only by those who may, and only those that are known (S-34)."""

from pathlib import Path

import pytest

from fillpath.api.auth.tokens import Scope
from fillpath.api.server import make_app
from fillpath.core.listings import JobShown
from tests.unit.api.fakes import parts
from tests.unit.api.gate.desks import Scene, code_of

pytestmark = pytest.mark.security("S-34")

KEY = {"idempotency-key": "a-key-of-mine-1"}


class FakeJobs:
    """A scheduler with one job."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, str]] = []

    async def rows(self) -> list[JobShown]:
        return [JobShown(name="report", title="", schedule="")]

    async def run(self, name: str, by: str) -> JobShown | None:
        if name != "report":
            return None
        self.ran.append((name, by))
        return JobShown(name=name, title="", schedule="", last_result="OK")


async def test_a_job_is_run_by_who_may_and_by_nobody_else(tmp_path: Path) -> None:
    jobs = FakeJobs()
    scene = Scene(tmp_path, make_app(parts(jobs=jobs)))
    path = "/api/v1/system/jobs/report/run"
    codes = []

    with scene.desk:
        for name in ("vic", "tom", "rita"):
            async with scene.person(name) as asking:
                codes.append(code_of(await asking.post(path, json={}, headers=KEY)))
        async with scene.program("rita", Scope.TRADE) as program, scene.asker() as stranger:
            codes += [code_of(await one.post(path, json={})) for one in (program, stranger)]

    assert codes == ["forbidden", "forbidden", "", "forbidden", "unauthenticated"]
    assert jobs.ran == [("report", "rita")]


@pytest.mark.parametrize("name", ["other", "..%2f..%2freport", "report;ls", "import%20os"])
async def test_only_a_known_job_is_run(tmp_path: Path, name: str) -> None:
    jobs = FakeJobs()
    scene = Scene(tmp_path, make_app(parts(jobs=jobs)))

    with scene.desk:
        async with scene.person("rita") as asking:
            answer = await asking.post(f"/api/v1/system/jobs/{name}/run", json={}, headers=KEY)

    assert answer.status_code in {404, 422}
    assert jobs.ran == []
