"""The commands for signatures: who allows them, digital ones, sheets to sign by hand, validation."""

from __future__ import annotations

import datetime
import os
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from letters.cli.options import HERE, CampaignOption, LetterOption, OutOption, load_ready, make_options
from letters.model.problems import CannotGoOn, Exit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from letters.campaign.ledger import Ledger
    from letters.mail.pieces import LeftOut
    from letters.sign.sign import Desk

sign_app = typer.Typer(
    help="Sign settled letters, as their signers authorized: with a picture, a key, or by hand.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
ByOption = Annotated[str, typer.Option("--by", help="The signer, as in campaign.toml.", metavar="NAME")]
ForOption = Annotated[
    str,
    typer.Option("--for", help='Which letters: all, ids, or "county=Berrien"; commas between.', metavar="SELECTION"),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program, as a family of their own: letters sign COMMAND."""
    for command in (authorize, digital, wet, verify):
        sign_app.command()(command)
    app.add_typer(sign_app, name="sign")


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
    from letters.cli.options import print_left_out
    from letters.mail.log import printed_last
    from letters.mail.pieces import DocumentKind
    from letters.sign.blocks import LISTED, SHEETS, write_sheets

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out, (), [], 1)
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
    from letters.campaign.ledger import Ledger
    from letters.formats.files import alone_in
    from letters.sign.sign import open_desk

    project, problems = load_ready(campaign, letter)
    options = make_options(project, out, (), [], 1)
    with alone_in(options.out, "sign"), Ledger(options.out / "ledger.sqlite") as ledger:
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
    need_pkcs11()
    with key_on(Token(pkcs11, token, certificate), _secret("PIN", descriptor)) as key:
        yield key


def _secret(what: str, descriptor: int) -> str:
    """Read a secret from a file descriptor, up to the end of its first line, or ask for it without showing it."""
    if descriptor < 0:
        return str(typer.prompt(what, hide_input=True, err=True))
    try:
        with os.fdopen(descriptor, encoding="utf-8") as file:
            return file.readline().rstrip("\r\n")
    except OSError as error:
        message = f"--passphrase-fd {descriptor} cannot be read: {error.strerror}"
        raise CannotGoOn(Exit.WRONG_CALL, message, "open it in the shell: 3< file") from None


def _tell(done: str, left_out: Sequence[LeftOut], count: int) -> None:
    from letters.cli.options import print_left_out

    print_left_out(left_out)
    if not count:
        raise CannotGoOn(Exit.PROBLEMS, "no letter is ready for it", "letters status tells where each letter stands")
    print(done)
