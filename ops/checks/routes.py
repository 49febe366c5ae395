"""The gateway's route table, held against a file that says what answers each location."""

from collections.abc import Callable, Mapping
from pathlib import Path

from ops import yaml_text
from ops.checks.configuration import Directive
from ops.checks.results import CheckFailed

ANSWERS: dict[str, Callable[[Directive], str]] = {
    "proxy_pass": lambda directive: directive.args[0],
    "return": lambda directive: directive.args[0],
    "rewrite": lambda directive: directive.args[1],
    "try_files": lambda _: "file",
}


def routes(configuration: Directive) -> dict[str, str]:
    """What answers each location of the configuration."""
    return {" ".join(location.args): _answerer(location) for location in configuration.inside("location")}


def check(configuration: Directive, file: Path) -> str:
    """Raises CheckFailed naming each route that is missing, extra, or answered by another than in `file`.

    So does a socket of an upstream on which nothing listens.
    """
    found, contract = routes(configuration), yaml_text.parsed(file.read_text(encoding="utf-8"))
    wrong = [
        f"{route}: {found.get(route, 'missing')}, {file.name} says {contract.get(route, 'no such route')}"
        for route in sorted(contract.keys() | found.keys())
        if found.get(route) != contract.get(route)
    ]
    wrong += [f"nothing listens on {socket}" for socket in sorted(_asked(configuration) - _listening(configuration))]
    if wrong:
        raise CheckFailed("; ".join(wrong))
    return f"{len(found)} locations"


def answerer(path: str, found: Mapping[str, str]) -> str:
    """Who answers a request for `path`, as nginx chooses it among exact and prefix locations."""
    prefixes = [route for route in found if route.startswith("/") and path.startswith(route)]
    return found.get(f"= {path}") or found[max(prefixes, key=len)]


def _asked(configuration: Directive) -> set[str]:
    servers = {server.args[0] for upstream in configuration.inside("upstream") for server in upstream.inside("server")}
    return {server for server in servers if server.startswith("unix:")}


def _listening(configuration: Directive) -> set[str]:
    return {listen.args[0] for listen in configuration.inside("listen")}


def _answerer(location: Directive) -> str:
    if any(directive.name == "internal" for directive in location.block):
        return "internal"
    for directive in location.block:
        if directive.name in ANSWERS:
            return ANSWERS[directive.name](directive)
    return "nothing"
