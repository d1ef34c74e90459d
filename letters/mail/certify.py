"""The story of certified mail: numbers from a file are given to pieces; a worksheet and a list are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from letters.campaign.load import Project
from letters.formats.spreadsheet import csv_bytes
from letters.mail.addressed import sender_of, stop_at
from letters.mail.certified import Article, ArticleNumber, Receipt, as_table, read_article_numbers, write_worksheet
from letters.mail.manifest import ManifestRow
from letters.mail.pieces import DocumentKind, Piece
from letters.model.problems import Problem, did_you_mean

WORKSHEET = "certified-worksheet.pdf"
LIST = "certified.csv"


def number_pieces(pieces: Sequence[Piece], path: Path | None) -> dict[str, str]:
    """Give letters the article numbers that they print and those of a file, by id of the recipient.

    A file that does not say whose its numbers are gives them to the letters in order. Raises CannotGoOn with every
    problem of the file, and where it has too few numbers or another one than a letter prints.
    """
    printed = {piece.recipient: piece.article for piece in pieces if piece.article}
    if path is None:
        return printed
    letters = [piece for piece in pieces if piece.kind is DocumentKind.LETTER]
    numbers, problems = read_article_numbers(path, path.name)
    stop_at([*problems, *_fit_problems(numbers, pieces, letters)])
    if numbers[0].recipient:
        given = {each.recipient: each for each in numbers}
    else:
        given = {piece.recipient: each for piece, each in zip(letters, numbers, strict=False)}
    stop_at(
        Problem(each.place, f'"{each.number}": the letter to {name} prints {printed[name]}', "correct one of the two")
        for name, each in given.items()
        if printed.get(name, each.number) != each.number
    )
    return printed | {name: each.number for name, each in given.items()}


def _fit_problems(numbers: Sequence[ArticleNumber], pieces: Sequence[Piece], letters: Sequence[Piece]) -> list[Problem]:
    known = {piece.recipient for piece in pieces}
    problems = [
        Problem(each.place, f'"{each.recipient}" is not in this mailing', did_you_mean(each.recipient, known))
        for each in numbers
        if each.recipient and each.recipient not in known
    ]
    if numbers and not numbers[0].recipient and len(numbers) < len(letters):
        what = f"{len(numbers)} article numbers for {len(letters)} pieces"
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
