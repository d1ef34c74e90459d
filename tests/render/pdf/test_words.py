"""Words side by side are broken and drawn as WeasyPrint does, or left to it."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.formats.programs import use_fonts_of
from letters.render.pdf.fonts import FontRegistry
from letters.render.pdf.line_cache import LineCache
from letters.render.pdf.plain import load
from letters.render.pdf.weasyprint_internals import page_box
from letters.render.pdf.words import StyleWords
from letters.render.store import Limits
from tests.desk import ROOT

FACES = ("Charis SIL", "DejaVu Sans", "kerned")
WORDS = (
    *("a", "of", "the", "County", "policy", "Sheriff’s", "287(g)", "“civil”", "(no)", "well-known", "and/or", "—"),
    *(
        "AVAST",
        "To",
        "T.",
        "fi",
        "§\u00a01373",
        "2025",
        "$5",
        "Ñuñoa",
        "e\u0301tude",
        "שריף",
        "soft\u00adly",
        "x…",
        "!",
        "",
        "‘a",
    ),
)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=2, max_size=40).map(" ".join)


def kerned_font() -> bytes:
    """Make a font whose letters are nearer to some spaces than to others."""
    from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(ROOT / "templates" / "fonts" / "DejaVuSans.ttf")
    subsetter = Subsetter(Options(layout_features=[], name_IDs=[], drop_tables=["GDEF", "MATH", "FFTM"]))
    subsetter.populate(unicodes=[*range(32, 127), *map(ord, "’“”—§")])
    subsetter.subset(font)
    addOpenTypeFeaturesFromString(font, "feature kern { pos [T y] space -150; pos space [o T] -120; } kern;")
    written = BytesIO()
    font.save(written)
    return written.getvalue()


class SampleStyle:
    """A style, and both ways to set a text in it."""

    def __init__(self, css: str, font: bytes = b"") -> None:
        weasyprint = load()
        from weasyprint.text.fonts import FontConfiguration

        self.fonts = FontConfiguration()
        source = (
            f"@font-face {{ font-family: kerned; src: url(data:font/ttf;base64,{base64.b64encode(font).decode()}) }}"
        )
        sheet = weasyprint.CSS(string=f"{source if font else ''} p {{ {css} }}", font_config=self.fonts)
        html = weasyprint.HTML(string="<html lang=en><p>words")
        page = html.render(font_config=self.fonts, stylesheets=[sheet]).pages[0]
        self.box = next(box for box in page_box(page).descendants() if hasattr(box, "pango_layout"))
        self.lines = LineCache(FontRegistry(), Limits())

    def words(self) -> StyleWords | None:
        return self.lines.words_of(self.box.style)

    def drawn(self, text: str, room: float | None = None) -> tuple[Any, ...]:
        """Set a line with WeasyPrint: where the next begins, its width, how it is drawn."""
        layout, _, resume, width, *_ = self.lines.split(text, self.box.style, None, room, 0)
        box = self.box.copy_with_text(layout.text)
        box.pango_layout = layout
        return (resume, width, *self.lines.draw(box))


StylesByFace = dict[str, tuple[SampleStyle, StyleWords]]


@pytest.fixture(scope="module")
def set_in() -> StylesByFace:
    use_fonts_of(ROOT / "templates" / "fonts")
    font = kerned_font()
    made = {}
    for face in FACES:
        setting = SampleStyle(f"font: 12px '{face}'; font-kerning: normal; hyphens: manual", font)
        words = setting.words()
        assert words is not None
        made[face] = (setting, words)
    return made


@pytest.mark.parametrize("face", FACES)
@settings(max_examples=150, deadline=None)
@given(text=TEXTS, room=st.floats(60, 400))
def test_a_line_is_broken_and_drawn_as_by_weasyprint(set_in: StylesByFace, face: str, text: str, room: float) -> None:
    setting, words = set_in[face]
    if found := words.draw_line(text, room):
        drawn = (found.length + 1, found.width(), *words.write(found))
        assert drawn == setting.drawn(text, room)


@pytest.mark.parametrize("face", FACES)
@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_a_text_is_drawn_as_by_weasyprint(set_in: StylesByFace, face: str, text: str) -> None:
    setting, words = set_in[face]
    if found := words.draw_unbroken(text):
        assert (None, found.width(), *words.write(found)) == setting.drawn(text)


def broken(words: StyleWords, text: str, room: float) -> list[str]:
    """Break a text as far as it is sure where lines end."""
    lines = []
    while found := words.draw_line(text, room):
        lines.append(text.encode()[: found.length].decode())
        text = text.encode()[found.length + 1 :].decode()
    return lines


@pytest.mark.parametrize("face", FACES)
def test_ordinary_words_are_set_without_weasyprint(set_in: StylesByFace, face: str) -> None:
    _, words = set_in[face]
    text = "We write to the County about its policy, and ask that the Sheriff’s Office answer by May. " * 3
    assert len(broken(words, text, 200)) > 6
    assert words.draw_unbroken(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "all of it",
        "soft\u00adly " * 30,
        "a word and שריף " * 9,
        "e\u0301tude " * 30,
    ],
    ids=["room for all", "soft hyphens", "right to left", "marks"],
)
def test_what_is_in_doubt_is_left_to_weasyprint(set_in: StylesByFace, text: str) -> None:
    _, words = set_in["Charis SIL"]
    assert words.draw_line(text, 200) is None


@pytest.mark.parametrize(
    "css", ["letter-spacing: 1px", "word-spacing: 2px", "hyphens: auto", "direction: rtl", "white-space: pre-wrap"]
)
def test_a_style_in_which_a_line_is_more_than_its_words_has_none(css: str) -> None:
    use_fonts_of(ROOT / "templates" / "fonts")
    assert SampleStyle(f"font: 12px 'Charis SIL'; {css}").words() is None
