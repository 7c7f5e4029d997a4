from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from oso_adapter.environment import ENVIRONMENTS, require_allowed, require_brins
from oso_adapter.errors import ConfigurationError
from oso_adapter.identifiers import Oin
from oso_adapter.settings import Chain, EnvironmentName, Settings, Transport
from oso_adapter.simulator.pki import Pki

TEST_OIN = Oin("00000099000000011000")
REAL_OIN = Oin("00000003123456780000")
LOCAL = "https://localhost:8441"
HOSTS = {
    "simulation": LOCAL,
    "sandbox": "https://osr-sb.kennisnet.nl/api/v2",
    "qualification": "https://osr-kwalificatie.example.nl/api/v2",
    "production": "https://osr.kennisnet.nl/api/v2",
}
SUBJECTS = {
    "simulation": ("OSO-simulatie Root CA", "OSO-simulatie"),
    "sandbox": ("TRIAL PKIoverheid Root CA", "Logius"),
    "qualification": ("Kennisnet test CA", "Kennisnet"),
    "production": ("Staat der Nederlanden Private Root CA - G1", "Staat der Nederlanden"),
}
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
Write = Callable[..., Path]


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Writes a self-signed certificate; what it says is all that is judged here."""
    folder = tmp_path_factory.mktemp("certificates")

    def certificate(
        common_name: str, organization: str, oin: str | None = None, key: Key | None = None
    ) -> Path:
        key = key or ec.generate_private_key(ec.SECP256R1())
        names = [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
        if oin is not None:
            names.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, oin))
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(names))
            .issuer_name(x509.Name(names))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
        )
        file = folder / f"{made.serial_number}.pem"
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return file

    return certificate


@pytest.fixture(scope="module")
def fitting(write: Write) -> Callable[[EnvironmentName], Settings]:
    """Settings in which everything belongs to one environment."""
    made: dict[EnvironmentName, Settings] = {}

    def settings(name: EnvironmentName) -> Settings:
        if name not in made:
            oin = REAL_OIN if name == "production" else TEST_OIN
            center = LOCAL if name == "simulation" else "https://tc.example.nl/oso"
            made[name] = Settings(
                environment=name,
                chain=Chain(traffic_center_url=center, osr_url=HOSTS[name]),
                transport=Transport(
                    certificate=write("las", "Leverancier", oin),
                    key=Path("unused.key"),
                    roots=(write(*SUBJECTS[name]),),
                ),
            )
        return made[name]

    return settings


def changed(settings: Settings, section: str, **values: Any) -> Settings:
    return replace(settings, **{section: replace(getattr(settings, section), **values)})


def refusal(settings: Settings, search_key: str = "real") -> str:
    with pytest.raises(ConfigurationError) as refused:
        require_allowed(settings, search_key)
    return str(refused.value)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_belongs_to_one_environment_is_allowed(name: EnvironmentName, fitting: Any) -> None:
    require_allowed(fitting(name), "real")


def test_the_test_pki_belongs_to_the_simulation(tmp_path: Path, fitting: Any) -> None:
    pki = Pki.create(tmp_path)
    leaf = pki.leaf("las", oin=TEST_OIN)
    own = {"certificate": leaf.certificate, "key": leaf.key, "roots": (pki.roots,)}

    require_allowed(changed(fitting("simulation"), "transport", **own), "simulation")
    for name in ("sandbox", "qualification", "production"):
        told = refusal(changed(fitting(name), "transport", **own))
        assert f"environment {name}: roots.pem holds a root of another environment" == told


@pytest.mark.parametrize(
    "root",
    [
        "Staat der Nederlanden Private Root CA - G1",
        "Staat der Nederlanden - G4 Root Priv G-TLS - 2024",
        "Staat der Nederlanden - G4 Root Priv G-Other - 2024",
    ],
)
def test_the_private_roots_of_pkioverheid_belong_to_production(
    root: str, write: Write, fitting: Any
) -> None:
    roots = (write(root, "Staat der Nederlanden"),)

    require_allowed(changed(fitting("production"), "transport", roots=roots), "real")


@pytest.mark.parametrize(
    ("root", "organization"),
    [
        ("Staat der Nederlanden Root CA - G3", "Staat der Nederlanden"),
        ("Staat der Nederlanden EV Root CA", "Staat der Nederlanden"),
        ("Staat der Nederlanden - G4 Root Publ G-SMIME - 2024", "Staat der Nederlanden"),
        ("Staat der Nederlanden Private Root CA - G1 x", "Staat der Nederlanden"),
        ("Staat der Nederlanden Private Root CA - G1", "OSO-simulatie"),
        ("Mijn eigen CA", "niet Staat der Nederlanden"),
        ("TRIAL PKIoverheid Root CA - G3", "Staat der Nederlanden"),
    ],
)
def test_another_root_does_not_belong_to_production(
    root: str, organization: str, write: Write, fitting: Any
) -> None:
    roots = (write(root, organization),)

    told = refusal(changed(fitting("production"), "transport", roots=roots))
    assert f"environment production: {roots[0].name} holds a root of another environment" == told


@pytest.mark.parametrize("name", ["sandbox", "qualification"])
def test_a_simulated_root_under_the_name_of_another_is_refused(
    name: EnvironmentName, write: Write, fitting: Any
) -> None:
    roots = (write("Kennisnet test CA", "OSO-simulatie"),)

    assert "another environment" in refusal(changed(fitting(name), "transport", roots=roots))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://oso.example.nl/oso", "must be an https address"),
        ("oso.example.nl", "must be an https address"),
        ("https://10.0.0.1/oso", "must be on a public host"),
        ("https://localhost/oso", "must be on a public host"),
        ("https://oso.example.nl/x?y", "must be an address without ? and #"),
        ("https://oso.example.nl/x#z", "must be an address without ? and #"),
    ],
)
def test_the_address_that_is_registered_is_judged_too(url: str, words: str, fitting: Any) -> None:
    told = refusal(changed(fitting("production"), "transport", public_url=url))
    assert f"[transport] public_url {words}" in told


def test_a_proper_address_is_registered(fitting: Any) -> None:
    proper = {"public_url": "https://oso.example.nl:8443/oso/20200910"}
    require_allowed(changed(fitting("production"), "transport", **proper), "real")


@pytest.mark.parametrize("name", ["qualification", "production"])
def test_the_search_key_of_the_simulation_is_refused_where_pupils_are_real(
    name: EnvironmentName, fitting: Any
) -> None:
    expected = (
        f"environment {name}: the zoeksleutel algorithm of the simulation is not allowed; "
        "a plugin must give the real one (hook oso_search_key)"
    )

    assert expected == refusal(fitting(name), "simulation")


@pytest.mark.parametrize("name", ["simulation", "sandbox"])
def test_the_search_key_of_the_simulation_is_allowed_elsewhere(
    name: EnvironmentName, fitting: Any
) -> None:
    require_allowed(fitting(name), "simulation")


@pytest.mark.parametrize("key", ["traffic_center_url", "osr_url"])
@pytest.mark.parametrize(
    "url",
    [
        "http://osr.kennisnet.nl",
        "osr.kennisnet.nl",
        "https://",
        "",
        "https://[::1",
        "https://osr.kennisnet.nl:port",
        "ftp://osr.kennisnet.nl",
    ],
)
@pytest.mark.parametrize("name", ["simulation", "production"])
def test_an_address_that_is_not_https_is_refused(
    name: EnvironmentName, key: str, url: str, fitting: Any
) -> None:
    told = refusal(changed(fitting(name), "chain", **{key: url}))

    assert f"[chain] {key} must be an https address" == told


@pytest.mark.parametrize("key", ["traffic_center_url", "osr_url"])
@pytest.mark.parametrize(
    "url",
    ["https://osr.kennisnet.nl", "https://10.0.0.1", "https://8.8.8.8", "https://localhost.nl"],
)
def test_a_simulation_stays_on_this_machine(key: str, url: str, fitting: Any) -> None:
    told = refusal(changed(fitting("simulation"), "chain", **{key: url}))

    assert f"environment simulation: [chain] {key} must be on this machine" == told


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/tc", "https://[::1]/tc", LOCAL + "/tc"])
def test_every_form_of_this_machine_is_taken_for_a_simulation(url: str, fitting: Any) -> None:
    require_allowed(changed(fitting("simulation"), "chain", traffic_center_url=url), "simulation")


@pytest.mark.parametrize("name", ["sandbox", "qualification", "production"])
@pytest.mark.parametrize(
    "url",
    [
        *("https://localhost/tc", "https://127.0.0.1/tc", "https://[::1]/tc", "https://tc/oso"),
        *("https://10.0.0.1/tc", "https://192.168.1.1/tc", "https://tc.localhost./oso"),
    ],
)
def test_a_central_party_is_on_a_public_host(name: EnvironmentName, url: str, fitting: Any) -> None:
    told = refusal(changed(fitting(name), "chain", traffic_center_url=url))

    assert f"environment {name}: [chain] traffic_center_url must be on a public host" == told


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("sandbox", "production"),
        ("sandbox", "qualification"),
        ("qualification", "sandbox"),
        ("qualification", "production"),
        ("production", "sandbox"),
        ("production", "qualification"),
    ],
)
def test_the_osr_of_another_environment_is_refused(
    name: EnvironmentName, other: str, fitting: Any
) -> None:
    told = refusal(changed(fitting(name), "chain", osr_url=HOSTS[other]))

    assert f"environment {name}: [chain] osr_url is the address of another environment" == told


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("simulation", SUBJECTS["production"]),
        ("simulation", SUBJECTS["sandbox"]),
        ("sandbox", SUBJECTS["production"]),
        ("sandbox", SUBJECTS["simulation"]),
        ("qualification", SUBJECTS["simulation"]),
        ("production", SUBJECTS["simulation"]),
        ("production", SUBJECTS["sandbox"]),
        ("production", SUBJECTS["qualification"]),
        ("production", ("TRIAL PKIoverheid Root CA", "Staat der Nederlanden")),
        ("production", ("Staat der Nederlanden Root CA", "Kennisnet")),
        ("production", ("Some Public Root CA", "Some company")),
    ],
)
def test_a_root_of_another_environment_is_refused(
    name: EnvironmentName, subject: tuple[str, str], fitting: Any, write: Write
) -> None:
    file = write(*subject)

    told = refusal(changed(fitting(name), "transport", roots=(file,)))

    assert f"environment {name}: {file.name} holds a root of another environment" == told


def test_every_root_in_every_file_is_judged(fitting: Any, write: Write, tmp_path: Path) -> None:
    settings = fitting("production")
    (good,) = settings.transport.roots
    both = tmp_path / "both.pem"
    both.write_bytes(good.read_bytes() + write(*SUBJECTS["sandbox"]).read_bytes())

    assert "both.pem" in refusal(changed(settings, "transport", roots=(good, both)))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "cannot be read"), (b"no PEM", "holds no certificates in PEM form")],
)
def test_a_file_without_certificates_is_refused(
    content: bytes | None, sentence: str, fitting: Any, tmp_path: Path
) -> None:
    file = tmp_path / "roots.pem"
    if content is not None:
        file.write_bytes(content)

    assert sentence in refusal(changed(fitting("simulation"), "transport", roots=(file,)))


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(public_exponent=65537, key_size=1024),
        ec.generate_private_key(ec.SECP224R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
)
@pytest.mark.parametrize("place", ["certificate", "client_certificate"])
def test_a_weak_or_other_key_of_our_own_is_refused(
    key: Key, place: str, fitting: Any, write: Write
) -> None:
    file = write("las", "Leverancier", REAL_OIN, key)

    told = refusal(changed(fitting("production"), "transport", **{place: file}))

    expected = (
        f"environment production: the key of {file.name} must be RSA of 2048 bits or more, "
        "or on the curve secp256r1 or secp384r1"
    )
    assert expected == told


@pytest.mark.parametrize(
    ("name", "oin", "sentence"),
    [
        ("simulation", REAL_OIN, "must be"),
        ("sandbox", REAL_OIN, "must be"),
        ("qualification", REAL_OIN, "must be"),
        ("production", TEST_OIN, "may not be"),
    ],
)
@pytest.mark.parametrize("place", ["certificate", "client_certificate"])
def test_an_oin_of_the_wrong_range_is_refused(
    name: EnvironmentName, oin: str, sentence: str, place: str, fitting: Any, write: Write
) -> None:
    file = write("las", "Leverancier", oin)

    told = refusal(changed(fitting(name), "transport", **{place: file}))

    expected = f"environment {name}: the OIN in {file.name} {sentence} of the test range (00000099)"
    assert expected == told


def test_a_certificate_of_ours_without_an_oin_is_refused(fitting: Any, write: Write) -> None:
    file = write("las", "Leverancier")

    told = refusal(changed(fitting("simulation"), "transport", certificate=file))

    assert f"{file}: the certificate holds no OIN" == told


@pytest.mark.parametrize("name", ["simulation", "sandbox", "qualification"])
def test_only_test_schools_take_part_outside_production(name: EnvironmentName) -> None:
    require_brins(name, ["00YY", "99AA"])
    with pytest.raises(ConfigurationError, match=f"environment {name}: 12SS is no test BRIN"):
        require_brins(name, ["00YY", "12SS"])


@pytest.mark.parametrize("brin", ["00YY", "99AA"])
def test_no_test_school_takes_part_in_production(brin: str) -> None:
    require_brins("production", ["12SS"])
    with pytest.raises(ConfigurationError, match=f"environment production: {brin} is a test BRIN"):
        require_brins("production", ["12SS", brin])
