"""Asking for a personal number: from a prompt or standard input, never from an argument."""

import sys

import click

from oso_adapter.cli.wrong_use import WrongUse
from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import Pgn


def asked_number() -> Pgn:
    """The number that the user types, which is not echoed, or the first line of standard input."""
    if sys.stdin.isatty():
        typed = str(click.prompt("BSN of onderwijsnummer", hide_input=True, err=True))
    else:
        typed = sys.stdin.readline()
    try:
        return Pgn.checked(typed.strip())
    except InvalidIdentifier as error:
        raise WrongUse(str(error)) from None
