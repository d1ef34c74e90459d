"""The records of signature images; the image itself is never kept in a record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from letters.model.postal import Inches
from letters.model.records import STRICT_KEYS

FOLDER = "signatures"
"""Beside campaign.toml, outside version control."""
INDEX = "signatures.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of somebody's signature, and how it is set on the line."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT_KEYS
    name: str
    """The signer, as in campaign.toml."""
    image: Path
    """A PNG or JPEG file in the same folder."""
    height: Inches = 0.5
    """Of the whole picture."""
    below: float = 0.2
    """Which share of the height hangs below the line, as the tail of a "y" does."""
