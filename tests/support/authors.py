"""pytest as the author of a plugin has it: with that of the adapter, and none of ours beside it."""

from importlib.metadata import entry_points
from typing import Final

_OTHERS: Final = {point.name for point in entry_points(group="pytest11")} - {"oso_adapter"}

WITHOUT_OTHERS: Final = [word for name in sorted(_OTHERS) for word in ("-p", f"no:{name}")]
"""The plugin of the adapter is found because it is installed."""

ADAPTER_ALONE: Final = ["--disable-plugin-autoload", "-p", "oso_adapter.testing.plugin"]
"""It is named; of what is found in that way pytest compiles every module anew in each process."""
