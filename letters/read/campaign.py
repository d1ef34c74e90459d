"""Reads campaign.toml (who writes, what, when and how), forms-of-address.toml and authorities.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from letters.formats.pictures import SUFFIXES, UnusablePicture, check_picture
from letters.model.problems import Place, Problem, did_you_mean, nearest, warning
from letters.model.settings import UNREAD, Authorities, Authority, Campaign, FormOfAddress, zip_of
from letters.read.resources import unset_words
from letters.read.toml import KeyPath, TomlFile, validate

_MOST = {"organizations": 12, "signers": 40, "copies": 200}
"""Tables of campaign.toml that every letter prints."""
_MOST_LINES = 10
_MISSPELT = 0.8
"""How like its right spelling a misspelt word is, 0 to 1: Unoin and Union are, northern and southern are not."""
# A tag that is not closed, too: it is printed to the end of its text.
_TAG = re.compile(r"\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)|\}\}|%\}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?")
"""Language, script and region, as BCP 47 writes them."""
_YEARS = 1990, 2100
FORMS = "forms-of-address.toml"
AUTHORITIES = "authorities.toml"
_TABLE = re.compile(r"\[\s*(?:\"([^\"]+)\"|'([^']+)'|([A-Za-z0-9_-]+))\s*\]\s*(?:#.*)?")


def read_campaign(file: TomlFile, folder: Path) -> tuple[Campaign | None, list[Problem]]:
    """Return the campaign of campaign.toml in its folder; None where a problem leaves nothing to work with."""
    if not file.is_toml:
        return None, list(file.problems)
    campaign, problems = validate(Campaign, _full(file.table), file)
    if campaign:
        problems = [
            *_empty_problems(campaign, file),
            *_excess_problems(campaign, file),
            *_tag_problems(file),
            *logo_problems(campaign, file, folder),
            *_twice_problems(campaign, file),
            *_value_problems(campaign, file),
            *_approval_problems(campaign, file),
            *_signer_problems(campaign, file),
            *(
                Problem(file.place("barcode", key, field=key), what, hint)
                for key, what, hint in (campaign.barcode.faults() if campaign.barcode else ())
            ),
            *_copy_problems(campaign, file, folder),
            *_looks_problems(campaign, file, folder),
        ]
    return campaign, [*file.problems, *problems]


def _full(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content with the short forms copies = ["Name"] and pdf = "word" written out as tables."""
    full = dict(table)
    if isinstance(copies := table.get("copies"), list):
        full["copies"] = [{"name": copy} if isinstance(copy, str) else copy for copy in copies]
    if isinstance(looks := table.get("pdf"), str):
        full["pdf"] = {str(table.get("letter")): looks}
    return full


def _empty_problems(campaign: Campaign, file: TomlFile) -> Iterator[Problem]:
    for table in ("organizations", "signers"):
        if not getattr(campaign, table):
            yield Problem(Place(file.shown, field=table), "none is given", f"add a [[{table}]] table with a name")
    for table in _MOST:
        for number, each in enumerate(getattr(campaign, table)):
            if not each.name.strip():
                place = file.place(table, number, "name", field="name")
                yield Problem(place, "it is empty", "write it, or remove the table")


def _excess_problems(campaign: Campaign, file: TomlFile) -> Iterator[Problem]:
    """Yield a problem for each table that there are too many of for a letter, and each address that is too long."""
    for table in ("organizations", "copies"):
        for number, each in enumerate(getattr(campaign, table)):
            if (lines := len(each.address)) > _MOST_LINES:
                what = f"{lines} lines are too many for an address: {_MOST_LINES} is the most"
                yield Problem(file.place(table, number, "address", field="address"), what)
    for table, most in _MOST.items():
        if (count := len(getattr(campaign, table))) > most:
            what = f"{count:,} are too many for a letter: {most} is the most"
            yield Problem(file.place(table, most, field=table), what)


def _tag_problems(file: TomlFile) -> Iterator[Problem]:
    """Yield each text with a tag, which would be printed as it stands."""
    # A list of tables to look at, and no recursion: files may be nested as deep as the parser allows.
    waiting: list[tuple[KeyPath, object]] = [((), file.table)]
    while waiting:
        path, value = waiting.pop(0)
        if isinstance(value, Mapping):
            waiting += [((*path, key), each) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, number), each) for number, each in enumerate(value)]
        elif isinstance(value, str) and (tag := _TAG.search(value)):
            what = f'"{tag[0]}" would be printed as it stands: tags are filled in in letters only'
            place = file.place(*path, field=next((key for key in reversed(path) if isinstance(key, str)), ""))
            yield warning(place, what, "write the words themselves, or put the tag into the letter")


