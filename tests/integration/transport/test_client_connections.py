"""Connections of the client: kept alive, lost, and asked again only where that changes nothing."""

import ssl
import threading
from collections.abc import Callable
from typing import Any

import pytest
from support.answers import always, answer, read_request

from oso_adapter.errors import MalformedAnswer, Unreachable
from oso_adapter.simulator.pki import Pki
from oso_adapter.transport.client import HttpsClient
from oso_adapter.transport.tls import TlsFiles

PARTY = "Traffic Center"


def test_calls_to_one_party_share_a_connection(scripted: Any, client: Any) -> None:
    numbers = []

    def script(tls: ssl.SSLSocket, number: int) -> None:
        while read_request(tls):
            numbers.append(number)
            tls.sendall(answer(b"<answer/>"))

    url = scripted(script)
    for _ in range(3):
        client.post_xml(url, b"<question/>", party=PARTY)

    assert [1, 1, 1] == numbers


def test_a_connection_that_the_server_closed_meanwhile_does_not_fail_the_next_post(
    scripted: Any, client: Any
) -> None:
    closed = threading.Semaphore(0)
    numbers = []

    def script(tls: ssl.SSLSocket, number: int) -> None:
        read_request(tls)
        numbers.append(number)
        tls.sendall(answer(b"<answer/>"))
        tls.close()
        closed.release()

    url = scripted(script)
    for _ in range(3):
        client.post_xml(url, b"<question/>", party=PARTY)
        assert closed.acquire(timeout=20)

    assert [1, 2, 3] == numbers


def test_a_connection_that_was_not_used_for_a_while_is_not_used_again(
    scripted: Any, client_files: TlsFiles
) -> None:
    numbers = []

    def script(tls: ssl.SSLSocket, number: int) -> None:
        while read_request(tls):
            numbers.append(number)
            tls.sendall(answer(b"<answer/>"))

    client = HttpsClient(client_files, keep_idle=0.0)
    url = scripted(script)
    client.post_xml(url, b"<question/>", party=PARTY)
    client.post_xml(url, b"<question/>", party=PARTY)
    client.close()

    assert [1, 2] == numbers


def closes_at_the_second_request(seen: list[int]) -> Callable[[ssl.SSLSocket, int], None]:
    def script(tls: ssl.SSLSocket, number: int) -> None:
        while read_request(tls):
            seen.append(number)
            if seen == [1, 1]:
                return
            tls.sendall(answer(b'{"a": 1}'))

    return script


def test_a_post_that_lost_its_connection_is_not_sent_again(scripted: Any, client: Any) -> None:
    seen: list[int] = []
    url = scripted(closes_at_the_second_request(seen))
    client.request_json("GET", url, party=PARTY)

    with pytest.raises(Unreachable, match="reset"):
        client.request_json("POST", url, body={}, party=PARTY)

    assert [1, 1] == seen


def test_a_get_that_lost_its_connection_is_asked_once_more(scripted: Any, client: Any) -> None:
    seen: list[int] = []
    url = scripted(closes_at_the_second_request(seen))
    client.request_json("GET", url, party=PARTY)

    assert (200, {"a": 1}) == client.request_json("GET", url, party=PARTY)
    assert [1, 1, 2] == seen


def test_json_goes_out_and_comes_back_with_the_status(scripted: Any, client: Any) -> None:
    seen = []

    def script(tls: ssl.SSLSocket, _number: int) -> None:
        seen.append(read_request(tls).decode())
        tls.sendall(answer(b'{"id": 7}', "201 Created"))

    status, body = client.request_json(
        "PUT",
        scripted(script) + "endpoints",
        headers={"API-Key": "secret"},
        body={"name": "school"},
        params={"brin": "00YY"},
        party="OSR",
    )

    assert (201, {"id": 7}) == (status, body)
    assert seen[0].startswith("PUT /endpoints?brin=00YY HTTP/1.1")
    assert "API-Key: secret" in seen[0]
    assert seen[0].endswith('{"name": "school"}')


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (answer(b"", "204 No Content"), (204, None)),
        (answer(b"<html>", "404 Not Found"), (404, None)),
        (answer(b'{"message": "no"}', "400 Bad Request"), (400, {"message": "no"})),
    ],
)
def test_the_status_is_the_callers_to_judge(
    reply: bytes, expected: Any, scripted: Any, client: Any
) -> None:
    assert expected == client.request_json("GET", scripted(always(reply)), party="OSR")


def test_a_good_status_with_something_else_than_json_is_refused(scripted: Any, client: Any) -> None:
    with pytest.raises(MalformedAnswer, match="JSON"):
        client.request_json("GET", scripted(always(answer(b"<html>"))), party="OSR")


def test_a_changed_certificate_is_shown_from_the_next_call_on(scripted: Any, pki: Pki) -> None:
    serials = []

    def script(tls: ssl.SSLSocket, _number: int) -> None:
        while read_request(tls):
            serials.append((tls.getpeercert() or {})["serialNumber"])
            tls.sendall(answer(b"<answer/>"))

    leaf = pki.leaf("renewed")
    client = HttpsClient(TlsFiles(leaf.certificate, leaf.key, (pki.roots,)))
    url = scripted(script)
    client.post_xml(url, b"<question/>", party=PARTY)
    pki.leaf("renewed")
    client.post_xml(url, b"<question/>", party=PARTY)
    client.close()

    assert 2 == len(set(serials))
