"""How many replicas a service may have."""

from __future__ import annotations

from collections.abc import Mapping

from ops.errors import WrongUsage
from ops.system.model import System
from ops.system.reading import read


def require_scale(system: System, scale: Mapping[str, int]) -> None:
    """Raises WrongUsage for what is no service, and for more than one replica of what has one at the most."""
    for name, count in scale.items():
        if why := _hindrance(system, name, count):
            raise WrongUsage(f"{name} cannot have {count} replicas: {why}")


def _hindrance(system: System, name: str, count: int) -> str | None:
    """Why there cannot be so many; None if there can."""
    if name in [job.name for job in system.jobs]:
        return "it is a job, which runs once and ends"
    single = system.part(name).single
    if name == system.gateway.name:
        return "it is the gateway, whose port there is once"
    return f"{single}{_instead(system, name)}" if single and count > 1 else None


def _instead(system: System, name: str) -> str:
    """The databases with which there can be more."""
    others = {database: read(system.file, database).services for database in system.databases}
    able = [one for one, services in others.items() if any(own.name == name and not own.single for own in services)]
    return f"; use --database {' or '.join(able)}" if able else ""
