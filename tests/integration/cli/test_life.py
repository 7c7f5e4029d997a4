"""The life of a prepared dossier: its versions, what each profile asks, and where it ends."""

from typing import Any

from support.chain import ACCOUNT, School

BY = ("--administration", "99AA", "--account", ACCOUNT)
SEEN = ("--on", "2025-03-02", "--akkoord", "Ja")


def run(school: School, command: str, *arguments: str, **more: Any) -> Any:
    return school.cli("dossier", command, *arguments, *BY, **more)


def vo(school: School) -> None:
    """Make the school one for secondary education."""
    assert 0 == school.cli("administration", "sector", "99AA", "VO").exit_code


def test_from_vo_to_vo_consent_is_needed_too(school: School, put: Any) -> None:
    vo(school)
    put(profile="VOVO")
    run(school, "inzage", "P-1", *SEEN)
    refused = run(school, "ready", "P-1", "--for", "99BB")
    assert 1 == refused.exit_code
    assert "leg eerst de toestemming vast (dossier inzage --toestemming Ja)" in refused.stderr

    run(school, "inzage", "P-1", *SEEN, "--toestemming", "Ja")

    assert 0 == run(school, "ready", "P-1", "--for", "99BB").exit_code


def test_consent_between_vo_schools_is_a_setting(school: School, put: Any) -> None:
    school.configure("[policy]\nconsent_between_vo = false\n")
    vo(school)
    put(profile="VOVO")
    run(school, "inzage", "P-1", *SEEN, "--toestemming", "Nee")

    assert 0 == run(school, "ready", "P-1", "--for", "99BB").exit_code
