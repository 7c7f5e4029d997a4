"""The dossier standard, generic over its releases, usable as a library on its own."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oso_adapter.standard.findings import Finding, Report
    from oso_adapter.standard.validation import validate

__all__ = ["Finding", "Report", "validate"]


def __getattr__(name: str) -> Any:
    """What is named above, imported when it is asked for: a part of the library needs no judge."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from oso_adapter.standard import findings, validation  # noqa: PLC0415

    return getattr(validation if name == "validate" else findings, name)
