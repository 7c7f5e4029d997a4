"""Ordering dossiers: where a personal number is read, what is refused, and the exit codes."""

import fcntl
import json
import os
import subprocess
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from support.chain import ACCOUNT, Chain, School, program, references
from support.dossiers import NUMBERS

from oso_adapter.simulator.state import make_late

HEAD = "pgn,achternaam,geboortedatum,bron_brin,verwijzing"
BY = ("--administration", "99BB", "--account", ACCOUNT)
DELIVERED, UNAVAILABLE = "274957462", "097902378"
"""Published test numbers of test school 00YY (wire 6)."""
PUPIL = "Voorbeeld-POVO,2008-03-14,00YY"
WRONG = "123456789"
WAITING = f"{HEAD}\n{DELIVERED},{PUPIL},D-1\n"


@pytest.fixture
def vo(chain: Chain) -> School:
    """A secondary school of which the Traffic Center is not up."""
    return chain.add_school("99BB", "VO", registered=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A secondary school with a Traffic Center and test school 00YY that answer."""
    chain = Chain.create(tmp_path_factory.mktemp("fetch"))
    try:
        chain.start("tc", "school")
        yield chain.add_school("99BB", "VO")
    finally:
        chain.stop()


def order(school: School, *arguments: str, text: str | bytes = "") -> Any:
    return school.cli("fetch", "order", *BY, *arguments, text=text)


def orders(school: School, *more: str) -> list[dict[str, Any]]:
    arguments = ("--administration", "99BB", "--format", "json", *more)
    found: list[dict[str, Any]] = json.loads(school.cli("fetch", "list", *arguments).stdout)
    return found


def test_numbers_come_from_a_file(vo: School) -> None:
    file = vo.folder / "orders.csv"
    rows = [f"{NUMBERS[0]},Een,2013-05-31,99AA,A-1", f" {NUMBERS[1]} , Twee ,2013-05-31,99AA,"]
    file.write_text("\n".join([HEAD, *rows]), encoding="utf-8-sig")

    done = order(vo, "--from", str(file), "--no-wait")

    assert 0 == done.exit_code, done.output
    assert {"A-1", "line 3"} == {row["verwijzing"] for row in orders(vo)}
    assert not any(number in done.output for number in NUMBERS)


def test_a_personal_number_is_no_reference_of_an_order(vo: School) -> None:
    pupils = ((NUMBERS[0], "A-1"), (NUMBERS[1], NUMBERS[1]))
    rows = [f"{number},Een,2013-05-31,99AA,{name}" for number, name in pupils]

    done = order(vo, "--from", "-", "--no-wait", text="\n".join([HEAD, *rows]))

    assert (1, []) == (done.exit_code, orders(vo))
    assert "line 3: this is or holds a BSN" in done.stderr
    assert not any(number in done.output for number in NUMBERS)


def test_a_number_that_is_typed_is_not_shown_on_the_terminal(vo: School) -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        program("--config", str(vo.config), "fetch", "order", *BY, "--no-wait"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one system call
    )
    os.close(theirs)
    shown = b""
    answers = [NUMBERS[0], "Een", "2013-05-31", "99AA"]
    for prompt, answer in zip(("nummer: ", "naam: ", "): ", "school: "), answers, strict=True):
        # of the first the space comes when the echo is off
        while not shown.endswith(prompt.encode()):
            shown += os.read(ours, 1024)
        os.write(ours, answer.encode() + b"\n")
    with suppress(OSError):  # the terminal is gone when the program has ended
        while piece := os.read(ours, 1024):
            shown += piece
    os.close(ours)

    assert 0 == process.wait(), shown
    assert b"Een" in shown
    assert NUMBERS[0].encode() not in shown
    assert ["prompt"] == [row["verwijzing"] for row in orders(vo)]


def test_numbers_come_from_standard_input_also_with_semicolons(vo: School) -> None:
    text = f"{HEAD}\n{NUMBERS[0]},Een,2013-05-31,99AA,A-1\n".replace(",", ";")

    assert 0 == order(vo, "--from", "-", "--no-wait", text=text).exit_code
    assert ["A-1"] == [row["verwijzing"] for row in orders(vo)]


def test_without_a_file_one_pupil_is_asked_for(vo: School) -> None:
    done = order(vo, "--no-wait", text=f"{NUMBERS[0]}\nEen\n2013-05-31\n99AA\n")

    assert 0 == done.exit_code, done.output
    assert "BSN of onderwijsnummer" in done.stderr
    assert NUMBERS[0] not in done.stdout
    assert [("prompt", "99AA", "besteld")] == [
        (row["verwijzing"], row["bron"], row["stand"]) for row in orders(vo)
    ]


@pytest.mark.parametrize(
    ("row", "code", "sentence"),
    [
        (f"{WRONG},Marker,2013-05-31,99AA,A-2", 1, "line 3: this number fails the 11-test"),
        ("12345,Marker,2013-05-31,99AA,A-2", 1, "line 3: a BSN or onderwijsnummer is nine digits"),
        (f"{NUMBERS[1]},Marker,31-5-2013,99AA,A-2", 1, "line 3: a date is written as 2014-05-31"),
        (f"{NUMBERS[1]},Marker,2013-05-31,school,A-2", 1, "line 3: a BRIN is two digits"),
        (f"{NUMBERS[1]},,2013-05-31,99AA,A-2", 2, "line 3: achternaam is missing"),
        (f"{NUMBERS[1]},Marker", 2, "line 3: geboortedatum is missing"),
    ],
)
def test_a_wrong_row_is_named_without_its_values_and_nothing_is_ordered(
    row: str, code: int, sentence: str, vo: School
) -> None:
    good = f"{NUMBERS[0]},Een,2013-05-31,99AA,A-1"

    done = order(vo, "--from", "-", "--no-wait", text=f"{HEAD}\n{good}\n{row}\n")

    assert code == done.exit_code
    assert sentence in done.stderr
    assert not any(value in done.output for value in (WRONG, "12345", NUMBERS[1], "Marker"))
    assert [] == orders(vo)


def test_every_wrong_row_is_named_at_once(vo: School) -> None:
    rows = [f"{WRONG},A,2013-05-31,99AA,", f"{NUMBERS[0]},B,2013-05-31,99AA,", f"{WRONG},C,x,99AA,"]

    done = order(vo, "--from", "-", "--no-wait", text="\n".join([HEAD, *rows]))

    assert 1 == done.exit_code
    assert "line 2: " in done.stderr
    assert "line 4: " in done.stderr
    assert "nothing was ordered" in done.stderr


def test_a_wrong_number_at_the_prompt_is_not_repeated(vo: School) -> None:
    done = order(vo, text=f"{WRONG}\nEen\n2013-05-31\n99AA\n")

    assert 1 == done.exit_code
    assert "this number fails the 11-test" in done.stderr
    assert WRONG not in done.stderr.partition("Error")[2]


def test_a_number_as_an_argument_is_wrong_use(vo: School) -> None:
    assert 2 == order(vo, NUMBERS[0]).exit_code
    assert 2 == order(vo, "--pgn", NUMBERS[0]).exit_code


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1 must name the columns"),
        (HEAD, "there are no orders in the file"),
        (f"{HEAD}\n1,Zoë,2013-05-31,99AA,".encode("latin-1"), "the file is not UTF-8"),
    ],
)
def test_what_is_no_list_of_orders_is_wrong_use(
    text: str | bytes, sentence: str, vo: School
) -> None:
    done = order(vo, "--from", "-", text=text)

    assert 2 == done.exit_code
    assert sentence in done.stderr


def test_a_transfer_within_the_brin_is_only_of_the_own_brin(vo: School) -> None:
    text = f"{HEAD}\n{NUMBERS[0]},Een,2013-05-31,99AA,A-1\n"

    done = order(vo, "--binnen-brin", "--from", "-", text=text)

    assert 1 == done.exit_code
    assert "row A-1: binnen BRIN means your own BRIN" in done.stderr


def test_a_day_as_aanvraagdatum_begins_in_amsterdam(vo: School) -> None:
    text = f"{HEAD}\n{NUMBERS[0]},Een,2013-05-31,99AA,A-1\n"
    order(vo, "--from", "-", "--no-wait", "--after", "2026-07-01", text=text)

    with vo.adapter().store.reading() as session:
        (asked,) = session.connection().exec_driver_sql("select asked_after from exchanges").one()
    assert str(asked).startswith("2026-06-30 22:00:00")


@pytest.mark.parametrize("moment", ["0001-01-01", "1999-12-31", "9999-12-31T23:59:59-0500"])
def test_an_aanvraagdatum_of_another_century_is_a_mistake(vo: School, moment: str) -> None:
    done = order(vo, "--from", "-", "--after", moment, text=HEAD)

    assert 2 == done.exit_code
    assert "a moment lies between 2000 and 9999" in done.stderr


def test_when_the_traffic_center_is_down_the_order_stays(vo: School) -> None:
    text = f"{HEAD}\n{NUMBERS[0]},Een,2013-05-31,99AA,A-1\n"

    done = order(vo, "--from", "-", text=text)

    assert 3 == done.exit_code
    assert "wacht op een partij die niet antwoordt en blijft besteld" in done.stderr
    assert [("A-1", "besteld")] == [(r["verwijzing"], r["stand"]) for r in orders(vo, "--open")]


def test_a_dossier_that_comes_ends_with_code_zero(served: School) -> None:
    text = f"{HEAD}\n{DELIVERED},{PUPIL},A-1\n"

    done = order(served, "--from", "-", "--format", "json", text=text)

    assert 0 == done.exit_code, done.output
    row = references(json.loads(done.stdout))["A-1"]
    assert ("klaar", "OverdrachtGeslaagd", "00YY") == (row["stand"], row["resultaat"], row["bron"])


@pytest.fixture
def plugin_missing(served: School) -> Iterator[None]:
    """A plugin is enabled that is not installed; what waits for it goes on without it."""
    before = served.config.read_text(encoding="utf-8")
    served.configure('[plugins]\nenabled = ["not-installed"]\n')
    yield
    served.config.write_text(before, encoding="utf-8")
    assert 0 == order(served, "--from", "-", text=WAITING).exit_code


@pytest.mark.usefixtures("plugin_missing")
@pytest.mark.parametrize(("late", "state"), [(False, "over-te-dragen"), (True, "af-te-melden")])
def test_a_dossier_that_no_system_has_taken_over_is_told(
    served: School, late: bool, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if late:
        monkeypatch.setenv("OSO_TRANSPORT__READ_TIMEOUT", "1")
        make_late(served.chain.state, "afmeldingRequest")
    try:
        done = order(served, "--from", "-", "--format", "json", text=WAITING)
    finally:
        make_late(served.chain.state)

    assert 0 == done.exit_code, done.output
    row = references(json.loads(done.stdout))["D-1"]
    assert (state, "wacht") == (row["stand"], row["dossier"])
    assert "ontvangen maar nog niet overgenomen door uw systeem" in done.stderr


def test_a_refusal_ends_with_code_one_and_says_what_to_do(served: School) -> None:
    text = f"{HEAD}\n{DELIVERED},{PUPIL},B-1\n{UNAVAILABLE},{PUPIL},B-2\n"

    done = order(served, "--from", "-", "--format", "json", text=text)

    assert 1 == done.exit_code
    rows = references(json.loads(done.stdout))
    assert ("OverdrachtGeslaagd", "LeerlinginfoNietBeschikbaar") == (
        rows["B-1"]["resultaat"],
        rows["B-2"]["resultaat"],
    )
    assert rows["B-2"]["uitleg"]
    assert rows["B-2"]["wat nu"]


def test_a_number_is_in_no_output_and_not_in_the_database(served: School) -> None:
    done = order(served, "--from", "-", text=f"{HEAD}\n{DELIVERED},{PUPIL},C-1\n")
    files = [file for file in Path(served.folder).iterdir() if "sqlite" in file.name]

    assert DELIVERED not in done.output
    assert not any(DELIVERED.encode() in file.read_bytes() for file in files)


def test_an_empty_list_says_so(vo: School) -> None:
    shown = vo.cli("fetch", "list", "--administration", "99BB")

    assert (0, "Er zijn geen bestellingen.\n") == (shown.exit_code, shown.stdout)
