"""The commands by which people vouch for letters: approvals, the record of them, and signatures."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from letters.cli import screen
from letters.cli.options import (
    HERE,
    CampaignOption,
    JsonOption,
    LetterOption,
    OutOption,
    load_ready,
    make_options,
    print_left_out,
)
from letters.formats.files import alone_in
from letters.mail.pieces import DocumentKind, LeftOut
from letters.model.problems import CannotGoOn, Exit, many

if TYPE_CHECKING:
    from letters.campaign.chain import Seal
    from letters.campaign.ledger import Ledger, LedgerEvent
    from letters.campaign.load import Project
    from letters.review.status import Standing
    from letters.sign.sign import Desk

ByOption = Annotated[str, typer.Option("--by", help="The signer, as in campaign.toml.", metavar="NAME")]
ForOption = Annotated[
    str,
    typer.Option("--for", help='Which letters: all, ids, or "county=Berrien"; commas between.', metavar="SELECTION"),
]


def approve(
    by: Annotated[str, typer.Option("--by", help="Who approves.", metavar="NAME")],
    identifiers: Annotated[list[str] | None, typer.Argument(help="The recipients, by id.", metavar="[ID]...")] = None,
    every: Annotated[bool, typer.Option("--all", help="Approve every letter that is made and up to date.")] = False,
    organization: Annotated[
        str, typer.Option("--for", help="The organization it is given for.", metavar="ORGANIZATION")
    ] = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Record that somebody approves letters exactly as they are.

    The name, the time, the words and the very PDF are recorded. Any later change of a letter, of a word or of its
    looks, makes its approval void; letters status then says what changed. Which organizations must approve before a
    letter is final stands in campaign.toml: approvals = ["First organization", "Second organization"].

    Example: letters approve taylor-police berrien-county-sheriff --by "[Name of counsel]" --for "[First organization]"
    """
    from letters.campaign.ledger import LEDGER, Ledger
    from letters.review import approvals
    from letters.review.status import check_organization, standing, subjects

    project, problems = load_ready(campaign, letter)
    check_organization(project, organization)
    options = make_options(project, out)
    with Ledger(options.out / LEDGER) as ledger:
        found = standing(project, problems, ledger, options.out)
        chosen = _chosen(project, found, identifiers or [], every=every)
        approvals.approve(ledger, subjects(project, chosen), _name(by), organization, options.now)
    print(f"{many(len(chosen), 'letter')} approved by {by}{f' for {organization}' if organization else ''}")
    if every and (left := len(found) - len(chosen)):
        screen.say(f"{left:,} not ready to be approved: letters status tells what each waits for")


def _name(by: str) -> str:
    if not by.strip():
        raise CannotGoOn(Exit.WRONG_CALL, "--by is empty", 'say who approves: --by "NAME"')
    return by.strip()


def _chosen(project: Project, found: dict[str, Standing], identifiers: Sequence[str], *, every: bool) -> list[Standing]:
    """Return the letters to approve; raises CannotGoOn where one is not there as it would be posted."""
    from letters.review.status import is_ready, ready

    if every == bool(identifiers):
        raise CannotGoOn(Exit.WRONG_CALL, "say which letters: either ids of recipients, or --all")
    if every:
        if every_ready := [each for each in found.values() if is_ready(each)]:
            return every_ready
        hint = "letters status tells what each waits for"
        raise CannotGoOn(Exit.PROBLEMS, "no letter is ready to be approved", hint)
    return ready(project, found, identifiers)


