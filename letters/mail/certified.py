"""The story of certified mail: numbers from a file are given to pieces; a worksheet and a list are written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from letters.campaign.ledger import LEDGER
from letters.campaign.load import Project
from letters.formats.files import csv_bytes
from letters.mail.addressed import sender_of
from letters.mail.barcode import draw_article
from letters.mail.manifest import ManifestRow
from letters.mail.pieces import DocumentKind, Piece, Receipt, label
from letters.mail.products import stop_at
from letters.mail.register import Register
from letters.mail.typeset import PAGES, pages_in
from letters.model.postal import article_digits, article_fault, spaced_article
from letters.model.problems import Place, Problem, did_you_mean
from letters.read.text import read_text

_LINES = 15
"""Lines on a page."""
_BAR_WIDTH, _BAR_HEIGHT = 1.65, 0.13
"""Inches of the barcode above an article number: bars of about nine thousandths of an inch."""
_FEWEST = 3
"""Pieces for which the post office takes a firm's own list; for fewer it gives a receipt for each."""
_COLUMNS = ("certified_number", "number", "id", "name", "address", "zip", "return_receipt", "ounces")
_HEADERS = ("id", "recipient")
WORKSHEET = "certified-worksheet.pdf"
LIST = "certified.csv"
_OWN = "each article has a number of its own"
_SERVICE = {
    Receipt.NONE: "Certified",
    Receipt.CARD: "Certified, return receipt (PS 3811)",
    Receipt.ELECTRONIC: "Certified, electronic return receipt",
}


def as_table(rows: Iterable[ManifestRow], receipt: Receipt, last: int) -> list[Sequence[object]]:
    """List certified pieces as a table, its header first, in the order of their article numbers."""
    return [
        _COLUMNS,
        *(
            (
                each.article,
                label(each.piece.number, last),
                each.piece.recipient,
                each.piece.name,
                " | ".join(each.piece.address),
                each.piece.zip,
                receipt.value,
                each.ounces,
            )
            for each in sorted(rows, key=lambda each: each.article)
        ),
    ]


def write_worksheet(
    rows: Sequence[ManifestRow], receipt: Receipt, sender: Sequence[str], last: int, language: str
) -> str:
    """Write the worksheet as an HTML page: pieces in the order of their article numbers, lines without one crossed out.

    `last` is the last sequence number of the mailing.
    """
    return (
        pages_in(PAGES)
        .get_template("certified-worksheet.html")
        .render(
            rows=sorted(rows, key=lambda each: each.article),
            service=_SERVICE[receipt],
            sender=sender,
            last=last,
            language=language,
            lines=_LINES,
            fewest=_FEWEST,
            barcode=lambda number: Markup(draw_article(number, _BAR_WIDTH, _BAR_HEIGHT)),  # noqa: S704 - our own SVG
            spaced=spaced_article,
        )
    )


@dataclass(frozen=True, slots=True)
class ArticleNumber:
    """The number of one certified label."""

    number: str
    """Digits only."""
    recipient: str
    """Whose piece it is for; empty where the numbers are used in order."""
    place: Place


def read_article_numbers(path: Path, shown: str) -> tuple[list[ArticleNumber], list[Problem]]:
    """Read one number a line, or a table "id,number" that says whose each is.

    Raises CannotGoOn when the file is missing or is no text.
    """
    text, problems = read_text(path, shown)
    numbers = []
    rows = csv.reader(io.StringIO(text, newline=""))
    for line, cells in enumerate(rows, start=1):
        filled = [cell.strip() for cell in cells if cell.strip()]
        # Blank lines and the headings of a table; a number has no letters in it.
        if not filled or filled[0].lower() in (*_HEADERS, "number"):
            continue
        recipient = filled[0] if len(filled) > 1 else ""
        # Labels print the digits in groups of four, and people type them so.
        numbers.append(ArticleNumber(article_digits(filled[-1]), recipient, Place(shown, line)))
    return numbers, [*problems, *_number_problems(numbers, shown)]


