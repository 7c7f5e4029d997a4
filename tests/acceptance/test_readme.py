"""The README is run as it stands, and then the tutorial, which goes on where that ends."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.walkthrough import ROOT, Reader, blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Who has done the first steps."""
    with ExitStack() as stack:
        reader = Reader(tmp_path_factory.mktemp("reader"))
        stack.callback(reader.stop)
        reader.follow(README)
        yield reader


def test_the_first_steps_work_as_they_stand(reader: Reader) -> None:
    exported = list((reader.folder / "received").glob("*.xml"))
    assert ["intake-1.xml", "intake-2.xml"] == sorted(file.name for file in exported)
    assert 2 == len(reader.taken_over(2))


def test_the_tutorial_works_as_it_stands(reader: Reader) -> None:
    reader.follow(TUTORIAL)

    shown = {block.word for block in blocks(TUTORIAL) if block.language == "python"}
    code = (reader.folder / "zonnebloem").rglob("*.py")
    made = {str(file.relative_to(reader.folder)) for file in code}
    as_made = {f"zonnebloem/src/zonnebloem/{name}.py" for name in ("__init__", "plugin")}
    assert (set(), as_made) == (shown - made, made - shown)


def test_each_make_target_of_the_readme_exists() -> None:
    texts = [block.text for block in blocks(README) if block.word in ("make", "setup")]
    targets = [target for text in texts for target in re.findall(r"^make (\w+)", text, re.M)]

    done = subprocess.run(
        ["make", "--dry-run", *targets], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ["demo", "test", "install"] == targets
    assert 0 == done.returncode, done.stderr


def test_the_folder_of_a_demonstration_may_have_a_blank_in_its_name() -> None:
    command = ["make", "--dry-run", "demo", "KEEP=my dossiers"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    (demo,) = [line for line in done.stdout.splitlines() if "oso-adapter demo" in line]
    assert demo.endswith('oso-adapter demo --keep "my dossiers"')


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs"])
def test_each_link_to_a_file_leads_somewhere(document: str) -> None:
    path = ROOT / document
    for file in path.glob("*.md") if path.is_dir() else [path]:
        links = re.findall(r"\]\((?!https?:)([^)#]+)", file.read_text(encoding="utf-8"))
        assert [] == [link for link in links if not (file.parent / link).exists()], file.name


def test_each_place_that_the_readme_names_in_the_code_exists() -> None:
    named = re.findall(r"^(oso_adapter/\w+/)", README, re.MULTILINE)

    packages = {f"oso_adapter/{p.parent.name}/" for p in ROOT.glob("oso_adapter/*/__init__.py")}
    assert packages - {"oso_adapter/demo/"} == set(named)
    assert "def _hand_out(" in (ROOT / "oso_adapter/exchange/deliver.py").read_text()
