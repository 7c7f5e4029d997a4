"""Texts that people type freely: what XML and the store can hold."""

from collections.abc import Callable
from typing import Final

import click

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import plain_text


def free_text(longest: int) -> Callable[[str], str]:
    """A type of option: 1 to ``longest`` characters, without the blanks around them.

    A personal number is none, also with other text around it. Another text is a usage error, which
    never quotes it.
    """

    def text(value: str) -> str:
        try:
            return plain_text(value, longest)
        except InvalidIdentifier as error:
            raise click.BadParameter(str(error)) from None

    return text


NAME: Final = free_text(200)
"""Of an account, a school or a pupil (reference)."""
TENANT: Final = free_text(100)
REASON: Final = free_text(500)
