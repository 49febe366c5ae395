"""What `python3 -m ops` says of itself."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from ops.cli import cli


@pytest.mark.parametrize("columns", ["80", "60"])
def test_the_list_of_commands_is_whole(columns: str) -> None:
    said = CliRunner().invoke(cli, ["--help"], env={"COLUMNS": columns}, terminal_width=int(columns)).output
    assert "..." not in said.partition("Commands:")[2]
    assert max(map(len, said.splitlines())) <= int(columns)


def test_every_command_is_listed_with_its_first_sentence() -> None:
    said = " ".join(CliRunner().invoke(cli, ["--help"]).output.split())
    for name in cli.list_commands(click.Context(cli)):
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert f"{name} {command.get_short_help_str(limit=1000)}" in said
