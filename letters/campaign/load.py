"""Loads a campaign: every file read, the letter compiled, every recipient merged, and all problems gathered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from letters.campaign.letter_and_list import delivery_problems, letter_and_list_problems
from letters.cite.check import check_citations, find_in_sources
from letters.cite.style import in_style, write_cites_of
from letters.compile.compile import Looks, compile_once
from letters.compile.fields import Vocabulary
from letters.formats import programs
from letters.formats.cache import Cache
from letters.merge.merge import Merger, merge_all
from letters.model.looks import LetterheadFit, PageLooks
from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean, in_order, warning
from letters.model.records import DocumentTemplate, Letter, MergedLetter, Recipient, Source
from letters.model.settings import Authorities, Campaign, FormOfAddress, Status
from letters.read import placeholders
from letters.read.campaign import (
    AUTHORITIES,
    FORMS,
    logo_problems,
    offices_of,
    read_authorities,
    read_campaign,
    read_forms,
)
from letters.read.folder import check_folder
from letters.read.letter import read_enclosures, read_letter
from letters.read.looks import read_looks, stale_problems
from letters.read.recipients import (
    AGREEMENTS,
    ON_REQUEST,
    OPTIONAL,
    REQUIRED,
    FormerRows,
    held_notes,
    read_recipients,
)
from letters.read.resources import FONT_SUFFIXES, read_resources, unshown_in_letters, unshown_in_words
from letters.read.toml import TomlFile, read_toml


class Project(NamedTuple):
    """A campaign with one of its letters, read and compiled."""

    folder: Path
    campaign: Campaign
    recipients: tuple[Recipient, ...]
    template: DocumentTemplate
    resources: tuple[tuple[str, bytes], ...]
    """Every file the PDF depends on, by name."""
    letters: tuple[MergedLetter, ...]
    """The letters that can be made."""
    sources: tuple[tuple[Source, ...], ...] = ()
    """The texts of each part: the letter with its frame, the enclosures."""
    authorities: Authorities | None = None
    """The authorities file, where the campaign keeps one."""

    @property
    def templates(self) -> Path:
        """The folder of the letters and their looks."""
        return self.folder / self.campaign.templates

    def held_reasons(self, problems: Iterable[Problem]) -> dict[str, str]:
        """Return why letters are not made, by id of the recipient: held on purpose, or stopped by a problem."""
        first: dict[str, str] = {}
        for problem in problems:
            if problem.stops:
                first.setdefault(problem.recipient, f"{problem.place}: {problem.what}")
        ready = {letter.recipient.id for letter in self.letters}
        general = first.get("", "")
        return {
            recipient.id: recipient.hold or first.get(recipient.id) or general
            for recipient in self.recipients
            if recipient.id not in ready
        }

    def narrowed(self, only: Collection[str]) -> Project:
        """Return the project for some of its recipients; raises CannotGoOn for an id that is not in the list."""
        known = {recipient.id for recipient in self.recipients}
        for identifier in only:
            if identifier not in known:
                message = f'no recipient has the id "{identifier}"'
                raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(identifier, known))
        recipients = tuple(recipient for recipient in self.recipients if recipient.id in only)
        letters = tuple(letter for letter in self.letters if letter.recipient.id in only)
        return self._replace(recipients=recipients, letters=letters)


@dataclass(slots=True)
class Former:
    """What was read and merged the last time; only rows that changed since are read and merged again."""

    rows: FormerRows = field(default_factory=FormerRows)
    merger: Merger | None = None


class _CampaignText(NamedTuple):
    """The content of all files of a campaign, before it is compiled."""

    folder: Path
    settings: TomlFile
    campaign: Campaign
    forms_file: TomlFile
    forms: tuple[FormOfAddress, ...]
    recipients: list[Recipient]
    columns: tuple[str, ...]
    letter: Letter
    enclosures: list[Letter]
    resources: dict[str, bytes]
    authorities_file: TomlFile | None
    authorities: Authorities | None
    page_looks: PageLooks

    @property
    def templates(self) -> Path:
        """The folder of the letters and their looks."""
        return self.folder / self.campaign.templates

    @property
    def shown(self) -> str:
        """The name of that folder for messages."""
        return self.campaign.templates.as_posix()

    @property
    def offices(self) -> tuple[str, ...]:
        """The offices that there is a form of address for."""
        return offices_of(self.forms)

    @property
    def sources(self) -> tuple[tuple[Source, ...], ...]:
        """The texts of each part: the letter with its frame, the enclosures."""
        return _sources(self.letter, self.enclosures)


def load(
    path: Path,
    letter_name: str = "",
    cache: Cache | None = None,
    *,
    as_draft: bool = False,
    former: Former | None = None,
) -> tuple[Project | None, list[Problem]]:
    """Load a campaign and its letter, or another letter of the same campaign; None where nothing can be made of it.

    With `as_draft` a final campaign is looked at as a draft, in which what is open stops nothing. Who loads a campaign
    again and again gives the same `former` each time.
    Raises CannotGoOn when a file that everything depends on is missing or is not text.
    """
    settings = read_toml(path, path.name)
    campaign, problems = read_campaign(settings, path.parent)
    if campaign is None:
        return None, in_order(problems)
    # Before anything in them is read: a pipe among the fonts would hang each reader that meets it.
    check_folder(path.parent, campaign.templates, campaign.recipients)
    name = letter_name or campaign.letter
    campaign = replace(campaign, copies=tuple(copy for copy in campaign.copies if copy.belongs_to(name)))
    campaign = replace(campaign, status=Status.DRAFT) if as_draft else campaign
    shown = campaign.templates.as_posix()
    _, looks, more = read_looks(path.parent / campaign.templates, shown)
    if "paper" not in settings.table:
        campaign = replace(campaign, paper=looks.paper)
    problems += [*more, *stale_problems(path.parent / campaign.templates, shown, looks)]
    former = former or Former()
    content, more = _read(path.parent, settings, campaign, name, looks, former)
    if content.authorities_file and content.authorities is None:
        return None, in_order([*problems, *more])  # not also each citation that it does not have
    content, of_cites = _with_cites(content)
    problems += [*more, *of_cites, *_placeholders(content), *_citations(content)]
    sources = list(chain.from_iterable(content.sources))
    problems += _copy_columns(content)
    problems += delivery_problems(content.recipients, sources, campaign.delivery, settings.shown)
    problems += _editions(content)
    sheets = (".css", *FONT_SUFFIXES)
    of_sheets = [each for each in problems if each.stops and each.place.path.endswith(sheets)]
    template, more = _compile(content, cache, of_sheets)
    problems += more
    if template is None:
        return None, in_order(problems)
    recipients, letters, more = _merge(content, template, problems, former)
    problems += more
    problems += _without_libreoffice(content, name)
    parts = (content.letter, *content.enclosures)
    problems += letter_and_list_problems(parts, recipients, content.columns, campaign.recipients.as_posix())
    project = Project(
        content.folder,
        campaign,
        tuple(recipients),
        template,
        tuple(content.resources.items()),
        tuple(letters),
        content.sources,
        content.authorities,
    )
    return project, in_order(problems)


def read_sources(path: Path) -> list[Source]:
    """Return the texts of a campaign's letter and of its enclosures, whatever mistakes are in them.

    Raises CannotGoOn when a file that everything depends on is missing or is not text.
    """
    settings = read_toml(path, path.name)
    campaign, _ = read_campaign(settings, path.parent)
    if campaign is None:
        return []
    check_folder(path.parent, campaign.templates, campaign.recipients)
    templates, shown = path.parent / campaign.templates, campaign.templates.as_posix()
    letter, _ = _read_letter(campaign.letter, campaign, path.parent, ())
    enclosures, _ = read_enclosures(letter, campaign, settings, templates, shown)
    return list(chain.from_iterable(_sources(letter, enclosures)))


def _sources(letter: Letter, enclosures: Iterable[Letter]) -> tuple[tuple[Source, ...], ...]:
    """Return the texts of each part: the letter with its frame, the enclosures."""
    return tuple(tuple(filter(None, (each.frame, each.body))) for each in (letter, *enclosures))


def _read(
    folder: Path, settings: TomlFile, campaign: Campaign, name: str, page_looks: PageLooks, former: Former
) -> tuple[_CampaignText, list[Problem]]:
    """Read every file of a campaign with the letter of this name; each file is read once."""
    templates, shown = folder / campaign.templates, campaign.templates.as_posix()
    forms_file = read_toml(templates / FORMS, f"{shown}/{FORMS}")
    forms, problems = read_forms(forms_file)
    listed, offices = campaign.recipients, offices_of(forms)
    recipients, columns, more = read_recipients(folder / listed, listed.as_posix(), offices, former.rows)
    problems += [*more, *held_notes(recipients)]
    letter, more = _read_letter(name, campaign, folder, columns)
    enclosures, of_enclosures = read_enclosures(letter, campaign, settings, templates, shown)
    problems += [*more, *of_enclosures]
    # All that a PDF is made of, so that a change of any of it makes the letter out of date.
    logos = [folder / organization.logo for organization in campaign.organizations if organization.logo]
    resources, more = read_resources(templates, shown, logos)
    problems += more
    # The letterhead is fitted by these, which stand in no style sheet.
    resources["letterhead"] = f"{page_looks.letterhead.value} {page_looks.logo_size:g}".encode()
    authorities_file, authorities = None, None
    if (templates / AUTHORITIES).is_file():
        authorities_file = read_toml(templates / AUTHORITIES, f"{shown}/{AUTHORITIES}")
        authorities, more = read_authorities(authorities_file)
        problems += more
        # Each citation would be told as unknown besides, where the syntax of the file has a mistake.
        authorities = authorities if authorities_file.is_toml else None
    content = _CampaignText(
        folder,
        settings,
        campaign,
        forms_file,
        forms,
        recipients,
        columns,
        letter,
        enclosures,
        resources,
        authorities_file,
        authorities,
        page_looks,
    )
    return content, problems


def _without_libreoffice(content: _CampaignText, name: str) -> Iterable[Problem]:
    """Yield a warning where the PDFs of the letter are to look as in Word, and no program here can make them."""
    if content.campaign.looks_as_word(name):
        try:
            programs.libreoffice()
        except CannotGoOn as error:
            place = content.settings.place("pdf", field="pdf")
            yield warning(place, f"{error.message}: no PDF can be made", error.hint)


def _with_cites(content: _CampaignText) -> tuple[_CampaignText, list[Problem]]:
    """Write out the citations that the letter takes from the authorities file, in the style of the campaign."""
    # Before the letter is checked, since a citation brings words, brackets and notes of its own.
    authorities = content.authorities and in_style(content.authorities, content.campaign.style)
    file = f"{content.shown}/{AUTHORITIES}"
    parts = [write_cites_of(each, authorities, file) for each in (content.letter, *content.enclosures)]
    letter, *enclosures = (each for each, _ in parts)
    problems = [problem for _, more in parts for problem in more]
    return content._replace(letter=letter, enclosures=enclosures, authorities=authorities), problems


def _read_letter(name: str, campaign: Campaign, folder: Path, columns: Sequence[str]) -> tuple[Letter, list[Problem]]:
    """Read a letter, which is Markdown, or else a Word file that somebody made, with the fields of a mail merge."""
    templates, shown = folder / campaign.templates, campaign.templates.as_posix()
    markdown, word = (templates / f"{name}{suffix}" for suffix in (".md", ".docx"))
    if markdown.is_file():
        letter, problems = read_letter(name, templates, shown)
        if word.is_file():
            what = f'"{word.name}" stands beside it, and only one of them can be the letter "{name}"'
            problems.append(Problem(Place(f"{shown}/{markdown.name}"), what, "rename one, or move it elsewhere"))
        return letter, problems
    # Few campaigns have such a letter, and the readers of Word files take long to load.
    from letters.compile.compile import word_styles
    from letters.read.recipients import imported_headings
    from letters.read.word_letter import is_word_letter, read_word_letter
    from letters.read.word_merge import MergeNames

    if not is_word_letter(word, templates):
        return read_letter(name, templates, shown)
    names = MergeNames(campaign.merge_fields, columns, imported_headings(folder))
    return read_word_letter(word, f"{shown}/{word.name}", word_styles(templates / "letterhead.docx"), names)


def _placeholders(content: _CampaignText) -> Iterable[Problem]:
    """Yield a problem for each place that is still to be filled in."""
    status = content.campaign.status
    yield from placeholders.in_toml(content.settings, status)
    yield from placeholders.in_toml(content.forms_file, status)
    if content.authorities_file:
        # A bracket in read_by is reported with the citations of that authority.
        yield from placeholders.in_toml(content.authorities_file, status, but="read_by")
    for each in (content.letter, *content.enclosures):
        yield from placeholders.in_front(each, status)
    for source in chain.from_iterable(content.sources):
        yield from placeholders.in_source(source, status)
    yield from placeholders.in_recipients(content.recipients, status)


def _editions(content: _CampaignText) -> Iterable[Problem]:
    """Yield a warning where the text is of a later month than the date on the letters."""
    month = f"{content.campaign.date:%Y-%m}"
    if re.fullmatch(r"\d{4}-\d{2}", content.letter.edition) and content.letter.edition > month:
        what = f"the letter is the edition of {content.letter.edition}, and is dated {content.campaign.date}"
        hint = "set a later date: it may tell of what happened since"
        yield warning(content.settings.place("date", field="date"), what, hint)


def _copy_columns(content: _CampaignText) -> Iterable[Problem]:
    """Yield a problem for each column that copies take their addresses from and that the list does not have."""
    for copy in content.campaign.copies:
        if copy.address_column and content.columns and copy.address_column not in content.columns:
            place = Place(content.settings.shown, field="copies.address_column")
            what = f'the list has no column "{copy.address_column}"'
            yield Problem(place, what, did_you_mean(copy.address_column, content.columns))


def _citations(content: _CampaignText) -> Iterable[Problem]:
    """Compare what the letter cites with the authorities file, where the campaign keeps one."""
    if not content.authorities:
        return ()
    found = find_in_sources(list(chain.from_iterable(content.sources)), content.authorities)
    return check_citations(found, content.authorities, content.campaign.status)


def _compile(
    content: _CampaignText, cache: Cache | None, of_sheets: list[Problem]
) -> tuple[DocumentTemplate | None, list[Problem]]:
    """Compile the letter, and find what no font has in the words that are the same for all.

    `of_sheets` are the errors of style sheets and fonts: nothing is laid out with one that may have no end.
    """
    # A known column that the list lacks is told once, see letter_and_list, and not at each place that asks for it.
    columns = tuple(dict.fromkeys((*content.columns, *REQUIRED, *OPTIONAL, *ON_REQUEST)))
    vocabulary = Vocabulary(columns, content.offices, AGREEMENTS)
    looks = Looks(
        content.folder, content.templates, content.resources, lambda: (None, of_sheets) if of_sheets else _fit(content)
    )
    template, problems = compile_once(content.letter, content.enclosures, content.campaign, vocabulary, looks, cache)
    if template is None:
        return None, problems
    words = "".join(part.html for part in template.parts)
    sources = [*chain.from_iterable(content.sources), Source(content.settings.shown, content.settings.text)]
    return template, [*problems, *unshown_in_words(words, sources, content.templates / "fonts", content.shown)]


def _fit(content: _CampaignText) -> tuple[LetterheadFit | None, list[Problem]]:
    """Measure the letterhead; this loads WeasyPrint, so it is done where a letter is compiled anew."""
    from letters.campaign.letterhead import fit_letterhead
    from letters.campaign.sample_page import unseen_parts
    from letters.read.resources import damaged_fonts, missing_fonts

    sheets = {name: file.decode(errors="replace") for name, file in content.resources.items() if name.endswith(".css")}
    fonts, shown = content.templates / "fonts", f"{content.shown}/fonts"
    places = ((sheet, Place(f"{content.shown}/{name}")) for name, sheet in sheets.items())
    problems = list(damaged_fonts(fonts, shown))
    problems += (problem for sheet, place in places for problem in missing_fonts(sheet, place, fonts, shown))
    problems += logo_problems(content.campaign, content.settings, content.folder)
    if problems:
        return None, problems  # it would be measured in another font, or with a picture that has no end
    roots = {"campaign": content.folder, "templates": content.templates}
    sheet = f"{content.shown}/letterhead.css"
    frame = content.letter.frame.text if content.letter.frame else ""
    if unseen := unseen_parts(content.campaign, roots, content.resources, frame, sheet):
        return None, unseen
    return fit_letterhead(content.campaign, content.settings, roots, content.resources, sheet, content.page_looks)


def _merge(
    content: _CampaignText, template: DocumentTemplate, problems: Sequence[Problem], former: Former
) -> tuple[list[Recipient], list[MergedLetter], list[Problem]]:
    """Merge every recipient whose letter no problem stops.

    Return the recipients, held back where the letter is not meant for them, the letters that can be made, and the
    problems that merging has shown.
    """
    if any(problem.stops and not problem.recipient for problem in problems):
        return content.recipients, [], []
    # At the desk a list of thousands is loaded again for each cell that changes: only its row is merged again.
    merger = former.merger = Merger.like(former.merger, template, content.forms)
    faulty = frozenset(problem.recipient for problem in problems if problem.stops)
    recipients, found = merger.without_others(content.recipients, faulty)
    stopped = frozenset(problem.recipient for problem in (*problems, *found) if problem.stops)
    letters, more = merge_all(merger, recipients, stopped)
    unset = list(unshown_in_letters(letters, merger.characters, content.templates / "fonts", content.shown))
    without_glyphs = {problem.recipient for problem in unset}
    letters = [letter for letter in letters if letter.recipient.id not in without_glyphs]
    return recipients, letters, [*found, *more, *unset]
