"""Write the reference page of the API from its contract; a test compares the two.

python3 dev.py python tools/make_api.py
"""  # noqa: INP001  # a program, not a package

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from fillpath.api.contract import contract_of
from fillpath.api.ports import Parts
from fillpath.api.server import make_app
from fillpath.runtime.clock import SystemClock

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "reference" / "api.md"
REFERENCE: Final = "#/components/schemas/"
_TAGS: Final = {
    "session": "Who is signed in",
    "users": "Who may sign in",
    "system": "The desk itself",
    "events": "Live updates",
    "trades": "Trades",
    "risk": "Risk",
    "portfolio": "Portfolio",
}
_START: Final = """# The API

Made by `tools/make_api.py` from the routes; a test keeps it true. The same contract in OpenAPI stands
in `web/openapi.json`. [How to serve it](../how-to/dashboard.md) says how to start it.

Bodies and answers are JSON. Money, prices and shares are texts of plain digits, because a float would
lose some; times are ISO 8601 with `Z`. `account` may be left out where only one account is shown. A
list answers with `rows`, newest first, with `after` for the page that follows, and with `through`,
the journal record up to which everything is in the answer. Lists come as CSV too, with every row that
matches. Whatever goes wrong is answered in one shape:

```json
{"error": {"code": "unknown_order", "message": "there is no order 'x'", "field": "order_id", "request_id": "1f0c2b7e9a3d4c55"}}
```

What a route takes to be called stands beside it: a permission, or `nothing` where nobody has to be
signed in. Whoever is signed in may kill; letting go on takes more.
"""


def made() -> str:
    """Return the page."""
    contract = contract_of(make_app(Parts(accounts={}, clock=SystemClock(), version="v1")))
    parts = [_START]
    for tag, title in _TAGS.items():
        parts.append("\n".join([f"## {title}", "", *_overview(contract, tag)]))
        parts += [_route(*found) for found in _operations(contract, tag)]
    parts.append(_shapes(contract["components"]["schemas"]))
    return "\n\n".join(parts).rstrip() + "\n"


def _operations(contract: Mapping[str, Any], tag: str) -> Iterator[tuple[str, str, Any]]:
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield method.upper(), path, operation


def _overview(contract: Mapping[str, Any], tag: str) -> Iterator[str]:
    yield "| route | takes | what it does |"
    yield "|---|---|---|"
    for method, path, operation in _operations(contract, tag):
        what = operation.get("description", operation["summary"]).partition("\n")[0]
        yield f"| `{method} {path}` | {operation['x-permission']} | {what} |"


def _route(method: str, path: str, operation: Mapping[str, Any]) -> str:
    lines = [f"### {method} {path}", "", operation.get("description", operation["summary"]), ""]
    asked = [*operation.get("parameters", ())]
    if asked:
        lines += ["| parameter | kind | meaning |", "|---|---|---|"]
        lines += [
            f"| `{one['name']}`{' (needed)' if one.get('required') else ''} | "
            f"{kind_of(one['schema'])} | {one.get('description', '')} |"
            for one in asked
        ]
        lines.append("")
    body = operation.get("requestBody")
    if body is not None:
        lines += [f"Takes {kind_of(body['content']['application/json']['schema'])}.", ""]
    lines.append(f"Answers with {_answer(operation['responses']['200'])}.")
    return "\n".join(lines)


def _answer(response: Mapping[str, Any]) -> str:
    ((media, content),) = response["content"].items()
    return kind_of(content["schema"]) if media == "application/json" else f"`{media}`"


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return the kind of a value in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REFERENCE)
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind_of(part) for part in schema["anyOf"]))
    words = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    return ", ".join(f"`{word}`" for word in words) or _plain(schema)


def _plain(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {kind_of(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"{kind_of(schema['additionalProperties'])} by name"
    words = {"string": "text", "boolean": "flag", "integer": "whole number"}
    formats = {"date-time": "time", "decimal": "exact number"}
    return str(formats.get(schema.get("format", ""), words.get(kind, kind)))


def _shapes(shapes: Mapping[str, Any]) -> str:
    lines = ["## Shapes", ""]
    for name in sorted(shapes):
        shape = shapes[name]
        if "properties" not in shape:
            continue
        lines += [f"### {name}", "", shape.get("description", "").partition("\n")[0], ""]
        lines += ["| field | kind | meaning |", "|---|---|---|"]
        lines += [
            f"| `{field}` | {kind_of(told)} | {told.get('description', '')} |"
            for field, told in shape["properties"].items()
        ]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Write the page."""
    PAGE.write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
