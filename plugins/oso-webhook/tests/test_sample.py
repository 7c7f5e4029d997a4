"""The sample server in Node: what it answers, what it refuses, and what it does once only."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from oso_webhook import plugin
from oso_webhook.client import Client
from oso_webhook.configuration import configured
from oso_webhook.forms import CALLS, HOOKS
from oso_webhook.trouble import CallRefused, SignatureRefused
from support.webhook import OTHER_SECRET, SECRET

from oso_adapter.hookspecs import (
    AuditEvent,
    CollectedDossier,
    HookContext,
    PupilMatch,
    PupilQuery,
    ReceivedDossier,
    ReceivedNotification,
)

Told = Callable[..., HookContext]
NOW = datetime(2027, 5, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def context(told: Told, sample: Any) -> HookContext:
    return told(sample.url)


@pytest.fixture
def client(section: Callable[..., Any], sample: Any) -> Client:
    return Client(configured(section(sample.url)), lambda: datetime.now(UTC), 20)


@pytest.fixture
def secret_file(sample: Any) -> Iterator[Any]:
    """The file with the secret of the server, that a test may write."""
    yield sample.secret_file
    sample.secret_file.write_text(SECRET, encoding="ascii")


def found(context: HookContext, pupil: str = "LL-1") -> CollectedDossier:
    collected = plugin.oso_collect_dossier(context, pupil, "POVO")
    assert isinstance(collected, CollectedDossier)
    return collected


def received(of: CollectedDossier, received_id: str, **changes: Any) -> ReceivedDossier:
    made = ReceivedDossier(received_id, of.dossier, b"", "2019.1", "POVO", "99AA", ("999910200",))
    return replace(made, **changes)


def test_a_pupil_is_collected_with_files_dates_and_former_numbers(context: HookContext) -> None:
    collected = found(context)
    pupil = collected.dossier["huidigeschool"]["leerling"]
    assert ("LL-1", "2015-01-31") == (pupil["leerlingid"], str(pupil["geboortedatum"]))
    assert b"%PDF-1.4 proef" == pupil["overigdocumentlijst"]["document"][0]["bestandsinhoud"]
    assert 1 == len(collected.former_numbers)


def test_a_pupil_or_school_that_is_not_there_is_not_its_own(context: HookContext) -> None:
    assert plugin.oso_collect_dossier(context, "nobody", "POVO") is None
    assert context.administration is not None
    elsewhere = replace(context, administration=replace(context.administration, brin="99BB"))
    assert plugin.oso_collect_dossier(elsewhere, "LL-1", "POVO") is None
    assert plugin.oso_collect_dossier(replace(context, administration=None), "LL-1", "BB") is None


def test_a_dossier_that_is_offered_twice_is_taken_over_once(
    context: HookContext, sample: Any
) -> None:
    first, other = found(context), found(context, "LL-2")
    answers = [
        plugin.oso_import_dossier(context, received(each, "r-twice")) for each in (first, other)
    ]
    assert answers[0] is not None
    assert "accepted" == answers[0].outcome
    assert answers[0] == answers[1]
    taken = sample.store["dossiers"]["r-twice"]["huidigeschool"]["leerling"]
    assert "LL-1" == taken["leerlingid"]


def test_notifications_and_events_arrive(context: HookContext, sample: Any) -> None:
    told = ReceivedNotification("n-1", "P-1", "o-1", "99AA", "0000000700099AA00001", NOW)
    plugin.oso_notification_received(context, told)
    happened = AuditEvent(7, NOW, "dossier.delivered", None, "d-1", None, "99BB", None)
    plugin.oso_event(context, happened)
    assert "2027-05-12T09:00:00+00:00" == sample.store["notifications"]["n-1"]["received_at"]
    assert "dossier.delivered" == sample.store["events"]["7"]["name"]


def test_it_answers_every_hook(client: Client) -> None:
    answer = client.ask(CALLS["ping"], {})
    assert answer is not None
    assert sorted(HOOKS) == sorted(answer["hooks"])


def test_another_secret_is_refused(told: Told, sample: Any) -> None:
    with pytest.raises(SignatureRefused):
        found(told(sample.url, secret=OTHER_SECRET))


def test_a_secret_is_replaced_without_a_moment_in_which_it_does_not_work(
    told: Told, sample: Any, secret_file: Any
) -> None:
    both = f"{OTHER_SECRET} {SECRET}"
    steps = ((SECRET, both), (both, both), (both, OTHER_SECRET), (OTHER_SECRET, OTHER_SECRET))
    for theirs, ours in (*steps, (both, SECRET), (OTHER_SECRET, both)):
        secret_file.write_text(theirs, encoding="ascii")
        found(told(sample.url, secret=ours))


@pytest.mark.parametrize("seconds", [-400, 400])
def test_a_request_of_another_moment_is_refused(client: Client, seconds: int) -> None:
    then = replace(client, clock=lambda: datetime.now(UTC) + timedelta(seconds=seconds))
    with pytest.raises(SignatureRefused):
        then.ask(CALLS["ping"], {})


def test_a_question_that_was_asked_before_is_not_answered_again(
    client: Client, context: HookContext
) -> None:
    told = {"context": plugin.told_of(context), "pupil": "LL-1", "profile": "POVO"}
    body = json.dumps({"hook": "collect_dossier", **told}).encode()
    assert client.send(CALLS["collect_dossier"], "copied", body, monotonic() + 20)
    with pytest.raises(CallRefused, match="seen-before"):
        client.send(CALLS["collect_dossier"], "copied", body, monotonic() + 20)


def test_a_request_is_for_the_hook_that_it_names(client: Client) -> None:
    with pytest.raises(CallRefused, match="other-hook"):
        client.send(CALLS["ping"], "other", b'{"hook":"event"}', monotonic() + 20)
    with pytest.raises(CallRefused, match="no-json"):
        client.send(CALLS["ping"], "another", b"{", monotonic() + 20)


def test_pupils_are_found_by_name_group_and_leaving(context: HookContext) -> None:
    def codes(**query: Any) -> list[str]:
        pupils = plugin.oso_find_pupils(context, PupilQuery(**query))
        assert pupils is not None
        return [each.pupil for each in pupils]

    assert ["LL-1", "LL-2"] == codes()
    assert ["LL-1"] == codes(limit=1)
    assert ["LL-2"] == codes(name="proefDAS")
    assert ["LL-1"] == codes(group="8A", leaving_before=date(2027, 8, 1), destination="99BB")
    assert [] == codes(leaving_before=date(2027, 7, 1))
    pupils = plugin.oso_find_pupils(context, PupilQuery(name="vos"))
    assert pupils is not None
    assert (date(2015, 1, 31), date(2027, 7, 31)) == (pupils[0].date_of_birth, pupils[0].leaving_on)


def test_candidates_have_the_end_of_the_number(context: HookContext) -> None:
    number = found(context).dossier["huidigeschool"]["leerling"]["bsn"]
    [candidate] = plugin.oso_candidates(context, number[-4:]) or []
    assert ("LL-1", number) == (candidate.pupil, candidate.pgn)
    assert [] == plugin.oso_candidates(context, "none")


def test_a_second_system_adds_its_part(context: HookContext) -> None:
    part = plugin.oso_enrich_dossier(context, found(context).dossier, "LL-1", "POVO")
    assert part is not None
    [taken] = part["huidigeschool"]["leerling"]["toetslijst"]["toets"]
    assert date(2027, 1, 18) == taken["afname"]["afnamedatum"]
    assert (
        plugin.oso_enrich_dossier(context, found(context, "LL-2").dossier, "LL-2", "POVO") is None
    )


def test_a_pupil_is_known_by_a_number_of_now_or_before(context: HookContext) -> None:
    collected = found(context)
    number = collected.dossier["huidigeschool"]["leerling"]["bsn"]
    for match in (PupilMatch(pgn=number), PupilMatch(former_pgns=collected.former_numbers)):
        known = plugin.oso_known_pupil(context, match)
        assert known is not None
        assert ("LL-1", collected.dossier) == (known.pupil, known.dossier)
    assert plugin.oso_known_pupil(context, PupilMatch(leerlingid="LL-1")) is None


def test_the_agreements_of_a_region_are_given(context: HookContext) -> None:
    [rule] = plugin.oso_extra_rules(context, "2019.1", "POVO") or []
    assert ("roepnaam", "//od:leerling", "od:roepnaam", "warning") == (
        rule.id,
        rule.context,
        rule.assertion,
        rule.severity,
    )
