"""The dossier standard, generic over its releases, usable as a library on its own."""

from oso_adapter.standard.findings import Finding, Report
from oso_adapter.standard.validation import validate

__all__ = ["Finding", "Report", "validate"]
