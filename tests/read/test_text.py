"""Text files are read in whatever encoding an office program saved them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.model.problems import CannotGoOn, Exit
from letters.read.text import decode, read_text, rewritten


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_without_a_word(encoding: str) -> None:
    assert decode("Ñuñoa,שלום\r\n".encode(encoding), "list.csv") == ("Ñuñoa,שלום\n", [])


def test_utf_16_of_the_other_byte_order_is_read() -> None:
    assert decode(b"\xfe\xff" + "Ñuñoa".encode("utf-16-be"), "list.csv") == ("Ñuñoa", [])


def test_windows_1252_is_read_with_a_warning_that_shows_the_line() -> None:
    text, problems = decode("id\nPeña’s".encode("cp1252"), "list.csv")
    assert text == "id\nPeña’s"
    assert [str(problem) for problem in problems] == [
        'list.csv:2: warning: not UTF-8; read as Windows-1252: "Peña’s"\n'
        '    hint: check the accents there, or in Excel choose "Save as", "CSV UTF-8 (comma delimited)"'
    ]


def test_bytes_that_windows_1252_does_not_have_are_refused_with_their_line() -> None:
    with pytest.raises(CannotGoOn, match=re.escape("list.csv:2: neither UTF-8 nor Windows-1252")):
        decode(b"id\n\x81\xff", "list.csv")


def test_a_workbook_is_not_a_text_file() -> None:
    with pytest.raises(CannotGoOn, match=re.escape('"list.csv" is not a text file\n    hint: in Excel choose')):
        decode(b"PK\x03\x04\x14\0\0\0", "list.csv")


def test_half_a_utf_16_character_is_refused() -> None:
    with pytest.raises(CannotGoOn, match=re.escape("list.csv")):
        decode(b"\xff\xfea\0b", "list.csv")


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match=re.escape('"list.csv" does not exist')) as missing:
        read_text(tmp_path / "list.csv", "list.csv")
    with pytest.raises(CannotGoOn, match=re.escape('"list" cannot be read')):
        read_text(tmp_path, "list")
    assert missing.value.code is Exit.PROBLEMS


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff")))
def test_what_was_written_as_unicode_is_what_is_read(text: str) -> None:
    assert decode(text.encode("utf-8"), "f") == decode(text.encode("utf-16"), "f") == (text, [])


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret, inside = tmp_path / "secret.md", tmp_path / "templates"
    secret.write_text("SECRET", "utf-8")
    inside.mkdir()
    (inside / "letter.md").symlink_to(secret)
    with pytest.raises(CannotGoOn, match="is a link that leads out of its folder"):
        read_text(inside / "letter.md", "templates/letter.md")


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("one", "utf-8")
    (tmp_path / "two.md").symlink_to(tmp_path / "one.md")
    assert read_text(tmp_path / "two.md", "two.md")[0] == "one"


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "list.csv")
    with pytest.raises(CannotGoOn, match="a folder, a pipe or a device"):
        read_text(tmp_path / "list.csv", "list.csv")


def test_a_link_to_itself_is_told_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "list.csv").symlink_to("list.csv")
    with pytest.raises(CannotGoOn, match="cannot be read: Too many levels of symbolic links"):
        read_text(tmp_path / "list.csv", "list.csv")


@pytest.mark.parametrize(
    ("name", "hint"), [("list.csv", "in Excel choose"), ("letter.md", "in the editor choose UTF-8")]
)
def test_a_file_is_saved_anew_in_the_program_that_it_is_of(name: str, hint: str) -> None:
    _, (problem,) = decode("Stra\u00dfe".encode("cp1252"), name)
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\r\n[x]\r\n", b"a\r\ny\r\n"),
        (b"\xef\xbb\xbf[x]\n", b"\xef\xbb\xbfy\n"),
        ("é [x]".encode("cp1252"), "é y".encode()),
        ("[x]".encode("utf-16"), b"y"),
    ],
)
def test_a_change_keeps_line_ends_and_byte_order_marks(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(before)
    assert rewritten(path, lambda text: text.replace("[x]", "y")) == after
