"""The day of a synthetic dossier: given, or late in the school year of its release."""

from datetime import date

import pytest

from oso_adapter.errors import NotFound
from oso_adapter.standard import validate
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.samples import sample, sample_xml


@pytest.mark.parametrize("on", [date.min, date(1899, 12, 31), date(3000, 1, 1), date.max])
def test_a_day_around_which_no_pupil_can_be_invented_is_refused(on: date) -> None:
    with pytest.raises(NotFound, match="before 1900 or after 2999"):
        sample("POVO", on=on)


@pytest.mark.parametrize("on", [date(1900, 1, 1), date(2999, 12, 31)])
def test_on_the_first_and_last_day_a_sample_is_valid(on: date) -> None:
    assert validate(sample_xml("VOVO", size="full", on=on)).valid


@pytest.mark.parametrize(
    ("name", "year"), [("proef", 2019), ("v1", 2019), ("proef-2021", 2021), ("0001.2", 2019)]
)
def test_a_release_whose_name_is_no_year_has_samples_too(pack: Pack, name: str, year: int) -> None:
    other = Pack(name, "1", pack.namespace, pack.carried, pack.folder)
    assert date(year, 6, 14) == sample("POVO", pack=other)["metadata"]["datum"]
