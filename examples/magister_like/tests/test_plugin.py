import pluggy
from magister_like import plugin

from oso_adapter import hookspecs


def test_the_hooks_have_the_signatures_that_the_host_expects() -> None:
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    callers = manager.get_hookcallers(plugin) or []
    assert {"oso_collect_dossier", "oso_import_dossier"} == {caller.name for caller in callers}
