"""A whole exchange: collected from a LAS in Node, sent, received, and taken over by it."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from oso_webhook.cli import SAMPLE
from oso_webhook.configuration import NAME
from support.chain import ACCOUNT
from support.fetching import staged
from support.scripted import delivers

from oso_adapter.clock import school_date
from oso_adapter.exchange import prepare, versions
from oso_adapter.store.models import ExchangeState, ReceivedState

PUPILS = SAMPLE / "pupils.json"


def written(section: dict[str, Any]) -> str:
    """The section in TOML; of these values JSON is."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in section.items()]
    return "\n".join(["", "[plugins]", f'enabled = ["{NAME}"]', f"[plugins.{NAME}]", *lines, ""])


def test_a_dossier_goes_from_one_las_in_another_language_to_the_next(
    tmp_path: Path, section: Callable[..., dict[str, Any]], sample: Any
) -> None:
    first = json.loads(PUPILS.read_text(encoding="utf-8"))[0]
    pupil = first["dossier"]["huidigeschool"]
    configured = written(section(sample.url))
    with staged(tmp_path) as stage:
        po = stage.chain.add_school("99AA", "PO", extra=configured)
        bron = po.adapter()
        ours = (bron, po.administration(bron), ACCOUNT)
        prepare.collect(*ours, "LL-1", "POVO")
        seen = prepare.Inzage(school_date(bron.clock()), "Ja")
        prepare.record_inzage(*ours, "LL-1", seen)
        xml = versions.opened(bron, versions.current(*ours[:2], "LL-1"))

        stage.school.configure(configured)
        doel = stage.doel()
        who = {
            "surname": pupil["leerling"]["achternaam"],
            "birth_date": date.fromisoformat(pupil["leerling"]["geboortedatum"]),
        }
        done = doel.fetch(pupil["leerling"]["bsn"], stage.bron(delivers(xml)), **who)
        received = doel.received(done)

        assert ExchangeState.DONE == done.state
        assert ReceivedState.ACCEPTED == received.state
        whole = {**pupil, "leerling": {**pupil["leerling"], **first["lvs"]}}
        assert whole == sample.store["dossiers"][received.id]["huidigeschool"]
