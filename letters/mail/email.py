"""The story of the e-mails: the finals, signed where they are, each in a file of its own; nothing is sent."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from jinja2 import Template, TemplateError, TemplateSyntaxError
from markupsafe import Markup

from letters.campaign.ledger import LEDGER, Ledger
from letters.campaign.load import Project
from letters.formats import jinja
from letters.formats.files import sha256, write_whole
from letters.mail.pieces import LeftOut, Piece
from letters.model.problems import CannotGoOn, Exit, Place, Problem
from letters.model.records import Recipient
from letters.read.sense import is_email
from letters.read.text import read_text

FOLDER = "eml"
Signed = Callable[[Ledger, Path, str, str], bytes | None]
"""Returns the letter of a recipient as signed so far, given the hash of its PDF; None where it is not signed, and
nothing where the signed file is gone or damaged."""


@dataclass(frozen=True, slots=True)
class Emails:
    """What was written, and who gets none."""

    written: tuple[str, ...]
    """Ids of recipients."""
    signed: int
    """How many of the letters attached are signed ones."""
    left_out: tuple[LeftOut, ...]


def write_emails(
    project: Project, pieces: Sequence[Piece], out: Path, template_name: str, signed_letter: Signed, sender: str
) -> Emails:
    """Write an e-mail file for each piece whose recipient has an address; e-mails of an earlier run are removed.

    Each is checked like a letter: one whose text would have a blank, or whose address is none, is left out and named.
    """
    template = _read_template(project, template_name)
    name, address = _sender(project, sender)
    letters = {letter.recipient.id: letter for letter in project.letters}
    left_out = [LeftOut(p.recipient, p.agency, "the list has no e-mail address") for p in pieces if not p.email]
    # The date of the letters, at noon: the same mail is the same bytes, and no time zone makes it another day.
    moment = datetime.datetime.combine(project.campaign.date, datetime.time(12), datetime.UTC)
    signed, written = 0, []
    folder = out / "mail" / FOLDER
    # A mail of an earlier run may hold a letter that was changed since, and one click sends it.
    for stale in folder.glob("*.eml"):
        stale.unlink()
    with Ledger(out / LEDGER) as ledger:
        for piece in (each for each in pieces if each.email):
            letter = letters[piece.recipient]
            message = _address_problem(letter.recipient) or template.write(letter.context, piece.recipient)
            if isinstance(message, Problem):
                left_out.append(LeftOut(piece.recipient, piece.agency, f"{message.place}: {message.what}"))
                continue
            # The signed letter where there is one that was made of this very letter, else the letter.
            signed_content = signed_letter(ledger, out, piece.recipient, piece.letter.sha256)
            content = piece.letter.pdf.read_bytes() if signed_content is None else signed_content
            if not content:
                why = "the signed letter is gone or damaged: sign it again"
                left_out.append(LeftOut(piece.recipient, piece.agency, why))
                continue
            signed += signed_content is not None
            attachment = (f"{piece.recipient}.pdf", content)
            eml = write_eml(message, (name, address), (piece.name, piece.email), attachment, moment)
            write_whole(folder / f"{piece.recipient}.eml", eml)
            written.append(piece.recipient)
    return Emails(tuple(written), signed, tuple(left_out))


def _read_template(project: Project, name: str) -> MessageTemplate:
    shown = (project.campaign.templates / "mail" / f"{name}.txt").as_posix()
    # A name such as ../../secrets leads out of the folder.
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
    if not is_email(address):
        hint = 'write email = "…" under the first [[organizations]] of campaign.toml, or give --from'
        raise CannotGoOn(Exit.PROBLEMS, f'"{address}" is not an e-mail address to send from', hint)
    return organization.name, address


def _address_problem(recipient: Recipient) -> Problem | None:
    if is_email(recipient["email"]):
        return None
    what = f'"{recipient["email"]}" is not an e-mail address'
    return Problem(recipient.place._replace(field="email"), what, recipient=recipient.id)


# The form of a mail message: header, empty line, text. The line may be empty but for spaces.
_SUBJECT = re.compile(r"Subject:[ \t]*(.*)\n\s*\n")
# A condition that is not met leaves the lines around it: three empty ones are seen.
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Message:
    """The subject and the text of an e-mail."""

    subject: str
    text: str


class MessageTemplate:
    """The template of an e-mail: a line "Subject: …", an empty line, the text."""

    def __init__(self, source: str, shown: str) -> None:
        """Parse a template; `shown` is its name for messages. Raises jinja2.TemplateSyntaxError."""
        self._shown = shown
        environment = jinja.environment(finalize=_as_plain_text)
        self._template: Template = environment.from_string(source)

    def write(self, context: Mapping[str, object], recipient: str) -> Message | Problem:
        """Write the e-mail to one recipient; a problem where it would have a blank or no subject."""
        try:
            written = self._template.render(context)
        # What templates raise on odd values; a fault of the program is none of these.
        except (TemplateError, TypeError, ValueError, LookupError) as error:
            place = Place(self._shown, _line_of(error))
            hint = "put {% if … %} around it in the template, or fill it in in the list"
            return Problem(place, f"the e-mail cannot be written: {error}", hint, recipient=recipient)
        found = _SUBJECT.match(written)
        if not found or not found[1].strip():
            hint = 'write "Subject: …" on the first line, and an empty line after it'
            return Problem(Place(self._shown, 1), "the e-mail has no subject", hint, recipient=recipient)
        text = _BLANK_LINES.sub("\n\n", written[found.end() :]).strip() + "\n"
        return Message(" ".join(found[1].split()), text.replace("\u00a0", " "))


def _as_plain_text(value: Any) -> Any:
    """Print a value as it is, since an e-mail of plain text has no mark-up; an empty one is an error."""
    text = str(value)
    if not text.strip():
        # A mail with a blank in it is not written: as with letters, nothing is silently missing.
        raise ValueError("a field is empty")
    # A plain text would else show &amp; for the sign: the environment of letters escapes for HTML.
    return Markup(" ".join(text.split(" ")))  # noqa: S704 - the text is not HTML


def _line_of(error: BaseException) -> int:
    """Find the line of the template at which an error arose; 0 where that is not known."""
    line, trace = 0, error.__traceback__
    while trace:
        # Jinja compiles with the lines of the source; the innermost frame of the template is where it went wrong.
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def write_eml(
    message: Message, sender: tuple[str, str], to: tuple[str, str], attachment: tuple[str, bytes], moment: Any
) -> bytes:
    """Write an e-mail as a file: sender and receiver are a name and an address, the attachment a name and a PDF.

    Mail programs open it as a message that is not sent yet. The same e-mail is always the same bytes.
    """
    mail = EmailMessage(policy=SMTP)
    # Outlook opens a mail with this header as a draft to be sent; others ignore it.
    mail["X-Unsent"] = "1"
    mail["From"] = _mailbox(*sender)
    mail["To"] = _mailbox(*to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(moment)
    # Base64 would be as right, and unreadable for whoever opens the file in an editor.
    mail.set_content(message.text, cte="quoted-printable")
    name, content = attachment
    mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    # Python takes a random one; "=_" occurs in no quoted-printable text (RFC 2045, 6.7).
    mail.set_boundary("=_" + sha256(message.text.encode() + content)[:32])
    return mail.as_bytes()


def _mailbox(name: str, address: str) -> Address:
    # A name on two lines would end the header: whatever is behind the break could be another one.
    return Address(display_name=" ".join(name.split()), addr_spec=address)
