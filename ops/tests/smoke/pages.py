"""Pages with a checklist, put together for a test."""

from __future__ import annotations

PREPARATION = r"""
BASE_URL=${BASE_URL}
STACK=${STACK:-default}
RUN=${SMOKE_RUN:-by-hand}
LAST=$(mktemp)
value() { tail -n 1 "$LAST" | cut -d '"' -f 4; }
""".strip()


def step(command: str, answers: str = "200", title: str = "`GET /healthz`: it is there") -> str:
    """One checkbox."""
    block = "\n".join(f"  {line}" for line in ["```sh", *command.splitlines(), "```"])
    return f"- [ ] {title}\n\n{block}\n\n  answers: {answers}\n"


def page(*steps: str, preparation: str = PREPARATION) -> str:
    """A whole page, with chapters before and after the list."""
    before = "# Operations\n\nWords.\n\n## Before\n\n- [ ] no step\n\n"
    head = f"## Smoke checklist\n\n```sh\n{preparation}\n```\n\n"
    return before + head + "\n".join(steps) + "\n## After\n\n```sh\nfalse\n```\n"


def get(path: str, name: str = "it", *options: str) -> str:
    """A request as pages write it."""
    return " ".join([f'curl -sSi "$BASE_URL{path}" -H "X-Request-ID: smoke.{name}-$RUN"', *options])
