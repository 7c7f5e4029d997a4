"""Settings as a test gives them, and the sentence that refuses them."""

import dataclasses
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from oso_adapter.errors import ConfigurationError
from oso_adapter.settings import Settings, settings_from

SECRET = "a-secret-value"


MINIMAL: dict[str, Any] = {
    "environment": "simulation",
    "chain": {
        "traffic_center_url": "https://localhost:1/tc",
        "osr_url": "https://localhost:2/api/v2",
    },
    "transport": {"certificate": "me.pem", "key": "me.key", "roots": ["roots.pem"]},
}


BASE = Path("/etc/oso")


SECTIONS = {
    name: section
    for name, section in get_type_hints(Settings).items()
    if dataclasses.is_dataclass(section)
}


KEYS = [
    (name, field)
    for name, section in SECTIONS.items()
    for field in dataclasses.fields(section)
    if field.metadata
]


def judged(environ: dict[str, str] | None = None, /, **sections: dict[str, Any]) -> Settings:
    data = {**MINIMAL}
    for name, values in sections.items():
        data[name] = {**data.get(name, {}), **values}
    return settings_from(data, environ or {}, BASE)


def reason(environ: dict[str, str] | None = None, /, **sections: dict[str, Any]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        judged(environ, **sections)
    assert SECRET not in str(refused.value)
    return str(refused.value)
