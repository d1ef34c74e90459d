from __future__ import annotations

from pathlib import Path

from letters.read.campaign import AUTHORITIES, read_authorities
from letters.read.toml import read_toml


def problems(folder: Path, text: str) -> list[str]:
    (folder / AUTHORITIES).write_text(text, "utf-8")
    file = read_toml(folder / AUTHORITIES, f"templates/{AUTHORITIES}")
    return [str(problem) for problem in read_authorities(file)[1]]


def test_a_key_that_is_there_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    assert problems(tmp_path, '[a]\nfull = "A"\n\n[b]\nfull = "B"\n\n[a]\nfull = "C"\n\n[b]\nfull = "D"\n') == [
        'templates/authorities.toml:7: a: the authority "a" is there twice\n'
        "    hint: line 1 has it already; remove one, or give it a key of its own",
        'templates/authorities.toml:10: b: the authority "b" is there twice\n'
        "    hint: line 4 has it already; remove one, or give it a key of its own",
    ]


def test_a_misspelt_key_of_an_authority_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, '[a]\nfull = "A"\nread_bye = "Counsel"\n') == [
        'templates/authorities.toml:3: a.read_bye: "read_bye" is not a key of this table\n'
        "    hint: did you mean read_by?"
    ]


def test_an_authority_without_its_citation_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, '\n[a]\nshort = "A"\n') == [
        "templates/authorities.toml:2: a.full: missing\n    hint: add full = …"
    ]


def test_a_reader_without_a_date_and_a_date_without_a_reader_are_told(tmp_path: Path) -> None:
    assert problems(tmp_path, '[a]\nfull = "A"\nread_by = "Counsel"\n[b]\nfull = "B"\nread_on = 2025-09-01\n') == [
        'templates/authorities.toml:1: a: warning: read by "Counsel", but not when\n'
        "    hint: add read_on = year-month-day, such as 2025-09-01",
        "templates/authorities.toml:4: b: warning: read on 2025-09-01, but not by whom\n"
        '    hint: add read_by = "…" with a name',
    ]


def test_one_source_under_two_keys_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, '[a]\nfull = "A 1"\n[b]\nfull = "A  1"\n') == [
        'templates/authorities.toml:3: b: the same citation as "a" of line 1\n    hint: remove one of the two'
    ]
