"""zeep, a SOAP client that is not ours, works from our WSDL and understands our answers."""

import base64
import io
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import zeep
from lxml import etree
from zeep.exceptions import Fault

from oso_adapter.bounded_xml import parse
from oso_adapter.wire.contract import load
from oso_adapter.wire.envelope import SoapFault, open_envelope, wrap, write_fault
from oso_adapter.wire.kinds import read_moment
from oso_adapter.wire.messages import Message, read, write
from oso_adapter.wire.wsdl import wsdl

ADDRESS = "https://localhost:8443/oso/20200910"
SESSION = "11111111-2222-4333-8444-555555555555"
KEY = "19677A96-B737-402E-B3B8-24A3EEF32000"
DOSSIER = (
    b'<dossier xmlns="http://www.edustandaard.nl/oso_gegevensset/2019/dossier">'
    b"<huidigeschool>\xc3\xa9</huidigeschool></dossier>"
)
FIELDS = {
    "bronBrin": "99AA",
    "bronRouteringsKenmerk": "0000000700099AA00001",
    "doelBrin": "99BB",
    "doelRouteringsKenmerk": "0000000700099BB00001",
}
PUPIL = {"zoeksleutel": base64.b64encode(bytes(128)).decode(), "pgnfrag": "4574"}


class Wire(zeep.Transport):
    """A transport without a network: it gives the WSDL, keeps requests and gives one answer."""

    def __init__(self, contract, party="school"):
        super().__init__()
        self.description = wsdl(contract, ADDRESS, party)
        self.answer = b""
        self.status = 200
        self.sent = b""
        self.address = ""

    def load(self, url):
        return self.description

    def post(self, address, message, headers):
        self.address, self.sent = address, message
        self.headers = headers
        return SimpleNamespace(
            status_code=self.status,
            content=self.answer,
            encoding="utf-8",
            headers={"Content-Type": "text/xml; charset=utf-8"},
        )


@pytest.fixture
def school(contract):
    return Wire(contract)


@pytest.fixture(scope="module")
def contract():
    return load()


def client(transport):
    return zeep.Client("memory.wsdl", transport=transport)


def answer(transport, contract, name, values, dossier=None):
    transport.answer = wrap(write(Message(name, values, dossier), contract))


def sent(transport, contract):
    return read(open_envelope(parse(transport.sent)), contract)


def schema_of(description):
    schema = parse(description).find(".//{http://www.w3.org/2001/XMLSchema}schema")
    return etree.XMLSchema(parse(etree.tostring(schema)))  # with the namespaces in scope


def ask_for_document(transport, **more):
    fields = {**FIELDS, "overdrachtsoort": "overstapdossier", "sessieId": SESSION, **more}
    return client(transport).service.document(**fields)


def test_a_document_request_of_zeep_is_read(school, contract):
    answer(school, contract, "documentResponse", {"resultaat": "LeerlinginfoNietBeschikbaar"})
    moment = datetime(2022, 3, 1, 8, 15, tzinfo=UTC)
    ask_for_document(school, zoeksleutelPgnfrag=PUPIL, aanvraagdatum=moment)
    message = sent(school, contract)
    assert ADDRESS == school.address
    assert '""' == school.headers["SOAPAction"]
    assert PUPIL == message.values["zoeksleutelPgnfrag"]
    assert moment == read_moment(message.values["aanvraagdatum"])


def test_a_document_request_with_a_koppelsleutel_is_read(school, contract):
    answer(school, contract, "documentResponse", {"resultaat": "LeerlinginfoNietBeschikbaar"})
    ask_for_document(school, koppelsleutel=KEY)
    assert KEY == sent(school, contract).values["koppelsleutel"]


def test_zeep_gets_the_dossier(school, contract):
    answer(school, contract, "documentResponse", {}, DOSSIER)
    response = ask_for_document(school, zoeksleutelPgnfrag=PUPIL)
    dossier = response._value_1
    assert DOSSIER == etree.tostring(dossier, method="c14n", exclusive=True)
    assert response.resultaat is None


def test_zeep_gets_the_dossier_beside_a_result(school, contract):
    answer(school, contract, "documentResponse", {"resultaat": "OverdrachtGeslaagd"}, DOSSIER)
    response = ask_for_document(school, zoeksleutelPgnfrag=PUPIL)
    assert "OverdrachtGeslaagd" == response.resultaat
    assert DOSSIER == etree.tostring(response._value_1, method="c14n", exclusive=True)


