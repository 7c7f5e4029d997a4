"""A mapping is read strictly: what does not fit is told with its place."""

from collections.abc import Callable
from pathlib import Path

import pytest
from oso_sql import reading
from oso_sql.mapping import MappingRefused

Write = Callable[..., Path]
SURNAME = 'achternaam = "surname"\ngeslacht'


@pytest.mark.parametrize(
    ("place", "old", "new"),
    [
        ("/leerling/achternaem: the standard has", SURNAME, f"achternaem{SURNAME[10:]}"),
        (
            "/leerling/achternaam: there is no key colum;",
            '"surname"\ng',
            '{ colum = "x", value = 1 }\ng',
        ),
        ("/leerling/achternaam: the name of a column", '"surname"\ng', "3\ng"),
        ("/leerling/overstapadvies: this is a block", SURNAME, f'overstapadvies = "a"\n{SURNAME}'),
        ("/leerling/verzorger: this is a block", SURNAME, f"verzorger.iban = 'a'\n{SURNAME}"),
        ("/verzorger: there is no query parents", 'rows = "carers"', 'rows = "parents"'),
        ("/geslacht: there is no table codes.seks", 'codes = "sex"', 'codes = "seks"'),
        ("/verzorgster: the standard has no", "leerling/verzorger", "leerling/verzorgster"),
        ("leerling/verzorger: there is no key row;", 'rows = "carers"', 'row = "carers"'),
        ("pupil: there is no key lst;", "\nlist =", "\nlst ="),
        (
            "queries.carers: a query is expected",
            '"SELECT * FROM carers WHERE pupil = :id ORDER BY no"',
            "1",
        ),
        ("the mapping: there is no key block;", "[pupil]", "block = 1\n[pupil]"),
        ("import.find: is not there", "find =", "#"),
        (
            "blocks: the first has the path",
            '"huidigeschool"\nrows',
            '"huidigeschool/leerling"\nrows',
        ),
        ("verzorger: where has to be a table", 'rows = "carers"', 'rows = "carers"\nwhere = 1'),
        ("the shape x is not there", 'rows = "carers"', 'rows = "carers"\nlike = ["x"]'),
        (
            "the shape x is like itself",
            '[[blocks]]\npath = "huidigeschool"\n',
            '[shapes.x]\nlike = ["x"]\n\n[[blocks]]\npath = "huidigeschool"\nlike = ["x"]\n',
        ),
        ("no proper TOML", "[pupil]", "[pupil"),
        ("the mapping: codes has to be", "[codes.sex]", "[codes]\nx = 1\n[codes.sex]"),
        ("verzorger: rows has to be a text", 'rows = "carers"', 'rows = ["carers"]'),
        ("verzorger: merge has to be true", 'rows = "carers"', 'rows = "carers"\nmerge = "no"'),
        ("verzorger: like has to be a list", 'rows = "carers"', 'rows = "carers"\nlike = "x"'),
        ("/voornaam: many has to be a text", 'many = ";"', 'many = ""'),
        ("pupil: former has to be a table", "\nlist =", '\nformer = "x"\nlist ='),
        ("import: same has to be a list", 'owner = "pupil"', 'owner = "pupil"\nsame = "bsn"'),
        ("import.same: bnn: the block of", 'owner = "pupil"', 'owner = "pupil"\nsame = ["bnn"]'),
        ("import.same: same: the block of", 'owner = "pupil"', 'owner = "pupil"\nsame = []'),
        ("documents cannot be put", '"content"', '{ column = "path", folder = "files" }'),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(
    write: Write, place: str, old: str, new: str
) -> None:
    with pytest.raises(MappingRefused) as caught:
        reading.read(write((old, new)))
    assert place in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(write: Write) -> None:
    with pytest.raises(MappingRefused) as caught:
        reading.read(write(('"sex" }', '"x" }'), ('rows = "years"', 'rows = "y"')))
    assert 2 == len(caught.value.problems)


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MappingRefused, match=r"none\.toml: the file cannot be read"):
        reading.read(tmp_path / "none.toml")


def test_what_a_block_says_itself_goes_before_its_shape(write: Write) -> None:
    shape = """[shapes.name.fields]
achternaam = "first"
roepnaam = "first"

[codes.sex]"""
    like = 'rows = "pupil"\ntable = "pupils"'
    path = write(("[codes.sex]", shape), (like, f'{like}\nlike = ["name"]'))
    (pupil, *_) = reading.read(path).root.blocks
    columns = {spec.path: spec.column for spec in pupil.fields}
    assert ("surname", "first") == (columns["achternaam",], columns["roepnaam",])
