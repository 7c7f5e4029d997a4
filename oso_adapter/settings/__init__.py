"""Settings: one TOML file, the environment on top, judged when read and never in the request path.

``oso-adapter.toml`` holds a section per class below. Each key can also be given as
``OSO_<SECTION>__<KEY>`` (``OSO_STORE__URL``), or as ``OSO_<SECTION>__<KEY>_FILE``, the name of a
file that holds the value: the way secrets reach a container. Relative paths, that of a SQLite
database included, are relative to the configuration file. A key or variable nobody knows is an
error, because a typing error in a setting about security must not pass in silence. A variable that
begins with the name of a plugin of the configuration (``OSO_SQL_DATABASE`` of oso-sql) is for it.
"""

from oso_adapter.settings.reading import read_settings, settings_from
from oso_adapter.settings.retention import Retention
from oso_adapter.settings.sections import (
    Chain,
    EnvironmentName,
    Fetching,
    Internal,
    Keys,
    Limits,
    Package,
    Plugins,
    ServiceDesk,
    Settings,
    Standard,
    StoreSettings,
    Transport,
)

__all__ = [
    "Chain",
    "EnvironmentName",
    "Fetching",
    "Internal",
    "Keys",
    "Limits",
    "Package",
    "Plugins",
    "Retention",
    "ServiceDesk",
    "Settings",
    "Standard",
    "StoreSettings",
    "Transport",
    "read_settings",
    "settings_from",
]
