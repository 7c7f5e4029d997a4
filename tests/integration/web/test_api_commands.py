"""The API does what the command line does: docs/api.md says which operation each command is."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from oso_adapter.cli.main import main
from oso_adapter.web import api

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


def commands(command: click.Command, name: str = "") -> Iterator[str]:
    """Every command that can be called, by the words that call it."""
    if not isinstance(command, click.Group):
        yield name.strip()
        return
    context = click.Context(command)
    for each in command.list_commands(context):
        found = command.get_command(context, each)
        assert found is not None
        if not found.hidden:
            yield from commands(found, f"{name} {each}")


def rows() -> list[tuple[str, str]]:
    table = PAGE.read_text().partition("## Command by command")[2].partition("\n## ")[0]
    return re.findall(r"^\| (`.*?) \| (.*) \|$", table, re.MULTILINE)


def test_every_command_has_its_operation_or_the_reason_why_not() -> None:
    told = [name for left, _ in rows() for name in re.findall("`([^`]+)`", left)]
    assert sorted(commands(main)) == sorted(told)


def test_every_operation_that_is_named_exists_and_every_other_is_known() -> None:
    operations = {
        operation["operationId"]
        for item in api.document()["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    }
    named = {name for _, right in rows() for name in re.findall("`([a-z]+[A-Z][A-Za-z]+)`", right)}
    of_the_api_alone = {"getOrder", "getJob", "listJobItems", "getSent"}
    assert operations - of_the_api_alone == named
