"""A check that was written is asked: none can be left out of the cascade unnoticed."""

import importlib
import inspect
import pkgutil

import pytest

from fillpath.risk import arming, checks
from fillpath.risk.cascade import ROWS

MODULES = [
    arming,
    *(
        importlib.import_module(f"{checks.__name__}.{one.name}")
        for one in pkgutil.iter_modules(checks.__path__)
    ),
]
WRITTEN = [
    function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if name.startswith("check_") and function.__module__ == module.__name__
]


@pytest.mark.control("P-11", "passes")
@pytest.mark.parametrize("check", WRITTEN, ids=lambda check: check.__name__)
def test_a_check_has_its_row(check: object) -> None:
    assert [row for row in ROWS if row.check is check]
