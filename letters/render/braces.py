"""What docxtpl reads in a text besides Jinja's tags: escaped braces, and white space that becomes mark-up."""

from __future__ import annotations

import re

GUARD = "\ue01f"
"""A private character that keeps docxtpl from reading "{_{" in a value as an escaped brace; taken out again."""
BRACE_ESCAPES = re.compile(r"\{_\{|\}_\}|\{_%|%_\}")
"""What docxtpl reads as an escaped brace, wherever it comes together."""
LISTING = re.compile("<w:t(?: [^>]*)?(?:/>(?!</w:r>)|>[^<]*[\t\a\n\f])")
"""A text with what docxtpl turns into mark-up; or an empty one, from which it may read on to the end of the next."""
_ESCAPED = re.compile(r"([{%])_(?=[{%])|([}%])_(?=\})")


def guarded(value: object) -> object:
    """Keep the braces in a value from being read as docxtpl's escapes."""
    return _ESCAPED.sub(lambda m: f"{m[1] or m[2]}{GUARD}_", value) if isinstance(value, str) else value


def without_guards(name: str, content: bytes) -> bytes:
    """Take the guards out of a member again."""
    return content.replace(GUARD.encode(), b"") if name.endswith(".xml") else content
