"""A LAS that fails, in every way: each is named, nothing of it is told, and the next call works."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from oso_webhook import plugin
from oso_webhook.cli import SAMPLE
from oso_webhook.trouble import (
    AnswerNotSigned,
    AnswerNotUnderstood,
    CallRefused,
    ConnectionLost,
    ServerDown,
    ServerFailed,
    ServerNotTrusted,
    ServerSlow,
    SignatureRefused,
    WebhookTrouble,
)
from support.chain import free_ports
from support.webhook import JSON, OTHER_SECRET, RESET, SILENT, Asked, Las, Reply, Said, las, signed

from oso_adapter.hookspecs import HookContext, PupilQuery, ReceivedDossier
from oso_adapter.simulator.pki import Pki
from oso_adapter.standard.jsonform import from_parsed
from oso_adapter.standard.pack import load_pack

Told = Callable[..., HookContext]
MARK = "Geheimnaam999990011"
PUPILS = json.loads((SAMPLE / "pupils.json").read_text("utf-8"))
GOOD = json.dumps({"dossier": PUPILS[0]["dossier"]}).encode()
EARLIER = timedelta(seconds=400)
DOSSIER = from_parsed(PUPILS[0]["dossier"], load_pack("2019.1"))
RECEIVED = ReceivedDossier("r-1", DOSSIER, b"", "2019.1", None, "99AA")


def good(asked: Asked) -> Said:
    return signed(asked, GOOD)


def says(body: bytes | str | object, status: int = 200, **more: object) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda asked: signed(asked, raw, status, **more)


def just(said: Said) -> Reply:
    return lambda _: said


def headed(status: int = 200, **headers: str) -> Reply:
    def reply(asked: Asked) -> Said:
        made = signed(asked, GOOD, status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Said(status, GOOD, {**made.headers, **named})

    return reply


def collect(told: Told, bad_las: Las, *replies: Reply, seconds: float = 20.0) -> object:
    bad_las.replying(*replies)
    return plugin.oso_collect_dossier(told(bad_las.url, seconds), "LL-1", "POVO")


WAYS: dict[str, tuple[Reply, type[WebhookTrouble], str]] = {
    "500": (just(Said(500, MARK.encode())), ServerFailed, "HTTP 500"),
    "429": (just(Said(429)), ServerFailed, "HTTP 429"),
    "cut-half-way": (says(GOOD, promised=10**6), ConnectionLost, "before the answer was whole"),
    "500-half-way": (just(Said(500, b"{", promised=9)), ServerFailed, "HTTP 500"),
    "401": (just(Said(401, MARK.encode())), SignatureRefused, "refused our signature"),
    "409": (just(Said(409, b'{"code": "not-now"}')), CallRefused, "refuses this: not-now"),
    "409-mark": (
        just(Said(409, json.dumps({"code": MARK}).encode())),
        CallRefused,
        "a reason that is no code",
    ),
    "422-html": (just(Said(422, b"<html>")), CallRefused, "no reason given"),
    "redirect": (headed(302, location="/oso/elsewhere"), AnswerNotUnderstood, "not followed"),
    "418": (says(b"", 418), AnswerNotUnderstood, "HTTP status 418"),
    "unsigned": (just(Said(200, GOOD, JSON)), AnswerNotSigned, "HTTP 200"),
    "unsigned-404": (just(Said(404, b"<html>")), AnswerNotSigned, "HTTP 404"),
    "other-secret": (says(GOOD, secret=OTHER_SECRET), AnswerNotSigned, "webhook-signature"),
    "other-request": (says(GOOD, message_id="answer-x"), AnswerNotSigned, "webhook-id is not"),
    "own-signature": (
        lambda asked: Said(200, asked.body, {**JSON, **dict(asked.headers)}),
        AnswerNotSigned,
        "webhook-id is not",
    ),
    "too-old": (
        lambda asked: signed(asked, GOOD, moment=datetime.now(UTC) - EARLIER),
        AnswerNotSigned,
        "more than 300 seconds",
    ),
    "no-content": (says(b"", 204), AnswerNotUnderstood, "something is to be answered"),
    "not-json": (says(MARK.encode()), AnswerNotUnderstood, "geen geldige JSON"),
    "not-utf-8": (says(b'{"\xff'), AnswerNotUnderstood, "geen UTF-8"),
    "deep": (says(b"[" * 100_000), AnswerNotUnderstood, "dieper genest"),
    "no-object": (says([MARK]), AnswerNotUnderstood, "/: has to be an object"),
    "no-dossier": (says({}), AnswerNotUnderstood, "dossier: is required"),
    "unknown-key": (says({"dossier": {}, MARK: 1}), AnswerNotUnderstood, r"\*: a key that is not"),
    "twice": (
        says(b'{"dossier": {}, "dossier": {}}'),
        AnswerNotUnderstood,
        "dossier: is there more than once",
    ),
    "number-and-line": (
        says({"dossier": {}, "former_numbers": ["999910206\n"]}),
        AnswerNotUnderstood,
        r"former_numbers\[0\]: length must be 9",
    ),
    "number": (
        says({"dossier": {}, "former_numbers": [12]}),
        AnswerNotUnderstood,
        r"former_numbers\[0\]: has to be a text",
    ),
    "dossier-empty": (says({"dossier": {}}), AnswerNotUnderstood, "/dossier/huidigeschool: "),
    "dossier-type": (
        says({"dossier": {"huidigeschool": {"leerling": {"geboortedatum": MARK}}}}),
        AnswerNotUnderstood,
        "/dossier/huidigeschool/leerling/geboortedatum: ",
    ),
    "dossier-key": (
        says({"dossier": {"huidigeschool": {MARK: 1}}}),
        AnswerNotUnderstood,
        "/dossier/huidigeschool/",
    ),
    "html": (headed(content_type="text/html"), AnswerNotUnderstood, "Content-Type"),
    "gzip": (headed(content_encoding="gzip"), AnswerNotUnderstood, "compressed"),
    "huge": (says(b" " * (50 * 2**20 + 1)), AnswerNotUnderstood, "more than 52428800 bytes"),
    "huge-promise": (
        says(b"{" * 65536, promised=2**60, hold=False),
        ConnectionLost,
        "before the answer was whole",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_is_no_use_is_named_without_a_value(
    told: Told, bad_las: Las, way: str
) -> None:
    reply, kind, words = WAYS[way]
    with pytest.raises(kind, match=words) as caught:
        collect(told, bad_las, reply)

    assert 1 == len(bad_las.asked)
    assert caught.value.remedy
    assert MARK not in f"{caught.value!r}{caught.value}"
    assert caught.value.__cause__ is None
    assert collect(told, bad_las, good) is not None


@pytest.mark.parametrize(
    "reply", [just(SILENT), says(GOOD, promised=10**6, hold=True)], ids=["silent", "half"]
)
def test_a_slow_server_is_left_when_the_time_is_up(told: Told, bad_las: Las, reply: Reply) -> None:
    with pytest.raises(ServerSlow):
        collect(told, bad_las, reply, seconds=0.2)
    assert collect(told, bad_las, good) is not None


def test_without_time_nothing_is_asked(told: Told, bad_las: Las) -> None:
    with pytest.raises(ServerSlow):
        collect(told, bad_las, good, seconds=-1)
    assert [] == bad_las.asked


def test_a_server_that_is_down_is_named(told: Told) -> None:
    [port] = free_ports(1)
    for host in ("localhost", "nowhere.invalid"):
        with pytest.raises(ServerDown):
            plugin.oso_collect_dossier(told(f"https://{host}:{port}/oso"), "LL-1", "POVO")


def test_a_reset_connection_is_tried_once_more_as_another_question(
    told: Told, bad_las: Las
) -> None:
    assert collect(told, bad_las, just(RESET), good) is not None
    assert 2 == len({asked.id for asked in bad_las.asked})
    with pytest.raises(ConnectionLost):
        collect(told, bad_las, just(RESET))
    assert 2 == len(bad_las.asked)


def test_what_is_offered_again_has_the_same_id(told: Told, bad_las: Las) -> None:
    bad_las.replying(just(RESET), says({"outcome": "accepted"}))
    for _ in range(2):
        answer = plugin.oso_import_dossier(told(bad_las.url), RECEIVED)
        assert answer is not None
        assert ("accepted", (), None) == (answer.outcome, answer.categories, answer.reason)
    assert ["import_dossier-r-1"] * 3 == [asked.id for asked in bad_las.asked]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b'{"pupils": [{"pupil": "a", "pupil": "b", "name": "c"}]}',
            r"pupils\[0\].pupil: is there",
        ),
        (b'{"pupils": [{"pupil": "a", "name": "\\ud800"}]}', r"pupils\[0\].name: has characters"),
        (b'{"pupils": [{"pupil": "a\\u0000", "name": "c"}]}', r"pupils\[0\].pupil: has characters"),
    ],
)
def test_what_is_unclear_inside_an_answer_is_named_by_its_place(
    told: Told, bad_las: Las, body: bytes, words: str
) -> None:
    bad_las.replying(says(body))
    with pytest.raises(AnswerNotUnderstood, match=words):
        plugin.oso_find_pupils(told(bad_las.url), PupilQuery())


def test_a_category_that_no_release_has_is_not_taken_over(told: Told, bad_las: Las) -> None:
    bad_las.replying(says({"outcome": "accepted", "categories": ["cat_onbekend"]}))
    with pytest.raises(AnswerNotUnderstood, match="categories: one is no category"):
        plugin.oso_import_dossier(told(bad_las.url), RECEIVED)


def test_a_certificate_of_another_authority_or_name_is_not_trusted(
    told: Told, pki: Pki, bad_las: Las, tmp_path: Path
) -> None:
    other = Pki.create(tmp_path)
    with las(other.leaf("las", hosts=("localhost",))) as stranger:
        stranger.replying(good)
        with pytest.raises(ServerNotTrusted):
            plugin.oso_collect_dossier(told(stranger.url), "LL-1", "POVO")
        assert [] == stranger.asked
    bad_las.replying(good)
    by_address = bad_las.url.replace("localhost", "127.0.0.1")
    for url, roots in ((by_address, [str(pki.roots)]), (bad_las.url, None)):
        with pytest.raises(ServerNotTrusted):
            plugin.oso_collect_dossier(told(url, roots=roots), "LL-1", "POVO")
    assert [] == bad_las.asked


def test_the_environment_does_not_change_where_a_call_goes(
    told: Told, bad_las: Las, monkeypatch: pytest.MonkeyPatch
) -> None:
    [port] = free_ports(1)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    assert collect(told, bad_las, good) is not None
