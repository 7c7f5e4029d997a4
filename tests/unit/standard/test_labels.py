"""The labels of a release: every element has a Dutch name of its own, and a privacy."""

from pathlib import Path

import pytest

from oso_adapter.errors import ConfigurationError
from oso_adapter.standard.labels import Heading, Label, load_labels
from oso_adapter.standard.pack import Pack

PathNames = tuple[str, ...]


def every_path(pack: Pack) -> list[PathNames]:
    return [
        tuple(path.strip("/").split("/"))
        for root in pack.structure.roots
        for path, _ in pack.structure.walk(root)
    ]


def test_every_element_has_a_label_of_its_own(pack: Pack) -> None:
    without = {"/".join(p) for p in every_path(pack) if pack.labels.elements.find(p) is None}
    assert set() == without


def test_every_row_of_the_table_is_used(pack: Pack) -> None:
    used = {id(pack.labels.of(path)) for path in every_path(pack)}
    assert [] == [key for key, label in pack.labels.elements.items() if id(label) not in used]


def test_every_category_has_a_dutch_name(pack: Pack) -> None:
    assert [] == [name for name in pack.profiles.data if pack.labels.category(name) == name]


def test_a_category_is_called_the_same_as_the_element_that_declares_its_status(pack: Pack) -> None:
    above = ("dossier", "metadata", "categorie_uitlevering")
    for name in pack.profiles.data:
        assert pack.labels.category(name) == pack.labels.of((*above, name)).text


def test_the_titles_and_headings_name_elements_that_are_there(pack: Pack) -> None:
    paths = {"/".join(path) for path in every_path(pack)}
    for path in every_path(pack):
        for below in pack.labels.of(path).title:
            assert "/".join((*path, below)) in paths
    for root in ("dossier", "terugkoppeling"):
        heading = pack.labels.heading(root)
        for below in (*heading.pupil, *heading.school):
            assert f"{root}/{below}" in paths


@pytest.mark.parametrize(
    ("privacy", "path"),
    [
        ("none", "dossier/metadata/standaardversie"),
        ("none", "dossier/metadata/datum"),
        ("none", "dossier/huidigeschool/naam"),
        ("none", "dossier/huidigeschool/leerling/toetslijst/toets/toetsidentificatie/eldtoetscode"),
        ("personal", "dossier/huidigeschool/leerling/geboortedatum"),
        ("personal", "dossier/huidigeschool/leerling/schoolloopbaanlijst/schoolloopbaan/brincode"),
        ("special", "dossier/huidigeschool/leerling/bsn"),
        ("special", "dossier/huidigeschool/leerling/onderwijsnummer"),
        ("special", "dossier/huidigeschool/leerling/leerlingid"),
        ("special", "dossier/huidigeschool/leerling/nationaliteit"),
        ("special", "dossier/huidigeschool/leerling/geboorteplaats"),
        ("special", "dossier/huidigeschool/leerling/onderwijsondersteuning/diagnose/naam"),
        ("special", "dossier/huidigeschool/leerling/onderwijsondersteuning/diagnose/datum"),
        ("special", "dossier/huidigeschool/leerling/overigdocumentlijst/document/bestandsnaam"),
    ],
)
def test_what_an_element_tells_of_a_person(pack: Pack, privacy: str, path: str) -> None:
    assert privacy == pack.labels.of(tuple(path.split("/"))).privacy


def test_everything_about_support_is_special(pack: Pack) -> None:
    schools = {"naam"}
    about = [p for p in every_path(pack) if "onderwijsondersteuning" in p and p[-1] not in schools]
    assert {"special"} == {pack.labels.of(path).privacy for path in about}


def test_nothing_in_the_block_of_the_pupil_goes_for_no_data_but_what_lists_and_tests_are(
    pack: Pack,
) -> None:
    """A new row under leerling is shown on a terminal only after somebody has put it here."""
    shown = {
        path[-1]
        for path in every_path(pack)
        if "leerling" in path
        and pack.labels.of(path).privacy == "none"
        and not {"school", "werktbijinstelling"} & set(path)
    }
    assert {
        "leerling",
        "adreslijst",
        "soortadres",
        "communicatielijst",
        "soort",
        "toetsidentificatie",
        "eldtoetscode",
        "leergebied",
        "toetsnaam",
        "toetsversie",
        "aantalopgaven",
        "codevaardigheidsschaal",
        "eldonderdeelcode",
        "onderdeelnaam",
        "toetssoort",
        "toetsomschrijving",
        "onderdeelcode",
        "onderdeelomschrijving",
        "domeincode",
        "domeinomschrijving",
    } == shown


def test_without_a_label_the_name_is_shown_and_counts_as_special(tmp_path: Path) -> None:
    labels = load_labels(tmp_path / "labels.toml")
    assert Label("nieuwveld", "special") == labels.of(("dossier", "nieuwveld"))
    assert "cat_nieuw" == labels.category("cat_nieuw")
    assert Heading() == labels.heading("dossier")


def test_an_unknown_privacy_is_an_error_of_the_table(tmp_path: Path) -> None:
    table = tmp_path / "labels.toml"
    table.write_text('[categories]\n[elements]\nx = { label = "X", privacy = "secret" }\n')
    with pytest.raises(ConfigurationError, match="x has an unknown privacy"):
        load_labels(table)
