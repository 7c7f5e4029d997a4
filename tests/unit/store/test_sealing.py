"""Sealing and keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oso_adapter.errors import ConfigurationError, WrongKey
from oso_adapter.store.keys import StaticKeys, new_keys, read_keys
from oso_adapter.store.sealing import Purpose, Sealed, Sealer

KEYS = read_keys(new_keys())
SEALER = Sealer(KEYS)


@given(st.binary(max_size=2000), st.sampled_from(Purpose))
def test_what_is_sealed_opens_again(data: bytes, purpose: Purpose) -> None:
    assert data == SEALER.open(SEALER.seal(data, purpose), purpose)
    assert data == SEALER.open_field(SEALER.seal_field(data, purpose), purpose)


def test_the_same_thing_is_sealed_differently_each_time() -> None:
    first, second = (SEALER.seal(b"dossier", Purpose.PAYLOAD) for _ in range(2))
    assert first.wrapped_key != second.wrapped_key
    assert first.box != second.box


def test_a_change_of_any_byte_is_noticed() -> None:
    value = SEALER.seal_field(b"088584574", Purpose.PGN)
    for at in range(len(value)):
        changed = value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
        with pytest.raises(WrongKey):
            SEALER.open_field(changed, Purpose.PGN)


def test_a_changed_length_puts_nothing_sealed_in_the_message() -> None:
    value = SEALER.seal_field(b"088584574", Purpose.PGN)
    with pytest.raises(WrongKey) as raised:
        SEALER.open_field(b"\xff" + value[1:], Purpose.PGN)
    assert str(raised.value).isascii()


def test_a_key_that_is_not_there_is_named_with_what_to_do() -> None:
    sealed = SEALER.seal(b"dossier", Purpose.PAYLOAD)
    others = Sealer(StaticKeys({"k9": bytes(32)}, "k9", KEYS.lookup))
    with pytest.raises(WrongKey, match=r"the key k1 .* key file that belongs to this database"):
        others.open(sealed, Purpose.PAYLOAD)


def test_what_is_sealed_for_another_purpose_does_not_open() -> None:
    sealed = SEALER.seal(b"dossier", Purpose.PAYLOAD)
    with pytest.raises(WrongKey):
        SEALER.open(sealed, Purpose.PGN)


def test_another_key_does_not_open() -> None:
    sealed = SEALER.seal(b"dossier", Purpose.PAYLOAD)
    with pytest.raises(WrongKey, match="key file that belongs to this database"):
        Sealer(read_keys(new_keys())).open(sealed, Purpose.PAYLOAD)


def test_an_empty_or_short_value_does_not_open() -> None:
    for value in (b"", b"\x02k1", b"\x02k1" + bytes(30)):
        with pytest.raises(WrongKey):
            SEALER.open_field(value, Purpose.PGN)


def test_a_former_key_still_opens_what_it_sealed() -> None:
    sealed = SEALER.seal(b"dossier", Purpose.PAYLOAD)
    keys = StaticKeys({**KEYS.keys, "k2": bytes(32)}, "k2", KEYS.lookup)
    renewed = Sealer(keys)
    assert b"dossier" == renewed.open(sealed, Purpose.PAYLOAD)
    assert "k2" == renewed.seal(b"dossier", Purpose.PAYLOAD).key_id


def test_a_digest_depends_on_purpose_text_and_key() -> None:
    digests = {
        SEALER.digest(Purpose.PGN, "088584574"),
        SEALER.digest(Purpose.FRAGMENT, "088584574"),
        SEALER.digest(Purpose.PGN, "088584575"),
        Sealer(read_keys(new_keys())).digest(Purpose.PGN, "088584574"),
    }
    assert 4 == len(digests)
    assert SEALER.digest(Purpose.PGN, "088584574") == SEALER.digest(Purpose.PGN, "088584574")


def test_keys_and_sealed_things_do_not_print_themselves() -> None:
    key = KEYS.keys["k1"]
    shown = repr(KEYS) + repr(Sealed("k1", b"wrapped", b"box"))
    assert repr(key) not in shown
    assert "wrapped'" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no toml",
        'current = "k1"',
        'current = "k1"\nlookup = "AAAA"\n[keys]\nk1 = "AAAA"',
        new_keys().replace('current = "k1"', 'current = "k9"'),
        new_keys().replace("[keys]", "keys = 3\n[other]"),
        new_keys().replace("k1", "k" * 65),
        new_keys().replace("k1", "k\\u0007").replace("\nk\\u0007 =", '\n"k\\u0007" ='),
    ],
)
def test_a_key_file_that_is_not_right_is_refused_without_its_text(text: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_keys(text)
    assert "AAAA" not in str(raised.value)
