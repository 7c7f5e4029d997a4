"""The application of the internal listener: the JSON API for the LAS, and the health checks."""

from flask import Flask

from oso_adapter.exchange.adapter import Adapter
from oso_adapter.web import api, health


def create_app(adapter: Adapter) -> Flask:
    """The WSGI application of the internal listener."""
    app = Flask(__name__, static_folder=None)
    health.register(app, adapter)
    api.register(app, adapter)
    return app
