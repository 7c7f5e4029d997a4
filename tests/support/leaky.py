"""A plugin that puts what it knows of a pupil in everything that it says."""

from magister_like.generator import MARKER_PREFIX

MARKER = f"{MARKER_PREFIX}9999999"
NUMBER = "123456782"
BORN = "1913-02-29"
"""A day that no pupil was born on."""

LEAKY = f'''
"""A plugin that puts what it knows in whatever it raises or gives."""
import logging, threading, warnings
from oso_adapter.hookspecs import CollectedDossier, ImportAnswer, hookimpl

class Known:
    def __del__(self):
        raise KeyError("{MARKER} {NUMBER}")

def shout():
    raise LookupError("{MARKER} {NUMBER}")

@hookimpl
def oso_collect_dossier(context, pupil, profile):
    if pupil == "speaks":
        warnings.warn("{MARKER} {NUMBER}")
        logging.getLogger("leaky").error("{MARKER} %d", "{NUMBER}")
        thread = threading.Thread(target=shout, name="{MARKER}")
        thread.start()
        thread.join()
        Known()
        raise ValueError
    if pupil == "raises":
        raise ValueError("{MARKER} {NUMBER} {BORN}")
    if pupil == "exits":
        raise SystemExit("{MARKER} {NUMBER} {BORN}")
    pupil = {{"achternaam": 7, "bsn": "{NUMBER}{MARKER}", "geboortedatum": "{MARKER}",
              "{MARKER}": "{NUMBER}", "adresgeheim": "{MARKER}", "verzorger": "{MARKER}"}}
    return CollectedDossier({{"huidigeschool": {{"leerling": pupil, "naam": "\\x00{MARKER}"}}}})

@hookimpl
def oso_import_dossier(context, received):
    if context.account == "raises@school.example":
        raise RuntimeError(repr(received.dossier) + received.xml.decode())
    return ImportAnswer("postponed", reason="{MARKER} {NUMBER}")
'''
