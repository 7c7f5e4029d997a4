"""The tables of the adapter.

Nothing personal stands here in the clear: dossiers are sealed payloads with a key of their own,
numbers and the supplier's pupil references are sealed fields, and look-ups go through an HMAC.
Moments are naive-free: every ``Moment`` column holds an aware datetime in UTC.
"""

from oso_adapter.store.models.administrations import Administration, AdministrationKind
from oso_adapter.store.models.answers import KeptAnswer
from oso_adapter.store.models.base import Base, Moment
from oso_adapter.store.models.events import Event, EventChain, EventOffset
from oso_adapter.store.models.exchanges import Attempt, Exchange, ExchangeState
from oso_adapter.store.models.extra_rules import ExtraRules
from oso_adapter.store.models.jobs import ItemState, Job, JobItem, JobKind
from oso_adapter.store.models.keys import KeyCheck
from oso_adapter.store.models.mandate_checks import MandateCheck
from oso_adapter.store.models.notices import Notice, NoticeState
from oso_adapter.store.models.notifications import Notification, NotificationOffer
from oso_adapter.store.models.osr_moments import OsrMoment
from oso_adapter.store.models.own_registrations import Connection, OwnEndpoint, OwnMandate
from oso_adapter.store.models.plugin_failures import PluginFailure
from oso_adapter.store.models.prepared import (
    Payload,
    Prepared,
    PreparedNumber,
    PreparedSchool,
    PreparedState,
)
from oso_adapter.store.models.received import Received, ReceivedState
from oso_adapter.store.models.requests import Request
from oso_adapter.store.models.retention import Hold, PupilLink, PurgeMemory
from oso_adapter.store.models.tokens import ApiToken, TokenAdministration

__all__ = [
    "Administration",
    "AdministrationKind",
    "ApiToken",
    "Attempt",
    "Base",
    "Connection",
    "Event",
    "EventChain",
    "EventOffset",
    "Exchange",
    "ExchangeState",
    "ExtraRules",
    "Hold",
    "ItemState",
    "Job",
    "JobItem",
    "JobKind",
    "KeptAnswer",
    "KeyCheck",
    "MandateCheck",
    "Moment",
    "Notice",
    "NoticeState",
    "Notification",
    "NotificationOffer",
    "OsrMoment",
    "OwnEndpoint",
    "OwnMandate",
    "Payload",
    "PluginFailure",
    "Prepared",
    "PreparedNumber",
    "PreparedSchool",
    "PreparedState",
    "PupilLink",
    "PurgeMemory",
    "Received",
    "ReceivedState",
    "Request",
    "TokenAdministration",
]
