"""The story of certified mail: numbers from a file are given to pieces; a worksheet and a list are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from letters.campaign.load import Project
from letters.formats.files import csv_bytes
from letters.mail.addressed import sender_of
from letters.mail.certified import Article, ArticleNumber, Receipt, as_table, read_article_numbers, write_worksheet
from letters.mail.manifest import ManifestRow
from letters.mail.pieces import DocumentKind, Piece
from letters.mail.products import stop_at
from letters.mail.register import LEDGER, Register
from letters.model.problems import Problem, did_you_mean

WORKSHEET = "certified-worksheet.pdf"
LIST = "certified.csv"
_OWN = "each article has a number of its own"


def used_articles(out: Path) -> dict[str, str]:
    """Return the article numbers of pieces that were posted, with what to say of each: a label is used once.

    All letters of the campaign count, since they may take their numbers from the same column of the list.
    """
    used: dict[str, str] = {}
    for path in sorted({out / LEDGER, *out.parent.glob(f"*/{LEDGER}")}):
        folder = path.parent
        with Register(path, folder) as register:
            posted = register.posted_articles()
        where = "" if folder == out else f" of {folder.name}"
        used |= {
            article: f"went out with number {event.number}{where} on {event.detail}"
            for article, event in posted.items()
        }
    return used


def used_up(project: Project, pieces: Sequence[Piece], used: Mapping[str, str]) -> dict[str, str]:
    """Return why pieces cannot be posted, by id: they print an article number that was used already."""
    places = {recipient.id: recipient.place for recipient in project.recipients}
    return {
        piece.recipient: f'{places[piece.recipient]}: certified_number: "{piece.article}" {used[piece.article]}'
        for piece in pieces
        if piece.article in used
    }


def number_pieces(pieces: Sequence[Piece], path: Path | None, used: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give letters the article numbers that they print and those of a file, by id of the recipient.

    A file that does not say whose its numbers are gives them to the letters in order. Raises CannotGoOn with every
    problem of the file, and where it has too few numbers, another one than a letter prints, one that the letter to
    somebody else prints, or one of those that were used.
    """
    printed = {piece.recipient: piece.article for piece in pieces if piece.article}
    if path is None:
        return printed
    letters = [piece for piece in pieces if piece.kind is DocumentKind.LETTER]
    numbers, problems = read_article_numbers(path, path.name or str(path))
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
    owners = {number: name for name, number in printed.items()}
    stop_at(
        Problem(each.place, f'"{each.number}" is the number that the letter to {owners[each.number]} prints', _OWN)
        for name, each in given.items()
        if owners.get(each.number, name) != name
    )
    stop_at(
        Problem(each.place, f'"{each.number}" {(used or {})[each.number]}', _OWN)
        for each in given.values()
        if each.number in (used or {})
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
