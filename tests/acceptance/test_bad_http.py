"""What is odd beneath the message: lengths, framing, headers, methods. The endpoint stays up."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.asker import MARKER, Asker, answers_on, request
from support.dossiers import NUMBERS
from support.programs import needs

MEGABYTE = 2**20
LIMIT = 50 * MEGABYTE
HEAD = "POST /oso/20200910 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
BEGIN = (
    b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><x>'
    + MARKER.encode()
)
END = b"</x></soap:Body></soap:Envelope>"


def peak_memory(process: int) -> int:
    """The most memory that a process has had in use, in bytes."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def pieces(count: int) -> Iterator[bytes]:
    yield BEGIN
    piece = b"x" * MEGABYTE
    for _ in range(count):
        yield piece


def test_two_gigabytes_declared_are_refused_from_the_header(asker: Asker) -> None:
    with asker.tls() as sock:
        sock.sendall(f"{HEAD}Content-Length: {2 * 2**30}\r\n\r\n".encode())
        [answer] = answers_on(sock)

    assert ("Client", "the document is larger than the limit") == (
        answer.fault.code,
        answer.sentence,
    )
    fault_id = answer.fault.fault_id
    asker.wait_for_event("endpoint.fault", fault_id=fault_id, reason="too-large")
    asker.assert_serves()


@pytest.mark.parametrize("framing", ["declared", "chunked"])
def test_of_200_megabytes_no_more_than_the_limit_is_taken_in_and_the_fault_can_be_read(
    asker: Asker, framing: str
) -> None:
    asker.assert_serves()
    worker = asker.worker()
    before, rows = peak_memory(worker), asker.rows()
    with asker.tls() as sock:
        if framing == "declared":
            sock.sendall(f"{HEAD}Content-Length: {len(BEGIN) + 200 * MEGABYTE}\r\n\r\n".encode())
            for piece in pieces(200):
                sock.sendall(piece)
        else:
            sock.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
            for piece in pieces(200):
                sock.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
            sock.sendall(b"0\r\n\r\n")
        [answer] = answers_on(sock)

    assert "the document is larger than the limit" == answer.sentence
    asker.wait_for_event("endpoint.fault", fault_id=answer.fault.fault_id, reason="too-large")
    grown = peak_memory(worker) - before
    assert grown < (MEGABYTE if framing == "declared" else 2 * LIMIT)
    assert rows == asker.rows()
    assert worker == asker.worker()
    asker.assert_serves()
    assert MARKER.encode() not in asker.written()


@pytest.mark.parametrize("flood", [b"<!---->", b"<!---->x", b"<?a?>", b'<a b=""/>'])
def test_a_message_filled_with_what_grows_in_memory_is_refused_before_it_grows(
    asker: Asker, flood: bytes
) -> None:
    asker.assert_serves()
    worker = asker.worker()
    before = peak_memory(worker)
    filled = BEGIN + flood * ((LIMIT - len(BEGIN) - 100) // len(flood)) + END

    answer = asker.post(filled)

    assert ("Client", "there are more elements or other markup than the limit") == (
        answer.fault.code,
        answer.sentence,
    )
    asker.wait_for_event("endpoint.fault", reason="too-many-elements")
    assert peak_memory(worker) - before < 2 * LIMIT
    assert worker == asker.worker()
    asker.assert_serves()


def test_curl_can_read_the_fault_for_what_is_too_large(asker: Asker, tmp_path: Path) -> None:
    curl = needs("curl")
    large = tmp_path / "groot.xml"
    with large.open("wb") as file:
        file.truncate(2 * 2**30)
    transport = asker.doel.settings().transport
    ran = subprocess.run(
        [
            *(curl, "--silent", "--show-error", "--noproxy", "*", "--max-time", "60"),
            *("--cert", transport.certificate, "--key", transport.key),
            *("--cacert", transport.roots[0], "--header", "Content-Type: text/xml"),
            *("--request", "POST", "--upload-file", large, asker.bron.url),
        ],
        capture_output=True,
        check=False,
    )
    large.unlink()

    assert (0, b"") == (ran.returncode, ran.stderr)
    assert b"<faultstring>the document is larger than the limit</faultstring>" in ran.stdout
    asker.assert_serves()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/oso/20200910", 405),
        ("PUT", "/oso/20200910", 405),
        ("DELETE", "/oso/20200910", 405),
        ("TRACE", "/oso/20200910", 405),
        (MARKER.upper(), "/oso/20200910", 405),
        ("POST", "/oso/20180910", 404),
        ("POST", "/", 404),
        ("POST", f"/{MARKER}?{MARKER}={NUMBERS[1]}", 404),
        ("GET", f"/oso/../{MARKER}/%2e%2e/etc/passwd", 404),
        ("GET", "/health/ready", 404),
    ],
)
def test_another_method_or_path_is_refused(
    asker: Asker, method: str, path: str, status: int
) -> None:
    answer = asker.post(MARKER.encode(), method=method, path=path)

    assert status == answer.status
    assert ("POST" in answer.headers.get("Allow", "")) == (status == 405)
    assert MARKER.lower().encode() not in answer.body.lower()
    asker.assert_serves()


def test_what_is_sent_to_a_wrong_path_is_not_taken_in_and_the_answer_can_be_read(
    asker: Asker,
) -> None:
    assert 404 == asker.post(pieces(100), path="/oso/20180910").status
    assert 405 == asker.post(bytes(100 * MEGABYTE), method="PUT").status
    asker.assert_serves()


