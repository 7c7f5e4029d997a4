"""What has to have happened before a dossier may go."""

import pytest

from oso_adapter.exchange.policy import BETWEEN_SCHOOLS, POLICIES, what_is_missing
from oso_adapter.standard.pack import load_pack

SEEN, CONSENT = "ingezien", "toestemming"


@pytest.mark.parametrize(
    ("profile", "needed"),
    [
        ("POPO", [SEEN]),
        ("POVO", [SEEN]),
        ("VOVO", [SEEN, CONSENT]),
        ("BB", []),
        ("POSWV", []),
        ("VOSWV", []),
    ],
)
def test_each_profile_asks_for_what_the_law_asks(profile: str, needed: list[str]) -> None:
    """Service, Law and privacy."""
    told = {
        word
        for seen in (False, True)
        for word in (SEEN, CONSENT)
        if word in (what_is_missing(profile, seen=seen, consent=False) or "")
    }
    assert set(needed) == told
    assert what_is_missing(profile, seen=True, consent=True) is None


def test_consent_between_vo_schools_can_be_left_out_but_inzage_not() -> None:
    assert what_is_missing("VOVO", seen=True, consent=False, consent_asked=False) is None
    assert SEEN in (what_is_missing("VOVO", seen=False, consent=False, consent_asked=False) or "")


def test_every_profile_of_the_standard_has_its_policy() -> None:
    assert set(load_pack().profiles.profiles) == set(POLICIES)
    assert ("POPO", "POVO", "VOVO", "BB") == BETWEEN_SCHOOLS
