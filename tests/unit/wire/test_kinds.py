from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.wire.kinds import KINDS, format_moment, normalise, read_moment

SWV = "swv-dossier"
NOT_A_VALUE = {
    "brin": "123456782",
    "routing_id": "0000000700000YY9",
    "session_id": "{11111111-2222-4333-8444-555555555555}",
    "link_key": "19677A96B7373402EB3B824A3EEF32000",
    "moment": "1999-12-31",
    "base64": "a*bc",
    "pgnfrag": "123456782",
    "doel": "PaO",
    "code": "Sessie123456782",
    "uri": "ftp://bron.example/x",
    "overdrachtsoort": "123456782",
}


def test_a_moment_is_written_in_dutch_time_in_seconds_with_its_offset():
    moment = datetime(2022, 3, 1, 8, 15, 0, 999_999, tzinfo=UTC)
    assert "2022-03-01T09:15:00+01:00" == format_moment(moment)
    assert "2022-07-01T10:15:00+02:00" == format_moment(datetime(2022, 7, 1, 8, 15, tzinfo=UTC))


@settings(deadline=None)
@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_a_moment_written_is_read_back_to_the_second(moment):
    assert moment.replace(microsecond=0) == read_moment(format_moment(moment))


@pytest.mark.parametrize(
    "text",
    [
        "2017-04-06T13:34:30+02:00",
        "2017-04-06T11:34:30Z",
        "2017-04-06T11:34:30.0+00:00",
        "2017-04-06T13:34:30.0000000000+02:00",
    ],
)
def test_every_form_of_a_moment_with_a_zone_is_read(text):
    assert datetime(2017, 4, 6, 11, 34, 30, tzinfo=UTC) == read_moment(text)


def test_part_of_a_second_is_kept():
    moment = read_moment("2017-04-06T11:34:30.25Z")
    assert timedelta(milliseconds=250) == moment - datetime(2017, 4, 6, 11, 34, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2017-04-06T13:34:30",
        "2017-04-06",
        "20170406T133430+0200",
        "2017-13-06T13:34:30Z",
        "2017-04-06T24:34:30Z",
        "2017-04-06T13:34:30+99:00",
        "0000-04-06T13:34:30Z",
        "２017-04-06T13:34:30Z",
        "",
    ],
)
def test_a_moment_in_another_form_is_refused(text):
    with pytest.raises(InvalidIdentifier):
        read_moment(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("overstapdossier", "Overstapdossier"),
        ("overdrachtbinnenbrin", "overdrachtbinnenBRIN"),
        ("swv-dossier", "SWVaanvraag"),
        ("swv-dossier", "swv-aanvraag"),
        ("swv-dossier", " swv-dossier\n"),
    ],
)
def test_every_spelling_of_overdrachtsoort_becomes_that_of_the_contract(expected, text):
    assert expected == normalise("overdrachtsoort", text, SWV)


def test_the_swv_value_of_another_contract_is_used():
    assert "SWVaanvraag" == normalise("overdrachtsoort", "swv-dossier", "SWVaanvraag")
    assert "swvNieuw" == normalise("overdrachtsoort", "SWVNIEUW", "swvNieuw")


def test_base64_loses_all_white_space():
    assert "QUJDREVG" == normalise("base64", " QUJD\r\n\tREVG ", SWV)


def test_an_identifier_is_kept_as_it_came():
    key = "19677a96-B737-402E-B3B8-24A3EEF32000"
    assert key == normalise("link_key", f"\n{key}\n", SWV)


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"string"}))
def test_a_value_without_the_form_of_its_kind_is_refused_and_not_repeated(kind):
    value = NOT_A_VALUE[kind]
    with pytest.raises(InvalidIdentifier) as caught:
        normalise(kind, value, SWV)
    assert value not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_a_moment_that_does_not_exist_in_utc_is_refused(text):
    with pytest.raises(InvalidIdentifier, match="a moment is an xs:dateTime"):
        read_moment(text)
