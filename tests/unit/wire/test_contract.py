from pathlib import Path

import pytest

from oso_adapter.errors import ConfigurationError
from oso_adapter.wire.contract import load
from oso_adapter.wire.messages import Message, MessageRefused, write

PAIRS = {
    "ping",
    "overdracht",
    "sessiecontrole",
    "document",
    "afmelding",
    "meldenNotificatie",
    "notificatie",
    "meldenTerugkoppeling",
    "terugkoppeling",
    "overzichtAanleverpunt",
}
# the messages in which addresses changed in schema 20200910 (wire 2, S2)
ADDRESSED = {
    "overdrachtRequest",
    "sessiecontroleRequest",
    "afmeldingRequest",
    "meldenNotificatieRequest",
    "meldenTerugkoppelingRequest",
    "notificatieRequest",
    "terugkoppelingRequest",
    "documentRequest",
}


@pytest.fixture
def override(tmp_path):
    def write_file(text: str) -> Path:
        file = tmp_path / "override.toml"
        file.write_text(text, "utf-8")
        return file

    return write_file


def names(contract, message):
    return [field.name for field in contract.messages[message].fields]


def test_every_message_of_the_schema_is_there(contract):
    expected = {f"{pair}{kind}" for pair in PAIRS for kind in ("Request", "Response")}
    assert expected == set(contract.messages)


def test_the_namespace_is_that_of_the_newest_samples(contract):
    assert "http://xml.kennisnet.nl/schemas/Overstapservice/20200910" == contract.namespace


def test_addressed_messages_begin_with_bron_and_doel(contract):
    address = ["bronBrin", "bronRouteringsKenmerk", "doelBrin", "doelRouteringsKenmerk"]
    begin = {name for name in contract.messages if names(contract, name)[:4] == address}
    assert ADDRESSED == begin


def test_the_session_check_has_the_order_that_was_read(contract):
    expected = [
        "bronBrin",
        "bronRouteringsKenmerk",
        "doelBrin",
        "doelRouteringsKenmerk",
        "zoeksleutelPgnfrag",
        "koppelsleutel",
        "overdrachtsoort",
        "sessieId",
    ]
    assert expected == names(contract, "sessiecontroleRequest")
    assert "attested" == contract.messages["sessiecontroleRequest"].fact.evidence


def test_every_fact_has_a_source_and_every_assumption_a_reason(contract):
    facts = list(contract._facts())
    assert all(fact.source for _, _, fact in facts)
    assert [] == [item for item, _, fact in facts if fact.evidence == "assumed" and not fact.why]


def test_what_is_assumed_is_listed(contract):
    items = {assumption.item for assumption in contract.assumed()}
    assert {
        "options.dossier_form",
        "options.refusal_form",
        "groups.aanleverpunt",
        "messages.documentResponse",
        "messages.pingRequest",
        "messages.notificatieRequest.sessieId",
    } <= items
    assert "namespace" not in items
    assert "messages.sessiecontroleRequest" not in items


def test_the_soap_action_is_empty(contract):
    assert "" == contract.soap_action("documentRequest")


def test_an_unknown_contract_is_refused():
    for name in ("20180404", "../20200910", ""):
        with pytest.raises(ConfigurationError):
            load(name)


def test_an_override_replaces_single_facts_and_leaves_the_rest(contract, override):
    changed = load(
        override=override("""
            [namespace]
            value = "http://xml.eld.nl/schemas/Overstapservice/20200910"
            source = "official XSD"
            [options.soap_action]
            value = "{namespace}/{operation}"
            source = "official WSDL"
            [messages.afmeldingRequest.fields]
            bronRouteringsKenmerk = { min = 1, source = "official XSD" }
        """)
    )
    assert "http://xml.eld.nl/schemas/Overstapservice/20200910" == changed.namespace
    assert f"{changed.namespace}/document" == changed.soap_action("documentRequest")
    field = changed.messages["afmeldingRequest"].fields[1]
    assert (1, "routing_id", "official XSD") == (field.min, field.kind, field.fact.source)
    assert contract.messages["documentRequest"] == changed.messages["documentRequest"]


