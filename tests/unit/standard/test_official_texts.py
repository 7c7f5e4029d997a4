"""What of an official message may be shown: what it says whatever the dossier has."""

from pathlib import Path

import pytest
from support.official_release import RULES_XSL, alone

from oso_adapter.standard.official_texts import HIDDEN, sentences, shown

CALL = (
    '<xsl:call-template name="melding"><xsl:with-param name="tekst">{}</xsl:with-param>'
    "</xsl:call-template>"
)
WRITER = (
    '<xsl:template name="melding"><xsl:param name="tekst"/><m:melding><m:type>Fout</m:type>'
    '<m:tekst><xsl:value-of select="$tekst"/></m:tekst></m:melding></xsl:template>'
)
ITEMS = (
    "<items><item><code>0052</code><omschrijving>Marokkaanse nationaliteit</omschrijving></item>"
    "<item><code>0001</code><omschrijving>Nederlandse nationaliteit</omschrijving></item></items>"
)
FIXED = "Dit mag niet zo."
HERVORMD = "Nederlands Hervormd"


def written(folder: Path, body: str, more: str = "") -> tuple[str, ...]:
    """The sentences of a stylesheet that does this, and has these declarations beside it."""
    file = folder / "a.xsl"
    whole = alone(body).replace("</xsl:stylesheet>", f"{WRITER}{more}</xsl:stylesheet>")
    file.write_text(whole, encoding="utf-8")
    return sentences(file)


def chosen(text: str) -> str:
    return (
        f"<xsl:choose><xsl:when test=\". = '1'\">{text}</xsl:when>"
        f"<xsl:otherwise>Rooms Katholiek</xsl:otherwise></xsl:choose>"
    )


@pytest.mark.parametrize(
    "body",
    [
        CALL.format(FIXED),
        CALL.format(f"<xsl:text>{FIXED}</xsl:text>"),
        CALL.format(f"<xsl:value-of select=\"'{FIXED}'\"/>"),
        CALL.format(f"<xsl:value-of select=\"concat('{FIXED}', ' ', upper-case(.))\"/>"),
        CALL.format(f"<xsl:sequence select=\"string-join(('{FIXED}', name(..)), ' ')\"/>"),
        CALL.format(f"<xsl:value-of select=\"od:naam || '{FIXED}'\"/>"),
        f"<m:melding><m:tekst>{FIXED}<m:br/></m:tekst></m:melding>",
        f'<xsl:element name="m:melding"><m:tekst>{FIXED}</m:tekst></xsl:element>',
        f"<xsl:choose><xsl:when test='od:naam'>{CALL.format(FIXED)}</xsl:when></xsl:choose>",
        f"<xsl:if test='od:naam'>{CALL.format(FIXED)}</xsl:if>",
        CALL.format(FIXED).replace('"melding"', '"door"'),
    ],
)
def test_what_a_message_says_of_itself_is_a_sentence(body: str, tmp_path: Path) -> None:
    through = f'<xsl:template name="door">{CALL.format("")}</xsl:template>'
    assert (FIXED,) == written(tmp_path, body, through)


@pytest.mark.parametrize(
    "body",
    [
        chosen(HERVORMD),
        CALL.format(chosen(HERVORMD)),
        CALL.format(chosen(f"<xsl:value-of select=\"'{HERVORMD}'\"/>")),
        CALL.format(f"<xsl:if test=\". = '1'\">{HERVORMD}</xsl:if>"),
        CALL.format(f"<xsl:for-each select='*'>{HERVORMD}</xsl:for-each>"),
        CALL.format(f"<xsl:variable name='v'>{HERVORMD}</xsl:variable>"),
        CALL.format(ITEMS),
        f"<m:melding><m:tekst>{ITEMS}</m:tekst></m:melding>",
        f"<xsl:variable name='v'><m:melding>{HERVORMD}</m:melding></xsl:variable>",
        f"<m:anders>{HERVORMD}</m:anders>",
        f"<xsl:value-of select=\"'{HERVORMD}'\"/>",
        f"<xsl:if test=\". = '{HERVORMD}'\"/>",
        CALL.format(f"<xsl:call-template name='{{}}'>{HERVORMD}</xsl:call-template>").format(
            "zoek"
        ),
        *(
            CALL.format(f'<xsl:value-of select="{expression}"/>')
            for expression in (
                f"if (. = '1') then 'Rooms Katholiek' else '{HERVORMD}'",
                f"concat('', if (. = '1') then 'Rooms Katholiek' else '{HERVORMD}')",
                f"('Rooms Katholiek', '{HERVORMD}')[number(current())]",
                f"('Rooms Katholiek', '{HERVORMD}') [2]",
                f"'{HERVORMD}'[. = '1']",
                f"subsequence(('Rooms Katholiek', '{HERVORMD}'), 2, 1)",
                f"substring('{HERVORMD}', 1, 3)",
                f"concat(substring('{HERVORMD}', 1), '.')",
                f"tokenize('{HERVORMD}|Rooms Katholiek', '|')",
                f". = '{HERVORMD}'",
                f"name(//*[. = '{HERVORMD}'])",
                f"for $a in ('{HERVORMD}', 'b c') return $a",
                f"key('godsdienst van', '{HERVORMD}')",
            )
        ),
    ],
)
def test_what_is_chosen_or_looked_up_is_no_sentence(body: str, tmp_path: Path) -> None:
    more = f'<xsl:template name="zoek">{HERVORMD}</xsl:template>'
    data = f'<m:landen>{ITEMS}</m:landen><xsl:variable name="landen">{ITEMS}</xsl:variable>'
    assert () == written(tmp_path, body, more + data)


def test_a_meaning_in_a_message_is_left_out(tmp_path: Path) -> None:
    meant = chosen(HERVORMD)
    fixed = written(tmp_path, CALL.format(f"Niet goed: {meant} is fout hier."))
    assert f"Niet goed: {HIDDEN} is fout hier." == shown(
        f"Niet goed: {HERVORMD} is fout hier.", fixed, ()
    )


def test_the_rules_of_the_tests_keep_their_sentences(tmp_path: Path) -> None:
    file = tmp_path / "a.xsl"
    file.write_text(RULES_XSL.replace('<xsl:include href="include/codelijsten.xsl"/>', ""), "utf-8")
    assert {"De toets mag niet meer worden meegestuurd.", "bevat een cijfer in"} <= set(
        sentences(file)
    )