def _twice_problems(campaign: Campaign, file: TomlFile) -> Iterator[Problem]:
    """Yield a warning for each organization or person who is there twice: both are printed."""
    for table in ("organizations", "signers"):
        given = [each.name for each in getattr(campaign, table)]
        for number, name in enumerate(given):
            if name and name in given[:number]:
                what = f'"{name}" is there twice, and is printed twice'
                yield warning(file.place(table, number, "name", field="name"), what, f"remove one of the [[{table}]]")


def _value_problems(campaign: Campaign, file: TomlFile) -> Iterator[Problem]:
    """Yield a problem for a language that is none, and for a date that no letter has."""
    # An empty language passed check and failed the build: PDF/UA asks for one (ISO 14289-1, 7.2).
    if not _LANGUAGE.fullmatch(campaign.language):
        what = f'"{campaign.language}" is not the tag of a language, which a PDF must have'
        yield Problem(file.place("language", field="language"), what, "such as en-US, en or es; or remove the key")
    if not _YEARS[0] <= campaign.date.year <= _YEARS[1]:
        what = f"{campaign.date} is not the date of a letter that is written now"
        yield Problem(file.place("date", field="date"), what, "year-month-day: date = 2025-09-17")


def _approval_problems(campaign: Campaign, file: TomlFile) -> list[Problem]:
    """Return a problem for each approval that is wanted of an organization that does not write."""
    names = [organization.name for organization in campaign.organizations]
    place = file.place("approvals", field="approvals")
    return [
        Problem(place, f'"{wanted}" is not the name of one of the [[organizations]]', did_you_mean(wanted, names))
        for wanted in campaign.approvals
        if wanted not in names
    ]


def _signer_problems(campaign: Campaign, file: TomlFile) -> Iterator[Problem]:
    """Yield a warning for each organization of a signer that is spelt almost as one of those that write.

    A signer may sign for another one, whose name is then quite different.
    """
    # Both spellings are printed: one in the letterhead, one below the signature.
    names = {_plain_words(organization.name): organization.name for organization in campaign.organizations}
    for number, signer in enumerate(campaign.signers):
        if signer.organization in (*names.values(), ""):
            continue
        words = _plain_words(signer.organization)
        near = next((name for each, name in names.items() if _are_alike(words, each)), "")
        if near:
            place = file.place("signers", number, "organization", field="signers.organization")
            what = f'"{signer.organization}" is spelt otherwise than in [[organizations]]'
            yield warning(place, what, f'"{near}" there; both are printed as they are written')


def _plain_words(name: str) -> tuple[str, ...]:
    words = re.findall(r"[^\W_]+", name.casefold())
    return tuple(word for word in words if word not in ("of", "the", "and", "for"))


