"""The story of signing: who allowed it, which letters are settled, the signature put in, the record of it."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from letters.campaign.ledger import LEDGER, Ledger, path_of
from letters.campaign.load import Project
from letters.formats.files import cannot_write, make_folder, remove_temporary, sha256, sha256_of, write_whole
from letters.mail.gather import Gathered
from letters.mail.pieces import DocumentKind, LeftOut, Piece
from letters.mail.windows import parts_of
from letters.model.problems import CannotGoOn, Exit, Problem, did_you_mean
from letters.model.records import PDF
from letters.model.settings import Signer, Status
from letters.review import approvals
from letters.review.approvals import Authorization, log_signed, refusal, signed_versions
from letters.review.status import Standing, standing
from letters.sign import digital
from letters.sign.blocks import FOLDER, Ink, find_room, place, read_ink, read_signatures

DIGITAL = "signed-digitally"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What is needed to sign: the letters, where they stand, and who allowed what."""

    project: Project
    out: Path
    """The output folder of the letter."""
    now: str
    """The moment, in ISO 8601."""
    standing: Mapping[str, Standing]
    allowed: Mapping[str, Sequence[Authorization]]

    @property
    def today(self) -> datetime.date:
        """The day of the moment."""
        return datetime.datetime.fromisoformat(self.now).date()

    def why_not(self, identifier: str, signers: Iterable[str]) -> str:
        """Return why a letter may not be signed by somebody; empty where it may."""
        letter = self.standing[identifier]
        # Settled first: who would allow a signature on a draft has not seen what goes out.
        if letter.waits_for:
            return letter.waits_for
        path = path_of(self.out, identifier, PDF)
        # Of the very file: the ledger tells what was made, and not what another program has written over it since.
        if sha256_of(path) != letter.pdf_sha256:
            return f"{path} is not the file that was made: run letters build"
        reasons = (refusal(self.allowed.get(identifier, ()), name, letter.pdf_sha256, self.today) for name in signers)
        return next(filter(None, reasons), "")


def open_desk(project: Project, problems: Sequence[Problem], ledger: Ledger, out: Path, now: str) -> Desk:
    """Look up where every letter stands and who allowed what.

    Raises CannotGoOn for a campaign that is a draft, and where the record of people was changed with another program.
    """
    # The record is what a signature rests on (docs/sign.md); a ledger from before seals is sealed when it is opened.
    if changed := ledger.faults():
        more = f", and {len(changed) - 1:,} more" if len(changed) > 1 else ""
        message = f"nothing is signed, since the record of who allowed what was changed: {changed[0]}{more}"
        hint = (
            "put back a copy of ledger.sqlite from before; or look at it with letters log, and take it as it is: "
            'letters log --accept "why" --by NAME'
        )
        raise CannotGoOn(Exit.PROBLEMS, message, hint)
    if project.campaign.status is Status.DRAFT:
        hint = 'set status = "final" in campaign.toml and run letters build; nothing is put on a draft'
        raise CannotGoOn(Exit.PROBLEMS, "only settled letters are signed, and the campaign is a draft", hint)
    found = standing(project, problems, ledger, out)
    return Desk(project=project, out=out, now=now, standing=found, allowed=approvals.authorizations(ledger))


def signer_of(project: Project, name: str) -> Signer:
    """Find a signer of the campaign by name; raises CannotGoOn where there is none."""
    signers = {signer.name: signer for signer in project.campaign.signers}
    if name not in signers:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{name}" does not sign this campaign', did_you_mean(name, signers))
    return signers[name]


def authorize(desk: Desk, ledger: Ledger, signer: str, ids: Sequence[str], until: datetime.date) -> list[LeftOut]:
    """Record that a signer allows the signature on letters exactly as they are; returned are those not ready for it."""
    # An authorization that has expired before it counts is a mistyped year.
    if until < desk.today:
        raise CannotGoOn(Exit.WRONG_CALL, f"--until {until.isoformat()} has passed", "name a day from today on")
    ready = {id_: desk.standing[id_].pdf_sha256 for id_ in ids if desk.standing[id_].pdf_sha256}
    approvals.authorize(ledger, ready, signer_of(desk.project, signer).name, until, desk.now)
    return [_left_out(desk, id_, desk.standing[id_].waits_for) for id_ in ids if id_ not in ready]


def sign_gathered(project: Project, problems: Sequence[Problem], gathered: Gathered, out: Path, now: str) -> Gathered:
    """Put the pictured signatures on the letters of a mailing, not on copies; numbers stay without a gap.

    Raises CannotGoOn for a campaign that is a draft, and with every problem of the signatures' folder.
    """
    with Ledger(out / LEDGER) as ledger:
        # Copies say that they are copies, and are not signed.
        letters = [piece for piece in gathered.pieces if piece.kind is DocumentKind.LETTER]
        pieces, left_out = sign_pieces(open_desk(project, problems, ledger, out, now), ledger, letters)
    signed = {piece.recipient: piece for piece in pieces}
    kept = replace(gathered, pieces=tuple(signed.get(piece.recipient, piece) for piece in gathered.pieces))
    return kept.without({each.recipient: each.why for each in left_out})


