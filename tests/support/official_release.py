"""A release as official files come: XSD and XSLT 2.0, written for the tests and for no other use.

The files use what official ones are known to use: named types in modules, references, extension of
complex and simple content (also empty), a choice, a repeated sequence, stylesheets that include
others beside them and over links.
"""

import os
import stat
import zipfile
from pathlib import Path
from typing import Final

NAMESPACE: Final = "http://www.edustandaard.nl/oso_gegevensset/2021/dossier"
MESSAGES: Final = "http://www.edustandaard.nl/oso_gegevensset/2021/schemas/Meldingen"

_XSD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{NAMESPACE}"'
    f' targetNamespace="{NAMESPACE}" elementFormDefault="qualified">'
)

DOSSIER_XSD: Final = (
    _XSD
    + """
<xs:include schemaLocation="typen/basis%20typen.xsd"/>
<xs:element name="dossier" type="DossierType"/>
<xs:element name="leerling" type="LeerlingType"/>
<xs:complexType name="DossierType"><xs:sequence>
  <xs:element name="metadata"><xs:complexType><xs:sequence>
    <xs:element name="deeldossier" type="NietLeeg"/>
    <xs:element name="pakketnaam" type="NietLeeg"/>
    <xs:element name="pakketversie" type="NietLeeg"/>
    <xs:element name="datum" type="xs:date"/>
    <xs:element name="standaardversie" type="NietLeeg"/>
    <xs:element name="validatieversie" type="NietLeeg"/>
    <xs:element name="categorie_uitlevering" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="cat_metadata" type="xs:string"/>
      <xs:element name="cat_school" type="xs:string"/>
      <xs:element name="cat_nieuw" type="xs:string"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="overstap" type="NietLeeg" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="overdrachtsoort" type="NietLeeg"/>
  <xs:element name="inzage" minOccurs="0"><xs:complexType><xs:sequence>
    <xs:element name="voorlopigdossier" type="xs:boolean"/>
    <xs:element name="inzage" type="xs:boolean" minOccurs="0"/>
    <xs:element name="inzagedatum" type="xs:date" minOccurs="0"/>
    <xs:element name="akkoord" type="JaNee" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="huidigeschool" type="HuidigeSchoolType"/>
</xs:sequence></xs:complexType>
<xs:complexType name="HuidigeSchoolType"><xs:complexContent><xs:extension base="SchoolType">
  <xs:sequence><xs:element ref="leerling"/></xs:sequence>
</xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="LeerlingType"><xs:sequence>
  <xs:element name="voornaam" type="NietLeeg" minOccurs="0" maxOccurs="unbounded"/>
  <xs:element name="achternaam" type="NietLeeg"/>
  <xs:choice minOccurs="0">
    <xs:element name="bsn" type="Nummer"/>
    <xs:element name="onderwijsnummer" type="Nummer"/>
  </xs:choice>
  <xs:element name="nationaliteit" type="CodeMetNaam" minOccurs="0" maxOccurs="unbounded"/>
  <xs:element name="thuistaal" type="xs:string" minOccurs="0"/>
  <xs:element name="toetslijst" minOccurs="0"><xs:complexType><xs:sequence>
    <xs:element name="toets" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="toetsidentificatie"><xs:complexType><xs:sequence>
        <xs:element name="eldtoetscode" type="NietLeeg"/>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="score" type="xs:positiveInteger" minOccurs="0"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="cijfers" type="CijfersType" minOccurs="0"/>
</xs:sequence></xs:complexType>
<xs:complexType name="CijfersType"><xs:complexContent><xs:extension base="RegelsType"/>
</xs:complexContent></xs:complexType>
</xs:schema>
"""
)

TYPES_XSD: Final = (
    _XSD
    + """
<xs:simpleType name="NietLeeg"><xs:restriction base="xs:string">
  <xs:minLength value="1"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Nummer"><xs:restriction base="NietLeeg">
  <xs:length value="9"/></xs:restriction></xs:simpleType>
<xs:simpleType name="JaNee"><xs:restriction base="xs:string">
  <xs:enumeration value="Ja"/><xs:enumeration value="Nee"/></xs:restriction></xs:simpleType>
<xs:complexType name="CodeMetNaam"><xs:simpleContent><xs:extension base="NietLeeg">
  <xs:attribute name="omschrijving" type="xs:string"/>
</xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="SchoolType"><xs:sequence>
  <xs:element name="naam" type="NietLeeg"/>
  <xs:element name="brincode" type="NietLeeg"/>
</xs:sequence></xs:complexType>
<xs:complexType name="RegelsType"><xs:sequence maxOccurs="unbounded">
  <xs:element name="vak" type="NietLeeg"/>
  <xs:element name="cijfer" type="xs:decimal"/>
</xs:sequence></xs:complexType>
</xs:schema>
"""
)

