"""Reads a system from its Compose file. What Compose has no word for stands there under `x-ops` (docs/system.md)."""

from __future__ import annotations

import os
import re
import shlex
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import TypeAdapter, ValidationError

from ops import yaml_text
from ops.errors import ConfigurationInvalid, WrongUsage
from ops.system.model import Argv, Described, Local, Pairs, Place, Route, Service, Settings, Swarm, System

NAME = re.compile(r"(?:[A-Za-z_]\w*)?", re.ASCII)
VARIABLE = re.compile(r"([A-Za-z_]\w*)(?:(:?)([-?+])(.*))?", re.ASCII)
BRACES = re.compile(r"[{}]")
PATTERNS = frozenset("*?[]$:\\\n")
"""Characters that no folder of a system may have in its path."""
COMPLETED = "service_completed_successfully"
SETTINGS = TypeAdapter(Settings)


class _ServiceOps(Described):
    """The fields of a Service that stand below its `x-ops`."""

    ready: str | None = None
    route: Route | None = None
    calls: Pairs = {}
    local: Local | None = None
    openapi: Argv = ()
    timeouts: Argv = ()
    undo: Argv = ()
    nginx: Place | None = None
    routes: Place | None = None
    protocol: Literal["http", "tcp"] = "http"
    single: str | None = None


class _SystemOps(Described):
    """The fields of a System that stand below its `x-ops`; the gateway by its name."""

    gateway: str
    features: Place | None = None
    backlog: Place | None = None
    checklist: Place | None = None
    reference: Place | None = None
    load: Argv = ()
    logs: dict[str, str] = {}
    farewell: str | None = None
    database: str | None = None
    databases: dict[str, Place] = {}
    swarm: Swarm | None = None


def read(file: Path, database: str | None = None) -> System:
    """The system that `file` describes, with that database, or the one that it has by itself.

    Raises ConfigurationInvalid, with the place, for a file that describes none; WrongUsage for another database.
    """
    file = file.resolve()
    if strange := sorted(set(str(file.parent)) & PATTERNS):
        raise ConfigurationInvalid(
            f"{file.parent}: nginx, behave and Compose take {' '.join(strange)} for patterns; move it to a path without"
        )
    try:
        return _System(file, yaml_text.parsed(file.read_text(encoding="utf-8"))).read(database)
    except OSError as missing:
        raise ConfigurationInvalid(f"{file} cannot be read: {missing.strerror}") from None
    except yaml.YAMLError as wrong:
        raise ConfigurationInvalid(f"{file} is no YAML: {wrong}") from None
    except (ValueError, AttributeError, TypeError) as wrong:
        raise ConfigurationInvalid(f"{file} is not written as Compose files are: {wrong}") from None


class _System:
    def __init__(self, file: Path, document: Any) -> None:
        self._file = file
        if not isinstance(document, dict) or not isinstance(document.get("services"), dict):
            raise ConfigurationInvalid(f"{file} has no services")
        if "x-ops" not in document:
            raise ConfigurationInvalid(f"{file} has no x-ops: it has to name its gateway at least (docs/system.md)")
        self._document = document
        self._services: Mapping[str, Mapping[str, Any]] = document["services"]

    def read(self, database: str | None) -> System:
        own = self._valid(_SystemOps.model_validate, self._document["x-ops"], "x-ops")
        files = [self._file]
        if database not in (None, own.database):
            if database not in own.databases:
                known = ", ".join(filter(None, [own.database, *own.databases])) or "none to choose"
                raise WrongUsage(f"{self._file.name} has no database {database!r}; there is {known}")
            files.append(self._lay_over(own.databases[database]))
            own = self._valid(_SystemOps.model_validate, self._document["x-ops"], "x-ops")
        jobs = self._jobs()
        found = {name: self._service(name, one or {}) for name, one in self._services.items()}
        if own.gateway not in found:
            raise self._wrong("x-ops.gateway", f"there is no service {own.gateway!r}")
        if found[own.gateway].port is None:
            raise self._wrong(
                f"services.{own.gateway}", "the gateway needs ports or expose: nothing says where it listens"
            )
        self._check_calls(found)
        return System(
            **{**dict(own), "gateway": found[own.gateway]},
            file=self._file,
            name=_project(self._document.get("name"), self._file.parent.name),
            services=tuple(one for name, one in found.items() if name not in jobs and name != own.gateway),
            jobs=tuple(found[name] for name in found if name in jobs),
            volumes=tuple(self._document.get("volumes") or ()),
            networks=tuple(self._document.get("networks") or ()),
            files=tuple(files),
        )

    def _lay_over(self, file: Path) -> Path:
        self._document = laid_over(self._document, yaml_text.parsed(file.read_text(encoding="utf-8")))
        self._services = self._document["services"]
        return file

    def _service(self, name: str, one: Mapping[str, Any]) -> Service:
        own = self._valid(_ServiceOps.model_validate, one.get("x-ops") or {}, f"services.{name}.x-ops")
        environment = self._valid(
            SETTINGS.validate_python, one.get("environment") or {}, f"services.{name}.environment"
        )
        command = one.get("command") or ()
        return Service(
            **dict(own),
            name=name,
            port=_port(one),
            command=tuple(map(interpolated, map(str, shlex.split(command) if isinstance(command, str) else command))),
            environment={key: interpolated(value) for key, value in environment.items()},
            volumes=dict(_volumes(one.get("volumes") or ())),
            networks=tuple(one.get("networks") or ()),
            image=one.get("image"),
            is_built="build" in one,
            is_published=bool(one.get("ports")),
            has_healthcheck="healthcheck" in one,
            stop_grace=one.get("stop_grace_period"),
            stop_signal=_signal(str(one.get("stop_signal", "SIGTERM"))),
            after={name: how.get("condition", "") for name, how in _mapping_of(one.get("depends_on")).items()},
        )

    def _jobs(self) -> set[str]:
        """Those that others wait for to end."""
        waited = [_mapping_of(one.get("depends_on")) for one in self._services.values() if one]
        return {name for each in waited for name, how in each.items() if how.get("condition") == COMPLETED}

    def _check_calls(self, found: Mapping[str, Service]) -> None:
        for service in found.values():
            for peer, setting in service.calls.items():
                place = f"services.{service.name}.x-ops.calls"
                if peer not in found:
                    raise self._wrong(place, f"there is no service {peer!r}")
                if setting is not None and setting not in service.environment:
                    raise self._wrong(place, f"its environment has no {setting}")

    def _valid(self, validate: Callable[..., Any], value: Any, place: str) -> Any:
        try:
            return validate(value, context=self._file.parent)
        except ValidationError as wrong:
            first = wrong.errors()[0]
            where = ".".join([place, *map(str, first["loc"])])
            raise self._wrong(where, first["msg"]) from None

    def _wrong(self, place: str, why: str) -> ConfigurationInvalid:
        return ConfigurationInvalid(f"{self._file.name}: {place}: {why}")