def _are_alike(words: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether two names are the same but for misspelt words."""
    return len(words) == len(others) and all(
        word == other or nearest(word, [other], _MISSPELT) for word, other in zip(words, others, strict=True)
    )


def _copy_problems(campaign: Campaign, file: TomlFile, folder: Path) -> Iterator[Problem]:
    """Yield what is wrong with the addresses of copies, and with the names of letters that they are copies of."""
    known = _letter_names(campaign, folder)
    for number, copy in enumerate(campaign.copies):
        place = file.place("copies", number, "address", field="copies.address")
        if copy.file and (copy.address or copy.address_column):
            yield warning(place, "a copy for the file is not posted", "remove the address, or file = true")
        if copy.address and not zip_of(copy.address):
            what = f'"{copy.address[-1]}" does not end with a ZIP code'
            yield Problem(place, what, "the last line is city, state and ZIP code: Lansing, MI 48933")
        for name in copy.letters:
            if name not in known:
                place = file.place("copies", number, "letters", field="copies.letters")
                yield Problem(place, f'there is no letter "{name}"', did_you_mean(name, known))


def _letter_names(campaign: Campaign, folder: Path) -> list[str]:
    return [path.stem for path in (folder / campaign.templates).glob("*.*") if path.suffix in (".md", ".docx")]


def _looks_problems(campaign: Campaign, file: TomlFile, folder: Path) -> Iterator[Problem]:
    """Yield a problem for each letter whose PDFs are to look in a certain way, but which is not there."""
    known = _letter_names(campaign, folder)
    for name in campaign.pdf:
        if name not in (campaign.letter, *known):
            place = file.place("pdf", name, field="pdf")
            yield Problem(place, f'there is no letter "{name}"', did_you_mean(name, known))


def logo_problems(campaign: Campaign, file: TomlFile, folder: Path) -> list[Problem]:
    """Return a problem for each logo that is not there, is none, or would take too long to be drawn."""
    fonts, shown = folder / campaign.templates / "fonts", f"{campaign.templates.as_posix()}/fonts"
    problems = []
    for number, logo in enumerate(organization.logo for organization in campaign.organizations):
        if logo:
            # WeasyPrint takes any font there is for one that it does not find, so that words of a logo are looked at.
            place = file.place("organizations", number, "logo", field="logo")
            found = _picture_problems(logo, folder, place)
            if not found and logo.suffix.lower() == ".svg":
                found = list(unset_words(folder / logo, logo.as_posix(), place, fonts, shown))
            problems += found
    return problems


def _picture_problems(logo: Path, folder: Path, place: Place) -> list[Problem]:
    # What a campaign shows lies in its folder by its real path: it may come from somebody else.
    file = (folder / logo).resolve()
    if not file.is_relative_to(folder.resolve()):
        return [Problem(place, f'"{logo}" is outside the campaign\'s folder', "copy it into templates/")]
    if file.suffix.lower() not in SUFFIXES:
        return [Problem(place, f'"{logo}" is not a picture we can place', "save it as .png, .jpg or .svg")]
    if not file.is_file():
        return [Problem(place, f'"{logo}" does not exist', "correct the name, or remove the key")]
    try:
        check_picture(file)
    except UnusablePicture as error:
        return [Problem(place, f'"{logo.as_posix()}" cannot be placed: {error.what}', error.hint)]
    return []


def read_forms(file: TomlFile) -> tuple[tuple[FormOfAddress, ...], list[Problem]]:
    """Return the forms of address, the order of which matters, and their problems."""
    problems = list(file.problems)
    tables = file.table.get("form", [])
    if not tables and file.is_toml:
        problems.append(Problem(Place(file.shown, 1), "no form of address", "add a [[form]] table"))
    forms = []
    for number, each in enumerate(tables):
        form, more = validate(FormOfAddress, each, file, ("form", number))
        problems += more
        if form:
            forms.append(form)
    return tuple(forms), problems


def offices_of(forms: Iterable[FormOfAddress]) -> tuple[str, ...]:
    """Return the offices that there is a form of address for, in its order."""
    return tuple(dict.fromkeys(form.office for form in forms))


def read_authorities(file: TomlFile) -> tuple[Authorities | None, list[Problem]]:
    """Return the authorities of a campaign, and their problems; None where a key is there twice."""
    lines, twice = _keys(file)
    # tomllib tells one mistake of a file, and each citation of the letter would be told as unknown besides.
    if twice:  # also a mistake in the syntax, but the parser tells only the first
        return None, [*(problem for problem in file.problems if not problem.stops), *twice]
    problems = list(file.problems)
    authorities: dict[str, Authority] = {}
    places: dict[str, Place] = {}
    for key, entry in file.table.items():
        places[key] = Place(file.shown, lines.get(key, 0), field=key)
        if not isinstance(entry, dict):
            hint = 'write it as a table: [printz], and below it full = "…"'
            problems.append(Problem(places[key], f'"{key}" is not an authority', hint))
            continue
        authority, more = validate(Authority, entry, file, (key,))
        problems += more
        if authority:
            authorities[key] = authority
            problems += _tags_in_citation(authority, places[key])
            problems += _reading_problems(authority, places[key])
    return Authorities(authorities, places), [*problems, *_same_cites(authorities, places)]


def _keys(file: TomlFile) -> tuple[dict[str, int], list[Problem]]:
    """Return the line of each key, and a problem for each key that is there twice."""
    lines: dict[str, int] = {}
    problems = []
    for number, line in enumerate(file.text.split("\n"), start=1):
        if match := _TABLE.fullmatch(line.strip()):
            key = match[1] or match[2] or match[3]
            if (first := lines.setdefault(key, number)) != number:
                place, what = Place(file.shown, number, field=key), f'the authority "{key}" is there twice'
                hint = f"line {first} has it already; remove one, or give it a key of its own"
                problems.append(Problem(place, what, hint))
    return lines, problems


def _tags_in_citation(authority: Authority, place: Place) -> Iterator[Problem]:
    """Yield a problem where a citation holds a tag: it is printed as it is, and nothing in it is computed."""
    for text in (authority.full, authority.short, authority.name, authority.michigan, authority.says, authority.pin):
        if tag := re.search(r"\{[{%#]", text):
            yield Problem(place, f'"{tag[0]}" in a citation', "write it as it is printed, without fields")


def _reading_problems(authority: Authority, place: Place) -> Iterator[Problem]:
    name = authority.read_by.strip()
    if name.lower() != UNREAD and name and not name.startswith("[") and not authority.read_on:
        what = f'read by "{name}", but not when'
        yield warning(place, what, "add read_on = year-month-day, such as 2025-09-01")
    if name.lower() in ("", UNREAD) and authority.read_on:
        what = f"read on {authority.read_on}, but not by whom"
        yield warning(place, what, 'add read_by = "…" with a name')


def _same_cites(authorities: dict[str, Authority], places: dict[str, Place]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for key, authority in authorities.items():
        cite = " ".join(authority.full.split())
        if (other := first.setdefault(cite, key)) != key:
            what = f'the same citation as "{other}" of line {places[other].line}'
            yield Problem(places[key], what, "remove one of the two")
