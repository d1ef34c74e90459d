"""Knows dates as people and spreadsheets write them."""

from __future__ import annotations

import datetime
import re

_DAY_ZERO = datetime.date(1899, 12, 30)
"""From which Excel counts days (ECMA-376, part 1, 18.17.4.1)."""
_SERIAL = re.compile(r"([34]\d{4})(?:\.0)?")
"""Days that Excel counts: those of 1982 to 2036."""
_TIME = re.compile(r"(?:\s+|T)\d{1,2}:\d\d(?::\d\d)?(?:\s?[AP]M)?$", re.IGNORECASE)
_FORMS = (
    *("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y"),
    *("%d-%b-%y", "%Y/%m/%d", "%Y%m%d"),
)
"""The month stands first, as in the United States. The form of the list comes first, since most cells have it."""


def likely_date(text: str) -> str:
    """Return the date that a cell probably means, as 2025-03-19; empty where it means none.

    Known are "3/19/2025", "March 19, 2025", "19-Mar-25", dates with a time, and the number that Excel keeps for a day.
    """
    if found := _SERIAL.fullmatch(text):
        return (_DAY_ZERO + datetime.timedelta(days=int(found[1]))).isoformat()
    day = _TIME.sub("", text.strip())
    spaced = " ".join(re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|[,.]", " ", day).split())
    for form in _FORMS:
        try:
            return datetime.datetime.strptime(spaced, form).date().isoformat()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return ""
