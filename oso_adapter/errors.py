"""The errors of the adapter: a small tree, where the class says what went wrong.

The docstring of a class is its default message. ``retryable`` says whether the same call can
succeed later without anybody changing anything. No message holds a value from a dossier or a
message: field names, codes and paths only.
"""

from typing import ClassVar


class OsoError(Exception):
    """Something went wrong in the OSO adapter."""

    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class ConfigurationError(OsoError):
    """The configuration is not right."""

    exit_code = 2


class InvalidIdentifier(OsoError, ValueError):
    """The identifier does not have the required form."""

    exit_code = 2


class Refused(OsoError):
    """The other side refused, with a result code."""

    def __init__(self, code: str, text: str | None = None, fault_id: str | None = None) -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code
        self.text = text
        self.fault_id = fault_id


class Unreachable(OsoError):
    """The other side could not be reached."""

    retryable = True
    exit_code = 3

    def __init__(self, party: str, reason: str) -> None:
        super().__init__(f"{party} could not be reached: {reason}")
        self.party = party
        self.reason = reason


class MalformedAnswer(OsoError):
    """The other side gave an answer that is not a proper OSO message; ``reason`` is one word."""

    retryable = True
    exit_code = 3

    def __init__(
        self, message: str | None = None, reason: str = "malformed", session: str | None = None
    ) -> None:
        """``reason``: one word. ``session``: the sessieId that it grants all the same, if so."""
        super().__init__(message)
        self.reason = reason
        self.session = session


class NotAllowed(OsoError):
    """This may not be done in the present state; the message says what has to be done first."""


class NotFound(OsoError):
    """There is nothing under that name or id."""


class StoreUnavailable(OsoError):
    """The store could not do the work; ``reason`` is one word, such as full or locked."""

    retryable = True
    exit_code = 2

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class WrongKey(ConfigurationError):
    """The key does not open what is in the store."""


class PluginFailed(OsoError):
    """A plugin raised, hung or gave something unusable."""

    def __init__(self, plugin: str, hook: str, reason: str, code: str = "raised") -> None:
        """``reason``: a sentence; ``code``: of the catalogue of problems."""
        super().__init__(f"plugin {plugin} failed in {hook}: {reason}")
        self.plugin = plugin
        self.hook = hook
        self.reason = reason
        self.code = code