def _number_problems(numbers: list[ArticleNumber], shown: str) -> Iterable[Problem]:
    if not numbers:
        yield Problem(Place(shown), "there is no number", "write one article number a line")
    # With some named, nobody could say which of the others gets which number.
    if len({bool(each.recipient) for each in numbers}) > 1:
        place = next(each.place for each in numbers if not each.recipient)
        yield Problem(place, "some lines say whose the number is, and some do not", "write id,number on all or on none")
    seen: dict[str, int] = {}
    for each in numbers:
        if fault := article_fault(each.number):
            hint = "compare it with the label; spreadsheets spoil such numbers unless they are text"
            yield Problem(each.place, f'"{each.number}" {fault}', hint)
        # A label is one article: the second would be tracked as the first.
        elif each.number in seen:
            yield Problem(each.place, f'"{each.number}" is there twice', f"it is also in line {seen[each.number]}")
        seen.setdefault(each.number, each.place.line)


def used_articles(out: Path) -> dict[str, str]:
    """Return the article numbers of pieces that were posted, with what to say of each: a label is used once.

    All letters of the campaign count, since they may take their numbers from the same column of the list.
    """
    used: dict[str, str] = {}
    # Each letter of the campaign has an output folder with a register of its own.
    for path in sorted({out / LEDGER, *out.parent.glob(f"*/{LEDGER}")}):
        folder = path.parent
        with Register(folder) as register:
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


def number_pieces(pieces: Sequence[Piece], path: Path | None, used: Mapping[str, str]) -> dict[str, str]:
    """Give letters the article numbers that they print and those of a file, by id of the recipient.

    A file that does not say whose its numbers are gives them to the letters in order. Raises CannotGoOn with every
    problem of the file, and where it has too few numbers, another one than a letter prints, one that the letter to
    somebody else prints, or one of those that were used.
    """
    printed = {piece.recipient: piece.article for piece in pieces if piece.article}
    if path is None:
        return printed
    # A copy goes by ordinary mail, unless a table names it.
    letters = [piece for piece in pieces if piece.kind is DocumentKind.LETTER]
    numbers, problems = read_article_numbers(path, path.name or str(path))
    stop_at([*problems, *_fit_problems(numbers, pieces, letters)])
    if numbers[0].recipient:
        given = {each.recipient: each for each in numbers}
    else:
        # More numbers than letters are a roll of labels that lasts for the next mailing.
        given = {piece.recipient: each for piece, each in zip(letters, numbers, strict=False)}
    stop_at(
        Problem(each.place, f'"{each.number}": the letter to {name} prints {printed[name]}', "correct one of the two")
        for name, each in given.items()
        if printed.get(name, each.number) != each.number
    )
    # The letter prints its number, and is final: the file may only agree with it.
    owners = {number: name for name, number in printed.items()}
    stop_at(
        Problem(each.place, f'"{each.number}" is the number that the letter to {owners[each.number]} prints', _OWN)
        for name, each in given.items()
        if owners.get(each.number, name) != name
    )
    stop_at(
        Problem(each.place, f'"{each.number}" {used[each.number]}', _OWN)
        for each in given.values()
        if each.number in used
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


def certified_files(project: Project, rows: Sequence[ManifestRow], receipt: Receipt, sender: str) -> dict[str, bytes]:
    """Make the worksheet and the list of certified pieces."""
    # WeasyPrint takes half a second to load, and most mailings have nothing certified.
    from letters.render.pdf.plain import render_page

    articles = [row for row in rows if row.article]
    last = max(row.piece.number for row in rows)
    campaign = project.campaign
    page = write_worksheet(articles, receipt, sender_of(project, sender), last, campaign.language)
    return {
        WORKSHEET: render_page(page, project.templates, campaign.date).content,
        LIST: csv_bytes(as_table(articles, receipt, last), for_excel=True),
    }
