"""The story of certified mail: numbers from a file are given to pieces; a worksheet and a list are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from letters.campaign.load import Project
from letters.formats.spreadsheet import csv_bytes
from letters.mail.addressed import sender_of, stop_at
from letters.mail.certified import Article, ArticleNumber, Receipt, as_table, read_article_numbers, write_worksheet
from letters.mail.manifest import ManifestRow
from letters.mail.pieces import Piece
from letters.model.problems import Problem, did_you_mean

WORKSHEET = "certified-worksheet.pdf"
LIST = "certified.csv"


def number_pieces(pieces: Sequence[Piece], path: Path) -> dict[str, str]:
    """Give pieces the article numbers of a file, by recipient; in order where it does not say whose they are.

    Raises CannotGoOn with every problem of the file, and where it has too few numbers.
    """
    numbers, problems = read_article_numbers(path, path.name)
    stop_at([*problems, *_fit_problems(numbers, pieces)])
    if numbers[0].recipient:
        return {each.recipient: each.number for each in numbers}
    return {piece.recipient: each.number for piece, each in zip(pieces, numbers, strict=False)}


def _fit_problems(numbers: Sequence[ArticleNumber], pieces: Sequence[Piece]) -> list[Problem]:
    known = {piece.recipient for piece in pieces}
    problems = [
        Problem(each.place, f'"{each.recipient}" is not in this mailing', did_you_mean(each.recipient, known))
        for each in numbers
        if each.recipient and each.recipient not in known
    ]
    if numbers and not numbers[0].recipient and len(numbers) < len(pieces):
        what = f"{len(numbers)} article numbers for {len(pieces)} pieces"
        problems.append(Problem(numbers[-1].place, what, "add numbers, or name the pieces they are for: id,number"))
    return problems


def certified_files(
    project: Project, rows: Sequence[ManifestRow], numbers: Mapping[str, str], receipt: Receipt, sender: str
) -> dict[str, bytes]:
    """Make the worksheet and the list of certified pieces."""
    from letters.render.pdf.plain import render_page

    articles = [
        Article(numbers[row.piece.recipient], row.piece, row.ounces) for row in rows if row.piece.recipient in numbers
    ]
    last = max(row.piece.number for row in rows)
    campaign = project.campaign
    page = write_worksheet(articles, receipt, sender_of(project, sender), last, campaign.language)
    return {
        WORKSHEET: render_page(page, project.templates, campaign.date).content,
        LIST: csv_bytes(as_table(articles, receipt, last), for_excel=True),
    }
