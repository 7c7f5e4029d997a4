"""Idempotency-Key: the same request with the same key is carried out once."""

from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select
from support.api import LasClient, las
from support.chain import School
from support.fetching import TestClock

from oso_adapter.exchange import administrations
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.purge import purge
from oso_adapter.store.models import KeptAnswer

NEW = {"routing_id": "0000000700099AB00001", "brin": "99AB", "name": "Nieuw"}
KEY = {"Idempotency-Key": "een-sleutel"}


def test_the_same_request_with_the_same_key_is_carried_out_once(
    tenant: LasClient, clock: TestClock
) -> None:
    first = tenant.call("POST", "/administrations", json=NEW, headers=KEY)
    again = tenant.call("POST", "/administrations", json=NEW, headers=KEY)
    other = tenant.call("POST", "/administrations", json={**NEW, "name": "X"}, headers=KEY)
    by_another = tenant.call(
        *("POST", "/administrations"), json=NEW, headers={**KEY, "X-OSO-Account": "iemand"}
    )

    assert (201, first.data) == (again.status_code, again.data)
    assert [422, 422] == [other.status_code, by_another.status_code]
    clock.forward(hours=25)
    assert 409 == tenant.call("POST", "/administrations", json=NEW, headers=KEY).status_code


def test_a_key_of_one_token_means_nothing_for_another(tenant: LasClient, adapter: Adapter) -> None:
    other = las(adapter, "ander", tenant="anders")
    assert 201 == tenant.call("POST", "/administrations", json=NEW, headers=KEY).status_code
    assert 409 == other.call("POST", "/administrations", json=NEW, headers=KEY).status_code


def test_what_was_refused_may_come_again_with_its_key(tenant: LasClient) -> None:
    wrong = tenant.call("POST", "/administrations", json={}, headers=KEY)
    right = tenant.call("POST", "/administrations", json=NEW, headers=KEY)
    assert (422, 201) == (wrong.status_code, right.status_code)


def test_a_request_that_is_still_being_carried_out_is_not_begun_again(
    tenant: LasClient, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, goes_on = Event(), Event()
    real = administrations.add

    def slow(*given: Any) -> Any:
        begun.set()
        assert goes_on.wait(30)
        return real(*given)

    monkeypatch.setattr(administrations, "add", slow)
    answers: list[int] = []

    def post() -> None:
        done = tenant.call("POST", "/administrations", json=NEW, headers=KEY)
        answers.append(done.status_code)

    first = Thread(target=post)
    first.start()
    assert begun.wait(30)
    post()
    goes_on.set()
    first.join()
    assert [409, 201] == answers


def test_a_key_that_a_killed_process_left_behind_is_free_after_a_while(
    tenant: LasClient, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(administrations, "add", killed)
        patch.setattr("oso_adapter.store.answers.forget", lambda *_: None)
        with pytest.raises(SystemExit):
            tenant.call("POST", "/administrations", json=NEW, headers=KEY)
    before = tenant.call("POST", "/administrations", json=NEW, headers=KEY).status_code
    clock.now += tenant.adapter.longest_step
    clock.forward(seconds=1)
    after = tenant.call("POST", "/administrations", json=NEW, headers=KEY).status_code
    assert (409, 201) == (before, after)


@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
def test_a_key_that_is_none_is_refused(tenant: LasClient, key: str) -> None:
    done = tenant.call("POST", "/administrations", json=NEW, headers={"Idempotency-Key": key})
    assert (422, "Idempotency-Key") == (done.status_code, done.json["errors"][0]["field"])


def test_what_is_kept_of_a_request_is_sealed(tenant: LasClient, school: School) -> None:
    tenant.post(
        "/administrations",
        {**NEW, "name": "Merkteken7Qx"},
        headers={
            "Idempotency-Key": "Merkteken8Qx",
        },
    )
    with tenant.adapter.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT * FROM api_answers").all()
    assert 1 == len(rows)
    assert b"Merkteken" not in b"".join(v for row in rows for v in row if isinstance(v, bytes))


def test_what_is_kept_goes_with_a_purge_where_no_runner_runs(
    tenant: LasClient, clock: TestClock
) -> None:
    def kept() -> int:
        with tenant.adapter.store.reading() as session:
            return len(session.scalars(select(KeptAnswer)).all())

    tenant.post("/administrations", NEW, headers=KEY)
    clock.forward(hours=24)
    purge(tenant.adapter)
    assert 1 == kept()
    clock.forward(seconds=1)
    purge(tenant.adapter)
    assert 0 == kept()


def test_an_answer_that_came_too_late_to_be_kept_is_given_all_the_same(
    tenant: LasClient, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = administrations.add

    def slow(*given: Any) -> Any:
        added = real(*given)
        clock.now += tenant.adapter.longest_step
        clock.forward(seconds=1)
        other = {"Idempotency-Key": "een-andere-sleutel"}
        assert 422 == tenant.call("POST", "/orders", json={}, headers=other).status_code
        return added

    monkeypatch.setattr(administrations, "add", slow)
    done = tenant.call("POST", "/administrations", json=NEW, headers={"Idempotency-Key": "een"})
    assert 201 == done.status_code
