"""Documents and attachments that are made to do harm: a finding or a refusal, within bounds.

Each is tried in a process of its own that ends when it takes more memory or processor time than
``support.bounded`` gives it; how long it took is not judged.
"""

from collections.abc import Iterator

import pytest
from support import hostile
from support.bounded import Bounded
from support.hostile_ways import GREEDY, READERS

DOCUMENTS = hostile.documents()


@pytest.fixture(scope="module")
def bounded() -> Iterator[Bounded]:
    with Bounded() as process:
        yield process


def test_what_takes_too_much_comes_to_a_bad_end(bounded: Bounded) -> None:
    assert {"validate": {"ended": 1}} == bounded.tried(GREEDY)


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_hostile_document_is_judged_within_bounds(bounded: Bounded, case: str) -> None:
    answer = bounded.tried(case)["validate"]
    assert "found" == answer.get("outcome"), answer
    expected = DOCUMENTS[case][1]
    assert expected is None or expected in answer["rules"]


@pytest.mark.parametrize("way", READERS)
@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_hostile_document_is_read_within_bounds(bounded: Bounded, case: str, way: str) -> None:
    answer = bounded.tried(case)[way]
    assert answer.get("outcome") in ("done", "refused"), answer


def test_many_zip_bombs_cost_a_reading_view_no_more_than_two(bounded: Bounded) -> None:
    view = bounded.tried("ZIP: 200 bombs")["html"]
    assert (2, 198) == (view["files"], view["too large"])


@pytest.mark.parametrize("case", hostile.JSON)
def test_hostile_json_is_read_within_bounds(bounded: Bounded, case: str) -> None:
    answer = bounded.tried(case)["from_json"]
    assert answer.get("outcome") in ("done", "refused"), answer
    if case != "JSON: a long text":
        assert "refused" == answer["outcome"]
