"""A rolling restart: a service as it is in the tree now, one replica after the other, each ready before the next.

On containers a new replica starts beside the old ones; once it is ready, an old one is asked to end. That one stays,
stopped, until all are replaced: so what does not get ready can be put back. A process has a port that its callers
know: it ends, and the new one takes its port; before that, the new version is tried beside it at a free one. Of a
`single` service there is never a second one: it ends before the new one starts, untried.

Who comes while nobody has the port has sent nothing yet: the gateway gives that to another replica, or lets it wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ops.errors import StackNotReady, WrongUsage
from ops.interruption import postponed, undisturbed
from ops.progress import Progress
from ops.stacks.model import Rollout, Stack
from ops.stacks.parts import Observation, Part
from ops.system import System


def require_service(system: System, name: str) -> None:
    """Raises WrongUsage for what is none, or none that can be replaced while others ask for it."""
    if name in [job.name for job in system.jobs]:
        raise WrongUsage(f"{name} is a job: it runs before each service that waits for it is restarted")
    if system.part(name) == system.gateway:
        raise WrongUsage(f"{name} is the only way in: a changed configuration is reloaded (docs/operations.md)")


def require_over(stack: Stack) -> None:
    """Raises WrongUsage where a restart of a stack that we hold was cut off: old and new containers are not to meet."""
    if stack.state and stack.state.restarting:
        ending = f"python3 -m ops up --name {stack.name} --stack {stack.kind}"
        raise WrongUsage(f"the restart of {stack.state.restarting} was cut off: {ending} ends it")


def restart(stack: Stack, service: str, progress: Progress) -> None:
    """All replicas of the service, or none; as processes, after a good trial, perhaps the first ones alone.

    Raises ConfigurationInvalid; StackNotReady with what went wrong, and what runs now.
    """
    before = _seen(stack, service)
    try:
        roll(stack.rollout(service, progress), list(before))
    except StackNotReady as failure:
        after = _seen(stack, service)
        is_back = {one.body for one in after.values()} == {one.body for one in before.values()}
        verdict = "is rolled back to the version before" if is_back else "is not restarted"
        now = ", ".join(f"{part} is {one.state}" for part, one in after.items())
        raise StackNotReady(f"{service} {verdict}: {failure}; now {now}", failure.log, service) from None


def roll(rollout: Rollout, replicas: Sequence[Part]) -> None:
    """Replace each in turn; when one fails, or somebody interrupts, put back those before it. Raises as that does."""
    try:
        rollout.prepare()
        for part in replicas:
            with postponed():
                rollout.replace(part)
    except BaseException:
        with undisturbed():
            rollout.put_back()
        raise
    rollout.finish()


def _seen(stack: Stack, service: str) -> Mapping[Part, Observation]:
    parts = stack.parts
    return {part: parts.see(part) for part in parts.all() if part.service == service}