_XSL: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'
    ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:f="urn:functies"'
    f' xmlns:od="{NAMESPACE}" xmlns:m="{MESSAGES}" exclude-result-prefixes="xs f od">'
)

RULES_XSL: Final = (
    _XSL
    + """
<xsl:include href="include/codelijsten.xsl"/>
<xsl:function name="f:plaats" as="xs:string"><xsl:param name="n" as="element()"/>
  <xsl:sequence select="string-join(for $e in $n/ancestor-or-self::* return concat('/',
    local-name($e), '[', count($e/preceding-sibling::*[local-name() = local-name($e)]) + 1, ']'),
    '')"/>
</xsl:function>
<xsl:template name="melding">
  <xsl:param name="tekst"/><xsl:param name="soort" select="'Fout'"/>
  <m:melding><m:type><xsl:value-of select="$soort"/></m:type>
    <m:locatie><xsl:value-of select="f:plaats(.)"/></m:locatie>
    <m:tekst><xsl:value-of select="$tekst"/></m:tekst></m:melding>
</xsl:template>
<xsl:template match="/"><m:meldingen><xsl:apply-templates/></m:meldingen></xsl:template>
<xsl:template match="text()"/>
<xsl:template match="od:dossier[od:overdrachtsoort = 'overstapdossier']">
  <xsl:if test="not(od:inzage)">
    <xsl:call-template name="melding">
      <xsl:with-param name="tekst">Het blok inzage is verplicht.</xsl:with-param>
    </xsl:call-template>
  </xsl:if>
  <xsl:apply-templates/>
</xsl:template>
<xsl:template match="od:dossier/od:inzage[not(od:inzage = ('true', '1') and od:akkoord)]">
  <xsl:call-template name="melding">
    <xsl:with-param name="tekst">Niemand heeft dit dossier ingezien.</xsl:with-param>
  </xsl:call-template>
</xsl:template>
<xsl:template match="od:eldtoetscode[. = 'oud']">
  <xsl:call-template name="melding">
    <xsl:with-param name="tekst">De toets mag niet meer   worden meegestuurd.</xsl:with-param>
  </xsl:call-template>
</xsl:template>
<xsl:template match="od:voornaam[matches(., '[0-9]')]">
  <xsl:call-template name="melding">
    <xsl:with-param name="tekst"
      select="concat('De voornaam ', upper-case(.), ' bevat een cijfer in ', name(), '.')"/>
  </xsl:call-template>
</xsl:template>
<xsl:template match="od:nationaliteit[not(. = $landen)]">
  <xsl:call-template name="melding">
    <xsl:with-param name="soort" select="'Waarschuwing'"/>
    <xsl:with-param name="tekst" select="concat(@omschrijving, '/', .)"/>
  </xsl:call-template>
</xsl:template>
<xsl:template match="od:achternaam[. = 'Stop']">
  <xsl:message terminate="yes">Onleesbaar: <xsl:value-of select="."/></xsl:message>
</xsl:template>
</xsl:stylesheet>
"""
)

CODES_XSL: Final = (
    _XSL
    + """<xsl:variable name="landen" select="('0001', '0052')"/>
</xsl:stylesheet>
"""
)


def top(kinds: str, text: str) -> str:
    """A top stylesheet, which has one rule of its own and judges kinds of hand-over."""
    return f"""{_XSL}
<xsl:import href="regels.xsl"/>
<xsl:template match="od:overdrachtsoort[not(. = ({kinds}))]">
  <xsl:call-template name="melding"><xsl:with-param name="tekst">{text}</xsl:with-param>
  </xsl:call-template>
</xsl:template>
<xsl:template match="od:brincode[. = '99XX']">
  <xsl:call-template name="melding"><xsl:with-param name="tekst">{text}</xsl:with-param>
  </xsl:call-template>
</xsl:template>
</xsl:stylesheet>
"""


