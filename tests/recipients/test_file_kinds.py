"""Files that hold no list are known by how they begin, and named."""

from __future__ import annotations

import pytest

from letters.recipients.source import foreign_kind


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04 Index/Document.iwa", "a file of Numbers"),
        (b'{"url": "https://docs.google.com/open?id=1"}', "a link to Google Sheets"),
        (b'\xef\xbb\xbf[{"agency": "Alma Police Department"}]', "JSON"),
        (b"\n<TABLE><tr><td>Agency</td></tr></TABLE>", "a web page"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b"BEGIN:VCARD\nVERSION:3.0", "a file of address cards"),
    ],
)
def test_a_file_that_holds_no_list_is_named(content: bytes, kind: str) -> None:
    assert foreign_kind(content).startswith(kind)


@pytest.mark.parametrize(
    "content", [b"Agency,City\nAlma Police,Alma\n", b"[Agency],[City]\n", b"{agency};{city}\n", b""]
)
def test_a_table_is_none_of_them(content: bytes) -> None:
    assert foreign_kind(content) == ""
