"""The releases of the dossier standard that the settings say are in use."""

from oso_adapter.errors import ConfigurationError
from oso_adapter.settings import Settings
from oso_adapter.standard import active
from oso_adapter.standard.active import Releases
from oso_adapter.standard.pack import use_folder


def releases_in_use(settings: Settings) -> Releases:
    """The releases of the standard in use; raises ConfigurationError where one has no pack."""
    given = settings.standard
    if given.packs is not None:
        use_folder(given.packs)
    if given.next_release is None:
        if given.cut_over or given.accepted_until:
            raise ConfigurationError("[standard] a cut-over needs next_release")
        found = active.one(given.release)
    elif given.cut_over is None:
        raise ConfigurationError("[standard] next_release needs cut_over, the day it begins")
    else:
        found = active.cut_over(
            given.release, given.next_release, given.cut_over, given.accepted_until
        )
    found.check()
    return found
