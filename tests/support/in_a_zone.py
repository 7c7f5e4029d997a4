"""A program for the tests of time: what one school does around midnight, told as JSON.

Run in a process of its own, because only there the zone of the machine can be another. Arguments:
the configuration of the school, and the moments that its clock stands at, each with a new pupil.
"""

import json
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

from oso_adapter.bounded_xml import parse
from oso_adapter.cli.common import local
from oso_adapter.errors import NotAllowed
from oso_adapter.exchange import prepare
from oso_adapter.exchange.adapter import build
from oso_adapter.hookspecs import CollectedDossier, HookContext, hookimpl
from oso_adapter.identifiers import Brin
from oso_adapter.settings import read_settings
from oso_adapter.standard.pack import load_pack
from oso_adapter.standard.samples import sample
from oso_adapter.store import administrations
from support.chain import ACCOUNT
from support.dossiers import NUMBERS

DAYS = [date(2025, 7, 31), date(2025, 8, 1), date(2025, 8, 2)]


class Supplier:
    @hookimpl
    def oso_collect_dossier(
        self, context: HookContext, pupil: str, profile: str
    ) -> CollectedDossier:
        school = sample(profile, pack=load_pack(context.release))["huidigeschool"]
        school["brincode"] = "99AA"
        school["leerling"] |= {"bsn": NUMBERS[int(pupil)], "leerlingid": pupil}
        school["leerling"].pop("onderwijsnummer", None)
        return CollectedDossier({"huidigeschool": school})


def allowed(act: Any, *arguments: Any, **more: Any) -> bool:
    try:
        act(*arguments, **more)
    except NotAllowed:
        return False
    return True


def told(config: str, now: datetime, pupil: str) -> dict[str, Any]:
    adapter = build(read_settings(Path(config), {}), clock=lambda: now)
    adapter.plugins.register(Supplier(), "supplier")
    with adapter.store.reading() as session:
        [school] = administrations.listed(session)
    ours = (adapter, school, ACCOUNT, pupil)
    prepare.collect(*ours, "POVO")
    made = parse(prepare.show(*ours)).findtext("{*}metadata/{*}datum")
    seen = [day for day in DAYS if allowed(prepare.record_inzage, *ours, prepare.Inzage(day, "Ja"))]
    until = [day for day in DAYS if allowed(prepare.make_ready, *ours, [Brin("99BB")], until=day)]
    with adapter.store.reading() as session:
        query = "select max(collected_at) from prepared"
        stored = session.connection().exec_driver_sql(query).scalar()
    adapter.close()
    return {
        "machine": time.strftime("%Y-%m-%d %H", time.localtime(now.timestamp())),
        "made": made,
        "seen": [day.isoformat() for day in seen],
        "until": [day.isoformat() for day in until],
        "stored": str(stored)[:16],
        "read": local(now),
        "release": adapter.pack.release,
    }


if __name__ == "__main__":
    moments = map(datetime.fromisoformat, sys.argv[2:])
    print(json.dumps([told(sys.argv[1], now, str(nth)) for nth, now in enumerate(moments)]))
