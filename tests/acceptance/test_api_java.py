"""A supplier in Java only: a client of the JDK's own classes does a whole transfer over the API."""

import subprocess
from pathlib import Path

from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, dossier
from support.programs import needs
from support.two_schools import two_schools

from oso_adapter.bounded_xml import parse
from oso_adapter.demo.comparison import canonical

CLIENT = Path(__file__).parents[1] / "data" / "java" / "LasClient.java"


def token(school: School) -> str:
    made = school.cli(
        *("token", "create", "las", "--administration", str(school.brin), "--scope", "all"),
        *("--account", ACCOUNT),
    )
    assert 0 == made.exit_code, made.output
    return made.stdout.strip()


def test_a_las_in_java_prepares_orders_and_takes_over(tmp_path: Path) -> None:
    java = needs("java")
    file, folder = tmp_path / "dossier.xml", tmp_path / "las"
    file.write_bytes(dossier(NUMBERS[0], attachments={"verslag.txt": b"een verslag"}))
    folder.mkdir()
    with two_schools(tmp_path) as schools:
        given: list[str | Path] = []
        for school in schools:
            api = f"http://127.0.0.1:{school.internal}/api/v1"
            given += [api, token(school), school.routing_id]
        command = [java, "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", CLIENT, *given]

        done = subprocess.run(
            [*command, file, folder], capture_output=True, check=False, timeout=120
        )
        logs = "".join(school.log.read_text() for school in schools)
    assert 0 == done.returncode, done.stderr.decode()
    assert [
        "put: verzameld 1",
        "inzage: ingezien",
        "ready: klaargezet",
        "ordered: true",
        "done: OverdrachtGeslaagd Het dossier is ontvangen.",
        "waits: 1 true intake-1",
        "reads: Proefleerling",
        "postponed: uitgesteld Nog niet ingeschreven: één dag later.",
        "accepted: overgenomen",
        "waits: 0",
        "refused: 404 application/problem+json Dit is er niet, of niet voor dit token.",
    ] == done.stdout.decode().splitlines()
    sent, came = (parse((folder / name).read_bytes()) for name in ("sent.xml", "received.xml"))
    assert canonical(sent) == canonical(came)
    assert (folder / "inzage.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert NUMBERS[0] not in logs
