"""Whether the audit is whole, as an administrator asks it."""

import json
import shutil
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path

from support.chain import School

from oso_adapter import logs
from oso_adapter.exchange.heads import log_heads
from oso_adapter.store import event_chain, events


def kept(school: School, folder: Path) -> str:
    """A log with the heads as they are now, between other lines."""
    log = StringIO()
    logs.configure_logs(log)
    log_heads(school.adapter())
    file = folder / "adapter.log"
    lines = [f"host oso[1]: {line}\n" for line in log.getvalue().splitlines()]
    file.write_text("".join(["a line\n", '{"event": "tls.reloaded"}\n', *lines]))
    return str(file)


def administration_added(school: School) -> None:
    done = school.cli(
        *("administration", "add", "--brin", "99CC", "--name", "School 99CC", "--tenant", "t"),
        *("--routing-id", "0000000700099CC00001", "--from", "2026-08-01"),
    )
    assert 0 == done.exit_code, done.output


def test_a_whole_audit_is_in_order_and_says_what_it_looked_at(
    school: School, tmp_path: Path
) -> None:
    administration_added(school)
    file = kept(school, tmp_path)

    plain = school.cli("audit", "verify")
    compared = school.cli("audit", "verify", "--head", file, "--format", "json")

    assert (0, True) == (plain.exit_code, plain.output.startswith("In orde: "))
    found = json.loads(compared.stdout)
    assert (0, True, []) == (compared.exit_code, found["in_orde"], found["fouten"])
    assert len(found["ketens"]) == found["vergeleken"] > 0


def test_a_changed_line_is_named_by_administration_and_number(school: School) -> None:
    administration_added(school)
    with closing(sqlite3.connect(school.store_file)) as db:
        db.execute("DROP TRIGGER events_stay")
        db.execute("UPDATE events SET account = 'x' WHERE number = 1")
        db.commit()

    done = school.cli("audit", "verify")

    assert 1 == done.exit_code
    assert "0000000700099CC00001: regel 1 is gewijzigd" in done.output


def test_yesterdays_database_is_found_with_the_log_and_only_with_it(
    school: School, tmp_path: Path
) -> None:
    yesterday = tmp_path / "yesterday.sqlite"
    with closing(sqlite3.connect(school.store_file)) as db:
        db.execute("VACUUM INTO ?", (str(yesterday),))
    administration_added(school)
    file = kept(school, tmp_path)
    school.stop()
    shutil.copy(yesterday, school.store_file)

    assert 0 == school.cli("audit", "verify").exit_code
    done = school.cli("audit", "verify", "--head", file)

    assert (1, True) == (done.exit_code, "de keten met toen 1 regels is er niet" in done.output)


def test_a_log_without_heads_is_not_taken_for_agreement(school: School, tmp_path: Path) -> None:
    file = tmp_path / "other.log"
    file.write_text("nothing\n")

    done = school.cli("audit", "verify", "--head", str(file))

    assert (1, True) == (done.exit_code, "geen regel audit.head" in done.output)


def test_whoever_destroys_lines_as_the_adapter_does_is_found_by_the_log(
    school: School, tmp_path: Path
) -> None:
    administration_added(school)
    file = kept(school, tmp_path)
    for day in ("2100-01-01", "2100-01-02"):
        done = school.cli("administration", "end", "0000000700099CC00001", "--on", day)
        assert 0 == done.exit_code, done.output
    adapter = school.adapter()
    with adapter.store.writing() as session:
        chain, last = max((head.chain, head.count) for head in event_chain.heads(session))
        events.destroy_until(session, chain, last, adapter.clock())

    assert 0 == school.cli("audit", "verify").exit_code
    done = school.cli("audit", "verify", "--head", file)

    assert (1, True) == (done.exit_code, "vernietigd voor het einde van hun termijn" in done.output)
