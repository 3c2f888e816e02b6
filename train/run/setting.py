"""Settings in groups: each is declared once, with its limits and what it does.

A group is a frozen dataclass whose fields are made by `setting`; all settings of a task are a
frozen dataclass of groups. A setting's name is `group.name`, on the command line and in recipes.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from train.errors import RunError, UsageError

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
"""Keras dtype policies that networks are trained in."""
PRECISION_HELP = "a Keras dtype policy; mixed_bfloat16 halves the time on CPUs with AVX-512 BF16"
SEED_HELP = "of everything random"
Groups = TypeVar("Groups")


def setting(
    default: Any,
    what: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    file: bool = False,
) -> Any:
    """A field of a group.

    Args:
        default: its value; its type is that of all its values.
        what: it does, in a few words, for people.
        low: the least value of a number.
        high: the greatest.
        choices: all values that a text may have.
        file: whether it names a file or run on the command line, and holds its SHA-256 then.
    """
    metadata = {"help": what, "low": low, "high": high, "choices": choices, "file": file}
    return dataclasses.field(default=default, metadata=metadata)


def check_group(group: Any, name: str) -> None:
    """Compare each value with its limits.

    Raises:
        RunError: one lies outside.
    """
    for field in dataclasses.fields(group):
        value, limits = getattr(group, field.name), field.metadata
        if limits["low"] is not None and not limits["low"] <= value <= limits["high"]:
            raise RunError(
                f"{name}.{field.name} must be {limits['low']}..{limits['high']}, got {value}"
            )
        if limits["choices"] and value not in limits["choices"]:
            allowed = ", ".join(filter(None, limits["choices"]))
            raise RunError(f"{name}.{field.name} must be one of {allowed}: {value!r}")


def fields_of(settings: Any) -> Iterator[tuple[str, dataclasses.Field[Any]]]:
    """All settings by their names, `group.name`."""
    for group in dataclasses.fields(settings):
        for field in dataclasses.fields(getattr(settings, group.name)):
            yield f"{group.name}.{field.name}", field


def changed(settings: Groups, values: Mapping[str, Any]) -> Groups:
    """The same settings with other values.

    Args:
        settings: a dataclass of groups.
        values: by `group.name`.

    Raises:
        RunError: no setting of that name, or a value outside its limits.
    """
    known = dict(fields_of(settings))
    by_group: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if name not in known:
            raise RunError(f"no setting is called {name}; there are: {', '.join(known)}")
        group, field = name.split(".")
        by_group.setdefault(group, {})[field] = _as_kept(name, value, known[name])
    groups = {
        group: dataclasses.replace(getattr(settings, group), **some)
        for group, some in by_group.items()
    }
    return dataclasses.replace(settings, **groups)  # type: ignore[type-var]


def parsed(words: list[str], settings: Any) -> dict[str, Any]:
    """What `--set` was given, `group.name=value` each.

    Raises:
        UsageError: no such setting, a value of another kind, or a setting that was given twice.
    """
    known = dict(fields_of(settings))
    values: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise UsageError(f"expected --set group.name=value, got {word!r}; --set help shows all")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            meant = f", did you mean {near[0]}?" if near else ";"
            raise UsageError(f"no setting is called {name!r}{meant} --set help shows all")
        if name in values:
            raise UsageError(f"--set gives {name} twice")
        values[name] = _value(name, text, known[name])
    return values


def to_json(settings: Any) -> dict[str, Any]:
    """As JSON has them: a table a group."""
    tables: dict[str, Any] = dataclasses.asdict(settings)
    return {
        group: {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in table.items()
        }
        for group, table in tables.items()
    }


def from_tables(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables of JSON or TOML as values by `group.name`.

    Raises:
        RunError: something else than tables.
    """
    if not all(isinstance(table, Mapping) for table in tables.values()):
        raise RunError("the run's settings are of another version: expected a table a group")
    return {
        f"{group}.{name}": value for group, table in tables.items() for name, value in table.items()
    }


def described(settings: Any) -> list[str]:
    """A line for each setting: its name, its value, and what it does."""
    return [
        f"{name}={told(getattr(getattr(settings, name.split('.')[0]), field.name))}  "
        f"{field.metadata['help']}"
        for name, field in fields_of(settings)
    ]


def told(value: Any) -> str:
    """A setting's value as `--set` takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple | list) else str(value)


def _value(name: str, text: str, field: dataclasses.Field[Any]) -> Any:
    default: Any = field.default
    kind = type(default)
    if kind is bool:
        if text not in ("true", "false"):
            raise UsageError(f"{name} must be true or false, got {text!r}")
        return text == "true"
    if kind is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        return kind(text)
    except ValueError:
        raise UsageError(f"{name} must be a number like {default}, got {text!r}") from None


def _as_kept(name: str, value: Any, field: dataclasses.Field[Any]) -> Any:
    """JSON and TOML have lists for tuples, and whole numbers among the others."""
    default: Any = field.default
    kind = type(default)
    if kind is tuple and isinstance(value, list | tuple):
        if all(isinstance(part, str) for part in value):
            return tuple(value)
        raise RunError(f"{name} must be a list of texts, got {value!r}")
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise RunError(f"{name} must be like {default!r}, got {value!r}")
    return value