def sign_pieces(desk: Desk, ledger: Ledger, pieces: Sequence[Piece]) -> tuple[tuple[Piece, ...], list[LeftOut]]:
    """Put the pictured signatures on the letters of pieces; those that may not be signed are left out and named.

    The signed PDFs go to signed/ in the output folder; those with digital signatures, the letters themselves and all
    drafts stay as they are.
    """
    inks = _read_inks(desk.project)
    signed, left_out = [], []
    _clear(signed_path(desk.out, "").parent)
    for piece in pieces:
        content = piece.letter.pdf.read_bytes()
        # All signers, or none: no letter goes out with one signature of two.
        why = desk.why_not(piece.recipient, inks)
        signers = desk.project.campaign.signers
        blocks, fault = ({}, why) if why else find_room(content, piece.letter.parts[0], signers, inks)
        if fault:
            left_out.append(_left_out(desk, piece.recipient, fault))
            continue
        after = place(content, [(blocks[name], ink) for name, ink in inks.items()])
        path = signed_path(desk.out, piece.recipient)
        if sha256(after) not in signed_versions(ledger, piece.recipient, sha256(content)):
            # The record comes first: a run that is killed in between leaves no signed file that it does not know.
            log_signed(
                ledger, piece.recipient, (sha256(content), sha256(after)), dict.fromkeys(inks, "picture"), desk.now
            )
        write_whole(path, after)
        # `final` keeps the hash of the unsigned letter, which approvals and the register are about.
        letter = replace(piece.letter, pdf=path, sha256=sha256(after))
        signed.append(replace(piece, documents=(letter, *piece.documents[1:])))
    return tuple(signed), left_out


def _read_inks(project: Project) -> dict[str, Ink]:
    """Read the pictures, by signer; raises CannotGoOn with every problem of their folder."""
    pictures, problems = read_signatures(project.folder, project.campaign.signers)
    if found := [problem for problem in problems if problem.stops]:
        raise CannotGoOn(Exit.PROBLEMS, "nothing was signed\n" + "\n".join(map(str, found)))
    folder = project.folder / FOLDER
    return {name: read_ink(folder / each.image, each.height, each.below) for name, each in pictures.items()}


def _clear(folder: Path) -> None:
    """Make a folder for signed letters that nobody else can read, and remove what a killed run has left in it."""
    try:
        make_folder(folder)
    except OSError as error:
        raise cannot_write(folder, error) from None
    remove_temporary(folder)


def signed_path(out: Path, identifier: str) -> Path:
    """Return where the letter with pictures of signatures is kept."""
    return out / "signed" / f"{identifier}.pdf"


def digital_path(out: Path, identifier: str) -> Path:
    """Return where the letter with digital signatures is kept."""
    return out / DIGITAL / f"{identifier}.pdf"


def latest_signed(ledger: Ledger, out: Path, identifier: str, pdf: str) -> bytes | None:
    """Read the letter as signed so far, digitally or else with pictures; None where it is not.

    A file that we did not sign, or that was made of another letter than the one whose hash is given, does not count.
    Empty is returned where the letter was signed and the signed file is gone or damaged.
    """
    ours = signed_versions(ledger, identifier, pdf)
    # Digital ones are made of those with pictures, where there are such: they have both.
    for path in (digital_path(out, identifier), signed_path(out, identifier)):
        if path.is_file() and sha256(content := path.read_bytes()) in ours:
            return content
    return b"" if ours else None


def sign_digitally(
    desk: Desk, ledger: Ledger, signer: str, ids: Sequence[str], key: Any
) -> tuple[list[str], list[LeftOut]]:
    """Sign letters with a key, each on top of what others signed before; those that may not be are named."""
    name = signer_of(desk.project, signer).name
    done, left_out = [], []
    _clear(desk.out / DIGITAL)
    for identifier in ids:
        fault = desk.why_not(identifier, [name])
        # Each signer signs what the others have signed: an incremental update leaves their signatures valid.
        content = b"" if fault else _latest(desk, ledger, identifier)
        if not fault and any(each.field == digital.field_of(name) for each in digital.validate(content)):
            fault = f"{name} has signed it already"
        if not fault:
            fault = _sign_one(desk, ledger, identifier, name, content, key)
        if fault:
            left_out.append(_left_out(desk, identifier, fault))
        else:
            done.append(identifier)
    return done, left_out


def _sign_one(desk: Desk, ledger: Ledger, identifier: str, name: str, content: bytes, key: Any) -> str:
    """Sign one letter, write it and record it; returns why that cannot be, or nothing."""
    before = path_of(desk.out, identifier, PDF)
    # In the letter as it was made: a picture that stands there by now is not in the way of the same person’s key.
    blocks, fault = find_room(before.read_bytes(), parts_of(before)[0], desk.project.campaign.signers, [name])
    if fault:
        return fault
    after = digital.sign(content, blocks[name], _height(content, blocks[name].page), key)
    how = f"digitally, certificate of {key.signing_cert.subject.human_friendly}"
    # Recorded before it is written, as with pictures.
    log_signed(ledger, identifier, (desk.standing[identifier].pdf_sha256, sha256(after)), {name: how}, desk.now)
    write_whole(digital_path(desk.out, identifier), after)
    return ""


def _latest(desk: Desk, ledger: Ledger, identifier: str) -> bytes:
    signed = latest_signed(ledger, desk.out, identifier, desk.standing[identifier].pdf_sha256)
    return signed or path_of(desk.out, identifier, PDF).read_bytes()


def _height(content: bytes, page: int) -> float:
    """Return the height of a page in points."""
    import pikepdf

    with pikepdf.Pdf.open(io.BytesIO(content)) as pdf:
        return float(pdf.pages[page].mediabox[3])


def _left_out(desk: Desk, identifier: str, why: str) -> LeftOut:
    agency = next((each["agency"] for each in desk.project.recipients if each.id == identifier), "")
    return LeftOut(identifier, agency, why)
