"""The line to the process of a plugin: messages with a length, and what it prints beside that."""

import os
import selectors
import socket
import struct
import time
from typing import Final

_PIECE: Final = 1 << 16
_PIECES: Final = 16
_HEAD: Final = 8


class Ended(Exception):
    """The process at the other end is gone."""


class TooMuch(Exception):
    """The other end sends more than it may."""


class Channel:
    """One end of a socket, and the end of the pipe to which the process prints.

    most: octets that an answer may have. printed: octets that were printed and dropped.
    """

    def __init__(self, connection: socket.socket, output: int, most: int) -> None:
        connection.setblocking(False)
        os.set_blocking(output, False)
        self._connection = connection
        self._output: int | None = output
        self._most = most
        self._come = bytearray()
        self.printed = 0

    def ask(self, message: bytes | None, seconds: float) -> bytes:
        """Send a message, or nothing, and wait for one.

        Raises TimeoutError, :class:`Ended` and :class:`TooMuch`; after each the line is of no use.
        """
        until = time.monotonic() + seconds
        rest = memoryview(b"" if message is None else struct.pack(">Q", len(message)) + message)
        with selectors.DefaultSelector() as selector:
            if self._output is not None:
                selector.register(self._output, selectors.EVENT_READ)
            both = selectors.EVENT_READ | (selectors.EVENT_WRITE if rest else 0)
            selector.register(self._connection, both)
            while len(self._come) < self._wanted():
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                for key, ready in selector.select(left):
                    if key.fileobj is not self._connection:
                        if not self._drop():
                            selector.unregister(key.fileobj)
                        continue
                    if ready & selectors.EVENT_WRITE:
                        rest = rest[self._sent(rest) :]
                        if not rest:
                            selector.modify(self._connection, selectors.EVENT_READ)
                    if ready & selectors.EVENT_READ:
                        self._come += self._came()
        self._drop()  # what it printed before it answered is in the pipe by now
        wanted = self._wanted()
        answer, self._come = bytes(self._come[_HEAD:wanted]), self._come[wanted:]
        return answer

    def close(self) -> None:
        """Let go of both."""
        self._connection.close()
        if self._output is not None:
            os.close(self._output)
            self._output = None

    def _wanted(self) -> int:
        """How many octets there have to be, as far as is known."""
        if len(self._come) < _HEAD:
            return _HEAD
        length: int = struct.unpack(">Q", self._come[:_HEAD])[0]
        if length > self._most:
            raise TooMuch
        return _HEAD + length

    def _sent(self, rest: memoryview) -> int:
        try:
            return self._connection.send(rest)
        except BlockingIOError:
            return 0
        except OSError:
            raise Ended from None

    def _came(self) -> bytes:
        try:
            piece = self._connection.recv(_PIECE)
        except BlockingIOError:
            return b""
        except OSError:
            raise Ended from None
        if not piece:
            raise Ended
        return piece

    def _drop(self) -> bool:
        """Count what was printed; False once nobody can print any more."""
        if self._output is None:
            return False
        try:
            for _ in range(_PIECES):  # one that never stops printing must not keep us
                piece = os.read(self._output, _PIECE)
                self.printed += len(piece)
                if not piece:
                    break
            else:
                return True
        except BlockingIOError:
            return True
        os.close(self._output)
        self._output = None
        return False