ODD_HEADS = {
    "a hundred and more headers": HEAD + "".join(f"X-{n}: {MARKER}\r\n" for n in range(200)),
    "a header of 20 kB": HEAD + f"X-Groot: {MARKER * 2000}\r\n",
    "a header of 4 MB": HEAD + f"X-Groot: {'x' * 4 * MEGABYTE}\r\n",
    "an address of 20 kB": f"POST /{MARKER * 2000} HTTP/1.1\r\nHost: localhost\r\n",
    "a header name with a space": HEAD + f"X {MARKER}: 1\r\n",
    "a zero octet": HEAD + f"X-Nul: {MARKER}\0\r\n",
    "a folded header": HEAD + f"X-Fold: a\r\n {MARKER}\r\n",
    "a length that is no number": HEAD + f"Content-Length: {MARKER}\r\n",
    "a negative length": HEAD + "Content-Length: -1\r\n",
    "two lengths": HEAD + "Content-Length: 5\r\nContent-Length: 6\r\n",
    "a length and chunks": HEAD + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "an unknown framing": HEAD + f"Transfer-Encoding: {MARKER}\r\n",
    "no HTTP": f"{MARKER} {NUMBERS[1]}\r\n",
    "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n",
    "HTTP of the future": f"POST /oso/20200910 HTTP/9.9\r\nX: {MARKER}\r\n",
}


@pytest.mark.parametrize("kind", ODD_HEADS)
def test_an_odd_head_is_answered_with_400_and_a_reason_in_the_log(asker: Asker, kind: str) -> None:
    before = len([line for line in asker.bron.logged() if line["event"] == "http.refused"])
    with asker.tls() as sock:
        sock.sendall(ODD_HEADS[kind].encode() + b"\r\n")
        [answer] = answers_on(sock)

    assert 400 == answer.status, answer.body
    assert MARKER.encode() not in answer.body
    asker.wait_for_event("http.refused", peer="127.0.0.1")
    after = [line for line in asker.bron.logged() if line["event"] == "http.refused"]
    assert before + 1 == len(after)
    assert MARKER.encode() not in asker.written()
    asker.assert_serves()


@pytest.mark.parametrize(
    "chunk", [b"zz\r\nabc\r\n0\r\n\r\n", b"5\r\nabcdefg\r\n0\r\n\r\n", b"-1\r\n\r\n", b"f" * 20000]
)
def test_chunks_that_are_no_chunks_are_answered(asker: Asker, chunk: bytes) -> None:
    with asker.tls() as sock:
        sock.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk)
        [answer] = answers_on(sock)

    assert ("Client", "the body could not be read to its end") == (
        answer.fault.code,
        answer.sentence,
    )
    asker.assert_serves()


def test_a_caller_who_goes_away_halfway_harms_nobody(asker: Asker) -> None:
    body = request(asker.good)
    with asker.tls() as sock:
        sock.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body[:100])

    asker.wait_for_event("endpoint.fault", reason="not-well-formed")
    asker.assert_serves()


def test_a_caller_who_waits_for_100_continue_gets_its_dossier(asker: Asker) -> None:
    body = request(asker.good)
    with asker.tls() as sock:
        sock.sendall(f"{HEAD}Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == sock.recv(1000)
        sock.sendall(body)
        [answer] = answers_on(sock)

    assert answer.message.dossier is not None


def test_requests_sent_without_waiting_are_answered_in_their_order(asker: Asker) -> None:
    good = request(asker.good)
    bad = good.replace(b"/20200910", b"/20180910")
    heads = [f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() for body in (good, bad, good)]
    with asker.tls() as sock:
        sock.sendall(heads[0] + good + heads[1] + bad + heads[2] + good)
        answers = answers_on(sock, 3)

    assert [200, 500, 200] == [answer.status for answer in answers]


def test_http_1_0_is_answered(asker: Asker) -> None:
    body = request(asker.good)
    head = f"POST /oso/20200910 HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n"
    with asker.tls() as sock:
        sock.sendall(head.encode() + body)
        [answer] = answers_on(sock)

    assert answer.message.dossier is not None


@pytest.mark.parametrize(
    "headers",
    [
        {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABk"},
        {"Host": f"{MARKER}.example:1"},
        {"X-Forwarded-For": MARKER, "X-Forwarded-Proto": "http", "Forwarded": f"for={MARKER}"},
        {"X-Forwarded-Client-Cert": MARKER, "SSL-Client-Cert": MARKER, "Script-Name": "/x"},
        {"SOAPAction": f'"{MARKER}"', "Cookie": f"a={MARKER}", "Authorization": f"Basic {MARKER}"},
        {"Range": "bytes=0-1", "If-None-Match": "*", "Accept": "image/png"},
    ],
)
def test_headers_that_do_not_concern_us_change_nothing(
    asker: Asker, headers: dict[str, str]
) -> None:
    assert asker.ask(asker.good, headers=headers).message.dossier is not None
    assert MARKER.encode() not in asker.written()


@pytest.mark.parametrize("host", ["", f"{MARKER}/../", f"a b {MARKER}", f"[{MARKER}", "a:b:c"])
def test_a_host_that_is_none_is_answered_without_repeating_it(asker: Asker, host: str) -> None:
    body = request(asker.good)
    head = HEAD.replace("localhost", host) + f"Content-Length: {len(body)}\r\n\r\n"
    with asker.tls() as sock:
        sock.sendall(head.encode() + body)
        [answer] = answers_on(sock)

    assert answer.status in (200, 400)
    assert MARKER.encode() not in answer.body
    assert MARKER.encode() not in asker.written()
    asker.assert_serves()


def test_the_body_in_chunks_of_one_octet_is_read(asker: Asker) -> None:
    octets = (bytes([octet]) for octet in request(asker.good))

    assert asker.post(octets).message.dossier is not None


def test_nothing_here_needed_a_word_of_another_library(asker: Asker) -> None:
    assert [] == [line for line in asker.bron.logged() if line["event"] == "library.message"]
