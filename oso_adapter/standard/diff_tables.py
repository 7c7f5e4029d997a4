"""What differs between the tables of two releases: codes, categories, profiles and rules."""

from collections.abc import Iterator, Mapping
from hashlib import sha256

from oso_adapter.standard.changes import Change, Kind, change
from oso_adapter.standard.codelists import CodeList
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.rules import Rule


def table_changes(old: Pack, new: Pack) -> Iterator[Change]:
    """Everything but the elements: what the release calls itself, and its tables."""
    yield from _names(old, new)
    yield from _codes(old, new)
    yield from _profiles(old, new)
    yield from _category_data(old, new)
    yield from _rules(old, new)


def _names(old: Pack, new: Pack) -> Iterator[Change]:
    if old.namespace != new.namespace:
        text = f"The namespace is {new.namespace}; it was {old.namespace}."
        yield change("namespace changed", "namespace", old.namespace, new.namespace, text)
    was, now = old.validation_version, new.validation_version
    if was != now:
        text = f"validatieversie is {now}; it was {was}."
        yield change("validation version changed", "validatieversie", was, now, text)


def _codes(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = old.codelists.lists, new.codelists.lists
    for number in [*before, *(number for number in after if number not in before)]:
        at = f"code list {number}"
        if number not in after:
            if not new.stylesheets:  # else it may be in there
                text = f"Code list {number} ({before[number].name}) is gone."
                yield change("code list removed", at, before[number].name, None, text)
        elif number in before or not old.stylesheets:
            yield from _elements_of(before.get(number), after[number])
        if number in before and number in after:
            yield from _severity(before[number], after[number])
            yield from _one_list(before[number].codes, after[number].codes, at)


def _elements_of(before: CodeList | None, after: CodeList) -> Iterator[Change]:
    at, known = f"code list {after.number}", before.elements if before else ()
    for suffix in after.elements:
        if suffix not in known:
            text = f"The values of {suffix} are checked against {at} now."
            yield change("code list added", f"{at}: {suffix}", None, after.name, text)
    for suffix in known:
        if suffix not in after.elements:
            text = f"The values of {suffix} are not checked against {at} any more."
            yield change("code list left", f"{at}: {suffix}", after.name, None, text)


def _severity(before: CodeList, after: CodeList) -> Iterator[Change]:
    if before.severity != after.severity:
        kind: Kind = "code list stricter" if after.severity == "error" else "code list less strict"
        at = f"code list {after.number}"
        text = f"What is not on {at} is of severity {after.severity}; it was {before.severity}."
        yield change(kind, at, before.severity, after.severity, text)


def _one_list(before: Mapping[str, str], after: Mapping[str, str], at: str) -> Iterator[Change]:
    for code in before:
        if code not in after:
            text = f"Code {code} ({before[code] or 'no meaning known'}) of {at} is gone."
            yield change("code removed", at, code, None, text)
    for code in before:
        was, now = before[code], after.get(code, "")
        if was and now and was != now:  # where no meaning is known nothing has changed
            text = f"Code {code} of {at} means {now} now; it meant {was}."
            yield change("code meaning changed", f"{at}: {code}", was, now, text)
    for code in after:
        if code not in before:
            text = f"Code {code} ({after[code] or 'no meaning known'}) of {at} is new."
            yield change("code added", at, None, code, text)


def _profiles(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = old.profiles, new.profiles
    for category in before.data:
        if category not in after.data:
            text = f"Category {category} is gone."
            yield change("category removed", category, category, None, text)
    for category in after.data:
        if category not in before.data:
            statuses = (f"{name} {p.statuses[category]}" for name, p in after.profiles.items())
            text = f"Category {category} is new: {', '.join(statuses)}."
            yield change("category added", category, None, category, text)
    for name in (name for name in before.profiles if name not in after.profiles):
        yield change("profile removed", name, name, None, f"Profile {name} is gone.")
    for name, profile in after.profiles.items():
        if name not in before.profiles:
            yield change("profile added", name, None, name, f"Profile {name} is new.")
            continue
        known = before.profiles[name].statuses
        for category, status in profile.statuses.items():
            was = known.get(category)
            if category in before.data and was != status:
                text = f"{category} is {status} in {name}; it was {was or 'unknown'}."
                yield change("profile status changed", f"{name}: {category}", was, status, text)


def _category_data(old: Pack, new: Pack) -> Iterator[Change]:
    """What came into a category or left it, of the elements that both releases have."""
    for category in (name for name in old.profiles.data if name in new.profiles.data):
        before, after = set(old.profiles.data[category]), set(new.profiles.data[category])
        for path in sorted(before ^ after):
            if old.structure.find(path) is None or new.structure.find(path) is None:
                continue
            told = "belongs to" if path in after else "does not belong to"
            was, now = (None, path) if path in after else (path, None)
            text = f"{path} {told} category {category} now."
            yield change("category data changed", f"{category}: {path}", was, now, text)


def _rules(old: Pack, new: Pack) -> Iterator[Change]:
    if old.stylesheets or new.stylesheets:
        yield from _stylesheets(old, new)
        return
    before = {rule.id: rule for rule in old.rules.rules}
    after = {rule.id: rule for rule in new.rules.rules}
    for rule, found in before.items():
        if rule not in after:
            text = f"Rule {rule} is gone: {found.meaning}"
            yield change("rule removed", rule, found.test, None, text)
    for rule, found in after.items():
        if rule not in before:
            text = f"Rule {rule} is new: {found.meaning}"
            yield change("rule added", rule, None, found.test, text)
        elif (was := _asks(before[rule])) != (now := _asks(found)):
            text = f"Rule {rule} asks something else now: {found.meaning}"
            yield change("rule changed", rule, was, now, text)


def _stylesheets(old: Pack, new: Pack) -> Iterator[Change]:
    if not (old.stylesheets and new.stylesheets):
        releases = [pack.release for pack in (old, new) if pack.stylesheets]
        text = (
            f"Rules, and code lists that no file tells, of {releases[0]} are in stylesheets and not"
            " compared; validate dossiers to find out."
        )
        yield change("rules not compared", "rules", None, None, text)
    elif _digests(old) != _digests(new):
        text = "The stylesheets are others; which rules differ is not compared."
        yield change("stylesheets changed", "rules", None, None, text)


def _digests(pack: Pack) -> list[bytes]:
    """Of every stylesheet of the release, whatever its name, which often holds the year."""
    files = pack.folder.rglob("*.xsl*")
    return sorted(sha256(file.read_bytes()).digest() for file in files if file.is_file())


def _asks(rule: Rule) -> str:
    scopes = " ".join(sorted(rule.scopes))
    return f"[{scopes}] {rule.context}: {rule.test} ({rule.severity})"
