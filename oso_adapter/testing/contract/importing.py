"""Taking over: everything, once, and for the right pupil."""

from copy import deepcopy
from dataclasses import replace

import pytest

from oso_adapter.errors import PluginFailed
from oso_adapter.hookspecs import ImportAnswer
from oso_adapter.testing.attacks import NAMES, ZERO
from oso_adapter.testing.contract.case import COLLECTS, IMPORTS, Case, Told
from oso_adapter.testing.dossiers import (
    identity,
    number_of,
    numbers,
    pupil_of,
    received,
    with_pupil,
)
from oso_adapter.testing.hosts import OTHER

_FULL = ("POPO", "POVO", "VOVO", "BB")


class Importing(Told):
    """What ``oso_import_dossier`` has to do."""

    def test_a_dossier_is_taken_over(self, case: Case) -> None:
        """A small dossier of a new pupil has to be accepted, and to make one pupil of it."""
        case.needs(IMPORTS)
        came = received(case.dossier())

        case.require_kept(*case.take(came), came)

    @pytest.mark.parametrize("profile", _FULL)
    def test_every_block_of_the_standard_is_taken_over(self, case: Case, profile: str) -> None:
        """A dossier with every element that may be in it has to be accepted, and what the plugin
        says it keeps has to be there afterwards; otherwise a school loses it without a word.
        """
        case.needs(IMPORTS)
        if profile not in self.profiles:
            pytest.skip(f"dossiers of {profile} do not come in here")
        came = received(case.dossier(profile, size="full"), profile=profile)

        case.require_kept(*case.take(came), came)

    def test_a_huge_dossier_is_taken_over(self, case: Case) -> None:
        """A dossier of 12 MB, most of it attachments, has to be accepted like any other.

        Look for a column that is too short, a limit on a message, or a copy too many in memory.
        """
        case.needs(IMPORTS)
        profile = next(name for name in _FULL if name in self.profiles)
        came = received(case.dossier(profile, size="huge"), profile=profile)

        case.require_kept(*case.take(came), came)

    def test_an_unusual_name_is_kept_as_it_is(self, case: Case) -> None:
        """A name has to come back letter by letter: it is somebody's name.

        Bind values instead of putting them into a query, and use Unicode everywhere; do not trim,
        shorten, or make capitals of it.
        """
        case.needs(IMPORTS)
        wrong = {}
        given = zip(NAMES.items(), numbers(), strict=False)
        for position, ((kind, name), number) in enumerate(given, 1):
            dossier = case.dossier(**name, bsn=number, onderwijsnummer=None)
            came = received(dossier, f"r-{position}")
            try:
                case.require_kept(*case.take(came), came)
            except (AssertionError, PluginFailed) as error:
                wrong[kind] = str(error).partition("\n")[0]
        assert {} == wrong, f"names that went wrong: {', '.join(wrong)}"

    def test_a_number_keeps_its_zero(self, case: Case) -> None:
        """A number that begins with 0 has to keep it: it is text, and another number without."""
        case.needs(IMPORTS)
        came = received(case.dossier(bsn=ZERO, onderwijsnummer=None))

        case.require_kept(*case.take(came), came)

    def test_the_same_dossier_offered_twice_is_taken_over_once(self, case: Case) -> None:
        """The adapter offers a dossier again when it is not sure that you have it, with the same
        id: nothing may change then, and the answer has to be the same.

        Keep ``received.id`` in the transaction in which the pupil is stored.
        """
        case.needs(IMPORTS)
        came = received(case.dossier())
        reference, answer = case.take(came)
        before = case.references()
        again = case.offer(received(case.dossier()))

        assert again is not None, "a dossier that was taken over is no longer known"
        assert answer.outcome == again.outcome
        assert before == case.references(), "offered twice, the dossier made a second pupil"
        case.require_kept(reference, answer, came)

    def test_the_same_pupil_from_a_second_order_is_no_second_pupil(self, case: Case) -> None:
        """An employee may order the same dossier again; it comes with another id.

        Look for the pupil by the number before you make one.
        """
        case.needs(IMPORTS)
        came = received(case.dossier(), "r-1")
        reference, answer = case.take(came)
        before = case.references()

        case.offer(replace(came, id="r-2"))
        assert before == case.references(), "a second order made a second pupil"
        case.require_kept(reference, answer, came)

    def test_a_dossier_fetched_again_replaces_the_first(self, case: Case) -> None:
        """A newer dossier of a pupil who came by OSO has to replace the older one, or to wait for a
        person (*postponed*) and change nothing; a mixture of the two is a third dossier.
        """
        case.needs(IMPORTS)
        older = case.dossier(seed=1)
        came = received(older, "r-1")
        reference, answer = case.take(came)
        before = case.references()
        newer = received(_of_the_same_pupil(case.dossier(seed=2), older), "r-2")

        later = case.offer(newer)
        assert before == case.references(), "a newer dossier made a second pupil"
        assert later is not None
        assert later.outcome in ("accepted", "postponed")
        if later.outcome == "accepted":
            case.require_kept(reference, later, newer)
        else:
            case.require_kept(reference, answer, came)

    def test_a_pupil_whose_number_changed_is_no_second_pupil(self, case: Case) -> None:
        """First an onderwijsnummer, then a BSN: look for the pupil under
        ``received.former_numbers`` too, and keep the number that the pupil had.
        """
        case.needs(IMPORTS)
        older = case.dossier(bsn=None, onderwijsnummer="101211151")
        newer = with_pupil(older, bsn=next(numbers()), onderwijsnummer=None)
        case.take(received(older, "r-1"))
        before = case.references()

        case.offer(received(newer, "r-2", former=[number_of(older)]))
        assert before == case.references(), "under the new number there is a second pupil"
        case.offer(received(older, "r-3"))
        assert before == case.references(), "the number that the pupil had is no longer known"

    def test_an_own_pupil_is_left_to_a_person(self, case: Case) -> None:
        """What the school itself knows of a pupil is newer than what comes; it may not be replaced
        without a person who compares: *postponed*, with a reason that says so.
        """
        case.needs(COLLECTS, IMPORTS)
        own = deepcopy(case.collect(self.pupil))
        assert own is not None
        before = case.references()
        profile = next(name for name in _FULL if name in self.profiles)
        came = _of_the_same_pupil(case.dossier(profile, seed=4), dict(own.dossier))

        case.offer(received(came, profile=profile))
        assert before == case.references(), "a pupil of the school became a second pupil"
        assert own == case.collect(self.pupil), "what came replaced what the school knew itself"

    def test_two_pupils_stay_two(self, case: Case) -> None:
        """Two pupils with the same name have to stay apart: the number says who it is."""
        case.needs(IMPORTS)
        first = received(case.dossier(bsn=next(numbers()), onderwijsnummer=None), "r-1")
        other = received(case.dossier(bsn=next(numbers("9997")), onderwijsnummer=None), "r-2")
        one, answer = case.take(first)
        case.take(other)

        case.require_kept(one, answer, first)

    def test_a_dossier_for_another_school_is_not_taken_over_here(self, case: Case) -> None:
        """What another school fetched has to stay out of this school's store, or it is a data leak.

        Give None when ``context.administration`` is not the school whose store you are about to
        write to; another plugin is asked then. A store of many schools keeps it under that school.
        """
        case.needs(IMPORTS)
        before = case.references()

        case.offer(received(case.dossier()), school=OTHER)
        new = case.references() - before
        if case.host.listeners(COLLECTS):
            new = {reference for reference in new if case.collect(reference) is not None}
        assert set() == new, "a dossier that another school fetched is a pupil of this school now"

    def test_what_is_offered_is_left_as_it_is(self, case: Case) -> None:
        """``received`` is the adapter's: copy it before you change anything in it."""
        case.needs(IMPORTS)
        came = received(case.dossier(size="full", seed=3))
        before = deepcopy(dict(came.dossier))
        case.offer(came)

        assert before == came.dossier, "the plugin changed what it was offered"

    def test_an_answer_names_no_pupil(self, case: Case) -> None:
        """The reason of an answer is shown and kept: it may hold no number, name or date of birth.

        Name the element instead of its value.
        """
        case.needs(IMPORTS)
        told: list[ImportAnswer | None] = []
        dossier = case.dossier(size="full", geslacht=None)
        for changed in (dossier, with_pupil(dossier, achternaam="Anderszins-Marker")):
            told.append(case.offer(received(changed, f"r-{len(told)}")))
        number, surname, born = identity(dossier)
        secret = (number, surname, "Anderszins-Marker", born.isoformat())

        reasons = [answer.reason or "" for answer in told if answer is not None]
        assert [] == [reason for reason in reasons if any(one in reason for one in secret)]


def _of_the_same_pupil(dossier: dict[str, object], one: dict[str, object]) -> dict[str, object]:
    """A dossier, of the pupil whom another one is about."""
    who = {name: pupil_of(one).get(name) for name in (*_WHO,)}
    return with_pupil(dossier, **who)


_WHO = ("achternaam", "voorvoegsel", "voornaam", "geboortedatum", "bsn", "onderwijsnummer")
