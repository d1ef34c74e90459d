"""Five thousand drafts, each spoiled in another way, are read or refused in words: no traceback, no endless work."""

from __future__ import annotations

import copy
import random
import traceback
from pathlib import Path

import pytest
from lxml import etree

from letters.campaign.load import load
from letters.drafts.box import judge
from letters.formats.deadline import limited
from letters.formats.docx.normalize import Unclear
from letters.formats.docx.opening import Refused, open_docx
from letters.formats.docx.reading import read_parts
from letters.formats.docx.text import DocxText, read
from letters.formats.ooxml import W, parse, read_package, serialize, w, write_package
from letters.model.problems import CannotGoOn
from letters.read.placeholders import open_words
from letters.render.word.docxtpl_internals import DocxRenderer
from tests.desk import LETTER, set_up
from tests.formats.docx.corpus import CONSTRUCTS, RARE
from tests.fuzz.test_found import fuzz

SHARES, EACH = 20, 250
SECONDS = 30
PARTS = ("word/document.xml", "word/footnotes.xml", "word/styles.xml", "word/numbering.xml")
_NAMES = (
    *("p", "r", "t", "tbl", "tr", "tc", "pPr", "rPr", "sdt", "sdtContent", "ins", "del", "moveFrom", "fldChar"),
    *("instrText", "hyperlink", "footnoteReference", "numPr", "numId", "ilvl", "sectPr", "bookmarkStart"),
    *("tblGrid", "gridSpan", "vMerge", "trPr", "tcPr", "framePr", "ruby", "footnote", "style", "lvl", "abstractNum"),
)
_VALUES = ("", "0", "-1", "1", "99", "4294967296", "abc", "begin", "end", "separate", "Heading1", "é", "\u0661")


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the draft of a short letter with a list and a table."""
    more = "\n# Part\n\n1. One\n\n    (a) Two\n\n| Agency | Year |\n|--------|------|\n| Alpha  | 2024 |\n"
    desk = set_up(folder=tmp_path_factory.mktemp("drafts"), letter=LETTER.replace("[^one]: ", more + "\n[^one]: "))
    project, problems = load(desk.folder / "campaign.toml")
    assert project, problems
    return DocxRenderer(project.template.word).render(project.letters[0].context, project.letters[0].notes)


def spoil(content: bytes, chance: random.Random) -> bytes:
    """Return a draft with a few changes: of bytes, or of elements, so that the file stays one that can be opened."""
    if chance.random() < 0.3:
        return fuzz.spoil(content, chance)
    parts = read_package(content)
    for _ in range(chance.choice((1, 1, 2, 5))):
        name = chance.choice([each for each in PARTS if each in parts])
        root = parse(parts[name])
        _change(root, chance)
        parts[name] = serialize(root)
    return write_package(parts)


def _change(root: etree._Element, chance: random.Random) -> None:
    """Change one element: remove, repeat, move, rename or wrap it, or set one of its values; or put in a construct."""
    elements = [each for each in root.iter() if each.getparent() is not None]
    if not elements:
        return
    element, other = chance.choice(elements), chance.choice(elements)
    parent = element.getparent()
    match chance.randrange(7):
        case 0:
            parent.remove(element)
        case 1:
            element.addnext(copy.deepcopy(element))
        case 2 if other not in (element, *element.iter()):
            other.append(element)
        case 3:
            element.tag = w(chance.choice(_NAMES))
        case 4:
            wrapper = etree.Element(w(chance.choice(_NAMES)))
            element.addprevious(wrapper)
            wrapper.append(element)
        case 5:
            names = [*element.attrib, w("val"), w("id")]
            element.set(chance.choice(names), chance.choice(_VALUES))
        case _:
            construct = chance.choice([*CONSTRUCTS.values(), *RARE.values()]).xml
            names = f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
            for made in reversed(etree.fromstring(f"<x {names}>{construct}</x>")):
                element.addnext(made)


def fault(content: bytes, base: DocxText) -> str:
    """Read a draft as a build does; return what the readers were not made for, nothing where they read or refused."""
    try:
        with limited(SECONDS):
            if not judge(content, base, open_words).refused:
                read_parts(read(open_docx(content)), 1)
    except (Refused, Unclear, CannotGoOn):
        return ""
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_a_spoiled_draft_is_read_or_refused_in_words(draft: bytes, share: int) -> None:
    base = read(open_docx(draft))
    found = {}
    for seed in range(share * EACH, (share + 1) * EACH):
        if said := fault(spoil(draft, random.Random(seed)), base):  # noqa: S311 - the same drafts each time
            found[seed] = said
    assert found == {}


def test_a_few_spoiled_drafts_are_read_or_refused_in_words(draft: bytes) -> None:
    base = read(open_docx(draft))
    assert [fault(spoil(draft, random.Random(seed)), base) for seed in range(6)] == [""] * 6  # noqa: S311
