"""What was learned of a text in one process is known in the next, which sets the same lines without laying it out."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from letters.campaign.load import Project, load
from letters.render.pdf.batch import BatchPdfRenderer
from letters.render.pdf.fonts import FontRegistry
from letters.render.pdf.kept_layouts import KnownBranch, fonts_of, pack_branch, unpack_branch
from letters.render.pdf.line_cache import LineCache
from letters.render.pdf.plain import UnfitError, warnings_as_errors
from letters.render.pdf.weasyprint_internals import boxes, page_box
from letters.render.store import Limits
from tests.desk import CHIEF, ROOT, SHERIFF, set_up
from tests.render.pdf.test_batch import LETTER, NAMES, ODD_LETTER, PACK, with_values


def loaded(folder: Path, letter: str = "") -> Project:
    project, problems = load(folder / "campaign.toml", letter)
    assert project is not None, problems
    return project


def new(project: Project, cache: Path | None) -> BatchPdfRenderer:
    roots = {"campaign": project.folder, "templates": project.templates}
    return BatchPdfRenderer(project.template.parts, roots, project.campaign.date, cache, "resources", strict=True)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return loaded(set_up(folder=tmp_path_factory.mktemp("desk") / "campaign", letter=LETTER).folder)


def bytes_of(composer: BatchPdfRenderer, project: Project) -> list[bytes]:
    return [composer.render(letter.context, letter.notes).content for letter in project.letters]


@pytest.mark.parametrize("letter", [LETTER, ODD_LETTER])
def test_a_letter_that_was_made_before_is_not_laid_out_again(tmp_path: Path, letter: str) -> None:
    project = loaded(set_up(folder=tmp_path / "campaign", letter=letter).folder)
    first = new(project, tmp_path / "cache")
    made = bytes_of(first, project)
    again = new(project, tmp_path / "cache")
    assert bytes_of(again, project) == made
    assert (first.layouts() > 0, again.layouts(), again.from_templates) == (True, 0, len(made))


@pytest.mark.slow
def test_lines_are_the_same_in_paragraph_templates_from_the_disk(desk: Project, tmp_path: Path) -> None:
    letters = {letter.recipient.id: letter for letter in desk.letters}
    bytes_of(new(desk, tmp_path), desk)
    fresh, kept = new(desk, None), new(desk, tmp_path)
    for name in NAMES:
        for identifier in (CHIEF["id"], SHERIFF["id"]):
            letter = with_values(letters[identifier], agency=name, jurisdiction=f"{name} {name}", running_name=name)
            made = fresh.render(letter.context, letter.notes)
            assert kept.render(letter.context, letter.notes) == made
    assert kept.from_templates == fresh.from_templates


def test_a_known_text_with_another_name_is_not_laid_out_again(desk: Project, tmp_path: Path) -> None:
    bytes_of(new(desk, tmp_path), desk)
    kept = new(desk, tmp_path)
    (letter,) = (letter for letter in desk.letters if letter.recipient.id == SHERIFF["id"])
    names = ("agency", "jurisdiction", "running_name")
    values: Any = letter.context["recipient"]
    changed = with_values(letter, **{name: values[name].replace("Berrien", "Berrein") for name in names})
    assert changed.context != letter.context
    kept.render(changed.context, changed.notes)
    assert (kept.from_templates, kept.layouts()) == (1, 0)


def test_what_cannot_be_written_is_not_kept() -> None:
    assert pack_branch(KnownBranch({}, {}, {"FONT": ({"color": object()}, "a")})) is None


def test_a_text_is_laid_out_again_where_its_fonts_are_not_the_same(desk: Project) -> None:
    plain = new(desk, None).plain
    document = plain.read("<p>One word.</p>").render(font_config=plain.fonts)
    pages = (page_box(page).descendants() for page in document.pages)
    texts = [box for page in pages for box in page if isinstance(box, boxes.TextBox)]
    for name, refused in (("", False), ("ANOTHER", True)):
        fonts = fonts_of(texts, LineCache(FontRegistry(), Limits()))
        written = pack_branch(KnownBranch({}, {}, {name or known: font for known, font in fonts.items()}))
        with warnings_as_errors(), pytest.raises(UnfitError, match="font") if refused else nullcontext():
            assert unpack_branch(written, plain.fonts, LineCache(FontRegistry(), Limits())).fonts.keys() == fonts.keys()


@pytest.mark.slow
@pytest.mark.parametrize("letter", PACK)
def test_no_letter_of_the_pack_is_laid_out_again(tmp_path: Path, letter: str) -> None:
    project = loaded(ROOT, letter)
    made = bytes_of(new(project, tmp_path), project)
    again = new(project, tmp_path)
    assert bytes_of(again, project) == made
    assert (again.layouts(), again.from_templates) == (0, len(made))
