"""Signatures are those of the convention, and nothing else passes for one."""

from datetime import UTC, datetime, timedelta

import pytest
from oso_webhook.signature import NotSigned, Secrets, WrongSecret
from support.webhook import OTHER_SECRET, SECRET

MOMENT = datetime.fromtimestamp(1614265330, UTC)
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
# the example that the libraries of the convention are tested with
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def headers(secret: str = SECRET) -> dict[str, str]:
    return Secrets(secret).signed(ID, MOMENT, BODY)


def test_a_signature_is_that_of_the_convention() -> None:
    expected = {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }
    assert expected == headers()


def test_while_one_secret_replaces_another_each_side_may_have_either() -> None:
    both = f"{OTHER_SECRET} {SECRET}"
    assert SIGNATURE == headers(both)["webhook-signature"].split()[1]
    for signer, reader in ((both, SECRET), (both, OTHER_SECRET), (SECRET, both)):
        Secrets(reader).require(ID, MOMENT, headers(signer), BODY)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"webhook-id": "other"}, "webhook-id is not that of the answer to this request"),
        ({"webhook-timestamp": ""}, "webhook-timestamp is not a number of seconds"),
        ({"webhook-timestamp": "1e9"}, "webhook-timestamp is not a number of seconds"),
        ({"webhook-timestamp": "1614265331"}, "webhook-signature is not of this body"),
        ({"webhook-signature": ""}, "webhook-signature is not of this body"),
        ({"webhook-signature": SIGNATURE.replace("v1,", "v1a,")}, "webhook-signature is not"),
        ({"webhook-signature": SIGNATURE[:-1]}, "webhook-signature is not of this body"),
        ({"webhook-signature": "v1,é"}, "webhook-signature is not of this body"),
    ],
)
def test_what_is_not_signed_is_refused(change: dict[str, str], reason: str) -> None:
    with pytest.raises(NotSigned, match=reason):
        Secrets(SECRET).require(ID, MOMENT, headers() | change, BODY)


def test_another_body_or_secret_is_refused() -> None:
    for secret, body in ((SECRET, BODY + b" "), (OTHER_SECRET, BODY)):
        with pytest.raises(NotSigned, match="webhook-signature is not of this body"):
            Secrets(secret).require(ID, MOMENT, headers(), body)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signature_of_another_moment_is_refused(seconds: int) -> None:
    with pytest.raises(NotSigned, match="more than 300 seconds from now"):
        Secrets(SECRET).require(ID, MOMENT + timedelta(seconds=seconds), headers(), BODY)
    within = MOMENT + timedelta(seconds=seconds - seconds // abs(seconds))
    Secrets(SECRET).require(ID, within, headers(), BODY)


@pytest.mark.parametrize(
    "text", ["", "whsec_", SECRET.removeprefix("whsec_"), "whsec_AAAA", f"{SECRET}!", "whsec_é"]
)
def test_what_is_no_secret_is_refused_and_not_told(text: str) -> None:
    with pytest.raises(WrongSecret) as caught:
        Secrets(text)
    assert "MfKQ9r8" not in str(caught.value)
    assert "Secrets(***)" == repr(Secrets(SECRET))


def test_an_id_with_a_dot_cannot_be_signed() -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        Secrets(SECRET).signed("a.1", MOMENT, BODY)
