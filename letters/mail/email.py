"""The story of the e-mails: the finals, signed where they are, each in a file of its own; nothing is sent."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateSyntaxError

from letters.campaign.ledger import Ledger
from letters.campaign.load import Project
from letters.formats.files import write_whole
from letters.mail.eml import MessageTemplate, is_address, write_eml
from letters.mail.gather import LEDGER
from letters.mail.pieces import LeftOut, Piece
from letters.model.problems import CannotGoOn, Exit, Place, Problem, in_order
from letters.read.text import read_text

FOLDER = "eml"
Signed = Callable[[Ledger, Path, str, str], bytes | None]
"""Returns the letter of a recipient as signed so far, given the hash of its PDF; None where it is not."""


@dataclass(frozen=True, slots=True)
class Emails:
    """What was written, and who gets none."""

    written: tuple[str, ...]
    """Ids of recipients."""
    signed: int
    """How many of the letters attached are signed ones."""
    left_out: tuple[LeftOut, ...]


def write_emails(
    project: Project, pieces: Sequence[Piece], out: Path, template_name: str, signed_letter: Signed, sender: str = ""
) -> Emails:
    """Write an e-mail file for each piece whose recipient has an address.

    Raises CannotGoOn with every blank a text would have and every address that is none; then nothing is written.
    """
    template = _read_template(project, template_name)
    name, address = _sender(project, sender)
    letters = {letter.recipient.id: letter for letter in project.letters}
    with_address = [piece for piece in pieces if piece.email]
    texts, problems = {}, list(_address_problems(project, with_address))
    for piece in with_address:
        message, more = template.write(letters[piece.recipient].context, piece.recipient)
        problems += more
        texts[piece.recipient] = message
    if problems:
        raise CannotGoOn(Exit.PROBLEMS, "no e-mail was written\n" + "\n".join(map(str, in_order(problems))))
    moment = datetime.datetime.combine(project.campaign.date, datetime.time(12), datetime.UTC)
    signed = 0
    with Ledger(out / LEDGER) as ledger:
        for piece in with_address:
            message = texts[piece.recipient]
            assert message is not None
            content, is_signed = _attachment(piece, out, ledger, signed_letter)
            signed += is_signed
            attachment = (f"{piece.recipient}.pdf", content)
            eml = write_eml(message, (name, address), (piece.name, piece.email), attachment, moment)
            write_whole(out / "mail" / FOLDER / f"{piece.recipient}.eml", eml)
    left_out = [LeftOut(p.recipient, p.agency, "the list has no e-mail address") for p in pieces if not p.email]
    return Emails(tuple(piece.recipient for piece in with_address), signed, tuple(left_out))


def _read_template(project: Project, name: str) -> MessageTemplate:
    shown = (project.campaign.templates / "mail" / f"{name}.txt").as_posix()
    path = (project.templates / "mail" / f"{name}.txt").resolve()
    if not path.is_relative_to((project.templates / "mail").resolve()):
        raise CannotGoOn(Exit.WRONG_CALL, f'"{name}" is not a name of a template', "name a file in templates/mail/")
    text, _ = read_text(path, shown)
    try:
        return MessageTemplate(text, shown)
    except TemplateSyntaxError as error:
        raise CannotGoOn(Exit.PROBLEMS, f"{shown}:{error.lineno}: {error.message}") from None


def _sender(project: Project, given: str) -> tuple[str, str]:
    organization = project.campaign.organizations[0]
    address = given or organization.email
    if not is_address(address):
        hint = 'write email = "…" under the first [[organizations]] of campaign.toml, or give --from'
        raise CannotGoOn(Exit.PROBLEMS, f'"{address}" is not an e-mail address to send from', hint)
    return organization.name, address


def _address_problems(project: Project, pieces: Iterable[Piece]) -> Iterable[Problem]:
    places = {recipient.id: recipient.place for recipient in project.recipients}
    for piece in pieces:
        if not is_address(piece.email):
            place = Place(places[piece.recipient].path, places[piece.recipient].line, field="email")
            what = f'"{piece.email}" is not an e-mail address'
            yield Problem(place, what, "one address, such as name@example.org", recipient=piece.recipient)


def _attachment(piece: Piece, out: Path, ledger: Ledger, signed_letter: Signed) -> tuple[bytes, bool]:
    """Return the signed letter where there is one that was made of this very letter, else the letter."""
    signed = signed_letter(ledger, out, piece.recipient, piece.letter.sha256)
    return (piece.letter.pdf.read_bytes(), False) if signed is None else (signed, True)
