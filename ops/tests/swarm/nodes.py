"""Several Docker Engines on one machine, each with a network of its own, joined to one Swarm. Linux, as root.

No container within a container: each engine is a `dockerd` in a network namespace, on one bridge with the others.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from ops.eventually import eventually
from ops.provision.docker import Docker

BRIDGE, NETWORK = "gpswarm", "10.213.0"
RULE = ("FORWARD", "--in-interface", BRIDGE, "--out-interface", BRIDGE, "--jump", "ACCEPT")
"""Docker drops what is forwarded, also between the ports of a bridge."""
STARTED_WITHIN = 60.0
JOINED_WITHIN = 60.0
ENDED_WITHIN = 60.0


@dataclass(frozen=True)
class Node:
    """One engine: its `number` from 1, and the folder in which it has everything."""

    number: int
    folder: Path

    @property
    def name(self) -> str:
        return f"{BRIDGE}{self.number}"

    @property
    def address(self) -> str:
        return f"{NETWORK}.{10 + self.number}"

    @property
    def host(self) -> str:
        return f"unix://{self.folder}/docker.sock"

    @property
    def docker(self) -> Docker:
        """The program, which talks to this engine."""
        return Docker.find({**{name: os.environ[name] for name in ("PATH", "HOME")}, "DOCKER_HOST": self.host})

    def kill(self) -> None:
        """As if its power were gone: the engine, and all that runs on it, at once."""
        engine = [
            one for one in psutil.process_iter(["cmdline"]) if str(self.folder) in " ".join(one.info["cmdline"] or ())
        ]
        gone = [*engine, *(child for one in engine for child in one.children(recursive=True))]
        for process in gone:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def cut_off(self, *, on: bool) -> None:
        """Nothing reaches it any more, and nothing comes from it; or it does again."""
        call("ip", "link", "set", f"{self.name}h", "down" if on else "up")

    def say(self, *words: str) -> str:
        """What `docker` answers there. Raises subprocess.CalledProcessError."""
        done = self.docker.run(words)
        done.check_returncode()
        return done.stdout.strip()


@contextmanager
def swarm(number: int) -> Iterator[list[Node]]:
    """So many nodes, all of them managers; gone at the end, with all that they ran."""
    with ExitStack() as undone, tempfile.TemporaryDirectory(prefix="gpswarm-", ignore_cleanup_errors=True) as folder:
        call("ip", "link", "add", BRIDGE, "type", "bridge")
        undone.callback(call, "ip", "link", "delete", BRIDGE)
        call("ip", "address", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
        call("ip", "link", "set", BRIDGE, "up")
        call("iptables", "--insert", *RULE)
        undone.callback(call, "iptables", "--delete", *RULE)
        nodes = [undone.enter_context(_node(Node(one + 1, Path(folder, str(one + 1))))) for one in range(number)]
        _join(nodes)
        yield nodes


@contextmanager
def _node(node: Node) -> Iterator[Node]:
    node.folder.mkdir()
    inner, outer = f"{node.name}n", f"{node.name}h"
    call("ip", "netns", "add", node.name)
    try:
        call("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", node.name)
        call("ip", "link", "set", outer, "master", BRIDGE, "up")
        for words in (
            ("address", "add", f"{node.address}/24", "dev", inner),
            ("link", "set", inner, "up"),
            ("link", "set", "lo", "up"),
            ("route", "add", "default", "via", f"{NETWORK}.1"),
        ):
            call("ip", "-netns", node.name, *words)
        with _engine(node):
            yield node
    finally:
        call("ip", "netns", "delete", node.name)


@contextmanager
def _engine(node: Node) -> Iterator[None]:
    """Not by `ip netns exec`, which mounts /sys anew: the engine finds no cgroups then."""
    places = {"--host": node.host, "--data-root": "data", "--exec-root": "exec", "--pidfile": "pid"}
    options = [f"{name} {value if '://' in value else node.folder / value}" for name, value in places.items()]
    script = f"mount -t tmpfs none /run/docker && exec dockerd {' '.join(options)}"
    command = ["nsenter", f"--net=/var/run/netns/{node.name}", "unshare", "--mount", "sh", "-c", script]
    with (node.folder / "log").open("wb") as log:
        started = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
        try:
            if not eventually(lambda: node.docker.run(["version"]).returncode == 0, STARTED_WITHIN):
                raise RuntimeError((node.folder / "log").read_text()[-2000:])
            yield
        finally:
            started.terminate()
            with suppress(subprocess.TimeoutExpired):
                started.wait(ENDED_WITHIN)
            node.kill()
            started.wait()


def _join(nodes: Sequence[Node]) -> None:
    first, *others = nodes
    first.say("swarm", "init", "--advertise-addr", first.address)
    token = first.say("swarm", "join-token", "--quiet", "manager")
    for number, node in enumerate(others, start=1):
        node.docker.run(["swarm", "join", "--token", token, f"{first.address}:2377"])  # may say that it took too long
        joined = partial(_managers, first, number)
        if not eventually(joined, JOINED_WITHIN):
            raise RuntimeError(f"node {node.number} does not join")


def _managers(first: Node, number: int) -> bool:
    """Whether so many can be reached beside the first."""
    return first.say("node", "ls").count("Reachable") >= number


def call(*words: str) -> None:
    """Raises subprocess.CalledProcessError."""
    subprocess.run(words, check=True, capture_output=True)  # noqa: S603