def laid_over(document: Any, other: Any) -> Any:
    """Both in one, as Compose joins files: mappings name by name, lists end to end, and else the other alone."""
    if isinstance(document, dict) and isinstance(other, dict):
        return {**document, **{key: laid_over(document.get(key), value) for key, value in other.items()}}
    return document + other if isinstance(document, list) and isinstance(other, list) else other


def interpolated(text: str) -> str:
    """With `$NAME`, `${NAME}` and Compose's other forms replaced from our environment; `$$` is a dollar.

    Raises ValueError for a form that Compose does not have, and for a variable that has to be set.
    """
    before, dollar, rest = text.partition("$")
    if not dollar:
        return text
    if rest.startswith("$"):
        return f"{before}${interpolated(rest[1:])}"
    if rest.startswith("{"):
        variable, rest = _braced(rest[1:])
        return before + _value(variable) + interpolated(rest)
    name = NAME.match(rest)[0]  # type: ignore[index]  # it matches everything
    return before + (_value(name) if name else "$") + interpolated(rest.removeprefix(name))


def _braced(text: str) -> tuple[str, str]:
    """What stands before the brace that closes the one before `text`, and what after it."""
    depth = 1
    for mark in BRACES.finditer(text):
        depth += {"{": 1, "}": -1}[mark[0]]
        if not depth:
            return text[: mark.start()], text[mark.end() :]
    raise ValueError(f"there is no end of the variable ${{{text}")


def _value(variable: str) -> str:
    """Of `NAME`, or `NAME` with a default (`-`), a replacement (`+`) or what to say where it is missing (`?`); with a
    colon, one that is empty is missing, too.
    """
    found = VARIABLE.fullmatch(variable)
    if not found:
        raise ValueError(f"${{{variable}}} is no variable that Compose knows; a dollar is written $$")
    name, colon, how, words = found.groups()
    value = os.environ.get(name)
    is_missing = not value if colon else value is None
    if how == "?" and is_missing:
        raise ValueError(f"{name} has to be set: {interpolated(words)}")
    if (how == "-" and is_missing) or (how == "+" and not is_missing):
        return interpolated(words)
    return "" if how == "+" else value or ""


def _project(said: Any, folder: str) -> str:
    """The name that Compose gives it: that of the folder without what names cannot have, where none is said."""
    return interpolated(str(said or "")) or re.sub(r"[^a-z0-9_-]", "", folder.lower()).lstrip("_-") or "default"


def _mapping_of(depends_on: Any) -> Mapping[str, Any]:
    return depends_on if isinstance(depends_on, dict) else {}


def _port(one: Mapping[str, Any]) -> int | None:
    """The first that it exposes or publishes, inside its container."""
    for said in [*(one.get("expose") or ()), *(one.get("ports") or ())]:
        target = said.get("target") if isinstance(said, dict) else interpolated(str(said)).rpartition(":")[2]
        return int(str(target).partition("/")[0])
    return None


def _signal(word: str) -> int:
    """Of `SIGQUIT`, `QUIT`, `3` or `SIGRTMIN+3`, as Compose takes them. Raises ValueError."""
    if word.isdecimal():
        return int(word)
    name, _, more = word.upper().removeprefix("SIG").partition("+")
    if f"SIG{name}" not in signal.Signals.__members__:
        raise ValueError(f"there is no signal {word}")
    return signal.Signals[f"SIG{name}"] + int(more or 0)


def _volumes(mounts: Any) -> list[tuple[str, str]]:
    """Folder of the container to name, of the mounts that are volumes with a name."""
    found = []
    for mount in mounts:
        short = str(mount).split(":")
        source, target = (
            (mount.get("source"), mount.get("target")) if isinstance(mount, dict) else (short[0], short[-1])
        )
        if not isinstance(mount, dict) and len(short) > 1:
            target = short[1]
        if source and target and re.fullmatch(r"[A-Za-z0-9][\w.-]*", str(source)):
            found.append((str(target), str(source)))
    return found
