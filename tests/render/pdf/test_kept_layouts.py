"""What was learned of a text in one process is known in the next, which sets the same lines without laying it out."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from weasyprint.formatting_structure.boxes import TextBox

from letters.project import Project, load
from letters.render.pdf.batch import Composer
from letters.render.pdf.kept_layouts import Learned, fonts_of, freeze, thaw
from letters.render.pdf.line_cache import Faces, Memory, UnfitError
from letters.render.pdf.plain import nothing_logged
from tests.desk import CHIEF, ROOT, SHERIFF, set_up
from tests.render.pdf.test_batch import LETTER, NAMES, ODD_LETTER, PACK, with_values


def loaded(folder: Path, letter: str = "") -> Project:
    project, problems = load(folder / "campaign.toml", letter)
    assert project is not None, problems
    return project


def new(project: Project, cache: Path | None) -> Composer:
    roots = {"campaign": project.folder, "templates": project.templates}
    return Composer(project.template.parts, roots, project.campaign.date, cache, "resources")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return loaded(set_up(folder=tmp_path_factory.mktemp("desk") / "campaign", letter=LETTER).folder)


def bytes_of(composer: Composer, project: Project) -> list[bytes]:
    return [composer.render(letter.context, letter.notes).content for letter in project.letters]


@pytest.mark.parametrize("letter", [LETTER, ODD_LETTER])
def test_a_letter_that_was_made_before_is_not_laid_out_again(tmp_path: Path, letter: str) -> None:
    project = loaded(set_up(folder=tmp_path / "campaign", letter=letter).folder)
    first = new(project, tmp_path / "cache")
    made = bytes_of(first, project)
    again = new(project, tmp_path / "cache")
    assert bytes_of(again, project) == made
    assert (first.laid() > 0, again.laid(), again.composed) == (True, 0, len(made))


def test_lines_are_the_same_in_moulds_from_the_disk(desk: Project, tmp_path: Path) -> None:
    letters = {letter.recipient.id: letter for letter in desk.letters}
    bytes_of(new(desk, tmp_path), desk)
    fresh, kept = new(desk, None), new(desk, tmp_path)
    for name in NAMES:
        for identifier in (CHIEF["id"], SHERIFF["id"]):
            letter = with_values(letters[identifier], agency=name, jurisdiction=f"{name} {name}", running_name=name)
            made = fresh.render(letter.context, letter.notes)
            assert kept.render(letter.context, letter.notes) == made
    assert kept.composed == fresh.composed


def test_a_known_text_with_another_name_is_not_laid_out_again(desk: Project, tmp_path: Path) -> None:
    bytes_of(new(desk, tmp_path), desk)
    kept = new(desk, tmp_path)
    (letter,) = (letter for letter in desk.letters if letter.recipient.id == SHERIFF["id"])
    names = ("agency", "jurisdiction", "running_name")
    values: Any = letter.context["recipient"]
    changed = with_values(letter, **{name: values[name].replace("Berrien", "Berrein") for name in names})
    assert changed.context != letter.context
    kept.render(changed.context, changed.notes)
    assert (kept.composed, kept.laid()) == (1, 0)


def test_what_cannot_be_written_is_not_kept() -> None:
    assert freeze(Learned({}, {}, {"FONT": ({"color": object()}, "a")})) is None


def test_a_text_is_laid_out_again_where_its_fonts_are_not_the_same(desk: Project) -> None:
    plain = new(desk, None).plain
    document = plain.read("<p>One word.</p>").render(font_config=plain.fonts)
    pages = (page._page_box.descendants() for page in document.pages)
    texts = [box for page in pages for box in page if isinstance(box, TextBox)]
    for name, refused in (("", False), ("ANOTHER", True)):
        fonts = fonts_of(texts, Memory(Faces()))
        written = freeze(Learned({}, {}, {name or known: font for known, font in fonts.items()}))
        with nothing_logged(), pytest.raises(UnfitError, match="font") if refused else nullcontext():
            assert thaw(written, plain.fonts, Memory(Faces())).fonts.keys() == fonts.keys()


@pytest.mark.slow
@pytest.mark.parametrize("letter", PACK)
def test_no_letter_of_the_pack_is_laid_out_again(tmp_path: Path, letter: str) -> None:
    project = loaded(ROOT, letter)
    made = bytes_of(new(project, tmp_path), project)
    again = new(project, tmp_path)
    assert bytes_of(again, project) == made
    assert (again.laid(), again.composed) == (0, len(made))
