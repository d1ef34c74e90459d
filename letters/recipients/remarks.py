"""Holds rows of which the list itself says that no letter should go out: "do not send", "retired", a tick."""

from __future__ import annotations

import re

from letters.recipients.headings import FURTHER
from letters.recipients.row import COLUMNS, ListRow

_NOT_SENT = "the list says that nothing is to be sent"
YES = frozenset(("yes", "y", "x", "true", "1", "✓", "✔", "☑", "ja", "hold", "held"))
"""What ticks a box of a list."""
_NO = frozenset(("no", "n", "false", "0", "☐", "send", "ok", "ok to send"))
_SENDING = re.compile(r"(?:to_?)?(?:send|include|mail_this|send_letter|include_in_mailing|letter|mail_letter)(?:_y_n)?")
"""Names of columns in which "no" says that nothing is sent."""
_SEND_NOTHING = re.compile(
    r"\b(?:do not|don['’]?t|never|not to|must not|should not|cannot|can['’]?t)\s+(?:be\s+)?"
    r"(?:send|sent|mail|mailed|contact|contacted|write|include|included|post|use)\b"
    r"|\b(?:dnc|dns)\b|\bno (?:letter|mailing|contact)\b"
    r"|^\W*(?:on hold|opt(?:ed)? out|unsubscribed?|duplicate|dup)\b"
    r"|^\W*(?:remove|delete|exclude|skip|omit|suppress|hold)(?:\W*$|\W+(?:this|these|him|her|it|them|row|letter|from|until|"
    r"off|back|for|per|till|because|-)(?:\W|$))",
    re.IGNORECASE,
)
_NO_LONGER_TRUE = re.compile(
    r"\b(?:deceased|died|passed away|retire[sd]|retiring|resign(?:s|ed)|no longer|left office|replaced by|"
    r"stepped down|fired|terminated|on leave|suspended|lost (?:re-?)?election|undeliverable|returned mail|"
    r"return(?:ed)? to sender|(?:bad|wrong|old|outdated) (?:address|name|chief|sheriff|title)|"
    r"(?:was|been|is) (?:disbanded|dissolved|closed))\b",
    re.IGNORECASE,
)
"""What tells that a name or an address of the row is out of date."""
_LONGEST = 80
"""Characters of a remark that are repeated."""


def settle_holds(row: ListRow) -> None:
    """Hold a row back where a tick or a remark in it says so, and let it go where its column of holds says "no"."""
    said = row.cells.get("hold", "")
    if said.casefold().strip(" .!") in _NO:
        row.put("hold", "", said, "“no” in the column of those who get nothing lets the letter go")
    elif said.casefold().strip(" .!") in YES:
        row.put("hold", _NOT_SENT, said, "a tick in the column of those who get nothing holds the letter back")
    for name, value in row.cells.items():
        if not value or name in COLUMNS or name in FURTHER:
            continue
        bare = value.casefold().strip(" .!")
        not_sent = _SENDING.fullmatch(name) and bare in _NO - {"send", "ok"}
        ticked = bare in YES and _is_against(name.replace("_", " "))
        if not_sent or ticked or _is_against(value):
            shown = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
            row.doubts.append((name, f'the column {name} says "{shown}"'))


def _is_against(text: str) -> bool:
    """Return whether a remark, or the name of a column that is ticked, says that no letter should go out as it is."""
    return bool(_SEND_NOTHING.search(text) or _NO_LONGER_TRUE.search(text))