def log(
    identifier: Annotated[str, typer.Argument(help="Only this recipient, by id.", metavar="[ID]")] = "",
    accept: Annotated[
        str, typer.Option("--accept", help="Take a record that was changed as it is, and say why.", metavar="TEXT")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Who accepts it.", metavar="NAME")] = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Print the record of what people did with the letters: who approved what, and when.

    The record is kept in the ledger, beside the letters, and is only ever added to. Each entry is sealed with a hash of
    itself and of the seal before it: an entry that was inserted, changed or removed with another program is named, the
    exit code is 1, and nothing more is signed. Put back a copy of ledger.sqlite from before; or, once you know what
    happened, take the record as it is with --accept and --by, which is recorded, too.

    Example: letters log taylor-police
    """
    from letters.campaign.ledger import LEDGER, Ledger, LedgerEvent

    project, _ = load_ready(campaign, letter)
    if identifier:
        project.narrowed([identifier])
    options = make_options(project, out)
    with Ledger(options.out / LEDGER) as ledger:
        faults = ledger.faults()
        if accept or by:
            remark = _accepted(accept, by, faults)
            ledger.accept(LedgerEvent(options.now, "", "accepted the changed record", by.strip(), remark=remark))
            faults = ledger.faults()
        events, seal = ledger.events(identifier), ledger.seal()
    if json:
        screen.print_json([event._asdict() for event in events])
    else:
        _print_events(events)
    _tell_seal(seal, faults)
    # Also with --json: programs look at the code.
    sys.exit(Exit.PROBLEMS if faults else Exit.DONE)


def _accepted(why: str, by: str, faults: Sequence[str]) -> str:
    """Return the remark of an entry that takes a changed record as it is; raises CannotGoOn where that is not said."""
    if not faults:
        raise CannotGoOn(Exit.WRONG_CALL, "the record is whole: there is nothing to accept")
    if not why.strip() or not by.strip():
        raise CannotGoOn(Exit.WRONG_CALL, "who accepts the record, and why?", 'add both: --accept "why" --by NAME')
    return f"{why.strip()}; found were: {'; '.join(faults)}"


def _tell_seal(seal: Seal, faults: Sequence[str]) -> None:
    """Print whether the record is as it was written, to the standard error."""
    for fault in faults:
        screen.say(f"error: the record was changed with another program: {fault}")
    if not faults and seal.entries:
        older = f"; {seal.older:,} are older than the seals" if seal.older else ""
        screen.say(f"entries of all letters: {seal.entries:,}, none changed{older}; the last seal is {seal.seal[:16]}")


def _print_events(events: Sequence[LedgerEvent]) -> None:
    """Print the record of what people did, the oldest first."""
    for event in events:
        who = f" by {event.person}" if event.person else ""
        who += f" for {event.organization}" if event.organization else ""
        hashes = f"  words {event.words[:12]}" if event.words else ""
        hashes += f"  PDF {event.pdf[:12]}" if event.pdf else ""
        remark = f"  ({event.remark})" if event.remark else ""
        print(f"{event.at}  {event.id or 'all letters'}: {event.kind}{who}{hashes}{remark}")
    if not events:
        print("nothing is recorded yet")


def authorize(
    by: ByOption,
    which: ForOption,
    until: Annotated[
        datetime.datetime,
        typer.Option("--until", help="The last day on which it counts.", formats=["%Y-%m-%d"], metavar="DATE"),
    ],
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Record that a signer allows the signature on letters exactly as they are.

    The name, the time, the last day and the very PDF of each letter are recorded; letters log shows them. A letter that
    changes afterwards is not signed before it is allowed anew.

    Example: letters sign authorize --by "[Name of first signer]" --for all --until 2025-10-01
    """
    from letters.campaign.project import select
    from letters.sign import sign

    with _desk(campaign, letter, out) as (desk, ledger):
        sign.signer_of(desk.project, by)
        ids = select(desk.project, which)
        left_out = sign.authorize(desk, ledger, by, ids, until.date())
    count = len(ids) - len(left_out)
    _tell(f"{by} allows the signature on {count:,} letters until {until.date().isoformat()}", left_out, count)


def digital(
    by: ByOption,
    which: ForOption = "all",
    pkcs12: Annotated[
        Path | None, typer.Option("--pkcs12", help="The file with the key and its certificate.", metavar="FILE")
    ] = None,
    pkcs11: Annotated[
        Path | None,
        typer.Option(
            "--pkcs11", help="The library of a card or token, with --token and --certificate.", metavar="FILE"
        ),
    ] = None,
    token: Annotated[str, typer.Option("--token", help="The label of the token.", metavar="LABEL")] = "",
    certificate: Annotated[
        str, typer.Option("--certificate", help="The label of the certificate on it.", metavar="LABEL")
    ] = "",
    passphrase_fd: Annotated[
        int,
        typer.Option(
            "--passphrase-fd",
            help="Read the passphrase or PIN from this file descriptor.",
            metavar="N",
            show_default=False,
        ),
    ] = -1,
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Sign letters with a key: a PAdES signature in the signature block, into signed-digitally/ID.pdf.

    Signed are settled letters that the signer has allowed (letters sign authorize). Several signers sign in turn, each
    with a run of this command. Every signature is validated when it is made. The passphrase is asked for, or read from
    a file descriptor; it is never an option, never logged and never kept.

    Example: letters sign digital --by "[Name of first signer]" --pkcs12 ~/keys/first.p12
    """
    from letters.campaign.project import select
    from letters.sign import sign

    if (pkcs12 is None) == (pkcs11 is None):
        raise CannotGoOn(Exit.WRONG_CALL, "say where the key is: either --pkcs12 FILE, or --pkcs11 FILE")
    with _desk(campaign, letter, out) as (desk, ledger):
        sign.signer_of(desk.project, by)
        ids = select(desk.project, which)
        with _key(pkcs12, pkcs11, token, certificate, passphrase_fd) as key:
            done, left_out = sign.sign_digitally(desk, ledger, by, ids, key)
        folder = desk.out / sign.DIGITAL
    _tell(f"{len(done):,} letters signed by {by}, in {folder}/", left_out, len(done))


def wet(
    duplex: Annotated[
        bool | None,
        typer.Option(
            "--duplex/--simplex", help="Print on both sides, or on one.", show_default="as letters mail prepare did"
        ),
    ] = None,
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """List the pages to sign by hand, and write the sheets they are on, in the order of the letters.

    Writes mail/to-sign.csv (who signs which page of which letter) and mail/to-sign.pdf (these sheets alone, to be
    printed, signed in one sitting and laid back into their letters by number). The pieces are those of the last letters
    mail prepare.

    Example: letters sign wet
    """
    from letters.mail.log import printed_last
    from letters.sign.blocks import LISTED, SHEETS, write_sheets

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out)
    registered, printing = printed_last(project, options.out)
    if duplex is not None:
        printing = replace(printing, duplex=duplex)
    pieces = [each.piece for each in registered if each.piece.kind is DocumentKind.LETTER]
    folder = options.out / "mail"
    left_out = write_sheets(project, pieces, folder, printing)
    print_left_out(left_out)
    print(f"{len(pieces) - len(left_out):,} letters to sign, in {folder}/{LISTED} and {SHEETS}")
    raise typer.Exit(Exit.PROBLEMS if left_out else Exit.DONE)


def verify(
    files: Annotated[list[Path], typer.Argument(help="Signed PDFs.", metavar="FILE...")],
    trust: Annotated[
        list[Path] | None, typer.Option("--trust", help="A certificate to trust (PEM or DER); may be repeated.")
    ] = None,
) -> None:
    """Validate the digital signatures of PDFs: nothing changed since, and by whom.

    The exit code is 1 if a signature does not hold, or a file has none. A certificate that is not named with --trust is
    not trusted.

    Example: letters sign verify out/guidance-letter/signed-digitally/taylor-police.pdf --trust first.pem
    """
    from letters.sign.digital import load_certificates, validate

    trusted = load_certificates(trust or [])
    whole = True
    for file in files:
        found = validate(_read(file), trusted)
        # A file without any signature does not hold, either.
        whole = whole and bool(found) and all(each.holds for each in found)
        for each in found:
            print(f"{file}: {each.field}: {f'holds, certificate of {each.signer}' if each.holds else each.why}")
        if not found:
            print(f"{file}: no digital signature")
    raise typer.Exit(Exit.DONE if whole else Exit.PROBLEMS)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{file}" cannot be read: {error.strerror}') from None


@contextmanager
def _desk(campaign: Path, letter: str, out: Path | None) -> Iterator[tuple[Desk, Ledger]]:
    from letters.campaign.ledger import LEDGER, Ledger
    from letters.sign.sign import open_desk

    project, problems = load_ready(campaign, letter)
    options = make_options(project, out)
    # One at a time: two signers who sign at once would each sign what the other has not.
    with alone_in(options.out, "sign"), Ledger(options.out / LEDGER) as ledger:
        yield open_desk(project, problems, ledger, options.out, options.now), ledger


@contextmanager
def _key(pkcs12: Path | None, pkcs11: Path | None, token: str, certificate: str, descriptor: int) -> Iterator[Any]:
    from letters.sign.digital import Token, key_on, load_key
    from letters.sign.digital import pkcs11 as need_pkcs11

    if pkcs12:
        if not pkcs12.is_file():
            raise CannotGoOn(Exit.WRONG_CALL, f'"{pkcs12}" does not exist', "check the name and the folder")
        yield load_key(pkcs12, _secret("Passphrase", descriptor))
        return
    assert pkcs11 is not None
    if not token or not certificate:
        raise CannotGoOn(Exit.WRONG_CALL, "--pkcs11 needs --token LABEL and --certificate LABEL, too")
    # Before the PIN is asked for.
    need_pkcs11()
    with key_on(Token(pkcs11, token, certificate), _secret("PIN", descriptor)) as key:
        yield key


def _secret(what: str, descriptor: int) -> str:
    """Read a secret from a file descriptor, up to the end of its first line, or ask for it without showing it."""
    # Never as an option: other programs of the machine can read those.
    if descriptor < 0:
        return str(typer.prompt(what, hide_input=True, err=True))
    try:
        with os.fdopen(descriptor, encoding="utf-8") as file:
            # A passphrase may end with a blank.
            return file.readline().rstrip("\r\n")
    except OSError as error:
        message = f"--passphrase-fd {descriptor} cannot be read: {error.strerror}"
        raise CannotGoOn(Exit.WRONG_CALL, message, "open it in the shell: 3< file") from None


def _tell(done: str, left_out: Sequence[LeftOut], count: int) -> None:
    print_left_out(left_out)
    if not count:
        raise CannotGoOn(Exit.PROBLEMS, "no letter is ready for it", "letters status tells where each letter stands")
    print(done)
