"""Loads a campaign: every file read, the letter compiled, every recipient merged, and all problems gathered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from letters.cite.check import check_citations, find_in_sources
from letters.compile.kept import compile_once
from letters.compile.scope import Vocabulary
from letters.formats.cache import Cache
from letters.merge.merge import Merger, merge_all
from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean, in_order
from letters.model.records import Authorities, Campaign, DocumentTemplate, Letter, MergedLetter, Recipient, Source
from letters.read import glyphs, placeholders
from letters.read.authorities import AUTHORITIES, read_authorities
from letters.read.campaign import read_campaign
from letters.read.forms import FORMS, read_forms
from letters.read.letter import read_enclosure, read_letter
from letters.read.recipients import AGREEMENTS, held_notes, read_recipients
from letters.read.resources import read_resources
from letters.read.text import read_text
from letters.read.toml_lines import key_lines, line_of


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
        """Tell for each recipient whose letter is not made why that is: held on purpose, or stopped by a problem."""
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
        """Narrow the project to some recipients; raises CannotGoOn for an id that is not in the list."""
        known = {recipient.id for recipient in self.recipients}
        for identifier in only:
            if identifier not in known:
                message = f'no recipient has the id "{identifier}"'
                raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(identifier, known))
        recipients = tuple(recipient for recipient in self.recipients if recipient.id in only)
        return self._replace(
            recipients=recipients,
            letters=tuple(letter for letter in self.letters if letter.recipient.id in only),
        )


def load(path: Path, letter_name: str = "", cache: Cache | None = None) -> tuple[Project | None, list[Problem]]:
    """Load a campaign and its letter, or another letter of the same campaign; None where nothing can be made of it.

    Raises CannotGoOn when a file that everything depends on is missing or is not text.
    """
    campaign, problems = read_campaign(path)
    if campaign is None:
        return None, in_order(problems)
    folder = path.parent
    templates, shown = folder / campaign.templates, campaign.templates.as_posix()
    forms, more = read_forms(templates / FORMS, f"{shown}/{FORMS}")
    problems += more
    offices = tuple(dict.fromkeys(form.office for form in forms))
    recipients, columns, more = read_recipients(folder / campaign.recipients, campaign.recipients.as_posix(), offices)
    problems += [*more, *held_notes(recipients)]
    letter, enclosures, more = _read_texts(campaign, letter_name or campaign.letter, templates, shown, path)
    problems += more
    logos = [folder / organization.logo for organization in campaign.organizations if organization.logo]
    resources, more = read_resources(templates, shown, logos)
    sources = tuple(tuple(filter(None, (each.frame, each.body))) for each in (letter, *enclosures))
    flat = [source for part in sources for source in part]
    problems += [*more, *_placeholders(campaign, path, recipients, (letter, *enclosures))]
    authorities, more = read_authorities(templates, shown)
    problems += more
    if authorities:
        problems += check_citations(find_in_sources(flat, authorities), authorities, campaign.status)
    vocabulary = Vocabulary(columns, offices, AGREEMENTS)
    template, more = compile_once(letter, enclosures, campaign, vocabulary, folder, templates, cache)
    problems += more
    if template is None:
        return None, in_order(problems)
    problems += _glyphs_of_words(template, [*flat, Source(path.name, read_text(path, path.name)[0])], templates, shown)
    letters: list[MergedLetter] = []
    if not any(problem.stops and not problem.recipient for problem in problems):
        merger = Merger(template, forms)
        recipients, more = merger.without_others(recipients)
        problems += more
        stopped = frozenset(problem.recipient for problem in problems if problem.stops)
        letters, more = merge_all(merger, recipients, stopped)
        unset = list(glyphs.in_letters(letters, merger.characters, templates / "fonts", shown))
        letters = [letter for letter in letters if letter.recipient.id not in {problem.recipient for problem in unset}]
        problems += [*more, *unset]
    project = Project(
        folder,
        campaign,
        tuple(recipients),
        template,
        tuple(resources.items()),
        tuple(letters),
        sources,
        authorities,
    )
    return project, in_order(problems)


def _read_texts(
    campaign: Campaign, name: str, templates: Path, shown: str, path: Path
) -> tuple[Letter, list[Letter], list[Problem]]:
    letter, problems = _read_letter(name, templates, shown)
    enclosures: list[Letter] = []
    names = letter.enclosures if campaign.enclosures is None else campaign.enclosures
    if letter.word is not None and names:
        hint = "a letter made in Word holds its enclosures itself: enclosures = []"
        what = f'"{letter.body.path}" cannot have enclosures of its own'
        return letter, [], [*problems, Problem(Place(path.name, field="enclosures"), what, hint)]
    lines = key_lines(read_text(path, path.name)[0])
    for enclosure in names:
        try:
            read, more = read_enclosure(enclosure, letter, templates, shown)
        except CannotGoOn as error:
            here = Place(path.name, line_of(("enclosures",), lines), field="enclosures")
            place = letter.enclosures_place if campaign.enclosures is None else here
            problems.append(Problem(place, error.message, error.hint))
            continue
        problems += more
        enclosures.append(read)
    return letter, enclosures, problems


def _read_letter(name: str, templates: Path, shown: str) -> tuple[Letter, list[Problem]]:
    """Read a letter, which is Markdown, or else a Word file that somebody made."""
    markdown, word = (templates / f"{name}{suffix}" for suffix in (".md", ".docx"))
    if markdown.is_file():
        return read_letter(name, templates, shown)
    from letters.compile.compile import word_styles
    from letters.read.word_letter import is_word_letter, read_word_letter

    if not is_word_letter(word, templates):
        return read_letter(name, templates, shown)
    return read_word_letter(word, f"{shown}/{word.name}", word_styles(templates / "letterhead.docx"))


def _placeholders(
    campaign: Campaign, path: Path, recipients: Sequence[Recipient], texts: Sequence[Letter]
) -> Iterable[Problem]:
    # A bracket in read_by is told together with what cites that authority.
    shown = campaign.templates.as_posix()
    for name, but in ((path.name, "#"), (f"{shown}/{FORMS}", "#"), (f"{shown}/{AUTHORITIES}", "read_by")):
        if (path.parent / name).is_file():
            text, _ = read_text(path.parent / name, name)
            yield from placeholders.in_toml(text, name, campaign.status, but)
    for each in texts:
        yield from placeholders.in_front(each, campaign.status)
        for source in filter(None, (each.frame, each.body)):
            yield from placeholders.in_source(source, campaign.status)
    yield from placeholders.in_recipients(recipients, campaign.status)


def _glyphs_of_words(
    template: DocumentTemplate, sources: Sequence[Source], templates: Path, shown: str
) -> Iterable[Problem]:
    words = "".join(part.html for part in template.parts)
    return glyphs.in_words(words, sources, templates / "fonts", shown)