def test_zeep_gets_a_refusal(school, contract):
    answer(school, contract, "documentResponse", {"resultaat": "LeerlinginfoNietOpvraagbaar"})
    response = ask_for_document(school, zoeksleutelPgnfrag=PUPIL)
    assert "LeerlinginfoNietOpvraagbaar" == response["resultaat"]
    assert response["_value_1"] is None


def test_zeep_understands_our_faults(school):
    school.status = 500
    school.answer = write_fault(SoapFault("Server", "Mis.", "0" * 16, "TechnischeFout"))
    with pytest.raises(Fault) as caught:
        ask_for_document(school, zoeksleutelPgnfrag=PUPIL)
    assert "Mis." == caught.value.message
    assert caught.value.code.endswith(":Server")
    assert "TechnischeFout" == caught.value.detail.findtext("code")


@pytest.mark.parametrize("party", ["school", "traffic-center"])
def test_every_operation_of_the_contract_is_in_the_wsdl_of_its_party(contract, party):
    expected = {
        name.removesuffix("Request")
        for name, spec in contract.messages.items()
        if name.endswith("Request") and spec.to == party
    }
    assert expected == set(client(Wire(contract, party)).service._operations)


def test_zeep_opens_a_session_and_gets_the_list_of_endpoints(contract):
    center = Wire(contract, "traffic-center")
    points = [
        {"routeringsKenmerk": f"0000000700099AA0000{n}", "url": f"https://bron{n}.example/oso"}
        for n in (1, 2)
    ]
    values = {"sessieId": SESSION, "aanleverpunt": points}
    answer(center, contract, "overdrachtResponse", values)
    fields = {name: value for name, value in FIELDS.items() if name != "bronRouteringsKenmerk"}
    response = client(center).service.overdracht(
        **fields, zoeksleutelPgnfrag=PUPIL, overdrachtsoort="overstapdossier"
    )
    assert "bronRouteringsKenmerk" not in sent(center, contract).values
    assert SESSION == response.sessieId
    assert [point["url"] for point in points] == [point.url for point in response.aanleverpunt]


def test_zeep_pings(contract):
    center = Wire(contract, "traffic-center")
    answer(center, contract, "pingResponse", {"resultaat": "Okee"})
    assert "Okee" == client(center).service.ping()
    assert Message("pingRequest") == sent(center, contract)


@pytest.mark.parametrize(
    ("form", "wrapper"), [("inline", "document"), ("base64", "document"), ("base64", "")]
)
def test_the_wsdl_follows_an_override_of_how_the_dossier_is_sent(tmp_path, form, wrapper):
    file = tmp_path / "override.toml"
    file.write_text(
        f'[options.dossier_form]\nvalue = "{form}"\nsource = "official WSDL"\n'
        f'[options.dossier_element]\nvalue = "{wrapper}"\nsource = "official WSDL"\n'
        '[options.soap_action]\nvalue = "{namespace}/{operation}"\nsource = "official WSDL"\n'
    )
    contract = load(override=file)
    transport = Wire(contract)
    answer(transport, contract, "documentResponse", {}, DOSSIER)
    ask_for_document(transport, zoeksleutelPgnfrag=PUPIL)
    assert f'"{contract.namespace}/document"' == transport.headers["SOAPAction"]
    schema_of(transport.description).assertValid(open_envelope(parse(transport.answer)))


def test_every_message_we_write_is_valid_to_the_schema_in_the_wsdl(contract):
    requests = {
        "documentRequest": {
            **FIELDS,
            "koppelsleutel": KEY,
            "overdrachtsoort": "swv-dossier",
            "sessieId": SESSION,
            "aanvraagdatum": "2022-03-01T09:15:00+01:00",
        },
        "notificatieRequest": {**FIELDS, "koppelsleutel": KEY, "doel": "SWV"},
        "notificatieResponse": {"resultaat": "NotificatieOntvangen"},
        "terugkoppelingRequest": {**FIELDS, "koppelsleutel": KEY, "tekst": "Besproken"},
    }
    schema = schema_of(wsdl(contract, ADDRESS))
    for name, values in requests.items():
        schema.assertValid(parse(write(Message(name, values), contract)))


def test_zeep_loads_the_wsdl_from_a_file_as_it_is_served(contract):
    assert zeep.Client(io.BytesIO(wsdl(contract, ADDRESS))).service is not None
