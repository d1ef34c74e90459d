"""Shows problems as Word comments at the paragraphs they are in, in a copy of the file (ECMA-376 part 1, 17.13.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from letters.formats.ooxml import Relations, W, add_content_type, parse, serialize, w
from letters.problems import Problem

_AUTHOR = "letters check"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_QUOTED = re.compile(r'"([^"]{2,})"')
_FIRST_ID = 70_000
_DOCUMENT, _COMMENTS, _RELATIONS = "word/document.xml", "word/comments.xml", "word/_rels/document.xml.rels"


def annotate(parts: Mapping[str, bytes], problems: Sequence[Problem]) -> dict[str, bytes]:
    """Copy the parts of a DOCX with a comment for each problem; `line` of a place counts the paragraphs of the body."""
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
    """Find the runs that the problem speaks of; all of the paragraph's where none of them says it."""
    runs = [run for run in paragraph.iter(w("r")) if run.getparent() is paragraph]
    quoted = _QUOTED.findall(problem.what)
    named = [run for run in runs if any(words in "".join(_texts(run)) for words in quoted)]
    return named[:1] or runs or [paragraph]


def _texts(run: etree._Element) -> list[str]:
    return [piece.text or "" for piece in run.iter(w("t"))]


def _comment_on(runs: Sequence[etree._Element], identifier: str) -> None:
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
    comment = etree.Element(w("comment"), {w("id"): identifier, w("author"): _AUTHOR})
    for line in filter(None, (problem.what, problem.hint and f"Hint: {problem.hint}")):
        run = etree.SubElement(etree.SubElement(comment, w("p")), w("r"))
        etree.SubElement(run, w("t")).text = line
    return comment
