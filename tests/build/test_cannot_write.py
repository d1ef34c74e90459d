"""Why a file cannot be written is told in plain words."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from letters.formats.files import cannot_write, sha256, sha256_of


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "your share of the disk is full"),
        (errno.EACCES, "you may not write there"),
        (errno.EROFS, "the disk is read-only"),
        (errno.ENOTDIR, "Not a directory"),
    ],
)
def test_the_reason_is_told_in_plain_words(number: int, why: str) -> None:
    error = cannot_write(Path("out/a.pdf"), OSError(number, "Not a directory"))
    assert error.message == f'"out/a.pdf" cannot be written: {why}'


def test_a_missing_file_has_no_hash(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    assert (sha256_of(tmp_path / "a"), sha256_of(tmp_path / "b")) == (sha256(b"a"), "")
