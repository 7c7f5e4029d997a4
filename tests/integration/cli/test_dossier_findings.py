"""What the preparer is told as text: also what was taken out of a dossier before it was stored."""

from pathlib import Path

from support.chain import ACCOUNT, School
from support.dossiers import NUMBERS, dossier

ADDRESS = {"soortadres": "bezoek", "straat": "Geheimpad", "nummer": "1", "postcode": "1000AA"}


def test_what_was_taken_out_is_told_with_its_path_and_no_value(
    school: School, tmp_path: Path
) -> None:
    file = tmp_path / "P-1.xml"
    secret = {"adreslijst": {"adres": [{**ADDRESS, "plaats": "Proefdam"}]}}
    file.write_bytes(dossier(NUMBERS[0], **secret))

    by = ("--administration", "99AA", "--account", ACCOUNT)
    done = school.cli("dossier", "put", str(file), *by)

    assert (0, f"{file}: verzameld (versie 1)\n") == (done.exit_code, done.stdout)
    assert "info STD.protected /dossier/huidigeschool/leerling/adreslijst" in done.stderr
    assert "Deze gegevens gaan niet mee" in done.stderr
    assert "Geheimpad" not in done.output
