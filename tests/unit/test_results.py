import pytest

from oso_adapter.results import CATALOGUE, UNKNOWN_RANK, best, result

OWNERS = {"verzendende school", "ontvangende school", "leverancier", "Kennisnet"}
ATTESTED = {
    "OverdrachtGeslaagd",
    "NotificatieOntvangen",
    "LeerlinginfoNietOpvraagbaar",
    "LeerlinginfoNietBeschikbaar",
    "SessieAfwijkend",
    "OnbekendAanleverpunt",
    "GeenRelatieMetDoel",
    "SessieReedsAfgemeld",
    "VerstrekkerNietBekend",
}


def test_the_catalogue_has_every_result_once():
    assert 21 == len(CATALOGUE)
    assert all(code == entry.code for code, entry in CATALOGUE.items())


def test_codes_read_in_a_public_source_are_marked_attested():
    marked = {code for code, entry in CATALOGUE.items() if entry.evidence.startswith("attested")}
    assert ATTESTED == marked


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.code)
def test_every_result_tells_a_school_what_happened_who_acts_and_what_to_do(entry):
    assert entry.owner in OWNERS
    assert entry.cls in {"normal", "alternative", "exception"}
    assert entry.text.endswith(".")
    assert entry.next_step.endswith(".")
    assert 1 == entry.text.count(". ") + 1, "one sentence"


def test_the_delivered_dossier_ranks_first():
    assert ["OverdrachtGeslaagd"] == [c for c, entry in CATALOGUE.items() if entry.rank == 1]


def test_an_unknown_code_is_shown_literally():
    unknown = result("IetsNieuws")
    assert "IetsNieuws" == unknown.code
    assert "IetsNieuws" in unknown.text


def test_an_unknown_code_ranks_between_nothing_ready_and_a_session_error():
    nothing_ready = CATALOGUE["LeerlinginfoNietBeschikbaar"].rank
    session_error = CATALOGUE["SessieAfwijkend"].rank
    assert nothing_ready is not None
    assert session_error is not None
    assert nothing_ready < UNKNOWN_RANK < session_error


@pytest.mark.parametrize(
    ("index", "codes"),
    [
        (0, ["TechnischeFout"]),
        (1, ["LeerlinginfoNietBeschikbaar", "LeerlinginfoNietOpvraagbaar", "TechnischeFout"]),
        (2, ["SessieAfwijkend", "TechnischeFout", "OnbekendAanleverpunt"]),
        (1, ["TechnischeFout", "GeenAntwoord"]),
        (1, ["SessieAfwijkend", "IetsNieuws"]),
        (1, ["NotificatieOntvangen", "TechnischeFout"]),
    ],
)
def test_the_best_result_is_the_highest_ranked_and_the_last_of_equals(index, codes):
    assert index == best(codes)


def test_without_results_there_is_no_best():
    with pytest.raises(ValueError):
        best([])


def test_the_catalogue_cannot_be_changed():
    with pytest.raises(TypeError):
        CATALOGUE["X"] = result("X")  # type: ignore[index]
