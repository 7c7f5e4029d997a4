import logging
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import (
    Brin,
    LinkKey,
    Oin,
    Pgn,
    RoutingId,
    SessionId,
    without_number,
)

PUBLISHED_BSNS = (
    *("310008475", "274957462", "088584574", "238521436", "097902378", "334390205"),
    *("662460613", "482782481", "613543439", "559144428", "991904862", "388483763", "118716943"),
)
PUBLISHED_ONDERWIJSNUMMER = "101211151"
GUID = "19677A96-B737-402E-B3B8-24A3EEF32000"

nine_digits = st.text("0123456789", min_size=9, max_size=9)


def remainder(digits: str) -> int:
    """The weighted sum of the first eight modulo 11, by sums of sums instead of weights."""
    running = total = 0
    for digit in digits[:8]:
        running += int(digit)
        total += running
    return (total + running) % 11


@pytest.mark.parametrize("number", PUBLISHED_BSNS)
def test_a_published_test_number_is_a_bsn(number: str) -> None:
    assert "bsn" == Pgn.checked(number).kind


def test_the_published_onderwijsnummer_is_one() -> None:
    assert "onderwijsnummer" == Pgn.checked(PUBLISHED_ONDERWIJSNUMMER).kind


@given(nine_digits)
def test_the_eleven_tests_are_those_of_an_independent_sum(digits: str) -> None:
    rest, last = remainder(digits), int(digits[8])
    if rest == last and digits.strip("0"):
        expected = "bsn"
    elif digits[0] == "1" and rest - 5 == last:
        expected = "onderwijsnummer"
    else:
        expected = None

    assert expected == Pgn(digits).kind


@given(st.sampled_from((*PUBLISHED_BSNS, PUBLISHED_ONDERWIJSNUMMER)), st.integers(0, 8))
def test_one_wrong_digit_never_leaves_the_same_kind_of_number(number: str, at: int) -> None:
    digit = str((int(number[at]) + 1) % 10)
    changed = Pgn(number[:at] + digit + number[at + 1 :])

    assert changed.kind != Pgn(number).kind


def test_nine_zeros_are_no_bsn() -> None:
    assert Pgn("000000000").kind is None


