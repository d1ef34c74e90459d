"""The one door to pyhanko: digital signatures of the PAdES kind, put into a PDF and validated."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from letters.model.problems import CannotGoOn, Exit
from letters.sign.blocks import Block

_MISSING = "run: pip install 'letters-toolkit[sign]'"
# Names that pyhanko fills in; %(person)s is ours.
_TEXT = "Digitally signed by\n%(person)s\n%(ts)s"


@dataclass(frozen=True, slots=True)
class Token:
    """A key on a smart card or another device, reached through PKCS#11."""

    library: Path
    """The file that the maker of the device provides."""
    label: str
    """The label of the token."""
    certificate: str
    """The label of the certificate, and of the key, on it."""


@dataclass(frozen=True, slots=True)
class Validity:
    """The result of validating one digital signature."""

    field: str
    signer: str
    """The name in the certificate."""
    holds: bool
    """Whether nothing was changed since it was made but by further signatures, and the certificate is trusted."""
    why: str
    """What is wrong; empty where it holds."""


def load_key(file: Path, passphrase: str) -> Any:
    """Load a key and its certificate from a PKCS#12 file; raises CannotGoOn where that fails."""
    signers = _import().signers
    with _quiet():
        signer = signers.SimpleSigner.load_pkcs12(str(file), passphrase=passphrase.encode())
    # pyhanko logs the reason, which may name the file and the key, and returns None.
    if signer is None:
        hint = "is the passphrase right, and is it a PKCS#12 file (.p12 or .pfx)?"
        raise CannotGoOn(Exit.PROBLEMS, f'the key in "{file}" cannot be read', hint)
    return signer


def load_certificates(files: Sequence[Path]) -> list[Any]:
    """Load certificates in PEM or DER; raises CannotGoOn where a file holds none."""
    _import()
    from pyhanko import keys

    load: Any = keys.load_certs_from_pemder
    certificates: list[Any] = []
    for file in files:
        try:
            certificates += load([str(file)])
        except (OSError, ValueError) as error:
            hint = "a certificate is a file ending in .pem, .crt, .cer or .der"
            raise CannotGoOn(Exit.PROBLEMS, f'"{file}" holds no certificate: {error}', hint) from None
    return certificates


def pkcs11() -> Any:
    """Import what reaches devices; raises CannotGoOn where it is missing."""
    _import()
    try:
        from pyhanko.sign import pkcs11
    except ImportError:
        hint = "run: pip install 'pyhanko[pkcs11]'"
        raise CannotGoOn(Exit.MISSING_ON_MACHINE, "python-pkcs11 is missing", hint) from None
    return pkcs11


@contextmanager
def key_on(token: Token, pin: str) -> Iterator[Any]:
    """Open a key on a device for as long as it is needed; raises CannotGoOn where that fails."""
    module = pkcs11()
    try:
        criteria = module.TokenCriteria(token.label)
        session = module.open_pkcs11_session(str(token.library), token_criteria=criteria, user_pin=pin)
        signer = module.PKCS11Signer(session, cert_label=token.certificate)
        # Else a wrong label would be found at the first letter, in the middle of a run.
        signer.signing_cert  # noqa: B018 - looked up on the device
    except Exception as error:  # noqa: BLE001 - the device's library raises errors of many kinds, some of its own
        hint = "is the device plugged in, and are library, labels and PIN right?"
        why = str(error) or type(error).__name__
        raise CannotGoOn(Exit.MISSING_ON_MACHINE, f'the token "{token.label}" cannot be used: {why}', hint) from None
    with session:
        yield signer


def field_of(signer: str) -> str:
    """Name the field of a signer's signature."""
    return f"Signature of {signer}"


def sign(content: bytes, block: Block, page_height: float, signer: Any) -> bytes:
    """Sign a PDF with a visible field in a signature block; signatures that are there already stay valid.

    `page_height` is in points. What is signed is validated before it is returned.
    """
    modules = _import()
    room = block.room
    # From the upper left in inches to the lower left in points, as PDF counts.
    edges = (room.left * 72, page_height - room.bottom * 72, room.right * 72, page_height - room.top * 72)
    box = tuple(round(each) for each in edges)
    name = field_of(block.signer)
    with _quiet():
        writer = modules.IncrementalPdfFileWriter(io.BytesIO(content))
        # PAdES (ETSI EN 319 142): the signature covers the certificate, which Adobe’s older kind need not.
        meta = modules.signers.PdfSignatureMetadata(
            field_name=name, name=block.signer, subfilter=modules.fields.SigSeedSubFilter.PADES
        )
        field = modules.fields.SigFieldSpec(name, on_page=block.page, box=box, readable_field_name=name)
        style = modules.TextStampStyle(stamp_text=_TEXT, border_width=0)
        pdf_signer = modules.signers.PdfSigner(meta, signer, stamp_style=style, new_field_spec=field)
        signed: bytes = pdf_signer.sign_pdf(writer, appearance_text_params={"person": block.signer}).getvalue()
    # By the certificate that has just signed: whether others trust it, they decide.
    faults = [each.why for each in validate(signed, [signer.signing_cert]) if each.field == name and not each.holds]
    if faults:
        raise CannotGoOn(Exit.PROBLEMS, f"the signature that was just made does not hold: {faults[0]}")
    return signed


