"""Edits a DOCX as a person at Word would: by seed, each edit told in words."""

from __future__ import annotations

import copy
import random
from pathlib import Path

from lxml import etree

from letters.formats.docx.opening import DOCUMENT, FOOTNOTES
from letters.formats.ooxml import parse, read_package, serialize, w, write_package

WORDS = (
    "shall",
    "counsel",
    "promptly",
    "§ 1357",
    "“as such”",
    "R&D <x>",
    "naïve",
    "{{ braces }}",
    "the sheriff’s",
    "not",
)
EDITS = (
    "type",
    "delete",
    "replace",
    "bold",
    "split",
    "join",
    "new paragraph",
    "delete paragraph",
    "note",
    "new words in note",
)


def tracked(kind: str, author: str, said: str) -> etree._Element:
    """Make a tracked change, "ins" or "del", of somebody."""
    change = etree.Element(w(kind), {w("id"): "77", w("author"): author, w("date"): "2025-09-19T10:00:00Z"})
    text = etree.SubElement(etree.SubElement(change, w("r")), w("delText" if kind == "del" else "t"))
    text.text = said
    return change


class Editor:
    """One DOCX under the hands of a person who does things by chance, the same for the same seed."""

    def __init__(self, content: bytes, seed: int) -> None:
        self.parts = read_package(content)
        self.body = parse(self.parts[DOCUMENT])
        self.notes = parse(self.parts[FOOTNOTES])
        self.chance = random.Random(seed)  # noqa: S311
        self.typed: list[str] = []

    def to_bytes(self) -> bytes:
        """Save."""
        return write_package({**self.parts, DOCUMENT: serialize(self.body), FOOTNOTES: serialize(self.notes)})

    def save(self, path: Path) -> None:
        """Save over a file."""
        path.write_bytes(self.to_bytes())

    def edit(self, times: int = 1) -> list[str]:
        """Do some edits; tells which."""
        done = []
        for _ in range(times):
            kind = self.chance.choice(EDITS)
            getattr(self, "_" + kind.replace(" ", "_"))()
            done.append(kind)
        return done

    def word(self) -> str:
        """Make up words that stand nowhere else."""
        word = f"{self.chance.choice(WORDS)} {self.chance.randrange(10**8):08d}"
        self.typed.append(word)
        return word

    def runs(self, root: etree._Element | None = None) -> list[etree._Element]:
        """List the runs with enough text to work on."""
        root = self.body if root is None else root
        texts = [t for t in root.iter(w("t")) if (t.text or "").strip()]
        long = [t for t in texts if (t.text or "").count(" ") > 3]
        return [t.getparent() for t in long or texts]

    def _halves(self, root: etree._Element | None = None) -> tuple[etree._Element, etree._Element]:
        """Cut a run in two at a space."""
        run = self.chance.choice(self.runs(root))
        text = run.find(w("t"))
        cut = self.chance.choice([n for n, c in enumerate(text.text) if c == " "] or [len(text.text)])
        other = copy.deepcopy(run)
        other.find(w("t")).text = text.text[cut:]
        text.text = text.text[:cut]
        for each in (text, other.find(w("t"))):
            each.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.addnext(other)
        return run, other

    def _type(self, root: etree._Element | None = None) -> None:
        first, _ = self._halves(root)
        first.find(w("t")).text += f" {self.word()}"

    def _delete(self) -> None:
        _, second = self._halves()
        words = second.find(w("t")).text.split(" ")
        second.find(w("t")).text = " ".join(["", *words[1 + self.chance.randint(1, 4) :]])

    def _replace(self) -> None:
        self._delete()
        self._type()

    def _bold(self) -> None:
        _, second = self._halves()
        if second.find(w("rPr")) is None:
            second.insert(0, etree.Element(w("rPr")))
        second.find(w("rPr")).append(etree.Element(w("b")))

    def _split(self) -> None:
        _, second = self._halves()
        paragraph = next(second.iterancestors(w("p")))
        new = etree.Element(w("p"))
        if paragraph.find(w("pPr")) is not None:
            new.append(copy.deepcopy(paragraph.find(w("pPr"))))
        for each in [second, *second.itersiblings()]:
            new.append(each)
        paragraph.addnext(new)

    def _join(self) -> None:
        paragraphs = [p for p in self.body.iter(w("p")) if p.getnext() is not None and p.getnext().tag == w("p")]
        section = f"{w('pPr')}/{w('sectPr')}"
        plain = [p for p in paragraphs if len(p) and p.find(section) is None and p.getnext().find(section) is None]
        paragraph = self.chance.choice(plain)
        following = paragraph.getnext()
        for each in [each for each in following if each.tag != w("pPr")]:
            paragraph.append(each)
        following.getparent().remove(following)

    def _new_paragraph(self) -> None:
        paragraph = next(self.chance.choice(self.runs()).iterancestors(w("p")))
        new = etree.Element(w("p"))
        if paragraph.find(w("pPr")) is not None:
            new.append(copy.deepcopy(paragraph.find(w("pPr"))))
        etree.SubElement(etree.SubElement(new, w("r")), w("t")).text = f"We add {self.word()}."
        paragraph.addnext(new)

    def _delete_paragraph(self) -> None:
        paragraph = next(self.chance.choice(self.runs()).iterancestors(w("p")))
        if paragraph.getparent().tag == w("body") and paragraph.find(f"{w('pPr')}/{w('sectPr')}") is None:
            self.body.find(w("body")).remove(paragraph)

    def _note(self) -> None:
        """Put in a new note."""
        first, _ = self._halves()
        number = 1 + max(int(n.get(w("id"))) for n in self.notes)
        note = copy.deepcopy(self.notes[-1])
        note.set(w("id"), str(number))
        for text in note.iter(w("t")):
            text.text = f" See {self.word()}."
        self.notes.append(note)
        run = etree.Element(w("r"))
        etree.SubElement(run, w("footnoteReference"), {w("id"): str(number)})
        first.addnext(run)

    def _new_words_in_note(self) -> None:
        if self.runs(self.notes):
            self._type(self.notes)
