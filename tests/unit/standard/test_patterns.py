"""Patterns of XML Schema: examples that fit, and the same pattern for other languages."""

import random
import re

import pytest
from lxml import etree

from oso_adapter.standard import patterns

PATTERNS = [
    "[0-9][0-9][A-Z][A-Z]",
    r"\d{2}-\d{2}-\d{4}",
    r"\p{Nd}{4}-\p{Nd}{2}",
    "[0-9]{4}-07-31",
    "(NL|BE)[0-9]{2}[A-Z]{4}[0-9]{10}",
    "[1-9][0-9]{3} ?[A-Z]{2}",
    "a*b+c?",
    "x{2,}",
    "x{2,4}(y|zz)*",
    r"\+?[0-9]{1,3}\.[0-9]",
    r"[\p{L}]+",
    "[^0-9]{3}",
    "[a-c\\-_]{5}",
    "(PO|VO)[0-9]{4}|geen",
    "((a|b)c){2}",
    r"\w\s\S\D",
    ".{3}",
    "",
]


def schema_of(pattern: str) -> etree.XMLSchema:
    xsd = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="v">
    <xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="{pattern}"/>
    </xs:restriction></xs:simpleType></xs:element></xs:schema>"""
    return etree.XMLSchema(etree.fromstring(xsd))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_example_fits_for_xml_schema_and_in_the_portable_form(pattern: str) -> None:
    schema = schema_of(pattern)
    node = etree.Element("v")
    for seed in range(50):
        node.text = patterns.example(pattern, random.Random(seed))
        assert schema.validate(node)
        assert patterns.compiled(pattern).fullmatch(node.text)
        assert re.search(patterns.portable(pattern), node.text)


def test_the_portable_form_takes_the_whole_value_only() -> None:
    assert r"^(?:[0-9]{4}-[0-9]{2})$" == patterns.portable(r"\p{Nd}{4}-\d{2}")
    assert r"^(?:[0-9-]+)$" == patterns.portable(r"[\p{Nd}-]+")
    assert patterns.compiled("a|b").fullmatch("ab") is None


@pytest.mark.parametrize(
    "pattern", [r"\p{IsGreek}", r"\p{Lm}", "(a", "[a", "a)", "*a", "a{x}", "[]"]
)
def test_what_no_example_can_be_made_for_is_said(pattern: str) -> None:
    with pytest.raises(patterns.NoExample):
        patterns.example(pattern, random.Random(1))


@pytest.mark.parametrize("pattern", [r"\p{Lm}", r"\i\c*", r"\P{Nd}", "(a"])
def test_what_has_no_counterpart_is_said(pattern: str) -> None:
    with pytest.raises(patterns.NoExample):
        patterns.compiled(pattern)
