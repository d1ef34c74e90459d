"""One test for each law that the toolkit promises to keep."""

from __future__ import annotations

import shutil
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.campaign.load import Project, load
from letters.merge.merge import Merger, merge_all
from letters.model.problems import Place
from letters.model.records import Recipient
from letters.model.settings import FormOfAddress
from letters.read.campaign import read_forms
from letters.read.toml import read_toml
from letters.render.word.docxtpl_internals import DocxRenderer
from tests.desk import CHIEF, ROOT, SHERIFF, copy_templates, edit, set_up
from tests.examples import examples
from tests.reading import docx_words, pdf_words, split
from tests.sample import ENCLOSURE, SHORT, Built, build_sample

CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=60
).map(lambda text: " ".join(text.split()))
WORDS = CELL.filter(bool)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    desk = set_up(folder=tmp_path_factory.mktemp("laws"))
    loaded, problems = load(desk.folder / "campaign.toml")
    assert loaded
    assert problems == []
    return loaded


@pytest.fixture(scope="module")
def forms() -> tuple[FormOfAddress, ...]:
    found, problems = read_forms(read_toml(ROOT / "templates" / "forms-of-address.toml", "forms-of-address.toml"))
    assert problems == []
    return found


@pytest.fixture(scope="module")
def merger(project: Project, forms: tuple[FormOfAddress, ...]) -> Merger:
    return Merger(project.template, forms)


def recipient(**columns: str) -> Recipient:
    row = dict.fromkeys(SHERIFF, "") | CHIEF | columns
    return Recipient(row["id"], row, Place("recipients.csv", 2))


@pytest.mark.parametrize("column", ["agency", "jurisdiction", "agreement_signed"])
def test_law_1_nothing_is_silently_missing(merger: Merger, column: str) -> None:
    letter, problems = merger.merge(recipient(**{**SHERIFF, column: ""}))
    assert letter is None
    assert all(problem.recipient == SHERIFF["id"] for problem in problems)
    assert any(problem.place.field == column and "templates/letter.md:" in problem.what for problem in problems)


@given(mine=WORDS, other=st.text(string.ascii_letters, min_size=12, max_size=30))
@examples(8, 50)
def test_law_2_no_letter_carries_a_word_of_another(project: Project, merger: Merger, mine: str, other: str) -> None:
    letters, _ = merge_all(merger, [recipient(agency=other, id="other"), recipient(agency=mine)], frozenset())
    renderer = DocxRenderer(project.template.word)
    contents = [renderer.render(letter.context, letter.notes) for letter in letters]
    assert other in docx_words(contents[0])
    assert other in mine or other not in docx_words(contents[1])


def test_law_3_a_draft_that_a_person_edited_is_never_overwritten(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path, rows=[CHIEF])
    desk.run("build", "--no-pdf")
    draft = desk.out("docx/adrian-police.docx")
    edit(draft)
    edited = draft.read_bytes()
    desk.list_recipients({**CHIEF, "agency": "Police of Adrian"})
    desk.run("build", "--no-pdf", code=5)
    assert draft.read_bytes() == edited


def test_law_4_pdf_and_docx_say_the_same_words(dozen: Built) -> None:
    letters = {medium: dozen.content("taylor-police", medium) for medium in ("pdf", "docx")}
    assert pdf_words(letters["pdf"]) == docx_words(letters["docx"])


@given(name=WORDS)
@examples(12, 80)
def test_law_5_data_is_never_markup_or_code(project: Project, merger: Merger, name: str) -> None:
    letter, problems = merger.merge(recipient(agency=name, jurisdiction=name))
    assert not any(problem.stops for problem in problems)  # of a name that begins with "The" there is a warning
    assert letter
    words = docx_words(DocxRenderer(project.template.word).render(letter.context, letter.notes))
    assert "".join(split(name)) in "".join(words.body)


def test_law_6_a_file_under_its_final_name_is_whole(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path, rows=[CHIEF])
    desk.out("docx").mkdir(parents=True)
    (desk.out("docx") / ".adrian-police.docx.abc.part").write_bytes(b"half of")
    desk.run("build", "--no-pdf")
    assert [path.name for path in desk.out("docx").iterdir()] == ["adrian-police.docx"]


def test_law_7_same_inputs_same_bytes(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "desk", letter=SHORT)
    desk.write("templates/enclosures/more.md", ENCLOSURE)
    again = build_sample(
        tmp_path / "elsewhere", (), "--jobs", "2", folder=desk.copy(tmp_path / "copy").folder, hash_seed="4711"
    )
    desk.run("build", "--jobs", "1")
    for identifier in (SHERIFF["id"], CHIEF["id"]):
        for medium in ("pdf", "docx"):
            path = Path(medium, f"{identifier}.{medium}")
            assert (again.out.parent / "letter" / path).read_bytes() == desk.out(str(path)).read_bytes()


@pytest.mark.slow
def test_law_7_same_inputs_same_bytes_in_the_sample_letter(dozen: Built, tmp_path: Path) -> None:
    for name in ("campaign.toml", "recipients.csv"):
        shutil.copy(ROOT / name, tmp_path)
    copy_templates(tmp_path)
    some = ["taylor-police", "alcona-county-sheriff"]
    again = build_sample(tmp_path / "elsewhere", some, "--jobs", "2", folder=tmp_path, hash_seed="4711")
    for identifier in some:
        for medium in ("pdf", "docx"):
            assert again.content(identifier, medium) == dozen.content(identifier, medium)


@given(remark=st.text())
@examples(25, 25)
def test_a_column_that_the_letter_does_not_use_changes_nothing(merger: Merger, remark: str) -> None:
    plain, _ = merger.merge(recipient(remark=""))
    remarked, _ = merger.merge(recipient(remark=remark))
    assert plain
    assert remarked
    assert plain.digest == remarked.digest


@given(one=WORDS, other=WORDS)
@examples(25, 25)
def test_a_column_that_the_letter_uses_changes_its_digest(merger: Merger, one: str, other: str) -> None:
    letters = [merger.merge(recipient(agency=agency))[0] for agency in (one, other)]
    assert all(letters)
    assert (letters[0].digest == letters[1].digest) == (one == other)  # type: ignore[union-attr]
