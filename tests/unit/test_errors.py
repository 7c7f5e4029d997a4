import inspect

import pytest

from oso_adapter import errors
from oso_adapter.errors import OsoError, Refused, Unreachable

TREE = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, OsoError)]


@pytest.mark.parametrize("cls", TREE)
def test_every_error_has_a_message_and_an_exit_code_of_the_command_line(
    cls: type[OsoError],
) -> None:
    assert inspect.getdoc(cls)
    assert cls.exit_code in (1, 2, 3)


def test_an_error_without_a_message_says_what_its_class_is() -> None:
    assert "Something went wrong in the OSO adapter." == str(OsoError())


def test_what_could_not_be_reached_is_named_with_a_word_for_the_reason() -> None:
    error = Unreachable("the Traffic Center", "timeout")

    assert "the Traffic Center could not be reached: timeout" == str(error)
    assert (True, 3) == (error.retryable, error.exit_code)


def test_a_refusal_is_told_by_its_code() -> None:
    assert ("SessieOnbekend", "SessieOnbekend: tekst") == (
        str(Refused("SessieOnbekend")),
        str(Refused("SessieOnbekend", "tekst")),
    )
