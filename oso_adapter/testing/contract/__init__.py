"""The suite that a plugin has to pass, whatever is behind it: a database, a folder, a server.

An author derives one class and says four things about the plugin::

    class TestContract(PluginContract):
        plugin, name, pupil = my_las, "my_las", "P-1"

        def make_store(self, folder):
            return {"database": str(make_database(folder))}

        def references(self, section):
            return pupils_in(section["database"])

Every test has a store of its own. When one fails, its docstring says what a school would have seen
and what to do. What the plugin does not do (it only collects) is skipped, with the reason.
"""

from oso_adapter.testing.contract.collecting import Collecting
from oso_adapter.testing.contract.exchanging import Exchanging
from oso_adapter.testing.contract.failing import Failing
from oso_adapter.testing.contract.importing import Importing
from oso_adapter.testing.hosts import Section

__all__ = ["PluginContract", "Section"]


class PluginContract(Collecting, Importing, Failing, Exchanging):
    """All of it; see :class:`oso_adapter.testing.contract.case.Told` for what can be told."""
