"""What the schema refuses is never passed over, also where its table cannot tell why."""

from pathlib import Path

import pytest
from lxml import etree

from oso_adapter.standard.build import derive, dump
from oso_adapter.standard.conformity import schema_findings
from oso_adapter.standard.pack import read_pack

SPACE = "urn:voorbeeld"
XSD = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{SPACE}"
  xmlns="{SPACE}" elementFormDefault="qualified">
<xs:element name="dossier"><xs:complexType><xs:sequence>CONTENT</xs:sequence></xs:complexType>
</xs:element></xs:schema>"""
PACK = f"""release = "1"
validation_version = "1"
namespace = "{SPACE}"
carried = "dossier"
"""


@pytest.mark.parametrize(
    "content",
    [
        '<xs:element name="a" type="xs:string" minOccurs="2" maxOccurs="3"/>',
        '<xs:element name="a" type="xs:string"/>'
        '<xs:element name="b" type="xs:string" minOccurs="2" maxOccurs="2"/>',
    ],
)
def test_a_verdict_without_an_explanation_is_a_finding_all_the_same(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "dossier.xsd").write_text(XSD.replace("CONTENT", content), encoding="utf-8")
    (tmp_path / "pack.toml").write_text(PACK, encoding="utf-8")
    table = dump(derive(tmp_path / "dossier.xsd"))
    (tmp_path / "structure.json").write_text(table, encoding="utf-8")
    pack = read_pack(tmp_path)
    root = etree.fromstring(f'<dossier xmlns="{SPACE}"><a>x</a><b>y</b></dossier>'.encode())
    if "b" not in content:
        root.remove(root[1])
    assert not pack.schema.validate(root)
    assert ["XSD.structure"] == [finding.rule for finding in schema_findings(root, pack)]