@pytest.mark.parametrize(
    "text",
    ["", "12345678", "1234567890", " 23456782", "12345678a", "123456782\n", "\u0661" * 9, "１" * 9],
)
def test_what_is_not_nine_ascii_digits_is_no_personal_number(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        Pgn(text)


def test_a_personal_number_never_prints_itself(caplog: pytest.LogCaptureFixture) -> None:
    pgn = Pgn("123456782")
    logging.getLogger("test").warning("%s %r", pgn, [pgn])
    shown = [str(pgn), repr(pgn), f"{pgn}", f"{pgn!s:>20}", f"{pgn:>20}", f"{pgn!r}"]
    shown += ["%s" % pgn, f"{ ({'pgn': pgn}) }", format(pgn, "09d"), caplog.text]  # noqa: UP031

    assert all("***" in text and "123456782" not in text for text in shown)


def test_a_personal_number_is_not_pickled() -> None:
    with pytest.raises(TypeError) as refused:
        pickle.dumps(Pgn("123456782"))

    assert "123456782" not in str(refused.value)


def test_a_personal_number_has_no_attribute_dictionary_to_dump() -> None:
    assert not hasattr(Pgn("123456782"), "__dict__")


def test_a_traceback_about_a_personal_number_does_not_hold_it() -> None:
    try:
        Pgn.checked("12345678" + str(3))
    except InvalidIdentifier as error:
        text = "".join(traceback.format_exception(error))

    assert "123456783" not in text


def test_only_reveal_gives_the_digits_leading_zeros_kept() -> None:
    assert "088584574" == Pgn("088584574").reveal()


def test_equal_numbers_are_equal_and_a_text_is_not() -> None:
    assert {Pgn("123456782")} == {Pgn("123456782"), Pgn("123456782")}
    assert "123456782" != Pgn("123456782")


@pytest.mark.parametrize("kind", [Brin, Oin, RoutingId, SessionId, LinkKey, Pgn, Pgn.checked])
@given(value=st.text(max_size=20))
def test_an_error_never_holds_the_value(kind: type, value: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        kind("Jansen" + value)

    assert "Jansen" not in "".join(traceback.format_exception_only(refused.value))
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("text", ["00YY", "12SS", "99AA"])
def test_a_brin_is_two_digits_and_two_capitals(text: str) -> None:
    assert text == Brin(text)


@pytest.mark.parametrize("text", ["", "00yy", "0YYY", "00YY1", "00YY00", "00YY\n", "00ÉÉ", "OOYY"])
def test_another_form_is_no_brin(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        Brin(text)


@pytest.mark.parametrize(("brin", "test"), [("00YY", True), ("99AA", True), ("12SS", False)])
def test_the_test_school_and_the_99_range_are_test_brins(brin: str, test: bool) -> None:
    assert test == Brin(brin).is_test


def test_the_oin_of_a_school_holds_its_brin() -> None:
    assert "0000000700000AV00000" == Oin.of_school(Brin("00AV"))


@pytest.mark.parametrize(
    "text", ["0" * 19, "0" * 21, "0000000700100AV00000", "A" * 20, "0" * 19 + "é"]
)
def test_another_form_is_no_oin(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        Oin(text)


@pytest.mark.parametrize(
    ("oin", "test"),
    [("00000099000000004000", True), ("00000003123456780000", False)],
)
def test_the_test_range_of_oins_is_known_by_its_prefix(oin: str, test: bool) -> None:
    assert test == Oin(oin).is_test


@pytest.mark.parametrize(
    ("text", "brin"), [("0000000700000YY00931", "00YY"), ("0000000700004HR77707", "04HR")]
)
def test_a_published_routing_id_conforms_and_holds_its_brin(text: str, brin: str) -> None:
    assert (True, brin) == (RoutingId(text).conforms, RoutingId(text).brin)


def test_a_routing_id_is_built_from_brin_and_serial() -> None:
    assert "0000000700000YY00931" == RoutingId.of_school(Brin("00YY"), 931)


@pytest.mark.parametrize("text", ["00000003123456780000", "ABCDEFGHIJKLMNOPQRST"])
def test_another_routing_id_of_twenty_positions_is_taken_as_not_conforming(text: str) -> None:
    assert (False, None) == (RoutingId(text).conforms, RoutingId(text).brin)


@pytest.mark.parametrize("serial", [-1, 100_000])
def test_a_serial_of_more_than_five_digits_makes_no_routing_id(serial: int) -> None:
    with pytest.raises(InvalidIdentifier):
        RoutingId.of_school(Brin("00YY"), serial)


@pytest.mark.parametrize("text", ["", "0" * 19, "0" * 21, "0000000700000yy00931", "0" * 19 + "-"])
def test_another_form_is_no_routing_id(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        RoutingId(text)


def test_a_koppelsleutel_is_compared_without_regard_to_case_and_kept_as_it_came() -> None:
    upper, lower = LinkKey(GUID), LinkKey(GUID.lower())

    assert upper == lower
    assert hash(upper) == hash(lower)
    assert (GUID, GUID.lower()) == (str.__str__(upper), str.__str__(lower))
    assert LinkKey(GUID.replace("1", "2")) != upper


def test_a_session_id_is_opaque_and_compared_exactly() -> None:
    assert GUID.lower() == SessionId(GUID.lower())
    assert SessionId(GUID) != SessionId(GUID.lower())


@pytest.mark.parametrize("kind", [SessionId, LinkKey])
@pytest.mark.parametrize(
    "text", ["", GUID[1:], GUID.replace("-", ""), f"{{{GUID}}}", f"urn:uuid:{GUID}"]
)
def test_another_form_is_no_guid(kind: type, text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        kind(text)


@pytest.mark.parametrize(
    "text",
    ["123456782", "1234.56.782", "123-456-782", "123 456 782", "P123456782", "12 123456782 x",
     "101211151"],
)  # fmt: skip
def test_a_personal_number_is_seen_however_it_is_written(text: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        without_number(text)
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["P-1", "123456789", "1234567822", "12345678", "0000000700099AA00001", "31-05-2014", "j.jansen",
     "12345678-2222-4333-8444-555555555555", ""],
)  # fmt: skip
def test_another_text_is_let_through_as_it_is(text: str) -> None:
    assert text == without_number(text)
