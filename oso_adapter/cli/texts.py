"""Texts that people type freely: what XML and the store can hold."""

import re
from collections.abc import Callable
from typing import Final

import click

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import without_number

_NO_TEXT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold; among them what the shell gives that is not UTF-8."""


def free_text(longest: int) -> Callable[[str], str]:
    """A type of option: 1 to ``longest`` characters, without the blanks around them.

    A personal number is none, also with other text around it.

    Another text is a usage error, which never quotes it.
    """

    def text(value: str) -> str:
        found = value.strip()
        if not found:
            raise click.BadParameter("it is empty")
        if len(found) > longest:
            raise click.BadParameter(f"it has more than {longest} characters")
        if _NO_TEXT.search(found):
            raise click.BadParameter("it has a control character, or is not UTF-8")
        try:
            return without_number(found)
        except InvalidIdentifier as error:
            raise click.BadParameter(str(error)) from None

    return text


NAME: Final = free_text(200)
"""Of an account, a school or a pupil (reference)."""
TENANT: Final = free_text(100)
REASON: Final = free_text(500)
