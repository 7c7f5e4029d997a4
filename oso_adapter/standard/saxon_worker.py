"""The process that runs one stylesheet with Saxon, started by :mod:`oso_adapter.standard.saxon`.

Run as a file, with nothing of the adapter in it: a stylesheet comes from outside, and Saxon gives
up its whole process when memory runs out. So it runs where there are no keys, no store and no
other work, within limits that the kernel keeps. Its words on errors quote values and stay here.
"""

import importlib
import os
import re
import resource
import signal
import struct
import sys
from typing import BinaryIO

READY, DONE, ACCESS, FAILED = b"R", b"D", b"A", b"F"
"""How an answer begins: compiled, the result, something outside was asked for, anything else."""

MEMORY = 2 * 2**30
_FEATURE = "http://saxon.sf.net/feature/"
_DENIED = re.compile("prohibited|disallowed|is disabled")
_PLACE = re.compile(r"on line (\d+) (?:column \d+ )?of ([\w.-]+)")


def main(stylesheet: str, seconds: int) -> None:
    """Compile, then answer documents from standard input until it ends.

    seconds: for compiling and for each document; after that the kernel ends the process.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints, it is no answer
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)

    signal.alarm(seconds)
    saxonche = importlib.import_module("saxonche")
    processor = saxonche.PySaxonProcessor(license=False)
    # False also refuses xsl:result-document, the environment and system properties.
    processor.set_configuration_property(f"{_FEATURE}allow-external-functions", "false")
    processor.set_configuration_property(f"{_FEATURE}allowedProtocols", "file")
    try:
        compiler = processor.new_xslt30_processor()
        sheet = compiler.compile_stylesheet(stylesheet_file=stylesheet)
    except Exception as error:
        _answer(answers, FAILED, _place(str(error)))
        return
    # Its own modules have been read; from here on it may read nothing at all.
    processor.set_configuration_property(f"{_FEATURE}allowedProtocols", "")
    signal.alarm(0)
    _answer(answers, READY)
    while (xml := _document(sys.stdin.buffer)) is not None:
        signal.alarm(seconds)
        try:
            node = processor.parse_xml(xml_text=xml.decode("utf-8"))
            result = sheet.transform_to_string(xdm_node=node)
        except Exception as error:
            _answer(answers, ACCESS if _DENIED.search(str(error)) else FAILED)
        else:
            _answer(answers, DONE, (result or "").encode("utf-8"))
        signal.alarm(0)


def _document(given: BinaryIO) -> bytes | None:
    head = given.read(8)
    return given.read(struct.unpack(">Q", head)[0]) if len(head) == 8 else None


def _answer(answers: BinaryIO, kind: bytes, text: bytes = b"") -> None:
    answers.write(kind + struct.pack(">Q", len(text)) + text)
    answers.flush()


def _place(message: str) -> bytes:
    """Line and file of a mistake in the stylesheet, and none of the words about it."""
    found = _PLACE.search(message)
    return f"line {found[1]} of {found[2]}".encode() if found else b""


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
