"""An nginx that is behind its distribution is named, with its known holes."""

from collections.abc import Mapping, Sequence

import pytest

from ops.checks import nginx_package
from ops.checks.results import CheckFailed
from ops.gateway.nginx import Nginx

CHANGES = """
nginx (1.22.1-9+deb12u11) bookworm-security; urgency=high
  * Fix CVE-2026-42533: heap overflow in map.
nginx (1.22.1-9+deb12u10) bookworm-security; urgency=high
  * Fix CVE-2026-42945 and CVE-2026-93479.
nginx (1.22.1-9+deb12u9) bookworm; urgency=medium
  * Fix CVE-2023-44487.
"""
BEHIND = {
    "--search": "nginx: /usr/sbin/nginx\n",
    "--show": "1.22.1-9+deb12u9",
    "policy": "nginx:\n  Installed: 1.22.1-9+deb12u9\n  Candidate: 1.22.1-9+deb12u11\n",
    "changelog": CHANGES,
}


def checked(answers: Mapping[str, str]) -> str:
    def say(command: Sequence[str]) -> str:
        return next((text for word, text in answers.items() if word in command), "")

    return nginx_package.check(lambda: Nginx("/usr/sbin/nginx", "1.22.1"), say)


def test_the_holes_since_the_installed_package_are_named() -> None:
    with pytest.raises(CheckFailed) as failed:
        checked(BEHIND)
    assert str(failed.value).splitlines() == [
        "nginx 1.22.1-9+deb12u9 is behind 1.22.1-9+deb12u11: apt-get install --only-upgrade nginx",
        "known holes: CVE-2026-42533, CVE-2026-42945, CVE-2026-93479",
    ]


def test_one_that_is_behind_is_named_even_if_no_changelog_can_be_read() -> None:
    with pytest.raises(CheckFailed, match="cannot be read"):
        checked({**BEHIND, "changelog": ""})


def test_the_newest_holds() -> None:
    held = {**BEHIND, "--show": "1.22.1-9+deb12u11"}
    assert checked(held) == "nginx 1.22.1-9+deb12u11, the newest that is offered"


@pytest.mark.parametrize("policy", ["", "nginx:\n  Installed: 1.22.1-9+deb12u9\n  Candidate: (none)\n"])
def test_where_nothing_is_known_to_be_offered_none_is_called_the_newest(policy: str) -> None:
    assert "what is offered is not known here" in checked({**BEHIND, "policy": policy})


def test_a_program_that_does_not_end_or_is_not_there_says_nothing() -> None:
    assert [nginx_package.said(command, 0.1) for command in (["sleep", "9"], ["no-such-program"])] == ["", ""]


def test_one_that_is_of_no_package_is_said_to_be() -> None:
    assert "not of a Debian package" in checked({})
