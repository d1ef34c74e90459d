"""E-mails as files, ready to be opened and sent by a person: the letter attached, the text from a template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from jinja2 import Template, TemplateError
from markupsafe import Markup

from letters.formats import jinja
from letters.formats.files import sha256
from letters.model.problems import Place, Problem

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?<!-)")
_SUBJECT = re.compile(r"Subject:[ \t]*(.*)\n\s*\n")
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Message:
    """What an e-mail says."""

    subject: str
    text: str


class MessageTemplate:
    """The template of an e-mail: a line "Subject: …", an empty line, the text."""

    def __init__(self, source: str, shown: str) -> None:
        """Parse a template; `shown` is its name for messages. Raises jinja2.TemplateSyntaxError."""
        self._shown = shown
        environment = jinja.environment(finalize=_as_plain_text)
        self._template: Template = environment.from_string(source)

    def write(self, context: Mapping[str, object], recipient: str) -> tuple[Message | None, list[Problem]]:
        """Write the e-mail to one recipient; None where it would have a blank or no subject."""
        try:
            written = self._template.render(context)
        except (TemplateError, TypeError, ValueError, LookupError) as error:
            place = Place(self._shown, _line_of(error))
            hint = "put {% if … %} around it in the template, or fill it in in the list"
            return None, [Problem(place, f"the e-mail cannot be written: {error}", hint, recipient=recipient)]
        found = _SUBJECT.match(written)
        if not found or not found[1].strip():
            hint = 'write "Subject: …" on the first line, and an empty line after it'
            return None, [Problem(Place(self._shown, 1), "the e-mail has no subject", hint, recipient=recipient)]
        text = _BLANK_LINES.sub("\n\n", written[found.end() :]).strip() + "\n"
        return Message(" ".join(found[1].split()), text.replace("\u00a0", " ")), []


def _as_plain_text(value: Any) -> Any:
    """Print a value as it is, since an e-mail of plain text has no mark-up; an empty one is an error."""
    text = str(value)
    if not text.strip():
        raise ValueError("a field is empty")
    return Markup(" ".join(text.split(" ")))  # noqa: S704 - the text is not HTML


def _line_of(error: BaseException) -> int:
    """Find the line of the template at which an error arose; 0 where that is not known."""
    line, trace = 0, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def is_address(text: str) -> bool:
    """Tell whether a text is one e-mail address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def write_eml(
    message: Message, sender: tuple[str, str], to: tuple[str, str], attachment: tuple[str, bytes], moment: Any
) -> bytes:
    """Write an e-mail as a file: sender and receiver are a name and an address, the attachment a name and a PDF.

    Mail programs open it as a message that is not sent yet. The same e-mail is always the same bytes.
    """
    mail = EmailMessage(policy=SMTP)
    mail["X-Unsent"] = "1"
    mail["From"] = _mailbox(*sender)
    mail["To"] = _mailbox(*to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(moment)
    mail.set_content(message.text, cte="quoted-printable")
    name, content = attachment
    mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    mail.set_boundary("=_" + sha256(message.text.encode() + content)[:32])
    return mail.as_bytes()


def _mailbox(name: str, address: str) -> Address:
    return Address(display_name=" ".join(name.split()), addr_spec=address)
