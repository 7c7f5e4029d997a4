"""The dossiers of test school 00YY."""

import pytest

from oso_adapter.bounded_xml import parse
from oso_adapter.results import CATALOGUE
from oso_adapter.simulator.dossiers import COLLECTED, COLLECTED_AGAIN, dossier
from oso_adapter.simulator.pupils import Pupil, pupils
from oso_adapter.standard import validate
from oso_adapter.standard.attachments import unpack
from oso_adapter.standard.codec import to_dict
from oso_adapter.standard.pack import load_pack

WITH_DOSSIER = [pupil for pupil in pupils() if pupil.reply == "dossier"]
PRESENT = [pupil for pupil in WITH_DOSSIER if pupil.release is None]
OUTDATED = [pupil for pupil in WITH_DOSSIER if pupil.release is not None]


def named(*variants: str) -> list[Pupil]:
    return [pupil for pupil in PRESENT if pupil.variant in variants]


def test_every_published_number_passes_its_eleven_test() -> None:
    assert len(pupils()) == 13
    kinds = [pupil.number.kind for pupil in pupils()]
    assert (kinds.count("bsn"), kinds.count("onderwijsnummer")) == (12, 1)


def test_every_number_gives_a_dossier_or_a_known_code() -> None:
    assert {"dossier", *CATALOGUE} >= {pupil.reply for pupil in pupils()}


@pytest.mark.parametrize("pupil", PRESENT, ids=lambda pupil: f"{pupil.profile}-{pupil.year}")
def test_a_dossier_is_valid_in_its_profile(pupil: Pupil) -> None:
    for collected in (COLLECTED, COLLECTED_AGAIN):
        report = validate(dossier(pupil, collected))
        assert (True, (), pupil.profile) == (report.valid, tuple(report.findings), report.profile)


@pytest.mark.parametrize("pupil", PRESENT, ids=lambda pupil: f"{pupil.profile}-{pupil.year}")
def test_a_dossier_holds_the_number_that_was_asked(pupil: Pupil) -> None:
    read = to_dict(parse(dossier(pupil, COLLECTED)), load_pack())
    content = read["huidigeschool"]["leerling"]
    assert pupil.number.reveal() == content[pupil.number.kind]


@pytest.mark.parametrize("pupil", OUTDATED, ids=lambda pupil: pupil.release)
def test_an_outdated_dossier_has_the_namespace_of_its_year_and_is_not_valid(pupil: Pupil) -> None:
    xml = dossier(pupil, COLLECTED)
    expected = f"{{http://www.edustandaard.nl/oso_gegevensset/{pupil.release}/dossier}}dossier"
    assert expected == parse(xml).tag
    assert not validate(xml).valid


def test_the_well_filled_dossier_has_attachments_that_open() -> None:
    (pupil,) = named("full")
    root = parse(dossier(pupil, COLLECTED))
    documents = list(root.iter("{*}document"))
    assert len(documents) == 32
    for document in documents:
        name, content = unpack(document.findtext("{*}bestandsinhoud"))
        assert document.findtext("{*}bestandsnaam") == name
        assert content.startswith(b"Synthetisch document")


def test_only_the_renewed_dossier_has_the_final_test_and_the_revised_advice() -> None:
    (pupil,) = named("renewed")
    first, renewed = (
        to_dict(parse(dossier(pupil, collected)), load_pack())["huidigeschool"]["leerling"]
        for collected in (COLLECTED, COLLECTED_AGAIN)
    )
    assert "eindtoets_basisonderwijs" not in first
    assert "herzienadvies" not in first["overstapadvies"]
    assert "eindtoets_basisonderwijs" in renewed
    assert renewed["overstapadvies"]["herzienadvies"] == "60"


def test_the_same_dossier_has_the_same_bytes() -> None:
    (pupil,) = named("full")
    assert dossier(pupil, COLLECTED) == dossier(pupil, COLLECTED)
