import codecs
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from oso_adapter.bounded_xml import BoundedParser, Limits, XmlRefused, parse, parse_chunks

BOM = codecs.BOM_UTF8
VALID = (
    BOM
    + b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- a remark with <!DOCTYPE in it -->
<?one two <!DOCTYPE ?>
<d:dossier xmlns:d="urn:test" soort="a&amp;b">
  <naam>Z\xc3\xb6\xc3\xab \xf0\x9f\x91\xa9&#x2013;</naam><![CDATA[<!DOCTYPE x>]]><leeg/>
</d:dossier>
<!-- after -->"""
)
DEFAULT = Limits()
ENTITIES = b"<!DOCTYPE a [<!ENTITY b 'c'>]>"


def refusal(data: bytes | list[bytes], limits: Limits = DEFAULT) -> tuple[str, int | None]:
    with pytest.raises(XmlRefused) as refused:
        parse_chunks([data] if isinstance(data, bytes) else data, limits)
    return refused.value.reason, refused.value.line


def canonical(root: etree._Element) -> bytes:
    return etree.tostring(root, method="c14n")


def splits(data: bytes) -> Iterator[list[bytes]]:
    for at in range(len(data) + 1):
        yield [data[:at], data[at:]]
    yield [data[at : at + 1] for at in range(len(data))]


def test_a_document_in_two_pieces_or_byte_for_byte_is_the_same_document() -> None:
    expected = canonical(parse(VALID))

    assert {expected} == {canonical(parse_chunks(pieces)) for pieces in splits(VALID)}


@given(st.lists(st.integers(0, len(VALID)), max_size=20))
def test_any_split_of_a_document_gives_the_same_document(cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(VALID)]
    pieces = [VALID[start:end] for start, end in pairwise(bounds)]

    assert canonical(parse(VALID)) == canonical(parse_chunks(pieces))


@pytest.mark.parametrize(
    "document",
    [
        b"<!DOCTYPE a><a/>",
        b"<!doctype a><a/>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        ENTITIES + b"<a>&b;</a>",
        ENTITIES + b'<a x="&b;"/>',
        b"<?xml version='1.0'?>" + ENTITIES + b"<a/>",
        b"<!-- one --><?two?>\n\n<!-- three -->" + ENTITIES + b"<a/>",
        BOM + ENTITIES + b"<a/>",
        BOM + b"<?xml version='1.0' encoding='utf-8'?>\n<!-- - -->" + ENTITIES + b"<a/>",
        b"<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://localhost/'> %p;]><a/>",
    ],
)
def test_a_doctype_is_refused_wherever_the_document_is_cut(document: bytes) -> None:
    assert {"doctype"} == {refusal(pieces)[0] for pieces in splits(document)}


def test_the_line_of_a_doctype_is_told() -> None:
    assert ("doctype", 3) == refusal(b"<?xml version='1.0'?>\n<!-- -->\n<!DOCTYPE a><a/>")


@pytest.mark.parametrize(
    "document",
    [
        b"<a>&b;</a>",
        b'<a x="&b;"/>',
        b'<a x="&lt;&b;"/>',
        b"<a>&#0;</a>",
        b"<a>&#xD800;</a>",
        b"<!--><!DOCTYPE a []><!-- --><a/>",
        b"<a><!DOCTYPE b></a>",
        b"<a/><!DOCTYPE a>",
        b"<!ENTITY b 'c'><a/>",
        b" <?xml version='1.0'?><a/>",
        b"<a/><b/>",
        b"<a>",
        b"<a></b>",
        b"<a b='1' b='2'/>",
        b"<!-- never ended",
        b"<",
        b"",
        b"no XML",
        b"<a/>\0",
        b"<a xmlns:b='urn:b'><c:d/></a>",
    ],
)
def test_what_is_not_well_formed_is_refused(document: bytes) -> None:
    assert "not-well-formed" == refusal(document)[0]


def test_the_line_where_the_form_is_lost_is_told() -> None:
    assert ("not-well-formed", 3) == refusal(b"<a>\n<b>\n</c></a>")


@pytest.mark.parametrize(
    "document",
    [
        "<a>é</a>".encode("latin-1"),
        "<a b='é'/>".encode("latin-1"),
        "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1"),
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        b"<?xml version='1.0'\n encoding = \"windows-1252\" ?><a/>",
        b"<?xml version='1.0' encoding='UTF-16'?><a/>",
        BOM + b"<?xml version='1.0' encoding='UTF-7'?><a/>",
        *("<a>é</a>".encode(name) for name in ("utf-16", "utf-16-le", "utf-16-be")),
        *("<a>é</a>".encode(name) for name in ("utf-32", "utf-32-le", "utf-32-be")),
        "<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16"),
        b"<a>\xc3</a>",
        b"<a>\xed\xa0\x80</a>",
        b"<a>\xc0\xaf</a>",
        b"<a>\xf5\x80\x80\x80</a>",
    ],
)
def test_what_is_not_utf8_is_refused_wherever_it_is_cut(document: bytes) -> None:
    assert {"encoding"} == {refusal(pieces)[0] for pieces in splits(document)}


@pytest.mark.parametrize("name", ["UTF-8", "utf-8", "utf8"])
def test_utf8_may_be_declared(name: str) -> None:
    assert "a" == parse(f"<?xml version='1.0' encoding='{name}'?><a/>".encode()).tag


def test_a_document_of_the_exact_limit_is_taken_and_one_byte_more_is_not() -> None:
    document = b"<a>12345</a>"

    assert "12345" == parse(document, Limits(size=len(document))).text
    assert ("too-large", None) == refusal(document, Limits(size=len(document) - 1))


def test_nothing_is_read_beyond_the_piece_that_is_too_much() -> None:
    taken: list[int] = []

    def endless() -> Iterator[bytes]:
        yield b"<a>"
        while True:
            taken.append(1)
            yield b"x" * 100

    with pytest.raises(XmlRefused):
        parse_chunks(endless(), Limits(size=1000))
    assert 10 == len(taken)


@pytest.mark.parametrize("depth", [65, 300, 20_000, 40_000])
def test_deep_nesting_is_refused_as_such_however_deep(depth: int) -> None:
    assert "too-deep" == refusal(b"<a>" * depth + b"</a>" * depth)[0]


def test_the_deepest_that_is_allowed_is_taken() -> None:
    assert "a" == parse(b"<a>" * 64 + b"</a>" * 64).tag


@pytest.mark.parametrize(
    "flood",
    [
        b"<!---->",
        b"<!---->x",
        b"<?a?>",
        b"<?a?>x",
        b"<b/>",
        b"<b/>x",
        b"<b></b>",
        b"x<![CDATA[x]]>",
    ],
)
def test_whatever_a_document_is_filled_with_is_counted(flood: bytes) -> None:
    limit = Limits(markup=101)
    fitting = (100 // flood.count(b"<") - 1) * flood

    assert "a" == parse(b"<a>" + fitting + b"</a>", limit).tag
    assert "too-many-elements" == refusal(b"<a>" + flood * 101 + b"</a>", limit)[0]


@pytest.mark.parametrize("name", [b"x%d", b"xmlns:x%d"])
def test_attributes_and_namespaces_are_counted_before_the_tag_that_they_fill_is_read(
    name: bytes,
) -> None:
    parser = BoundedParser(Limits(markup=100))

    with pytest.raises(XmlRefused) as refused:
        parser.feed(b"<a " + b" ".join(name % n + b'="u"' for n in range(100)))
    assert "too-many-elements" == refused.value.reason


def test_attributes_are_counted_per_element() -> None:
    def document(count: int) -> bytes:
        return b"<a>" + b"<b " + b" ".join(b'x%d=""' % n for n in range(count)) + b"/></a>"

    assert 32 == len(parse(document(32))[0].attrib)
    assert ("too-many-attributes", 1) == refusal(document(33))


@pytest.mark.parametrize("filler", [b"<!--" + b"x" * 70_000 + b"-->", b" " * 70_000])
def test_a_huge_prolog_is_refused_in_one_piece_and_in_many(filler: bytes) -> None:
    document = b"<?xml version='1.0'?>" + filler + b"<a/>"
    pieces = [document[at : at + 1000] for at in range(0, len(document), 1000)]

    assert ("too-large", 1) == refusal(document)
    assert ("too-large", 1) == refusal(pieces)


def test_a_comment_that_never_ends_is_given_up_before_the_limit_of_the_document() -> None:
    parser = BoundedParser()
    for piece in [b"<!--", *[b"x" * 1000] * 65]:
        parser.feed(piece)

    with pytest.raises(XmlRefused):
        parser.feed(b"x" * 1000)


def test_a_text_of_twelve_megabytes_is_read_whole() -> None:
    text = b"A" * 12 * 2**20

    assert len(text) == len(parse(b"<a>" + text + b"</a>").text or "")


def test_no_file_is_included() -> None:
    include = b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'

    assert [None] == [element.text for element in parse(b"<a>" + include + b"</a>")]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(XmlRefused):
        assert parse(data).tag


@given(st.text(min_size=8, max_size=40))
def test_a_refusal_never_quotes_the_document(text: str) -> None:
    with pytest.raises(XmlRefused) as refused:
        parse(f"<a>{text}<a>".encode("utf-8", "ignore") + b"&")

    assert text not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
