"""What an Intelligent Mail barcode says of the mailer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from letters.records import STRICT_KEYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailer:
    """What the post office gave to a mailer for the barcode; nothing is ever made up."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT_KEYS
    service_type: str
    """Three digits, the STID: class of mail and services."""
    mailer_id: str
    """Six or nine digits."""
    barcode_id: str = "00"
    """Two digits, the second of which is 0 to 4; 00 where no presort level is claimed."""

    @property
    def serials(self) -> int:
        """How many serial numbers there are: mailer ID and serial number have 15 digits together."""
        return int(10 ** (15 - len(self.mailer_id)))

    def tracking(self, serial: int) -> str:
        """Make the 20 digits of the tracking code."""
        return f"{self.barcode_id}{self.service_type}{self.mailer_id}{serial:0{15 - len(self.mailer_id)}}"

    def faults(self) -> list[tuple[str, str, str]]:
        """List what is wrong: the name of the value, what it is, and a hint."""
        found = []
        if not (are_digits(self.service_type) and len(self.service_type) == 3):
            found.append(("service_type", f'"{self.service_type}" is not a service type', "the STID has three digits"))
        if not (are_digits(self.mailer_id) and len(self.mailer_id) in (6, 9)):
            hint = "the post office gives out mailer IDs of six or nine digits"
            found.append(("mailer_id", f'"{self.mailer_id}" is not a mailer ID', hint))
        if not (are_digits(self.barcode_id) and len(self.barcode_id) == 2 and self.barcode_id[1] in "01234"):
            hint = "two digits, the second from 0 to 4; leave it out for 00"
            found.append(("barcode_id", f'"{self.barcode_id}" is not a barcode ID', hint))
        return found


def are_digits(text: str) -> bool:
    """Tell whether a text is digits and nothing else."""
    return text.isascii() and text.isdigit()
