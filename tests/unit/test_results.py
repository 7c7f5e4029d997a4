import pytest

from oso_adapter.results import CATALOGUE, KENNISNET, UNKNOWN_RANK, VIEWERS, best, result

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
    assert 22 == len(CATALOGUE)
    assert all(code == entry.code for code, entry in CATALOGUE.items())


def test_codes_read_in_a_public_source_are_marked_attested():
    marked = {code for code, entry in CATALOGUE.items() if entry.evidence.startswith("attested")}
    assert ATTESTED == marked


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.code)
def test_every_result_tells_each_viewer_what_happened_who_acts_and_what_to_do(entry, viewer):
    assert entry.cls in {"normal", "alternative", "exception"}
    view = entry.view(viewer)
    assert view.owner in OWNERS
    assert view.text.endswith(".")
    assert view.next_step.endswith(".")
    assert 1 == view.text.count(". ") + 1, "one sentence"
    assert not set("{}") & set(view.text + view.next_step), "no place was left open"


def test_the_short_form_is_what_the_asking_school_reads():
    known = result("LeerlinginfoNietBeschikbaar")
    view = known.view("asking")
    assert (view.text, view.next_step) == (known.text, known.next_step)


def test_each_viewer_reads_it_from_his_own_side():
    views = [result("LeerlinginfoNietOpvraagbaar").view(viewer) for viewer in VIEWERS]
    assert 3 == len({view.next_step for view in views})
    asking, sending, _ = views
    assert "Vraag de verzendende school" in asking.next_step
    assert "Laat de ouders het dossier inzien" in sending.next_step
    owners = [result("VerstrekkerNietBekend").view(viewer).owner for viewer in VIEWERS]
    assert ["ontvangende school", "verzendende school", "verzendende school"] == owners


def test_the_service_desk_is_named_and_kennisnet_where_it_is_about_the_connection():
    view = result("AanvragerNietBekend").view("asking", "Servicedesk Proef (020 123 45 67)")
    assert "Servicedesk Proef (020 123 45 67)" in view.next_step
    assert KENNISNET in view.next_step
    assert all(way in KENNISNET for way in ("support@kennisnet.nl", "0800 321 22 33"))
    assert "de servicedesk van uw leverancier" in result("AanvragerNietBekend").next_step


@pytest.mark.parametrize("code", ["VerstrekkerNietBekend", "VerstrekkerAanleverpuntNietActief"])
def test_a_school_that_does_not_take_part_is_asked_for_the_report_on_paper_or_as_pdf(code):
    assert "onderwijskundig rapport op papier of als PDF" in result(code).next_step


def test_the_delivered_dossier_ranks_first():
    assert ["OverdrachtGeslaagd"] == [c for c, entry in CATALOGUE.items() if entry.rank == 1]


def test_an_unknown_code_is_shown_literally():
    unknown = result("IetsNieuws")
    assert "IetsNieuws" == unknown.code
    assert all("IetsNieuws" in unknown.view(viewer).text for viewer in VIEWERS)


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
