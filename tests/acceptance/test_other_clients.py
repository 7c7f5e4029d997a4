"""Clients of other people get the dossier from the real endpoint: zeep, a JDK alone, curl."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from lxml import etree
from support.asker import CONTRACT, Asker, request
from support.dossiers import NUMBERS
from support.programs import needs
from zeep.exceptions import Fault

from oso_adapter.bounded_xml import parse
from oso_adapter.demo.comparison import canonical
from oso_adapter.wire.envelope import open_envelope
from oso_adapter.wire.messages import read

JAVA = Path(__file__).parents[1] / "data" / "java" / "AskDossier.java"


@pytest.fixture(scope="module")
def service(asker: Asker) -> Iterator[Any]:
    """What zeep makes of the WSDL that the endpoint serves."""
    transport = asker.doel.settings().transport
    with requests.Session() as session:
        session.trust_env = False
        session.cert = (str(transport.certificate), str(transport.key))
        session.verify = str(transport.roots[0])
        client = zeep.Client(f"{asker.bron.url}?wsdl", transport=zeep.Transport(session=session))
        yield client.service


def test_zeep_pings(service: Any) -> None:
    assert service.ping() is None


def test_the_wsdl_promises_what_is_answered(service: Any) -> None:
    assert {"ping", "document", "notificatie"} == set(service._operations)


def test_zeep_gets_the_dossier_as_it_was_prepared(asker: Asker, service: Any) -> None:
    answer = service.document(**asker.session(NUMBERS[0]))

    assert answer.resultaat is None
    assert canonical(parse(asker.expected)) == canonical(answer._value_1)


def test_zeep_reads_a_refusal_as_resultaat(asker: Asker, service: Any) -> None:
    answer = service.document(**asker.session(NUMBERS[2]))

    assert "LeerlinginfoNietBeschikbaar" == answer.resultaat
    assert answer._value_1 is None


def test_zeep_reads_a_fault(asker: Asker, service: Any) -> None:
    with pytest.raises(Fault) as caught:
        service.document(**{**asker.session(NUMBERS[0]), "bronBrin": "geen brin"})

    assert caught.value.code.endswith(":Client")
    assert caught.value.message.startswith("/documentRequest/bronBrin: expected a value")
    assert asker.wait_for_event("endpoint.fault", fault_id=caught.value.detail.findtext("foutId"))


def test_a_jdk_alone_gets_the_dossier_and_reads_a_refusal(asker: Asker, tmp_path: Path) -> None:
    java = needs("java")
    transport = asker.doel.settings().transport
    store = tmp_path / "eigen.p12"
    leaf, *chain = x509.load_pem_x509_certificates(transport.certificate.read_bytes())
    key = load_pem_private_key(transport.key.read_bytes(), None)
    password = BestAvailableEncryption(b"proef-proef")
    store.write_bytes(pkcs12.serialize_key_and_certificates(b"1", key, leaf, chain, password))

    def ask(values: dict[str, Any]) -> bytes:
        file = tmp_path / "vraag.properties"
        given = {
            **{name: text for name, text in values.items() if name != "zoeksleutelPgnfrag"},
            **values["zoeksleutelPgnfrag"],
            "ns": CONTRACT.namespace,
            "url": asker.bron.url,
            "own": store,
            "password": "proef-proef",
            "roots": transport.roots[0],
        }
        file.write_text("".join(f"{name} = {text}\n" for name, text in given.items()))
        command = [java, "-XX:TieredStopAtLevel=1", str(JAVA), str(file)]
        done = subprocess.run(command, capture_output=True, check=False, timeout=120)
        assert 0 == done.returncode, done.stderr.decode()
        return done.stdout

    dossier = ask(asker.session(NUMBERS[0]))
    refusal = ask(asker.session(NUMBERS[2]))

    assert canonical(parse(asker.expected)) == canonical(parse(dossier))
    assert b"200 LeerlinginfoNietBeschikbaar" == refusal


def curl(asker: Asker, *arguments: str | Path) -> bytes:
    transport = asker.doel.settings().transport
    command = [
        *(needs("curl"), "--silent", "--show-error", "--fail", "--noproxy", "*"),
        *("--cert", transport.certificate, "--key", transport.key),
        *("--cacert", transport.roots[0], *arguments),
    ]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert (0, b"") == (done.returncode, done.stderr)
    return done.stdout


@pytest.mark.parametrize("version", ["--http1.1", "--http1.0"])
@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_curl_gets_the_dossier(asker: Asker, tmp_path: Path, version: str, tls: str) -> None:
    file = tmp_path / "vraag.xml"
    file.write_bytes(request(asker.good))

    answer = curl(
        asker,
        *(version, f"--tlsv{tls}", "--tls-max", tls),
        *("--header", "Content-Type: text/xml", "--data-binary", f"@{file}", asker.bron.url),
    )

    message = read(open_envelope(parse(answer)), CONTRACT)
    assert canonical(parse(asker.expected)) == canonical(parse(message.dossier or b""))


def test_curl_gets_the_wsdl(asker: Asker) -> None:
    root = parse(curl(asker, f"{asker.bron.url}?wsdl"))

    assert "definitions" == etree.QName(root).localname
    address = root.find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address is not None
    assert asker.bron.url == address.get("location")
