"""Make a page from a template: the same filters and the same strictness for every page."""

from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from fillpath.reports import wording

_FILTERS: Final = {
    "bad_rows": wording.bad_rows,
    "bps": wording.bps,
    "clock": wording.clock,
    "compact": wording.compact,
    "duration": wording.duration,
    "money": wording.money,
    "price": wording.price,
    "share": wording.share,
    "shares": wording.shares,
    "whole": wording.whole,
}


def rendered(template: str, **values: object) -> str:
    """Return a page; every value is escaped, and a name that was not given is an error.

    Raises:
        jinja2.UndefinedError: the template names a value that was not given.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("fillpath.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= _FILTERS
    return environment