def alone(body: str, version: str = "2.0") -> str:
    """A stylesheet that does something with the document, and writes no message of its own."""
    return (
        _XSL.replace('version="2.0" xmlns:xsl', f'version="{version}" xmlns:xsl')
        + f'<xsl:template match="/"><m:meldingen>{body}</m:meldingen></xsl:template>'
        + "</xsl:stylesheet>"
    )


OV: Final = top("'overstapdossier', 'overdrachtbinnenbrin'", "Dit is geen soort van overstap.")
PAO: Final = top("'swv-dossier'", "Dit is geen soort van een samenwerkingsverband.")

INZAGE: Final = (
    "<inzage><voorlopigdossier>false</voorlopigdossier><inzage>true</inzage>"
    "<inzagedatum>2021-02-01</inzagedatum><akkoord>Ja</akkoord></inzage>"
)
EXAMPLE: Final = f"""<?xml version="1.0" encoding="UTF-8"?>
<dossier xmlns="{NAMESPACE}">
<metadata><deeldossier>LAS</deeldossier><pakketnaam>p</pakketnaam><pakketversie>1</pakketversie>
<datum>2021-03-01</datum><standaardversie>2021.2</standaardversie>
<validatieversie>2021.2.4</validatieversie><overstap>POVO</overstap></metadata>
<overdrachtsoort>overstapdossier</overdrachtsoort>{INZAGE}
<huidigeschool><naam>De Linde</naam><brincode>99ZZ</brincode>
<leerling><voornaam>Sanne</voornaam><voornaam>Maria</voornaam><achternaam>Voorbeeld</achternaam>
<bsn>999990019</bsn><nationaliteit omschrijving="Nederlandse">0001</nationaliteit>
<toetslijst><toets><toetsidentificatie><eldtoetscode>1</eldtoetscode></toetsidentificatie></toets>
<toets><toetsidentificatie><eldtoetscode>2</eldtoetscode></toetsidentificatie><score>7</score>
</toets></toetslijst>
<cijfers><vak>taal</vak><cijfer>7.5</cijfer><vak>rekenen</vak><cijfer>8</cijfer></cijfers>
</leerling></huidigeschool>
</dossier>
"""

FILES: Final = {
    "common/oso_dossier.xsd": DOSSIER_XSD,
    "common/typen/basis typen.xsd": TYPES_XSD,
    "common/regels.xsl": RULES_XSL,
    "common/include/codelijsten.xsl": CODES_XSL,
    "OV/valideer.xsl": OV,
    "PaO/valideer.xsl": PAO,
    "PaO/include/codelijsten.xsl": CODES_XSL.replace("'0052'", "'0099'"),
    "leesmij.pdf": "geen pdf",
}
"""By path; EXAMPLE and code lists are left to the test."""

LINKS: Final = {
    "OV/regels.xsl": "../common/regels.xsl",
    "PaO/regels.xsl": "../common/regels.xsl",
    "OV/include": "../common/include",
    "OV/oso_dossier.xsd": "../common/oso_dossier.xsd",
    "OV/typen": "../common/typen",
}
"""What links to what, a file or a folder."""

FLAT: Final = {
    "oso_dossier.xsd": DOSSIER_XSD.replace("typen/basis%20typen", "typen"),
    "typen.xsd": TYPES_XSD,
    "regels.xsl": RULES_XSL.replace("include/", ""),
    "codelijsten.xsl": CODES_XSL,
    "validatie_ov.xsl": OV,
    "validatie_pao.xsl": PAO,
}
"""A release that keeps everything at the top."""


def schemas(*changes: tuple[str, str]) -> dict[str, str]:
    """The flat release, whose schema alone makes an import quick, with that schema changed."""
    text = FLAT["oso_dossier.xsd"]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return {"oso_dossier.xsd": text, "typen.xsd": FLAT["typen.xsd"]}


def write_folder(
    folder: Path, files: dict[str, str], links: dict[str, str], *, symlinks: bool = True
) -> Path:
    """The files in a folder; links as such, or as a text of one line."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name, target in links.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if symlinks:
            os.symlink(target, folder / name)
        else:
            (folder / name).write_text(target, encoding="utf-8")
    return folder


def write_zip(
    file: Path,
    files: dict[str, str],
    links: dict[str, str],
    *,
    symlinks: bool = True,
    within: str = "gegevensset-2021/",
) -> Path:
    """The files in a ZIP; links with the mode of one, or as a text of one line."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(within + name, text)
        for name, target in links.items():
            info = zipfile.ZipInfo(within + name)
            if symlinks:
                info.create_system = 3
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)
    return file
