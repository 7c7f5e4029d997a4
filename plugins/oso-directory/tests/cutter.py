"""Takes a dossier over in processes that are killed before the line that the test names.

``cutter ROOT XML ID``: for each number on standard input a process takes the dossier over, tells a
notification, and kills itself before the line of the writing (durable.py) with that number, counted
as they are carried out. How it ended is printed: -9, or 0 when it came to the end.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from oso_directory import durable, plugin

from oso_adapter import bounded_xml
from oso_adapter.hookspecs import (
    AdministrationRef,
    HookContext,
    ReceivedDossier,
    ReceivedNotification,
)
from oso_adapter.standard.attachments import unpacked
from oso_adapter.standard.codec import to_dict
from oso_adapter.standard.pack import load_pack

NOW = datetime(2027, 5, 12, 9, 0, tzinfo=UTC)
SCHOOL = AdministrationRef("99AA", "0000000700099AA00001", "LAS", "school", "t")


class Cutter:
    """Counts the lines of the writing that are carried out, and ends the process at one."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != durable.__file__:
            return None
        if event == "line":
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def main(root: str, file: str, received_id: str) -> None:
    pack, xml = load_pack(), Path(file).read_bytes()
    dossier = unpacked(to_dict(bounded_xml.parse(xml), pack), pack)
    received = ReceivedDossier(received_id, dossier, xml, pack.release, "POVO", "99CC")
    notification = ReceivedNotification(received_id, "r", "o", "99CC", "0000000700099CC00001", NOW)
    sections = {plugin.NAME: {"folder": root, "format": "json"}}
    context = HookContext(
        SCHOOL, None, pack.release, "20200910", lambda: NOW, NOW, "test", sections
    )
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            sys.settrace(Cutter(int(line)))
            plugin.oso_import_dossier(context, received)
            plugin.oso_notification_received(context, notification)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
