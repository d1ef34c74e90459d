"""Fits the letterhead into its room: it is measured as it is laid out, at ever smaller sizes, in ever fewer columns.

First the size goes down until every name stands on one line; then names are broken into lines, at the largest size that
fits the usual height; then the letterhead grows towards the date, as far as the address below does not move. Where
organizations do not fit side by side, they stand two in a row, or one below the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from letters.campaign.sample_page import (
    BELOW,
    USUAL_LOGO,
    LetterheadRoom,
    SampleLetterhead,
    TextExtent,
    box_of,
    draw_logo,
    undrawn_logos,
)
from letters.compile.letterhead import COLUMNS, LOGO_GAP, PAIRS, ROWS, write_html, write_style
from letters.formats.deadline import TooSlowError, limited
from letters.formats.files import sha256_of_same
from letters.model.looks import Arrangement, LetterheadBlock, LetterheadFit, PageLooks, TypeSize
from letters.model.postal import Points
from letters.model.problems import CannotGoOn, Place, Problem
from letters.model.settings import Campaign
from letters.read.toml import TomlFile
from letters.render import RenderError
from letters.render.pdf.plain import MeasuredBox, MeasuredLine
from letters.render.store import RecentCache

_NAME_FLOOR: Points = 9
_LINE_FLOOR: Points = 7.5
_TIGHT = 1.16
"""The least distance of lines in sizes of the type."""
_STEP: Points = 0.5
"""From one size to the next; Word keeps sizes in half-points (ECMA-376 part 1, 17.3.2.38)."""
_GUTTER: Points = 16
"""Between organizations side by side."""
_SLACK: Points = 3
"""What the last column leaves free: Word sets a line a little wider or narrower than the PDF."""
_SAME: Points = 0.5
_HEIGHT_OF_SIZE = 8
"""So many points of growth are as bad as type that is a point smaller."""
_LOGO_SHARE = 0.35
"""The part of its column that a logo may take."""
_LOGO: Mapping[str, tuple[Points, Points]] = {COLUMNS: (130, 36), PAIRS: (50, 24), ROWS: (60, 19)}
"""How wide and how high a logo may be."""
_POWERS = (0.0, 0.5, 1.0)
"""How much a wider text widens its column where names are broken into lines: not at all, somewhat, in proportion."""
_MOST_SECONDS = 10
"""Of computing; a letterhead takes half of one."""
_measured_before: RecentCache[tuple[object, ...], LetterheadFit] = RecentCache(16)
"""Letterheads by all that they depend on: a process that loads a campaign again and again measures it once."""


class _Trial(NamedTuple):
    """A letterhead that was laid out."""

    fit: LetterheadFit
    used: Points
    """How high it is."""
    wide: tuple[int, MeasuredLine] | None
    """A line that is wider than its column, with the number of its organization."""
    blocks: tuple[tuple[MeasuredLine, ...], ...]
    """The lines of each organization."""


def fit_letterhead(
    campaign: Campaign,
    file: TomlFile,
    roots: Mapping[str, Path],
    resources: Mapping[str, bytes],
    shown: str,
    looks: PageLooks,
) -> tuple[LetterheadFit | None, list[Problem]]:
    """Return the letterhead of a campaign, measured; None and the problems where it does not fit its room.

    `file` is campaign.toml, `roots` are the folders "campaign" and "templates", `resources` the files that the PDF
    depends on, and `shown` names the style sheet. The looks say how organizations stand, and how high a logo may be.
    """
    if not campaign.organizations:
        return LetterheadFit(COLUMNS), []
    # The looks are among the resources, by what `letters.campaign.load` adds to them.
    key = (campaign.organizations, campaign.paper, *((name, sha256_of_same(file)) for name, file in resources.items()))
    if known := _measured_before.get(key):
        return known, []
    try:
        with limited(_MOST_SECONDS):
            if problems := list(undrawn_logos(campaign, file, roots)):
                return None, problems
            fit, problems = _Fitter(campaign, roots, shown, looks).fit(file)
    except RenderError as error:
        return None, [Problem(Place(shown), str(error))]
    except TooSlowError:
        what = f"the letterhead takes more than {_MOST_SECONDS} seconds to lay out with it"
        return None, [Problem(Place(shown), what, "take back what was changed in it last, or in campaign.toml")]
    except CannotGoOn:
        raise
    except Exception:  # noqa: BLE001 - WeasyPrint meets styles that it was not made for in many ways
        what = "the letterhead cannot be laid out with it: not all of its lines come out on one page"
        return None, [Problem(Place(shown), what, "take back what was changed in it last")]
    if fit:
        _measured_before[key] = fit
    return fit, problems


class _Fitter:
    def __init__(self, campaign: Campaign, roots: Mapping[str, Path], shown: str, looks: PageLooks) -> None:
        self._shown = shown
        self._looks = looks
        self._organizations = campaign.organizations
        self._roots = roots
        self._sample = SampleLetterhead(campaign, roots)
        self._room, self._extents = self._sample.measure()

    def fit(self, file: TomlFile) -> tuple[LetterheadFit | None, list[Problem]]:
        """Return the letterhead at the largest size that fits."""
        room = self._room.most
        tried = []
        for candidates in self._candidates():
            trials = self._try(candidates)
            fitting = [trial for trial in trials if trial.wide is None and trial.used <= room]
            if fitting:
                return self._settled(self._grown(max(fitting, key=self._merit)))
            tried += trials
        return None, [self._problem(tried, file)]

    def _merit(self, trial: _Trial) -> Points:
        """Return how large the type of a letterhead is, less what its height costs."""
        size = (trial.fit.name or self._room.name).size
        return size - max(0.0, trial.used - self._room.height) / _HEIGHT_OF_SIZE - trial.used / 1000

    def _candidates(self) -> Iterator[list[LetterheadFit]]:
        """Yield the arrangements in the order in which they are preferred; of those of one list the best is taken."""
        sizes = list(_sizes(self._room))
        if self._looks.letterhead is Arrangement.SIDE_BY_SIDE:
            yield from self._side_by_side(sizes)
        widths = [self._room.width - _SLACK] * len(self._organizations)
        yield [self._fit(ROWS, widths, name, line, apart=apart) for name, line in sizes for apart in (True, False)]

    def _side_by_side(self, sizes: Sequence[tuple[TypeSize, TypeSize]]) -> Iterator[list[LetterheadFit]]:
        for name, line in sizes:
            if widths := self._whole(name, line):
                yield [self._fit(COLUMNS, widths, name, line)]
        yield [
            self._fit(COLUMNS, widths, name, line)
            for name, line in sizes
            for power in _POWERS
            if (widths := self._shared(name, line, power))
        ]
        if len(self._organizations) > 2:
            halves = [(self._room.width - _GUTTER - _SLACK) / 2] * len(self._organizations)
            yield [self._fit(PAIRS, halves, name, line, apart=apart) for name, line in sizes for apart in (True, False)]

    def _whole(self, name: TypeSize, line: TypeSize) -> list[Points]:
        """Return widths of columns in which nothing is broken; empty where there is no room for that."""
        available = self._available()
        needs = [self._need(extent, name, line) for extent in self._extents]
        if max(needs) <= available / len(needs):
            return [available / len(needs)] * len(needs)
        rest = available - sum(needs)
        return [need + rest / len(needs) for need in needs] if rest >= 0 else []

    def _shared(self, name: TypeSize, line: TypeSize, power: float) -> list[Points]:
        """Return widths of columns by the share that each needs; empty where a word is wider than its column."""
        available = self._available()
        least = [self._need(extent, name, line, words=True) for extent in self._extents]
        if sum(least) > available:
            return []
        weights = [self._need(extent, name, line) ** power for extent in self._extents]
        widths = [available * weight / sum(weights) for weight in weights]
        fixed: set[int] = set()
        # A column that is too narrow for its longest word takes its width, and the others share what is left, in
        # which one more may become too narrow.
        while short := {n for n, width in enumerate(widths) if width < least[n] - 1e-6} - fixed:
            fixed |= short
            free = available - sum(least[n] for n in fixed)
            total = sum(weight for n, weight in enumerate(weights) if n not in fixed)
            widths = [least[n] if n in fixed else free * weights[n] / total for n in range(len(widths))]
        return widths

    def _available(self) -> Points:
        return self._room.width - _SLACK - _GUTTER * (len(self._organizations) - 1)

    def _need(self, extent: TextExtent, name: TypeSize, line: TypeSize, *, words: bool = False) -> Points:
        of_name, of_line = (extent.name_word, extent.line_word) if words else (extent.name, extent.line)
        text = max(of_name * name.size / self._room.name.size, of_line * line.size / self._room.line.size)
        logo = self._logo(extent, COLUMNS, self._available() / len(self._extents))
        return text + 0.1 + (logo[0] + LOGO_GAP if logo else 0)

    def _logo(self, extent: TextExtent, arrangement: str, column: Points) -> tuple[Points, Points] | None:
        if not extent.shape:
            return None
        widest, highest = (points * self._looks.logo_size / USUAL_LOGO for points in _LOGO[arrangement])
        height = min(highest, min(widest, column * _LOGO_SHARE) / extent.shape)
        return height * extent.shape, height

    def _fit(
        self, arrangement: str, widths: Sequence[Points], name: TypeSize, line: TypeSize, *, apart: bool = True
    ) -> LetterheadFit:
        """Return a letterhead to be tried; with `apart` what is too wide for one line is set in several."""
        equal = self._available() / len(widths)
        blocks = []
        for width, extent in zip(widths, self._extents, strict=True):
            logo = self._logo(extent, arrangement, equal if arrangement == COLUMNS else width)
            line_width = extent.contact if arrangement == COLUMNS else extent.whole
            room = width - (logo[0] + LOGO_GAP if logo else 0)
            too_wide = line_width * line.size / self._room.line.size > room
            blocks.append(LetterheadBlock(0, 0, width, 0, apart and too_wide, logo))
        is_usual = name == self._room.name and line == self._room.line
        centred = self._looks.letterhead is Arrangement.CENTRED
        own_name, own_line = (None, None) if is_usual else (name, line)
        return LetterheadFit(arrangement, tuple(blocks), own_name, own_line, centred=centred)

    def _try(self, candidates: Sequence[LetterheadFit]) -> list[_Trial]:
        """Lay out letterheads, one below the other."""
        heads = [
            f'<section class="trial" id="trial-{number}">{write_html(self._organizations, fit)}</section>'
            for number, fit in enumerate(candidates)
        ]
        rules = (
            f"#trial-{number} {rule}"
            for number, fit in enumerate(candidates)
            for rule in filter(None, write_style(fit).split("\n"))
        )
        found = self._sample.lay_out("".join(heads), style="\n".join(rules))
        starts = [number for number, box in enumerate(found) if "letterhead" in box.classes]
        parts = [found[start:end] for start, end in itertools.pairwise([*starts, len(found)])]
        return [self._trial(fit, part) for fit, part in zip(candidates, parts, strict=True)]

    def _trial(self, fit: LetterheadFit, found: Sequence[MeasuredBox]) -> _Trial:
        head, *boxes = found
        starts = [number for number, box in enumerate(boxes) if "organization" in box.classes]
        parts = [boxes[start:end] for start, end in itertools.pairwise([*starts, len(boxes)])]
        blocks = [_measured(block, part, head) for block, part in zip(fit.blocks, parts, strict=True)]
        used = max(block.top + block.height for block in blocks)
        wide = next(
            (
                (number, line)
                for number, (block, part) in enumerate(zip(blocks, parts, strict=True))
                for box in part
                for line in box.lines
                if line.right > head.left + block.left + block.width + 0.5
            ),
            None,
        )
        lines = tuple(tuple(line for box in part for line in box.lines) for part in parts)
        return _Trial(fit._replace(blocks=tuple(blocks), height=head.height), used, wide, lines)

    def _grown(self, trial: _Trial) -> LetterheadFit:
        """Return the letterhead as high as it must be."""
        growth = max(0.0, round(trial.used - self._room.height + 0.05, 1))
        # Date and address move by the same part of what they may move by.
        part = min(1.0, growth / max(self._room.closer + self._room.lift, 0.01))
        closer, lift = round(part * self._room.closer, 2), round(part * self._room.lift, 2)
        rise = max(0.0, round(growth - closer - lift, 2))
        height = self._room.height + growth
        return trial.fit._replace(growth=growth, closer=closer, lift=lift, rise=rise, height=height)

    def _settled(self, fit: LetterheadFit) -> tuple[LetterheadFit | None, list[Problem]]:
        """Return the letterhead if the style sheet lets it grow, and the address below it stays where it is."""
        if fit.growth:
            head, *boxes = self._sample.lay_out(write_html(self._organizations, fit), BELOW, write_style(fit))
            moved = box_of("inside-address", boxes).top - self._room.address
            if abs(moved) > _SAME or abs(head.height - fit.height) > _SAME:
                what = (
                    f"the letterhead must be {fit.growth:.0f} points higher, but the style sheet does not let it grow"
                )
                hint = 'copy the rules with "--letterhead-" from the toolkit\'s letterhead.css, or shorten the names'
                return None, [Problem(Place(self._shown), what, hint)]
        return self._drawn(fit), []

    def _drawn(self, fit: LetterheadFit) -> LetterheadFit:
        """Return the letterhead with pictures for Word of logos that it does not show."""
        blocks = (
            block._replace(picture=draw_logo(self._roots, organization.logo, *block.logo))
            if organization.logo and block.logo and organization.logo.suffix.lower() == ".svg"
            else block
            for organization, block in zip(self._organizations, fit.blocks, strict=True)
        )
        return fit._replace(blocks=tuple(blocks))

    def _problem(self, trials: Sequence[_Trial], file: TomlFile) -> Problem:
        """Return the problem of a letterhead that fits in no way, with the first line that does not."""
        trial = min(trials, key=lambda each: (each.wide is not None, each.used))
        hint = "shorten the name or the address, or leave out a telephone number, an e-mail address or a website"
        if trial.wide:
            number, line = trial.wide
            what = f'"{line.text}" is too wide for the letterhead, even in the smallest type'
            return Problem(self._place(file, number, line.text), what, hint)
        top = min(line.top for lines in trial.blocks for line in lines)
        lowest = top + self._room.most
        ends = [block.top + block.height for block in trial.fit.blocks]
        last = ends.index(max(ends))
        too_low = (
            (number, line) for number, lines in enumerate(trial.blocks) for line in lines if line.bottom > lowest
        )
        # A logo may reach lower than any line: then it is the last line beside it that has to go.
        number, line = next(too_low, (last, trial.blocks[last][-1]))
        what = (
            f'the letterhead has no room for the line "{line.text}": it is {trial.used:.0f} points high, even in the '
            f"smallest type, and {self._room.most:.0f} are free above the date"
        )
        return Problem(self._place(file, number, line.text), what, hint)

    def _place(self, file: TomlFile, number: int, text: str) -> Place:
        """Return the place of a text in campaign.toml."""
        each = self._organizations[number]
        keys = {"phone": each.phone, "email": each.email, "web": each.web, "name": each.name}
        said = text.casefold()  # capitals of the style sheet are in the text
        texts = {key: value.casefold() for key, value in keys.items() if value}
        inside = next((key for key, value in texts.items() if value in said or said in value), "address")
        return file.place("organizations", number, inside, field=f"organizations.{inside}")


def _sizes(room: LetterheadRoom) -> Iterator[tuple[TypeSize, TypeSize]]:
    """Yield the sizes of names and lines, from the style sheet's own down to the floors."""
    name, line = room.name, room.line
    yield name, line
    while name.size > _NAME_FLOOR or line.size > _LINE_FLOOR:
        name = _smaller(name, room.name, _NAME_FLOOR)
        # Lines lose half as much as names: they are small already.
        if round((room.name.size - name.size) / _STEP) % 2 == 0 or name.size <= _NAME_FLOOR:
            line = _smaller(line, room.line, _LINE_FLOOR)
        yield name, line
    yield _tight(name), _tight(line)


def _tight(type_: TypeSize) -> TypeSize:
    """Return type with its lines as close as they may be."""
    return TypeSize(type_.size, min(type_.leading, round(type_.size * _TIGHT * 4) / 4))


def _smaller(type_: TypeSize, usual: TypeSize, floor: Points) -> TypeSize:
    # A style sheet may begin below the floor: then its own size is the smallest.
    size = max(min(floor, usual.size), type_.size - _STEP)
    return TypeSize(size, round(usual.leading * size / usual.size * 4) / 4)


def _measured(block: LetterheadBlock, boxes: Sequence[MeasuredBox], head: MeasuredBox) -> LetterheadBlock:
    """Return the block with the lines that it was broken into, and where it stands in the letterhead."""
    organization, *inside = boxes
    names = [box for box in inside if "letterhead-name" in box.classes]
    lines = [box for box in inside if "letterhead-line" in box.classes]
    ends = [box.bottom for box in (*names, *lines)] + [box.bottom for box in inside if "logo" in box.classes]
    return block._replace(
        left=organization.left - head.left,
        top=organization.top - head.top,
        height=max(ends) - organization.top,
        name=tuple(line.text for box in names for line in box.lines),
        lines=tuple(tuple(line.text for line in box.lines) for box in lines),
    )
