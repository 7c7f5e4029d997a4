"""Attachments: packed the same way always, unpacked with care."""

import base64
import contextlib
import io
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oso_adapter.standard.attachments import AttachmentError, Budget, pack_file, unpack, unpacked
from oso_adapter.standard.codec import to_dict, to_element
from oso_adapter.standard.pack import Pack


def zipped(*files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return packed.getvalue()


def encoded(packed: bytes) -> str:
    return base64.b64encode(packed).decode()


@given(content=st.binary(max_size=2000))
def test_what_was_packed_comes_out_the_same(content: bytes) -> None:
    assert ("plan.pdf", content) == unpack(pack_file("plan.pdf", content))


def test_packing_gives_the_same_bytes_always() -> None:
    packed = pack_file("plan.pdf", b"een plan")
    assert packed == pack_file("plan.pdf", b"een plan")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(packed))) as archive:
        (info,) = archive.infolist()
    assert ("plan.pdf", (1980, 1, 1, 0, 0, 0)) == (info.filename, info.date_time)
    assert zipfile.ZIP_DEFLATED == info.compress_type


@pytest.mark.parametrize("name", ["../../etc/plan.pdf", "C:\\map\\plan.pdf", "/plan.pdf"])
def test_a_path_in_a_name_is_cut_off_both_ways(name: str) -> None:
    assert "plan.pdf" == unpack(pack_file(name, b""))[0]
    assert "plan.pdf" == unpack(encoded(zipped((name, b""))))[0]


def test_white_space_in_base64_and_folders_in_a_zip_are_accepted() -> None:
    packed = encoded(zipped(("map/", b""), ("map/plan.pdf", b"een plan")))
    folded = "\n ".join(packed[at : at + 20] for at in range(0, len(packed), 20))
    assert ("plan.pdf", b"een plan") == unpack(folded)


def damaged() -> bytes:
    packed = bytearray(zipped(("a", b"een plan" * 9)))
    packed[packed.index(b"a") + 3] ^= 0xFF
    return bytes(packed)


def flagged() -> bytes:
    packed = bytearray(zipped(("a", b"een plan")))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("geen base64!", "not-base64"),
        ("é", "not-base64"),
        (encoded(b"geen zip"), "not-a-zip"),
        (encoded(zipped(("a", b"een plan"))[:-30]), "truncated"),
        (encoded(zipped()), "not-one-file"),
        (encoded(zipped(("a", b""), ("b", b""))), "not-one-file"),
        (encoded(damaged()), "damaged"),
        (encoded(flagged()), "encrypted"),
        (encoded(zipped(("a", b"een plan"), compression=zipfile.ZIP_LZMA)), "compression"),
        (encoded(b"PK\x01\x02" * 10_001), "not-one-file"),
        (encoded(zipped(("a", b"een plan")).replace(b"a", b"\0")), "not-one-file"),
    ],
)
def test_what_is_no_healthy_attachment_is_refused_with_a_reason(content: str, reason: str) -> None:
    with pytest.raises(AttachmentError) as caught:
        unpack(content)
    assert reason == caught.value.reason


@settings(max_examples=100)
@given(at=st.integers(0), byte=st.integers(0, 255), cut=st.integers(0, 40))
def test_a_spoilt_zip_gives_a_file_or_a_reason_and_nothing_else(
    at: int, byte: int, cut: int
) -> None:
    packed = bytearray(zipped(("map/plan.pdf", b"een plan" * 9)))
    packed[at % len(packed)] = byte
    with contextlib.suppress(AttachmentError):
        name, content = unpack(encoded(bytes(packed[: len(packed) - cut])))
        assert "/" not in name
        assert len(content) < 1000


def test_a_bomb_stops_at_the_limit_whatever_its_directory_says() -> None:
    bomb = bytearray(zipped(("a", bytes(10_000_000))))
    central = bomb.index(b"PK\x01\x02")
    with pytest.raises(AttachmentError) as caught:
        unpack(encoded(bytes(bomb)), limit=1000)
    assert "too-large" == caught.value.reason
    bomb[central + 24 : central + 28] = (10).to_bytes(4, "little")
    with pytest.raises(AttachmentError):
        unpack(encoded(bytes(bomb)), limit=1000)


def test_what_one_document_unpacks_is_counted_also_when_it_is_damaged() -> None:
    damaged = zipped(("a", bytes(90_000) + b"x" * 10_000), compression=zipfile.ZIP_STORED)
    damaged = damaged.replace(b"xx", b"xy")
    budget = Budget(100_000)
    assert 400 == len(unpack(encoded(zipped(("a", bytes(400)))), budget=budget)[1])
    with pytest.raises(AttachmentError) as caught:
        unpack(encoded(damaged), budget=budget)
    assert "damaged" == caught.value.reason
    assert budget.left < 40_000
    with pytest.raises(AttachmentError) as caught:
        unpack(encoded(zipped(("a", bytes(40_000)))), budget=budget)
    assert "too-large" == caught.value.reason


def test_a_dossier_is_given_with_files_unpacked_and_bad_ones_as_they_came(
    pack: Pack, collected: dict[str, Any]
) -> None:
    documents = collected["huidigeschool"]["leerling"]["overigdocumentlijst"]["document"]
    documents.append({"bestandsnaam": "b.txt", "bestandsinhoud": "stuk"})
    read = to_dict(to_element(collected, pack), pack)
    given_out = unpacked(read, pack)
    found = given_out["huidigeschool"]["leerling"]["overigdocumentlijst"]["document"]
    assert [b"een plan", "stuk"] == [document["bestandsinhoud"] for document in found]
    assert collected == given_out
    assert read == to_dict(to_element(read, pack), pack)
