"""A font that the style sheet names and that is not in the folder of fonts is told, never replaced in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.model.problems import Place, Problem
from letters.read.resources import families_in, missing_fonts, unset_words
from tests.conftest import MakeDesk
from tests.desk import ROOT

FONTS = ROOT / "templates" / "fonts"


def told(sheet: str) -> list[Problem]:
    return list(missing_fonts(sheet, Place("templates/letterhead.css"), FONTS, "templates/fonts"))


def test_the_folder_has_the_families_of_its_files() -> None:
    assert families_in(FONTS) == ["Charis SIL", "DejaVu Sans"]


@pytest.mark.parametrize(
    "declaration",
    [
        'font-family: "Times New Roman"',
        "font-family: Times New Roman",
        "font-family: 'Times New Roman', \"Charis SIL\"",
        'font-family: "Charis SIL", "Times New Roman"',
        'font: bold 11pt/15pt "Times New Roman", serif',
        "font: italic small-caps 11pt Times New Roman",
        "FONT: calc(1pt + 2pt)/1.2 'Times New Roman'",
        "font: large 'Times New Roman'",
        "font:1em/normal 'Times New Roman'!important",
        "--text-font: 'Times New Roman'",
    ],
)
def test_a_font_that_is_not_there_is_named_with_its_line_and_what_is_there(declaration: str) -> None:
    (problem,) = told(f"/* font: 'Comment' */\np {{ color: red }}\nbody {{ margin: 0; {declaration} }}\n")
    assert problem.place.line == 3
    assert problem.what == (
        'there is no font "Times New Roman" in templates/fonts/; there are "Charis SIL", "DejaVu Sans"'
    )
    assert problem.hint == "to add a font, put its .ttf or .otf files there"
    assert problem.stops


@pytest.mark.parametrize(
    "declaration",
    [
        "font-family: inherit",
        "font: inherit",
        'font-family: "charis sil", serif',
        'font: 9pt/11.5pt "Charis SIL", "DejaVu Sans"',
        "font-family: var(--text)",
        "font-variant-caps: small-caps",
        "font-size: 11pt",
    ],
)
def test_what_names_no_other_font_is_right(declaration: str) -> None:
    assert told(f"p {{ {declaration} }}") == []


def test_a_name_for_whatever_there_is_is_no_font() -> None:
    (problem,) = told("code { font-family: monospace }")
    assert '"monospace"' in problem.what


def test_a_font_named_twice_is_told_once_and_a_misspelt_one_with_the_right_name() -> None:
    (problem,) = told('p { font-family: "Caris SIL" } h1 { font: 12pt "Caris SIL" }')
    assert problem.hint == "did you mean Charis SIL?"


def test_a_font_that_the_sheet_brings_itself_is_there() -> None:
    face = '@font-face { font-family: "House"; src: url(fonts/CharisSIL-Bold.ttf) }'
    assert told(f'{face} p {{ font-family: "House" }}') == []


def test_check_names_it_and_nothing_is_made(make_desk: MakeDesk) -> None:
    desk = make_desk()
    sheet: Path = desk.folder / "templates/letterhead.css"
    sheet.write_text(sheet.read_text("utf-8") + '\np { font-family: "Times New Roman" }\n', "utf-8")
    assert 'there is no font "Times New Roman" in templates/fonts/' in desk.run("check", code=1).stdout
    desk.run("build", code=1)
    assert not list(desk.out("pdf").glob("*.pdf"))


@pytest.mark.parametrize("content", [b"", b"no font at all", b"\0\1\0\0\0\1" + b"\0" * 40, b"cut"])
def test_a_font_that_is_damaged_is_named_and_nothing_is_set_without_it(make_desk: MakeDesk, content: bytes) -> None:
    desk = make_desk()
    font = desk.folder / "templates/fonts/CharisSIL-Regular.ttf"
    whole = font.read_bytes()
    font.unlink()  # it is another name of the toolkit's own file
    font.write_bytes(whole[: len(whole) // 2] if content == b"cut" else content)
    said = desk.run("check", code=1).stdout
    assert "templates/fonts/CharisSIL-Regular.ttf: it is not a font that can be read" in said


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ("<text font-family='Helvetica'>Our name</text>", 'set in the font "Helvetica", which is not in'),
        ("<g style=\"font: bold 12px 'Gill Sans'\"><text><tspan>Us</tspan></text></g>", 'the font "Gill Sans"'),
        ("<style>.a{font-family:MyriadPro, 'Charis SIL'}</style><text class='a'>Us</text>", 'the font "MyriadPro"'),
        ("<text>Our name</text>", "set in no font that it names"),
        ("<style>.a{font-family:MyriadPro}</style><path d='M0 0h1'/><text> </text>", ""),
        ("<text style='fill:#000' font-family='Charis SIL, serif'>Our name</text>", ""),
    ],
)
def test_words_of_a_logo_in_a_font_that_is_not_there_are_told(tmp_path: Path, drawn: str, said: str) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{drawn}</svg>', "utf-8")
    told = list(unset_words(logo, "logo.svg", Place("campaign.toml"), FONTS, "templates/fonts"))
    assert [said in problem.what for problem in told] == [True] * bool(said)
