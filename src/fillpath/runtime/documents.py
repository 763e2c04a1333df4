"""Read a YAML file as plain mappings, refusing what a person would not notice."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from fillpath.core.errors import ConfigError


class _Loader(yaml.SafeLoader):
    """The safe loader, which otherwise lets the last of two equal keys win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002  # the signature of the base class
        """Build a mapping and refuse a key that is there twice."""
        mapping = super().construct_mapping(node, deep=deep)
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key} is there twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return mapping


def read_mapping(path: Path) -> dict[Hashable, Any]:
    """Return the mapping in a YAML file; one of comments alone is an empty mapping.

    Raises:
        ConfigError: the file cannot be read, is empty as a full disk leaves one, is not YAML,
            repeats a key or is no mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: must be UTF-8 text, byte {error.start} is not") from error
    if not text.strip():
        raise ConfigError(f"{path}: is empty; fill it, or take it away to have the defaults")
    return parse_mapping(text, str(path))


def parse_mapping(text: str, name: str) -> dict[Hashable, Any]:
    """Return the mapping in YAML text that is called ``name`` in messages.

    Raises:
        ConfigError: the text is not YAML, repeats a key or is no mapping.
    """
    try:
        document = _Loader(text).get_single_data()
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: {_sentence(error)}") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ConfigError(f"{name}: must hold sections with keys, got {document!r}")
    return document


def _sentence(error: yaml.YAMLError) -> str:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return f"is not YAML: {str(error).splitlines()[0]}"
    mark = error.problem_mark
    return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
