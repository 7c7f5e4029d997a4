"""All that a part of the adapter needs to begin, loaded; see :mod:`support.started`."""

import gc

import gunicorn.workers.gthread  # noqa: F401 - with those below
from sqlalchemy.orm import configure_mappers

import oso_adapter.cli.serve
import oso_adapter.cli.simulator
import oso_adapter.web.endpoint
import oso_adapter.web.internal
import oso_adapter.work.inline
import oso_adapter.work.jobs
import oso_adapter.work.osr_watch  # noqa: F401
from oso_adapter.standard.pack import load_pack

configure_mappers()
load_pack().load()
gc.freeze()
