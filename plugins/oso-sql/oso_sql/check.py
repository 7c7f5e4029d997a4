"""``oso-sql check``: what the database gives, against what the standard takes, per profile.

Everything is counted over the pupils that were looked at; no value and no pupil is named.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection

from oso_adapter.hookspecs import AdministrationRef
from oso_adapter.standard import codec, fields, profiles, validate
from oso_adapter.standard.findings import Finding
from oso_sql import database, fitting, writing
from oso_sql.collect import collect
from oso_sql.database import Row
from oso_sql.fitting import Problem, Severity
from oso_sql.mapping import NOT_COMPARED, PUPIL, Block, SqlMapping, WrongValue, compared
from oso_sql.parameters import given
from oso_sql.rows import columns_of, pupil_block

_POSITION = re.compile(r"\[[0-9]+\]")
_Key = tuple[str, str, Severity, str | None]


def of_file(mapping: SqlMapping, names: Iterable[str]) -> list[Problem]:
    """What is wrong with the mapping itself, for these profiles."""
    return [
        *fitting.codes(mapping),
        *(found for profile in names for found in fitting.missing(mapping, profile)),
    ]


def columns(connection: Connection, mapping: SqlMapping, told: Row) -> list[Problem]:
    """Columns that the mapping names and no query gives, and parameters that have no value.

    told: parameters of a pupil who is there.
    """
    found = database.rows(connection, mapping.pupil, told, "pupil.query")
    parameters = {**(found[0] if found else {}), **told}
    given_by: dict[str, set[str]] = {PUPIL: set(parameters) if found else set()}
    problems = []
    for name, query in mapping.queries.items():
        if name == PUPIL:
            continue
        lacking = sorted(query.parameters - parameters.keys())
        if lacking:
            names = ", ".join(f":{each}" for each in lacking)
            problems.append(Problem(f"queries.{name}", f"nothing gives {names}"))
            continue
        given_by[name] = set(database.columns(connection, query, parameters, f"queries.{name}"))
    if found:
        problems += [Problem(at, why) for at, why in _unknown(mapping.root, set(), given_by)]
    return list(dict.fromkeys(problems))


def _unknown(
    block: Block, around: set[str], given_by: dict[str, set[str]]
) -> Iterator[tuple[str, str]]:
    if block.written_only:
        return
    own = around if block.rows is None else given_by.get(block.rows)
    if own is None:
        return
    specs = [*block.fields, *([block.value] if block.value else [])]
    wanted = {
        *block.where,
        *block.join,
        *(spec.column for spec in specs if spec.column),
        *(name for spec in specs for name in spec.when),
        *(spec.local.packed for spec in specs if spec.local.packed),
    }
    of_around = set(block.join.values())
    if block.unless and block.unless.column:
        of_around.add(block.unless.column)
    for name in sorted(wanted - own):
        yield block.full, f"its rows have no column {name}"
    for name in sorted(of_around - around):
        yield block.full, f"the row around it has no column {name}"
    for inner in block.blocks:
        yield from _unknown(inner, own | set(block.tag), given_by)


def tables(connection: Connection, mapping: SqlMapping) -> list[Problem]:
    """Tables and columns that taking over writes and that are not there."""
    taking = mapping.taking
    if taking is None:
        return []
    pupil = pupil_block(mapping)
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    wanted[taking.done_table] |= set(taking.done.values())
    for block in _written(mapping.root):
        wanted[block.table or ""] |= columns_of(block, taking, of_pupil=block is pupil)
    former = mapping.former
    if former and former.table:
        named = {former.column, taking.owner, *former.store}
        wanted[former.table] |= named | ({former.number} if former.number else set())
    lacking_same = sorted(set(taking.same) - compared(mapping.root))
    problems = [Problem(f"import.same: {name}", NOT_COMPARED) for name in lacking_same]
    for name, columns in wanted.items():
        try:
            lacking = sorted(columns - writing.columns(connection, name))
        except database.DatabaseTrouble:
            problems.append(Problem(f"table {name}", "it is not there"))
        else:
            problems += [Problem(f"table {name}", f"it has no column {each}") for each in lacking]
    return problems


def _written(block: Block) -> Iterator[Block]:
    if block.table:
        yield block
    for inner in block.blocks:
        yield from _written(inner)


def of_pupils(
    connection: Connection,
    mapping: SqlMapping,
    school: AdministrationRef,
    pupils: Iterable[str],
    profile: str,
    on: date,
) -> list[Problem]:
    """What is wrong with the dossiers of these pupils, each thing once with how many have it."""
    counted: Counter[_Key] = Counter()
    for pupil in pupils:
        wrong: list[WrongValue] = []
        told = given(mapping, pupil, profile, school, on)
        found = collect(connection, mapping, told, wrong.append)
        if found is None:
            counted["pupil.query", "it does not find a pupil of the list", "error", profile] += 1
            continue
        keys: set[_Key] = {(each.path, each.reason, "error", profile) for each in wrong}
        for finding in judge(found.dossier, mapping, profile, on):
            if finding.severity != "info":
                path = _POSITION.sub("", finding.path)
                keys.add((path, f"{finding.message} ({finding.rule})", finding.severity, profile))
        counted.update(keys)
    return [Problem(*key, pupils=number) for key, number in sorted(counted.items(), key=str)]


def judge(dossier: dict[str, Any], mapping: SqlMapping, profile: str, on: date) -> list[Finding]:
    """The findings of the standard about what was collected; inzage comes later."""
    pack = mapping.pack
    findings = fields.check(dossier, pack)
    if findings:
        return findings
    whole, _ = profiles.complete(
        dossier,
        pack,
        profiles.profile(profile, pack),
        package="oso-sql",
        package_version="0",
        on=on,
    )
    return list(validate(codec.to_xml(whole, pack), profile=profile, inzage=False).findings)


def some(connection: Connection, mapping: SqlMapping, told: Row, most: int) -> list[str]:
    """The pupils of the mapping's list, spread evenly where there are more than ``most``."""
    if mapping.pupils is None:
        return []
    rows = database.rows(connection, mapping.pupils, told, "pupil.list")
    pupils = [str(next(iter(row.values()))) for row in rows]
    return pupils[:: max(1, -(-len(pupils) // most))]
