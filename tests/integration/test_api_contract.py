"""The API keeps its contract, whatever it is asked: every route, and never an error of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from httpx2 import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fillpath.api.contract import contract_of
from fillpath.api.server import make_app
from tests.integration.dashboard_scene import Scene, the_settings
from tests.integration.test_dashboard import until
from tests.unit.api.fakes import parts

EXAMPLES = 3
CONTRACT = contract_of(make_app(parts()))
# It goes on for as long as it is listened to; its events have tests of their own.
SCHEMA = schemathesis.openapi.from_dict(CONTRACT).exclude(path="/api/v1/events")
CHECKS: list[Any] = [
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with Scene(the_settings(tmp_path_factory.mktemp("contract"))) as scene:
        with Client(base_url=f"{scene.address}/api/v1") as asking:
            # Before they are made every read says so with 503, which is no error of its own.
            until(asking, "/portfolio", lambda told: told["snapshot"] is not None)
        yield scene


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_route_keeps_its_contract(case: schemathesis.Case[Any], scene: Scene) -> None:
    case.call_and_validate(base_url=scene.address, checks=CHECKS, timeout=10)
