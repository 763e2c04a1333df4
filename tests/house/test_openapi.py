"""The contract of the API is what the routes say."""

import json

import pytest

from tests.house.project import ROOT
from tools import make_api
from tools.make_openapi import made


@pytest.mark.security("S-32")
def test_the_contract_is_what_the_routes_say() -> None:
    kept = (ROOT / "web" / "openapi.json").read_text(encoding="utf-8")

    assert kept == made(), "run tools/make_openapi.py"


def test_every_operation_has_a_name_of_its_own() -> None:
    paths = json.loads(made())["paths"]
    names = [operation["operationId"] for path in paths.values() for operation in path.values()]

    assert len(names) == len(set(names))


def test_the_page_about_the_api_is_what_the_routes_say() -> None:
    kept = make_api.PAGE.read_text(encoding="utf-8")

    assert kept == make_api.made(), "run tools/make_api.py"


def test_every_operation_says_what_it_takes_to_call_it() -> None:
    paths = json.loads(made())["paths"]
    said = {
        (path, method): operation["x-permission"]
        for path, methods in paths.items()
        for method, operation in methods.items()
    }

    assert [place for place, word in said.items() if word == "nothing"] == [
        ("/api/v1/session", "post"),
        ("/livez", "get"),
    ]
