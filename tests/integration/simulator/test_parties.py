"""The three simulated parties over real TLS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oso_adapter.errors import Unreachable
from oso_adapter.identifiers import Oin, RoutingId
from oso_adapter.simulator.pki import Pki


@pytest.fixture
def tc(chain: Any) -> Callable[..., dict[str, Any]]:
    """Ask the Traffic Center something as the supplier of a school."""
    clients = {oin: chain.client(oin) for oin in (chain.bron, chain.doel)}

    def ask(name: str, values: dict[str, Any], oin: Oin) -> dict[str, Any]:
        url = chain.running[0].url("tc")
        return dict(chain.call(clients[oin], url, name, values).values)

    return ask


def test_a_session_is_opened_checked_and_signed_off(
    chain: Any, tc: Callable[..., dict[str, Any]]
) -> None:
    opened = tc("overdrachtRequest", chain.asking(), chain.doel)
    session = opened["sessieId"]
    assert [item["url"] for item in opened["aanleverpunt"]] == ["https://99AA.example/oso"]
    assert tc("sessiecontroleRequest", chain.checking(session), chain.bron) == {"sector": "VO"}
    signed_off = tc("afmeldingRequest", chain.closing(session), chain.doel)
    assert signed_off == {"resultaat": "OverdrachtGeslaagd"}
    closed = tc("sessiecontroleRequest", chain.checking(session), chain.bron)
    assert closed == {"resultaat": "SessieReedsAfgemeld"}


def test_only_the_certificate_says_who_calls(chain: Any, tc: Callable[..., Any]) -> None:
    refused = tc("overdrachtRequest", chain.asking(), chain.bron)
    assert refused == {"resultaat": "CertificaatNietGeautoriseerd"}


def test_a_certificate_without_an_oin_is_refused(chain: Any) -> None:
    url = chain.running[0].url("tc")
    answer = chain.call(chain.client(None), url, "overdrachtRequest", chain.asking())
    assert answer.values == {"resultaat": "CertificaatNietGeautoriseerd"}


def test_a_certificate_of_another_authority_is_refused_in_the_handshake(
    chain: Any, tmp_path: Path
) -> None:
    client = chain.client(chain.doel, pki=Pki.create(tmp_path / "other"))
    with pytest.raises(Unreachable) as refused:
        chain.call(client, chain.running[0].url("tc"), "pingRequest", {})
    assert refused.value.reason in ("tls", "reset")


def test_a_registered_endpoint_is_given_out_until_it_is_removed(
    chain: Any, tc: Callable[..., dict[str, Any]]
) -> None:
    client, url = chain.client(chain.bron), chain.running[0].url("osr")
    key = {"API-Key": f"sleutel-{chain.po}"}

    def osr(method: str, path: str, **options: Any) -> tuple[int, Any]:
        answer: tuple[int, Any] = client.request_json(method, url + path, party="OSR", **options)
        return answer

    mandate = {
        "supplier_oin": chain.bron,
        "school_oin": str(Oin.of_school(chain.po)),
        "service_version_namespace": chain.contract.namespace,
    }
    status, mandates = osr("GET", "/mandates", params=mandate, headers=key)
    assert status == 200
    status, free = osr("GET", "/endpoints/available-routing-id", params=mandate, headers=key)
    assert (status, free) == (200, {"routing_id": RoutingId.of_school(chain.po, 2)})
    body = {
        **free,
        "mandate_token": mandates[0]["token"],
        "service_version_namespace": chain.contract.namespace,
        "url": "https://nieuw.example/oso",
    }
    assert osr("POST", "/endpoints", body=body)[0] == 401
    status, made = osr("POST", "/endpoints", body=body, headers=key)
    assert status == 201
    assert osr("POST", "/endpoints", body=body, headers=key)[0] == 409
    opened = tc("overdrachtRequest", chain.asking(), chain.doel)
    assert "https://nieuw.example/oso" in [item["url"] for item in opened["aanleverpunt"]]
    path = f"/endpoints/{made['id']}"
    assert osr("PUT", path, body={"url": "https://x.example/oso"}, headers=key)[0] == 201
    assert osr("DELETE", path, headers=key)[0] == 200
    assert osr("GET", path, headers=key)[0] == 404


def test_without_a_mandate_there_is_none_to_be_found(chain: Any) -> None:
    client, url = chain.client(chain.bron), chain.running[0].url("osr")
    query = {
        "supplier_oin": chain.bron,
        "school_oin": str(Oin.of_school(chain.vo)),
        "service_version_namespace": chain.contract.namespace,
    }
    answer = client.request_json("GET", f"{url}/mandates", params=query, party="OSR")
    assert answer == (404, {"message": "mandate not found"})


def test_the_osr_refuses_a_certificate_without_an_oin(chain: Any) -> None:
    url = chain.running[0].url("osr")
    status, _ = chain.client(None).request_json("GET", f"{url}/schools", party="OSR")
    assert status == 401
