"""Plugins that say they know the zoeksleutel; but one does not get that far."""

import os

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


class Exits(Knows):
    @hookimpl
    def oso_search_key(self, context: HookContext) -> SearchKeyAlgorithm:
        os._exit(9)


class Garbage(Knows):
    @hookimpl
    def oso_search_key(self, context: HookContext) -> SearchKeyAlgorithm:
        return "123456782"  # type: ignore[return-value]


first, second, exits, garbage = Raises(), Knows(), Exits(), Garbage()
