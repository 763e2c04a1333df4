"""The contract of the API is what the routes say."""

import json

import pytest

from tests.house.project import ROOT
from tools.make_openapi import made


@pytest.mark.security("S-32")
def test_the_contract_is_what_the_routes_say() -> None:
    kept = (ROOT / "web" / "openapi.json").read_text(encoding="utf-8")

    assert kept == made(), "run tools/make_openapi.py"


def test_every_operation_has_a_name_of_its_own() -> None:
    paths = json.loads(made())["paths"]
    names = [operation["operationId"] for path in paths.values() for operation in path.values()]

    assert len(names) == len(set(names))
