import base64
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oso_adapter.identifiers import Pgn
from oso_adapter.wire.search_key import SearchKey, SearchKeyAlgorithm, SimulationSearchKey

ALGORITHM: SearchKeyAlgorithm = SimulationSearchKey()
PGN = Pgn("088584574")
OTHER = Pgn("274957462")


@settings(max_examples=20, deadline=None)  # deriving a key takes as long as the machine is busy
@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_a_key_belongs_to_the_number_it_was_made_of(digits):
    pgn = Pgn(digits)
    key = ALGORITHM.make(pgn)
    assert ALGORITHM.matches(pgn, key)
    assert ALGORITHM.matches(pgn, key.key)


def test_a_key_does_not_belong_to_another_number():
    key = ALGORITHM.make(PGN)
    assert not ALGORITHM.matches(OTHER, key)
    assert not ALGORITHM.matches(OTHER, key.key)


def test_a_key_with_the_fragment_of_another_number_does_not_match():
    assert not ALGORITHM.matches(PGN, SearchKey(ALGORITHM.make(PGN).key, "0000"))


def test_a_key_has_the_size_that_was_seen_on_the_wire():
    assert 128 == len(base64.b64decode(ALGORITHM.make(PGN).key))


def test_the_fragment_is_the_last_four_digits():
    assert "4574" == ALGORITHM.make(PGN).fragment


def test_two_keys_for_one_number_differ():
    assert ALGORITHM.make(PGN).key != ALGORITHM.make(PGN).key


def test_line_breaks_in_a_key_mean_nothing():
    assert ALGORITHM.matches(PGN, "\r\n".join(textwrap.wrap(ALGORITHM.make(PGN).key, 76)))


@pytest.mark.parametrize("text", ["", "****", "QUJD", "é" * 172, "A" * 5000])
def test_what_is_no_key_matches_nobody(text):
    assert not ALGORITHM.matches(PGN, text)
    assert not ALGORITHM.matches(PGN, SearchKey(text, "4574"))


def test_a_fragment_outside_ascii_matches_nobody():
    assert not ALGORITHM.matches(PGN, SearchKey(ALGORITHM.make(PGN).key, "４574"))


def test_a_key_never_prints_itself():
    key = ALGORITHM.make(PGN)
    assert "SearchKey(***)" == repr(key) == str(key) == f"{key}"


def test_the_algorithm_says_that_it_is_the_simulated_one():
    assert "simulation" == ALGORITHM.name
