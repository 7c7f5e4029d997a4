"""What a scripted HTTPS server reads and answers, octet for octet."""

import ssl
from collections.abc import Callable


def read_request(tls: ssl.SSLSocket) -> bytes:
    """One request with its body; empty when the peer closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = tls.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        body += tls.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def always(reply: bytes) -> Callable[[ssl.SSLSocket, int], None]:
    def script(tls: ssl.SSLSocket, _number: int) -> None:
        while read_request(tls):
            tls.sendall(reply)

    return script