def validate(content: bytes, trusted: Sequence[Any] = ()) -> list[Validity]:
    """Validate every digital signature of a PDF; `trusted` are certificates beside those the signatures bring.

    A signature by a certificate that is not trusted is told with that reason, and so is one that leaves a byte of the
    file uncovered: behind the last signature, or in the room that signatures are written into. Raises CannotGoOn where
    pyhanko is missing.
    """
    modules = _import()
    with _quiet():
        try:
            signatures = modules.PdfFileReader(io.BytesIO(content)).embedded_signatures
        except Exception as error:  # noqa: BLE001 - a changed file may be broken in any way
            return [Validity("", "", holds=False, why=f"the PDF cannot be read: {error}")]
        found = [_validity(each, content, trusted, modules) for each in signatures]
        # Each signature covers the file as it was then; the last one has to cover all of it.
        if signatures and not any(_reaches_end(each, content) for each in signatures):
            why = "something was added to the file that no signature covers"
            found = [replace(each, holds=False, why=each.why or why) for each in found]
        return found


def _validity(signature: Any, content: bytes, trusted: Sequence[Any], modules: Any) -> Validity:
    try:
        name = str(
            signature.signer_cert.subject.native.get("common_name", signature.signer_cert.subject.human_friendly)
        )
        # Nothing leaves this machine: neither certificates nor revocation lists are fetched.
        context = modules.ValidationContext(trust_roots=list(trusted), allow_fetching=False)
        status = modules.validate_pdf_signature(signature, context, skip_diff=False)
        why = _why(status) or _loose_bytes(signature, content)
    except Exception as error:  # noqa: BLE001 - a changed file may be broken in any way
        return Validity(signature.field_name, "", holds=False, why=f"it cannot be read: {error}")
    return Validity(signature.field_name, name, holds=not why, why=why)


def _reaches_end(signature: Any, content: bytes) -> bool:
    """Return whether a signature covers a file up to its last byte (ISO 32000-1, 12.8.1, ByteRange)."""
    try:
        *_, start, length = (int(number) for number in signature.byte_range)
    except (TypeError, ValueError):
        return False
    return bool(start + length == len(content))


def _loose_bytes(signature: Any, content: bytes) -> str:
    """Return what may have been changed in the signature itself, which it cannot cover; empty where nothing was.

    Its room in the file ends with zeros that mean nothing, and of its fields only the signed attributes, the
    certificates that they name and the value are protected (RFC 5652, 5.1 to 5.4): the others have to be as they must.
    """
    written = bytes(signature.pkcs7_content)
    encoded = signature.signed_data.dump()
    end = written.find(encoded) + len(encoded)
    data, signer = signature.signed_data, signature.signer_info
    unsigned = signer["unsigned_attrs"].native or []
    is_plain = (
        data["version"].native == signer["version"].native == "v1"
        and [each.dump() for each in data["digest_algorithms"]] == [signer["digest_algorithm"].dump()]
        and _names(signer["sid"], signature.signer_cert)
        and data["encap_content_info"]["content_type"].native == "data"
        and not data["crls"].native
        and all(each["type"] == "signature_time_stamp_token" for each in unsigned)
    )
    room = content[signature.byte_range[1] : signature.byte_range[2]].strip(b"<>")
    digits = written.hex().encode()
    is_plain = is_plain and room in (digits, digits.upper())
    if not is_plain or data.copy().dump(force=True) != encoded or written[end:].strip(b"\0"):
        return "something in the signature itself was changed that it does not cover"
    return ""


def _names(sid: Any, certificate: Any) -> bool:
    """Return whether a signature names its certificate byte for byte: names are compared without regard to capitals."""
    if sid.name != "issuer_and_serial_number":
        return bool(sid.chosen.native == certificate.key_identifier)
    issuer = sid.chosen["issuer"].dump() == certificate.issuer.dump()
    return bool(issuer and sid.chosen["serial_number"].native == certificate.serial_number)


def _why(status: Any) -> str:
    """Return what is wrong with a signature, the worst first."""
    if status.bottom_line:
        return ""
    if not status.intact:
        return "the document was changed after it was signed"
    if not status.valid:
        return "the signature does not belong to the certificate"
    if not status.trusted:
        return "the certificate is not among the trusted ones"
    return "something was added to the document that a signature does not cover"


def _import() -> Any:
    """Import the part of pyhanko that is used here; raises CannotGoOn where it is missing."""
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign import fields, signers
        from pyhanko.sign.validation import validate_pdf_signature
        from pyhanko.stamp import TextStampStyle
        from pyhanko_certvalidator import ValidationContext
    except ImportError:
        raise CannotGoOn(Exit.MISSING_ON_MACHINE, "pyhanko is missing", _MISSING) from None
    return SimpleNamespace(
        signers=signers,
        fields=fields,
        IncrementalPdfFileWriter=IncrementalPdfFileWriter,
        PdfFileReader=PdfFileReader,
        TextStampStyle=TextStampStyle,
        ValidationContext=ValidationContext,
        validate_pdf_signature=validate_pdf_signature,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what pyhanko logs of keys and certificates out of every log."""
    import logging

    loggers = [logging.getLogger(name) for name in ("pyhanko", "pyhanko_certvalidator")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
