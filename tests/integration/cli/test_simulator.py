"""A test PKI for somebody else's software."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oso_adapter.cli.main import main
from oso_adapter.simulator.run import open_simulation
from oso_adapter.transport.peer import oin_of_file

OIN = "00000099000000011000"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["simulator", *arguments])


def test_a_pki_is_made_and_taken_up_again(tmp_path: Path) -> None:
    made = run("pki", str(tmp_path / "pki"))
    roots = (tmp_path / "pki" / "roots.pem").read_bytes()

    again = run("pki", str(tmp_path / "pki"))

    assert (0, 0) == (made.exit_code, again.exit_code)
    assert f"roots        {tmp_path}/pki/roots.pem\n" == made.stdout == again.stdout
    assert roots == (tmp_path / "pki" / "roots.pem").read_bytes()


def test_a_certificate_is_issued_with_its_oin_and_a_key_for_its_owner(tmp_path: Path) -> None:
    done = run("pki", str(tmp_path), "--name", "las", "--oin", OIN, "--format", "json")

    files = json.loads(done.stdout)
    assert {"roots", "certificate", "key"} == set(files)
    assert {tmp_path} == {Path(file).parent for file in files.values()}
    assert OIN == oin_of_file(Path(files["certificate"]))
    assert 0o600 == stat.S_IMODE(Path(files["key"]).stat().st_mode)


@pytest.mark.parametrize(
    ("oin", "code", "sentence"),
    [
        ("00000003123456780000", 1, "a test certificate gets an OIN of the test range"),
        ("1", 2, "an OIN is 20 digits"),
    ],
)
def test_a_certificate_never_gets_a_real_oin(
    oin: str, code: int, sentence: str, tmp_path: Path
) -> None:
    done = run("pki", str(tmp_path / "pki"), "--name", "las", "--oin", oin)

    assert code == done.exit_code
    assert sentence in done.stderr
    assert not (tmp_path / "pki").exists()


@pytest.mark.parametrize(
    "name",
    ["roots", "../roots", ".roots", "issuer", "crl", "tc", "osr", "school", "", " ", "n" * 65],
)
def test_a_certificate_takes_no_name_of_the_simulation_itself(name: str, tmp_path: Path) -> None:
    run("pki", str(tmp_path))
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    done = run("pki", str(tmp_path), "--name", name, "--oin", OIN)

    assert 2 == done.exit_code
    assert before == {file.name: file.read_bytes() for file in tmp_path.iterdir()}


def test_a_good_certificate_is_not_replaced_by_one_without_an_oin(tmp_path: Path) -> None:
    run("pki", str(tmp_path), "--name", "my-las", "--oin", OIN)

    done = run("pki", str(tmp_path), "--name", "my-las")

    assert 2 == done.exit_code
    assert "a certificate is issued with --name and --oin" in done.stderr
    assert OIN == oin_of_file(tmp_path / "my-las.pem")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "8441"),
        ("--only", "tc"),
        ("--only", "tc", "--port", "-5"),
        ("--only", "tc", "--port", "65536"),
        *(("--ports", ports) for ports in ("1,2", "a,b,c", "0,1,2", "1,2,70000", "8441,8441,8442")),
        *(("--host", host) for host in ("192.0.2.1", "x" * 70)),
    ],
)
def test_ports_and_hosts_that_do_not_fit_are_wrong_use(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = run("run", str(tmp_path / "chain"), *arguments)

    assert 2 == done.exit_code
    assert "unexpected" not in done.stderr
    assert not (tmp_path / "chain").exists()


@pytest.mark.parametrize("command", ["run", "pki"])
@pytest.mark.parametrize("below", ["/proc", "/dev/null"])
def test_a_folder_that_cannot_be_made_is_wrong_use(command: str, below: str) -> None:
    done = run(command, f"{below}/chain")

    assert 2 == done.exit_code
    assert f"Error: {below}/chain cannot be used: " in done.stderr


@pytest.mark.parametrize("host", ["é.nl", "", "a\x00b"])
def test_a_host_that_a_certificate_cannot_hold_is_wrong_use(host: str, tmp_path: Path) -> None:
    given = ("--name", "las", "--oin", OIN, "--host", host)
    done = run("pki", str(tmp_path / "pki"), *given)

    assert 2 == done.exit_code
    assert "a host in a certificate is ASCII" in done.stderr


def test_a_simulated_school_gets_a_test_brin(tmp_path: Path) -> None:
    given = ("--name", "Echt", "--sector", "PO", "--oin", OIN, "--api-key", "k")

    done = run("school", str(tmp_path), "--brin", "12SS", *given)

    assert 1 == done.exit_code
    assert "a simulated school gets a test BRIN: 99 and two capitals" in done.stderr


def test_a_school_is_added_to_a_simulation_that_is_there(tmp_path: Path) -> None:
    given = ("--brin", "99AA", "--name", "De Regenboog", "--sector", "PO", "--api-key", "k")

    mistaken = run("school", str(tmp_path / "typo"), *given, "--oin", OIN)
    open_simulation(tmp_path / "chain")
    done = run("school", str(tmp_path / "chain"), *given, "--oin", OIN)

    assert 1 == mistaken.exit_code
    assert "there is no simulation in" in mistaken.stderr
    assert not (tmp_path / "typo").exists()
    told = f"99AA De Regenboog (PO) has mandated the system with OIN {OIN}\n"
    assert (0, told) == (done.exit_code, done.stdout)
