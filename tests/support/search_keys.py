"""Two plugins that say they know the zoeksleutel; the first does not get that far."""

from oso_adapter.hookspecs import HookContext, hookimpl
from oso_adapter.wire.search_key import SearchKeyAlgorithm, SimulationSearchKey


class Knows:
    OSO_API = (1, 1)

    @hookimpl
    def oso_search_key(self, context: HookContext) -> SearchKeyAlgorithm:
        return SimulationSearchKey()


class Raises(Knows):
    @hookimpl
    def oso_search_key(self, context: HookContext) -> SearchKeyAlgorithm:
        raise OSError("123456782")


first, second = Raises(), Knows()
