"""Whether the adapter lives and is ready to work."""

from flask import Flask

from oso_adapter.errors import OsoError
from oso_adapter.exchange.adapter import Adapter


def register(app: Flask, adapter: Adapter) -> None:
    """Add the health checks to an application."""

    @app.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready")
    def ready() -> tuple[dict[str, str], int]:
        try:
            adapter.store.check_ready()
        except OsoError as error:
            return {"status": "not ready", "reason": str(error)}, 503
        return {"status": "ready"}, 200
