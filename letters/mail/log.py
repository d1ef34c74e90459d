"""Keeps the record of a mailing: which pieces were posted, which came back, which were printed again."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from letters.campaign.ledger import LEDGER, Ledger
from letters.campaign.load import Project
from letters.formats.files import sha256
from letters.mail.pieces import Piece, label, numbers_in
from letters.mail.print_file import Printing, place_batch, printing_on, write_batch
from letters.mail.register import PostalEvent, Register, Registered, What
from letters.mail.typeset import about_print_files
from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean, many
from letters.review import approvals

# As a viewer names a file and counts its pages: with or without ".pdf", one page or a range.
_PAGES = re.compile(r"(?P<file>print-\d+(?:-first|-rest)?)(?:\.pdf)?:(?P<first>\d+)(?:-(?P<last>\d+))?")


def read_record(out: Path) -> tuple[list[Registered], list[PostalEvent]]:
    """Return the pieces of the last preparation, and what was posted and came back, of all mailings."""
    with Register(out) as register:
        return register.pieces(), _postal(register)


def prepared_pieces(register: Register) -> list[Registered]:
    """List the pieces of the last preparation; raises CannotGoOn where there are none."""
    registered = register.pieces()
    if not registered:
        raise CannotGoOn(Exit.PROBLEMS, "no pieces are prepared", "run: letters mail prepare")
    return registered


def choose(
    registered: Sequence[Registered], words: Iterable[str], printing: Printing | None = None
) -> list[Registered]:
    """Choose pieces by number, range or recipient, as in "17", "42-44", "taylor-police".

    Given how the print files were made, "print-02.pdf:33-40" chooses the pieces on those pages of a file. Raises
    CannotGoOn for one that is not known.
    """
    last = registered[-1].piece.number
    # Two words may mean one piece, as "17" and its id do: pieces are gathered by number.
    number_of = {each.piece.recipient: each.piece.number for each in registered}
    numbers: set[int] = set()
    for word in words:
        found = _meant(word, last, number_of) or (_on_pages(registered, word, printing) if printing else None)
        if not found:
            message = f'"{word}" is neither a number from {registered[0].piece.number} to {last} nor a recipient in it'
            raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(word, number_of))
        numbers |= found
    if gone := sorted(numbers - set(number_of.values())):
        raise CannotGoOn(Exit.WRONG_CALL, f"number {gone[0]} is not in the last preparation")
    return [each for each in registered if each.piece.number in numbers]


def _meant(word: str, last: int, number_of: Mapping[str, int]) -> set[int]:
    """Return the numbers that a word stands for: a number, a range of numbers, or an id; none for other words.

    Raises CannotGoOn for a number that is also the id of another piece, as in a list whose ids are numbers.
    """
    numbers = numbers_in(word, last)
    own = {number_of[word]} if word in number_of else set()
    if numbers and own and numbers != own:
        raise _ambiguous(word, *own)
    return own or numbers


def _on_pages(registered: Sequence[Registered], word: str, printing: Printing) -> set[int] | None:
    """Return the numbers of the pieces on pages of a print file, such as "print-02.pdf:33-40"; None for other words.

    Raises CannotGoOn where there is no such file or page.
    """
    asked = _PAGES.fullmatch(word)
    if not asked:
        return None
    name, first = asked["file"], int(asked["first"])
    pages = range(first, int(asked["last"] or first) + 1)
    placed = [
        (each.piece.number, span)
        for batch in sorted({each.batch for each in registered})
        # Laid out anew from the record, without opening the files: those may be gone by the time that sheets jam.
        for each in place_batch([r.piece for r in registered if r.batch == batch], f"print-{batch:02}", printing)
        for span in each.spans
    ]
    own = [(number, span) for number, span in placed if span.file == f"{name}.pdf"]
    if not own:
        files = {span.file for _, span in placed}
        raise CannotGoOn(Exit.WRONG_CALL, f"there is no print file {name}.pdf", did_you_mean(f"{name}.pdf", files))
    end = max(span.last for _, span in own)
    if not pages or pages[0] < 1 or pages[-1] > end:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{word}": {name}.pdf has the pages 1 to {end}')
    return {number for number, span in own if span.first <= pages[-1] and span.last >= pages[0]}


def to_be_posted(out: Path, words: Sequence[str], batch: int) -> list[Piece]:
    """Return the pieces that are not recorded as posted yet: the chosen ones, those of a print file, or all."""
    with Register(out) as register:
        registered = prepared_pieces(register)
        chosen = choose(registered, words) if words else registered
        if batch:
            chosen = [each for each in chosen if each.batch == batch]
            if not chosen:
                hint = f"they are numbered from 1 to {registered[-1].batch}"
                raise CannotGoOn(Exit.WRONG_CALL, f"there is no print file {batch}", hint)
        # A piece that came back was posted, too, and is not posted again under its number.
        posted = {event.number for event in register.events() if event.what is What.POSTED}
    return [each.piece for each in chosen if each.piece.number not in posted]


def posting_day(said: str, today: datetime.date) -> datetime.date:
    """Return the day of posting: today where none is given; raises CannotGoOn for no date, and one that is to come."""
    try:
        day = datetime.date.fromisoformat(said) if said else today
    except ValueError:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{said}" is not a date', "write it as 2025-09-19") from None
    if day > today:
        raise CannotGoOn(Exit.WRONG_CALL, f"{day} is yet to come", "record pieces when they were posted")
    return day


def too_early(out: Path, pieces: Sequence[Piece], day: datetime.date, dated: datetime.date) -> str:
    """Return why the day on which pieces were posted is probably wrong; empty where it is not.

    It lies before the date on the letters, or before a letter was last approved.
    """
    if pieces and day < dated:
        return f"{many(len(pieces), 'piece')} would be posted on {day}, before {dated}, the date on the letters"
    with Ledger(out / LEDGER) as record:
        given = approvals.given(record)
    early = []
    for piece in pieces:
        if moments := [each.at for each in approvals.valid(given.get(piece.recipient, ()), piece.final)]:
            # Moments are in UTC, and a day of posting is one of the place where people are.
            approved = datetime.datetime.fromisoformat(max(moments)).astimezone().date()
            if day < approved:
                early.append(f"number {piece.number}, {piece.recipient}, was approved on {approved}")
    return f"{many(len(early), 'piece')} would be posted on {day}, before the approval: {early[0]}" if early else ""


def named_in(out: Path, listed: RecordList | None) -> list[NamedPiece]:
    """Return the pieces of the last preparation that a list names; none where there is no list."""
    if listed is None:
        return []
    with Register(out) as register:
        pieces = [each.piece for each in prepared_pieces(register)]
    return named_pieces(listed, {name for piece in pieces for name in (str(piece.number), piece.recipient)})


def came_back(out: Path, piece: str, reason: str, listed: RecordList | None) -> list[tuple[str, str]]:
    """Return the pieces that came back, each with the reason: the one that is named, or those of a list.

    Raises CannotGoOn where it is not said which, or not why.
    """
    # Both, or neither: with both, the reason could be meant for one or for all.
    if bool(piece) is bool(listed):
        raise CannotGoOn(Exit.WRONG_CALL, "which piece came back?", "name one by number or id, or a list of them")
    found = [(piece, reason.strip())]
    if listed:
        with Register(out) as register:
            known = {name for event in _postal(register) for name in (str(event.number), event.recipient)}
        found = [(each.word, each.reason or reason.strip()) for each in named_pieces(listed, known)]
    for word, why in found:
        if not why:
            raise CannotGoOn(Exit.WRONG_CALL, f"why did {word} come back?", "say what the post office wrote on it")
    return found


def post(out: Path, pieces: Sequence[Piece], date: datetime.date, now: str) -> None:
    """Record that pieces were posted."""
    with Register(out) as register:
        register.log(What.POSTED, pieces, now, date.isoformat())


def take_back(out: Path, returned: Iterable[tuple[str, str]], now: str) -> list[PostalEvent]:
    """Record that pieces came back, each named by recipient or number, with the reason; all of them, or none.

    Raises CannotGoOn for one that was not posted, or came back already.
    """
    with Register(out) as register:
        events = _postal(register)
        told = {}
        for word, reason in returned:
            last = _last(events, word)
            # Recorded twice, it would count as two pieces that came back.
            if last.what is What.RETURNED:
                raise CannotGoOn(Exit.WRONG_CALL, f"number {last.number} came back already: {last.detail}")
            told[last.number] = last, reason
        register.log_again(What.RETURNED, told.values(), now)
    return [event for event, _ in told.values()]


def undo(out: Path, words: Iterable[str], now: str) -> list[PostalEvent]:
    """Record that pieces were recorded as posted or returned by mistake; what was last recorded of all of them counts.

    Without words, it is all that was recorded last, in one go. The numbers are not given to other pieces. Raises
    CannotGoOn for a piece of which nothing is recorded.
    """
    with Register(out) as register:
        events = _postal(register)
        if not events:
            raise CannotGoOn(Exit.WRONG_CALL, "nothing is recorded as posted or returned")
        wrong = [_last(events, word) for word in words] or [
            # One command writes one moment: all that it recorded is undone in one go, as it was done.
            event
            for event in events
            if (event.at, event.what) == (events[-1].at, events[-1].what)
        ]
        # A piece that is named by number and by id is undone once: twice would take back what came before.
        wrong = list({event.number: event for event in wrong}.values())
        register.log_again(What.UNDONE, ((event, f"{event.what} {event.detail}") for event in wrong), now)
    return wrong


def _postal(register: Register) -> list[PostalEvent]:
    return [event for event in register.events() if event.what in (What.POSTED, What.RETURNED)]


def _last(events: Sequence[PostalEvent], word: str) -> PostalEvent:
    """Return what was recorded last of the piece with a number or an id.

    Raises CannotGoOn where there is nothing, and for a number that is also the id of another piece.
    """
    by_id = [event for event in events if event.recipient == word]
    # Leading zeros are those of the labels, "017"; "0" before a number also says that it is no id.
    by_number = [event for event in events if str(event.number) == word.lstrip("0")]
    if by_id and any(event.recipient != word for event in by_number):
        raise _ambiguous(word, by_id[-1].number)
    named = by_id or by_number
    if not named:
        message = f'nothing was posted under "{word}"'
        raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(word, {event.recipient for event in events}))
    return named[-1]


def _ambiguous(word: str, number: int) -> CannotGoOn:
    """Return the refusal of a word that may be a number and is the id of the piece with another one."""
    message = f'"{word}" may be a number, and it is the id of number {number}'
    return CannotGoOn(Exit.WRONG_CALL, message, f'the piece of this id: "0{number}"; the number: "0{word}"')


def is_duplex(out: Path, asked: bool | None) -> bool:
    """Return whether letters are printed on both sides: as is asked for, as they were prepared last, or else so."""
    if asked is not None:
        return asked
    with Register(out) as register:
        return bool(register.settings().get("duplex", True))


def printed_last(project: Project, out: Path) -> tuple[list[Registered], Printing]:
    """Return the pieces of the last preparation, and how they are printed; raises CannotGoOn where there is none."""
    with Register(out) as register:
        registered = prepared_pieces(register)
        settings = register.settings()
    return registered, printing_on(
        project.campaign,
        registered[-1].piece.number,
        folds=settings["folds"],
        marked=settings["marked"],
        duplex=settings["duplex"],
        trays=settings["trays"],
        preprinted=settings["preprinted"],
    )


def reprint(project: Project, out: Path, words: Sequence[str], now: str) -> list[Path]:
    """Write a print file of some pieces of the last preparation, as they were, under their numbers.

    Raises CannotGoOn where a letter was made anew since: it would not be the piece that the manifest names.
    """
    registered, printing = printed_last(project, out)
    pieces = [each.piece for each in choose(registered, words, printing)]
    stem = f"reprint-{_span(pieces, printing.last)}"
    folder = out / "mail"
    placed = list(write_batch(pieces, stem, folder, about_print_files(project, duplex=printing.duplex), printing))
    with Register(out) as register:
        register.log(What.REPRINTED, pieces, now)
    return [folder / name for name in sorted({span.file for each in placed for span in each.spans})]


_MOST_NAMED = 6
"""Ranges of pieces that the name of a file tells."""


def _span(pieces: Sequence[Piece], last: int) -> str:
    """Name pieces for a file: "017", "017-019_042", or where there are many ranges "017-and-30-more-1f2e3d".

    Other pieces have another name, so that no file takes the place of one that is still to be printed.
    """
    ranges: list[list[int]] = []
    for piece in pieces:
        if ranges and piece.number == ranges[-1][-1] + 1:
            ranges[-1].append(piece.number)
        else:
            ranges.append([piece.number])
    names = ["-".join(label(number, last) for number in dict.fromkeys((own[0], own[-1]))) for own in ranges]
    if len(names) <= _MOST_NAMED:
        return "_".join(names)
    # A name of a file has at most 255 bytes; the hash tells other choices of as many pieces apart.
    return f"{label(pieces[0].number, last)}-and-{len(pieces) - 1}-more-{sha256('_'.join(names).encode())[:6]}"


# Headings as people write them; the manifest has "number".
_NUMBER = re.compile(r"number|no\.?|piece|#", re.IGNORECASE)
_REASON = re.compile(r"reason|why|remark|note|comment", re.IGNORECASE)


class RecordList(NamedTuple):
    """A file that names pieces, as it was read: its name, and its rows with their lines, headings too."""

    name: str
    rows: Sequence[tuple[int, Sequence[str]]]


class NamedPiece(NamedTuple):
    """A piece that a row of a list names, and why it came back, where the list says so."""

    place: Place
    word: str
    reason: str


def named_pieces(listed: RecordList, known: Collection[str]) -> list[NamedPiece]:
    """Return the pieces that a list names, in one of its columns, by number or id.

    `known` are the numbers and ids that there are. A column headed "reason" says why a piece came back. Raises
    CannotGoOn with each row that names no piece.
    """
    rows = [(line, [cell.strip() for cell in cells]) for line, cells in listed.rows]
    # By what is in it, and not by its heading: lists of the post office have headings of their own, or none.
    column = _column([cells for _, cells in rows], known)
    if column is None:
        raise CannotGoOn(Exit.PROBLEMS, f'"{listed.name}" names no piece', "one column holds its number, or its id")
    # What stands above the first piece are titles and headings.
    first = next(at for at, (_, cells) in enumerate(rows) if _word(cells, column, known))
    headings = [cells for _, cells in rows[:first]]
    reasons = next((at for cells in headings for at, cell in enumerate(cells) if _REASON.search(cell)), None)
    are_numbers = any(_NUMBER.fullmatch(cells[column]) for cells in headings if column < len(cells))
    found, problems = [], []
    for line, cells in rows[first:]:
        # Spreadsheets drop the zeros of "017", or the list has kept them.
        word = _word(cells, column, known)
        if word:
            why = cells[reasons] if reasons is not None and reasons < len(cells) else ""
            # A number that begins with 0 is never taken for the id of another piece.
            is_number = word.isdecimal() and (are_numbers or word != cells[column])
            found.append(NamedPiece(Place(listed.name, line), f"0{word}" if is_number else word, why))
        # Empty rows stand between blocks of a list; a row with anything in it means some piece.
        elif any(cells):
            said = cells[column] if column < len(cells) else ""
            hint = did_you_mean(said, known) or "correct the row, or take it out"
            problems.append(Problem(Place(listed.name, line), f'"{said}" is the number or id of no such piece', hint))
    if problems:
        raise CannotGoOn(Exit.PROBLEMS, "nothing was recorded\n" + "\n".join(map(str, problems)))
    return found


def _column(rows: Sequence[Sequence[str]], known: Collection[str]) -> int | None:
    """Return the column in which most cells name a piece; None where none does."""
    counts = {
        column: sum(bool(_word(cells, column, known)) for cells in rows)
        for column in range(max(map(len, rows), default=0))
    }
    # Of columns that name as many the first: the manifest has numbers before ids.
    best = max(counts, key=lambda column: (counts[column], -column), default=None)
    return best if best is not None and counts[best] else None


def _word(cells: Sequence[str], column: int, known: Collection[str]) -> str:
    said = cells[column] if column < len(cells) else ""
    return next((word for word in (said, said.lstrip("0")) if word and word in known), "")
