"""Throwaway keys: made for one test, trusted by nobody else."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID


def make_key(folder: Path, name: str, passphrase: str) -> tuple[Path, Path]:
    """Make a key with a certificate of its own, and return the PKCS#12 file and the certificate's."""
    key = ec.generate_private_key(ec.SECP256R1())
    owner = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(owner, owner, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(_USAGE, critical=True)
        .sign(key, hashes.SHA256())
    )
    stem = name.replace(" ", "-").lower()
    encrypted = serialization.BestAvailableEncryption(passphrase.encode())
    both = folder / f"{stem}.p12"
    both.write_bytes(pkcs12.serialize_key_and_certificates(b"key", key, certificate, None, encrypted))
    public = folder / f"{stem}.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return both, public


_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
