"""Yesterday's database put back: nothing is imported twice, and no session stays open."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from threading import Event as Threading

import pytest
from sqlalchemy import func, select
from support.chain import ACCOUNT, School, end
from support.dossiers import sent
from support.fetching import Doel, Stage, staged
from support.las import with_las
from support.requester import numbers
from support.scripted import Reply, delivers

from oso_adapter import logs
from oso_adapter.errors import NotFound
from oso_adapter.exchange.heads import log_heads, verify
from oso_adapter.hookspecs import ImportAnswer
from oso_adapter.store.keys import new_keys
from oso_adapter.store.models import Event, ExchangeState, ReceivedState
from oso_adapter.wire.messages import Message
from oso_adapter.work.inline import Runner

NUMBERS = numbers()
MINE = ("--account", ACCOUNT)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("restore")) as stage:
        yield stage


@pytest.fixture
def doel(stage: Stage) -> Doel:
    return stage.doel()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "backup.sqlite"


def backed_up(doel: Doel, copy: Path) -> None:
    done = doel.stage.school.cli("db", "backup", str(copy), *MINE)
    assert 0 == done.exit_code, done.output


def restored(doel: Doel, copy: Path) -> tuple[Doel, str]:
    """The school after its backup was put back, and what was told."""
    let_go(doel)
    done = doel.stage.school.cli("db", "restore", str(copy), "--replace", *MINE)
    assert 0 == done.exit_code, done.output
    return doel.stage.doel(), done.stdout


def let_go(doel: Doel) -> None:
    """Nobody in this process has the database open any more."""
    for adapter in doel.stage.school.adapters:
        adapter.close()


def while_asked(work: Callable[[], object], reply: Reply) -> Callable[[Message], Reply]:
    """A bronschool that answers after something happened."""

    def answer(message: Message) -> Reply:
        work()
        return reply

    return answer


def test_an_order_carried_out_after_the_backup_is_not_carried_out_again(
    doel: Doel, copy: Path
) -> None:
    number, las = next(NUMBERS), with_las(doel)
    bron = doel.stage.bron(while_asked(lambda: backed_up(doel, copy), delivers(sent(number))))
    ordered = doel.place(next(NUMBERS), bron)
    done = doel.fetch(number, bron)
    later = doel.place(next(NUMBERS), bron)
    assert (ExchangeState.DONE, 1) == (done.state, len(las.offered))

    doel, told = restored(doel, copy)
    las, before = with_las(doel), doel.row(done.id)
    Runner(doel.adapter).run_due()

    assert "Beëindigd: 2 open bestellingen" in told
    assert (ExchangeState.CLOSING, "OnbekendNaHerstel") == (before.state, before.result)
    for order in (done.id, ordered):
        row = doel.row(order)
        assert (ExchangeState.DONE, "OnbekendNaHerstel") == (row.state, row.result)
    assert ([], [1]) == (las.offered, doel.stage.asked(bron))
    assert "OverdrachtGeslaagd" == doel.stage.session(done.session_id).result
    with pytest.raises(NotFound):
        doel.row(later)


def test_a_session_that_was_open_when_the_machine_was_lost_is_signed_off(
    doel: Doel, copy: Path
) -> None:
    number = next(NUMBERS)
    bron = doel.stage.bron(while_asked(lambda: backed_up(doel, copy), delivers(sent(number))))
    done = doel.fetch(number, bron)
    with doel.stage.chain.state.write() as db:
        db.execute(
            "UPDATE sessions SET result = NULL, signed_off = NULL WHERE id = ?", (done.session_id,)
        )

    doel, _ = restored(doel, copy)
    doel.run(done.id)

    assert "TechnischeFout" == doel.stage.session(done.session_id).result
    assert doel.row(done.id).signed_off_at is not None


def test_what_had_come_is_offered_again_with_the_same_id(doel: Doel, copy: Path) -> None:
    number, later = next(NUMBERS), ImportAnswer("postponed")
    las = with_las(doel, later)
    done = doel.fetch(number, doel.stage.bron(delivers(sent(number))))
    backed_up(doel, copy)
    doel.clock.forward(days=2)
    las.answers = [ImportAnswer("accepted")]
    Runner(doel.adapter).offer_again()
    doel.run(done.id)
    assert ReceivedState.ACCEPTED == doel.received(done).state

    doel, _ = restored(doel, copy)
    assert ReceivedState.POSTPONED == doel.received(done).state
    again = with_las(doel)
    doel.clock.forward(days=2)
    Runner(doel.adapter).offer_again()
    doel.run(done.id)

    assert [done_id.id for done_id in las.offered][:1] == [each.id for each in again.offered]
    assert ReceivedState.ACCEPTED == doel.received(done).state


def test_a_restore_is_in_every_chain_and_no_event_id_is_given_twice(doel: Doel, copy: Path) -> None:
    backed_up(doel, copy)
    doel.place(next(NUMBERS), doel.stage.bron(delivers(b"")))
    with doel.adapter.store.reading() as session:
        told_of = session.scalar(select(func.max(Event.id))) or 0

    doel, _ = restored(doel, copy)

    heads, wrong = verify(doel.adapter)
    with doel.adapter.store.reading() as session:
        rows = session.scalars(select(Event).where(Event.name == "store.restored")).all()
    made = [row for row in rows if row.id > told_of]
    assert ([], {head.chain for head in heads}) == (wrong, {row.chain for row in made})
    assert {True} == {str(row.reason).startswith("of 20") for row in made}


def test_a_backup_is_made_while_the_adapter_runs_and_put_back_only_when_it_is_stopped(
    doel: Doel, copy: Path
) -> None:
    let_go(doel)
    school = doel.stage.school
    process = school.start()
    until_logged(school, "purge.")
    backed_up(doel, copy)
    change = ("administration", "end", "99BB", "--on", "2100-01-01")
    assert 0 == school.cli(*change).exit_code

    refused = school.cli("db", "restore", str(copy), "--replace", *MINE)
    end(process)
    log = school.folder / "heads.log"
    log.write_text(with_heads(school))
    done = school.cli("db", "restore", str(copy), "--replace", *MINE)

    assert (1, True) == (refused.exit_code, "stop it first" in refused.stderr)
    assert (0, True) == (done.exit_code, "before-restore" in done.stdout)
    whole = school.cli("audit", "verify")
    lost = school.cli("audit", "verify", "--head", str(log))
    assert (0, 1) == (whole.exit_code, lost.exit_code)
    assert 0o600 == copy.stat().st_mode & 0o777


def until_logged(school: School, event: str) -> None:
    """Until a process of the school has logged an event that begins so."""
    for _ in range(200):
        if any(line["event"].startswith(event) for line in school.logged()):
            return
        Threading().wait(0.05)
    raise AssertionError(school.log.read_text())


def with_heads(school: School) -> str:
    """A log with the heads as they are now."""
    log = StringIO()
    logs.configure_logs(log)
    adapter = school.adapter()
    log_heads(adapter)
    adapter.close()
    return log.getvalue()


@pytest.mark.parametrize(
    ("content", "options", "code", "said"),
    [
        (None, ("--replace",), 1, "there is no file"),
        (b"this is no database " * 99, ("--replace",), 2, "no database that can be read"),
        (b"", (), 1, "put it aside with --replace"),
        (b"", ("--replace",), 1, "not a backup of the adapter"),
    ],
)
def test_what_cannot_be_put_back_changes_nothing(
    doel: Doel, copy: Path, content: bytes | None, options: tuple[str, ...], code: int, said: str
) -> None:
    let_go(doel)
    before = doel.stage.school.cli("audit", "verify", "--format", "json").stdout
    if content is not None:
        copy.write_bytes(content)

    done = doel.stage.school.cli("db", "restore", str(copy), *options, *MINE)

    assert (code, True) == (done.exit_code, said in done.stderr)
    assert before == doel.stage.school.cli("audit", "verify", "--format", "json").stdout
    assert not list(doel.stage.school.folder.glob("*.restoring*"))


def test_a_backup_that_other_keys_sealed_is_refused(doel: Doel, copy: Path) -> None:
    backed_up(doel, copy)
    let_go(doel)
    keys = doel.stage.school.folder / "keys.toml"
    own = keys.read_text()
    try:
        keys.write_text(new_keys())
        done = doel.stage.school.cli("db", "restore", str(copy), "--replace", *MINE)
    finally:
        keys.write_text(own)

    assert (2, True) == (done.exit_code, "key file" in done.stderr)
    assert 0 == doel.stage.school.cli("audit", "verify").exit_code


def test_a_backup_takes_the_place_of_nothing(doel: Doel, copy: Path) -> None:
    copy.write_bytes(b"mine")

    done = doel.stage.school.cli("db", "backup", str(copy), *MINE)

    assert (1, b"mine") == (done.exit_code, copy.read_bytes())
