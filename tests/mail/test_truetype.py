"""Joining subsets of a font."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from letters.mail.truetype import NotMergeable, Subset, Union, read_subset
from tests.desk import ROOT

REGULAR, BOLD = (ROOT / "templates" / "fonts" / f"CharisSIL-{style}.ttf" for style in ("Regular", "Bold"))


def subset(text: str, path: Path = REGULAR) -> bytes:
    """Make a subset that keeps the font's glyph numbers."""
    options = Options()
    options.retain_gids, options.layout_features, options.hinting = True, [], False
    options.drop_tables += ["Feat", "Glat", "Gloc", "Silf", "Sill"]
    font = TTFont(path)
    subsetter = Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def joined(*subsets: Subset) -> TTFont:
    union = Union(subsets[0])
    for each in subsets:
        union.add(each)
    return TTFont(io.BytesIO(union.program()))


def outline(font: TTFont, number: int) -> object:
    pen = DecomposingRecordingPen(font.getGlyphSet())
    font.getGlyphSet()[font.getGlyphOrder()[number]].draw(pen)
    return pen.value


def test_the_union_draws_every_letter_as_the_font_does() -> None:
    whole = TTFont(REGULAR)
    union = joined(read_subset(subset("Año")), read_subset(subset("xyz")))
    for letter in "Añoxyz":
        number = whole.getGlyphID(whole.getBestCmap()[ord(letter)])
        assert outline(union, number) == outline(whole, number)
        assert (
            union["hmtx"].metrics[union.getGlyphOrder()[number]][0]
            == whole["hmtx"].metrics[whole.getGlyphOrder()[number]][0]
        )


def test_what_no_subset_has_is_empty() -> None:
    whole = TTFont(REGULAR)
    union = joined(read_subset(subset("a")), read_subset(subset("z")))
    assert outline(union, whole.getGlyphID(whole.getBestCmap()[ord("q")])) == []


def test_a_subset_of_another_font_is_not_taken() -> None:
    union = Union(read_subset(subset("abc")))
    union.add(read_subset(subset("abc")))
    assert union.takes(read_subset(subset("cde")))
    assert not union.takes(read_subset(subset("cde", BOLD)))


def test_a_font_without_outlines_of_this_kind_is_told() -> None:
    with pytest.raises(NotMergeable):
        read_subset(b"OTTO\0\1" + bytes(6) + b"CFF " + bytes(12))
