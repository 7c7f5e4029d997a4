"""The verdict on many dossiers as one page to read and to pass on; it holds no value of any."""

from collections import Counter
from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from oso_adapter.standard.findings import Finding, Report


def as_html(reports: Sequence[tuple[str, Report]]) -> str:
    """One self-contained HTML page in Dutch: a summary, and the findings of each file.

    reports: by the name of the file. The page refers to nothing outside itself and has no script.
    """
    rules = Counter((f.rule, f.severity, f.message) for _, r in reports for f in r.findings)
    return _template().render(
        reports=reports,
        valid=sum(report.valid for _, report in reports),
        rules=rules.most_common(),
        owners=_by_owner([f for _, r in reports for f in r.findings]),
    )


def _by_owner(findings: Sequence[Finding]) -> Sequence[tuple[str, int]]:
    return Counter(f.owner for f in findings if f.severity != "info").most_common()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("oso_adapter.standard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
