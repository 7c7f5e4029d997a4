"""Wrong use, told without repeating what was typed: it may be a personal number or a name."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import click

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import without_number


class WrongUse(click.UsageError):
    """Wrong use, in words of our own; those of click quote values."""


_SENTENCES: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    click.Choice: lambda kind: f"this is not one of {', '.join(map(repr, kind.choices))}.",
    click.Path: lambda _: "this file does not exist, or is a directory where none belongs.",
    click.File: lambda _: "this file does not exist or cannot be read.",
    click.DateTime: lambda kind: f"this is not written as {' or '.join(kind.formats)}.",
    type(click.INT): lambda _: "this is not a whole number.",
    click.IntRange: lambda kind: f"this is not a whole number from {kind.min} to {kind.max}.",
}


@contextmanager
def in_own_words() -> Iterator[None]:
    """Let wrong use through with a message that names the parameter and never its value."""
    try:
        yield
    except (WrongUse, click.MissingParameter, click.BadOptionUsage):
        raise  # names what is in the program, and nothing else
    except click.BadParameter as error:
        kind = error.param.type if error.param else None
        if type(kind) not in _SENTENCES:
            raise  # a text, judged by a callback of ours
        sentence = _SENTENCES[type(kind)](kind)
        raise click.BadParameter(sentence, error.ctx, error.param, error.param_hint) from None
    except click.NoSuchOption as error:
        sentence, alike = "There is no such option.", error.possibilities
        raise click.NoSuchOption(error.option_name, sentence, alike, error.ctx) from None
    except click.UsageError as error:
        raise WrongUse(
            "there is no such command, or it takes no such argument", error.ctx
        ) from None


def without_numbers(given: Iterable[str], what: str) -> list[str]:
    """What was given, once no item of it is or holds a personal number; the item is told."""
    items = list(given)
    for position, item in enumerate(items, 1):
        try:
            without_number(item)
        except InvalidIdentifier as error:
            raise WrongUse(f"{what} {position}: {error}") from None
    return items
