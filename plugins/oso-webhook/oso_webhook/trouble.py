"""What can go wrong with a call, each with what to do about it.

The adapter tells of a failed hook the name of the class and no text, so that name has to say it;
``oso-webhook check`` tells the message and the remedy. No message holds a value of an answer.
"""

from typing import ClassVar

from oso_adapter.errors import ConfigurationError, OsoError


class NotConfigured(ConfigurationError):
    """The section [plugins.oso-webhook] is not right."""


class WebhookTrouble(OsoError):
    """The call of a hook did not succeed; ``remedy``: what to do."""

    remedy: ClassVar[str] = ""
    exit_code = 3


class ServerDown(WebhookTrouble):
    """Nobody answers at the address of the LAS."""

    retryable = True
    remedy = "Start the server of the LAS, or correct url in [plugins.oso-webhook]."


class ServerSlow(WebhookTrouble):
    """The server of the LAS did not answer in time."""

    retryable = True
    remedy = "See what keeps the server; deadline in the request tells how long is waited."


class ConnectionLost(WebhookTrouble):
    """The server of the LAS broke off the connection before the answer was whole."""

    retryable = True
    remedy = "See in the log of the server why it stopped in the middle of this request."


class ServerNotTrusted(WebhookTrouble):
    """The certificate of the server is not valid for this address and the trusted roots."""

    remedy = (
        "Give the server a certificate for the name in url, and name the file with its root in "
        "roots when it is of an authority of your own."
    )


class SignatureRefused(WebhookTrouble):
    """The server of the LAS refused our signature."""

    remedy = (
        "Give both sides the same secret (whsec_...), and let the clocks of both be right; the "
        "server has to verify the body as it came, before it parses it."
    )


class AnswerNotSigned(WebhookTrouble):
    """The answer does not have the signature of the LAS, so it is not believed."""

    remedy = (
        "See that url leads to the LAS and not to a proxy's own page; sign each answer (also 204 "
        "and 404) with webhook-id answer-<id of the request>."
    )


class AnswerNotUnderstood(WebhookTrouble):
    """The answer is not what the OpenAPI document says.

    problems: each a path or field, and what is wrong there, in our own words.
    """

    remedy = "Compare the answer with the document that oso-webhook openapi prints."

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__(
            "; ".join(f"{place}: {what}" for place, what in problems)
            or "the answer is not what the OpenAPI document says"
        )
        self.problems = problems


class ServerFailed(WebhookTrouble):
    """The server of the LAS met an error of its own."""

    retryable = True
    remedy = "See in the log of the server what failed; the same call is made again later."


class CallRefused(WebhookTrouble):
    """The LAS understood the call and refuses it; ``code``: its own word for why."""

    remedy = "The word is the LAS's own; see there what it means."

    def __init__(self, code: str) -> None:
        super().__init__(f"the LAS refuses this: {code}")
        self.code = code
