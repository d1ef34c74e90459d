"""Shows problems as Word comments at the paragraphs they are in, in a copy of the file.

Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from lxml import etree

from letters.formats.files import write_whole
from letters.formats.ooxml import Relations, W, add_content_type, parse, serialize, w, write_package
from letters.model.problems import Problem
from letters.read.word_letter import LOOKS, open_word_letter

_AUTHOR = "letters check"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_QUOTED = re.compile(r'"([^"]{2,})"')
_FIRST_ID = 70_000
"""The first id of our comments, far above those that Word gives to the comments of a letter."""
_DOCUMENT, _COMMENTS, _RELATIONS = "word/document.xml", "word/comments.xml", "word/_rels/document.xml.rels"


def annotated(problems: Sequence[Problem], folder: Path, target: Path) -> list[Path]:
    """Write a copy of each Word file that has problems, with a comment at each; return the paths of the copies.

    `folder` is that of the campaign, from which the paths of problems are counted; the copies go to `target`.
    """
    written = []
    for shown in dict.fromkeys(problem.place.path for problem in problems):
        source = folder / shown
        if source.suffix.lower() != ".docx" or not source.is_file() or source.name == LOOKS:
            continue
        own = [problem for problem in problems if problem.place.path == shown]
        copy = target / source.name
        write_whole(copy, write_package(_annotate(open_word_letter(source, shown), own)))
        written.append(copy)
    return written


def _annotate(parts: Mapping[str, bytes], problems: Sequence[Problem]) -> dict[str, bytes]:
    """Return the parts of a DOCX with a comment for each problem; the line of a place counts the body's paragraphs."""
    new = dict(parts)
    document = parse(parts[_DOCUMENT])
    comments = parse(parts[_COMMENTS]) if _COMMENTS in parts else etree.Element(w("comments"), nsmap={"w": W})
    paragraphs = list(document.iter(w("p")))
    for number, problem in enumerate(problems, start=_FIRST_ID):
        if paragraphs:
            at = min(max(problem.place.line, 1), len(paragraphs)) - 1
            _comment_on(_spot(paragraphs[at], problem), str(number))
            comments.append(_comment(problem, str(number)))
    new[_DOCUMENT] = serialize(document)
    if _COMMENTS not in parts:
        relations = Relations(parts[_RELATIONS])
        relations.add("comments", "comments.xml")
        new[_RELATIONS] = relations.to_bytes()
        add_content_type(new, _COMMENTS, _TYPE)
    new[_COMMENTS] = serialize(comments)
    return new


def _spot(paragraph: etree._Element, problem: Problem) -> Sequence[etree._Element]:
    """Return the runs that a problem quotes; all runs of the paragraph where none has the quoted words."""
    runs = [run for run in paragraph.iter(w("r")) if run.getparent() is paragraph]
    quoted = _QUOTED.findall(problem.what)
    named = [run for run in runs if any(words in "".join(_texts(run)) for words in quoted)]
    return named[:1] or runs or [paragraph]


def _texts(run: etree._Element) -> list[str]:
    return [piece.text or "" for piece in run.iter(w("t"))]


def _comment_on(runs: Sequence[etree._Element], identifier: str) -> None:
    """Anchor a comment at runs, or at a paragraph that has none (17.13.4.3 to 17.13.4.5)."""
    start, end = (etree.Element(w(f"commentRange{edge}"), {w("id"): identifier}) for edge in ("Start", "End"))
    reference = etree.Element(w("r"))
    etree.SubElement(reference, w("commentReference"), {w("id"): identifier})
    if runs[0].tag == w("p"):
        runs[0].extend([start, end, reference])
        return
    runs[0].addprevious(start)
    runs[-1].addnext(end)
    end.addnext(reference)


def _comment(problem: Problem, identifier: str) -> etree._Element:
    """Return the comment of a problem (17.13.4.2), its hint as a second paragraph."""
    comment = etree.Element(w("comment"), {w("id"): identifier, w("author"): _AUTHOR})
    for line in filter(None, (problem.what, problem.hint and f"Hint: {problem.hint}")):
        run = etree.SubElement(etree.SubElement(comment, w("p")), w("r"))
        etree.SubElement(run, w("t")).text = line
    return comment
