"""Tokens of the JSON API: made, listed and revoked; what one opens is decided at every call."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from support.chain import ACCOUNT, School
from support.fetching import TestClock
from support.traces import files_below

from oso_adapter.clock import school_date, utc_now
from oso_adapter.exchange.tokens import SCOPES, caller
from oso_adapter.store.models import Event

BY = ("--account", ACCOUNT)
EVERYTHING = ("--scope", "all")


def create(school: School, *more: str, name: str = "las") -> str:
    scopes = () if "--scope" in more else EVERYTHING
    done = school.cli("token", "create", name, *more, *scopes, *BY)
    assert 0 == done.exit_code, done.output
    return done.stdout.strip()


def listed(school: School) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(school.cli("token", "list", "--format", "json").stdout)
    return found


def test_a_token_is_for_what_it_was_made_for(school: School) -> None:
    token = create(school, "--administration", "99AA", "--scope", "events:read")
    adapter = school.adapter()

    found = caller(adapter, token)

    assert found is not None
    assert {"events:read"} == found.scopes
    assert {school.administration(adapter).id} == found.administrations
    [row] = listed(school)
    assert ("las", "in force", school.routing_id) == (
        *(row["name"], row["state"], row["administrations"]),
    )


def test_a_token_of_a_tenant_is_for_what_is_added_later_too(school: School) -> None:
    token = create(school, "--tenant", "nieuw")
    adapter = school.adapter()
    before = caller(adapter, token)
    added = school.cli(
        *("administration", "add", "--brin", "99AB", "--routing-id", "0000000700099AB00001"),
        *("--name", "Nieuw", "--tenant", "nieuw"),
    )
    after = caller(adapter, token)

    assert 0 == added.exit_code
    assert before is not None
    assert after is not None
    assert (0, 1) == (len(before.administrations), len(after.administrations))
    assert set(SCOPES) == after.scopes


def test_the_token_itself_is_kept_nowhere(school: School) -> None:
    token = create(school, "--tenant", "t")

    files = files_below(school.folder)
    assert [] == [file for file in files if token.encode() in file.read_bytes()]
    assert token not in json.dumps(listed(school))


def test_a_token_that_is_revoked_opens_nothing(school: School) -> None:
    token = create(school, "--tenant", "t")
    adapter = school.adapter()
    assert caller(adapter, token) is not None

    done = school.cli("token", "revoke", "las", *BY)

    assert 0 == done.exit_code
    assert caller(adapter, token) is None
    assert ["revoked"] == [row["state"] for row in listed(school)]
    assert 1 == school.cli("token", "revoke", "las", *BY).exit_code
    with adapter.store.reading() as session:
        told = session.execute(select(Event.name, Event.account).order_by(Event.id)).all()
    expected = [("token.created", ACCOUNT), ("token.revoked", ACCOUNT)]
    assert expected == [tuple(row) for row in told]


def test_a_token_ends_after_its_last_day(school: School) -> None:
    last = school_date(utc_now()) + timedelta(days=1)
    token = create(school, "--tenant", "t", "--until", last.isoformat())
    clock = TestClock()
    adapter = school.adapter(clock)

    assert caller(adapter, token) is not None
    clock.forward(days=2, hours=1)
    assert caller(adapter, token) is None


def test_when_a_token_was_used_last_is_told_to_the_minute(school: School) -> None:
    token = create(school, "--tenant", "t")
    clock = TestClock()
    adapter = school.adapter(clock)
    first = clock()
    caller(adapter, token)
    clock.forward(seconds=59)
    caller(adapter, token)

    assert [first.isoformat()] == [row["used"] for row in listed(school)]
    clock.forward(seconds=2)
    caller(adapter, token)
    assert [clock().isoformat()] == [row["used"] for row in listed(school)]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--tenant", "t"), 2, "Missing option '--scope'"),
        (EVERYTHING, 1, "either for administrations that are named or for a tenant"),
        ((*EVERYTHING, "--tenant", "t", "--administration", "99AA"), 1, "either for"),
        ((*EVERYTHING, "--administration", "99ZZ"), 1, "no such administration"),
        ((*EVERYTHING, "--tenant", "t", "--until", "2020-01-01"), 1, "end in the past"),
        (("--tenant", "t", "--scope", "alles"), 2, "not one of"),
        ((*EVERYTHING, "--tenant", "123456782"), 2, "BSN or onderwijsnummer"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(
    school: School, options: tuple[str, ...], code: int, said: str
) -> None:
    done = school.cli("token", "create", "las", *options, *BY)

    assert code == done.exit_code
    assert said in done.output
    assert [] == listed(school)


def test_a_name_is_given_once(school: School) -> None:
    create(school, "--tenant", "t")

    done = school.cli("token", "create", "las", "--tenant", "t", *EVERYTHING, *BY)
    assert (1, True) == (done.exit_code, "a token with this name already" in done.output)


def test_what_is_no_token_opens_nothing(school: School) -> None:
    create(school, "--tenant", "t")
    adapter = school.adapter()

    for text in ("", "oso_", "oso_" + "A" * 43, "\udcff"):
        assert caller(adapter, text) is None