def test_what_an_override_settles_is_no_longer_assumed(override):
    changed = load(
        override=override("""
            [options.dossier_form]
            value = "base64-gzip"
            source = "official XSD"
        """)
    )
    assert "options.dossier_form" not in {item.item for item in changed.assumed()}
    assert "attested" == changed.options["dossier_form"].fact.evidence


def test_an_override_can_stay_an_assumption(override):
    changed = load(
        override=override("""
            [options.session_minutes]
            value = "30"
            evidence = "assumed"
            source = "measured"
            why = "seen in the sandbox"
        """)
    )
    assumption = next(a for a in changed.assumed() if a.item == "options.session_minutes")
    assert ("30", "measured", "seen in the sandbox") == (
        assumption.value,
        assumption.source,
        assumption.why,
    )


def test_an_override_can_rename_add_drop_and_reorder_elements(override):
    changed = load(
        override=override("""
            [messages.pingResponse]
            source = "official XSD"
            order = ["versie", "resultaat"]
            [messages.pingResponse.fields]
            versie = { kind = "string", source = "official XSD" }
            resultaat = { element = "result", source = "official XSD" }
            [messages.terugkoppelingRequest]
            source = "official XSD"
            order = ["bronBrin", "koppelsleutel"]
        """)
    )
    written = write(Message("pingResponse", {"resultaat": "Okee", "versie": "1"}), changed)
    assert written.index(b"<oso:versie>1<") < written.index(b"<oso:result>Okee<")
    assert ["bronBrin", "koppelsleutel"] == names(changed, "terugkoppelingRequest")
    with pytest.raises(MessageRefused):
        write(Message("pingResponse", {"resultaat": "Okee"}), changed)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("name", 'name = "20300101"'),
        ("colour", '[colour]\nvalue = "red"\nsource = "x"'),
        ("options.dosier_form", '[options.dosier_form]\nvalue = "inline"\nsource = "x"'),
        ("options.dossier_form.value", '[options.dossier_form]\nvalue = "pdf"\nsource = "x"'),
        ("options.dossier_form.value", '[options.dossier_form]\nvalue = 1\nsource = "x"'),
        ("options.dossier_form.source", '[options.dossier_form]\nvalue = "base64"'),
        ("options.dossier_form.pattern", '[options.dossier_form]\npattern = ".*"\nsource = "x"'),
        ("options.source", '[options]\nsource = "x"\ndossier_form = "base64"'),
        ("messages.pongRequest", '[messages.pongRequest]\nto = "school"\nsource = "x"'),
        ("messages.pingRequest.feilds", '[messages.pingRequest.feilds]\na = {source = "x"}'),
        ("messages.pingRequest.to", '[messages.pingRequest]\nto = "me"\nsource = "x"'),
        ("messages.pingRequest.open", '[messages.pingRequest]\nopen = 1\nsource = "x"'),
        ("order", '[messages.pingResponse]\norder = ["versie"]\nsource = "x"'),
        ("order", '[messages.pingResponse]\norder = ["resultaat", "resultaat"]\nsource = "x"'),
        ("exactly_one", '[messages.pingResponse]\nexactly_one = ["versie"]\nsource = "x"'),
        ("kind", '[messages.pingResponse.fields]\nversie = {min = 0, source = "x"}'),
        ("min", '[messages.pingResponse.fields]\nresultaat = {min = true, source = "x"}'),
        ("element", '[messages.pingResponse.fields]\nresultaat = {element = "a b", source = "x"}'),
        ("resultaat", '[messages.pingResponse.fields]\nsource = "x"\nresultaat = 3'),
        ("evidence", '[messages.pingResponse]\nevidence = "sure"\nsource = "x"'),
        ("TOML", "not = = toml"),
    ],
)
def test_a_mistake_in_an_override_is_named(override, place, text):
    with pytest.raises(ConfigurationError, match=place):
        load(override=override(text))


def test_an_override_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"none\.toml"):
        load(override=tmp_path / "none.toml")
