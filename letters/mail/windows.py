"""Checks a folded letter against a window: what is always seen, what may be seen, what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from letters.mail.page_words import Word, bounds, find
from letters.model.postal import Box, Inches, Window, WindowProfile
from letters.model.problems import Place, Problem, Severity

_SLACK: Inches = 0.01
"""What no eye and no printer can tell apart."""


@dataclass(frozen=True, slots=True)
class View:
    """What a window shows of the page, in places of the page."""

    always: Box
    """Seen wherever the letter slides; it has no area where the letter slides more than the window is high or wide."""
    ever: Box
    """Seen somewhere on the letter's way."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One letter seen through a window: where its address is, and which words are at fault."""

    address: Box | None
    faults: tuple[Word, ...]
    problems: tuple[Problem, ...]


def look_through(window: Window, profile: WindowProfile) -> View:
    """Tell what a window shows of a letter that slides through the whole of its envelope (the tap test)."""
    panel = profile.folds[0] if profile.folds else profile.page_height
    across, along = max(0.0, profile.width - profile.page_width), max(0.0, profile.height - panel)
    # The letter's lower left corner is in the envelope's: the panel's top is `panel` above the bottom edge.
    top = panel - window.bottom - window.height
    low = Box(window.left, top, window.left + window.width, top + window.height)
    far = low.moved(-across, along)
    return View(always=low.within(far), ever=low.around(far))


def address_view(profile: WindowProfile) -> View:
    """Tell what the window for the address shows, or what the mailing house says."""
    if profile.visible and profile.clear:
        return View(profile.visible.box, profile.clear.box)
    assert profile.address is not None
    return look_through(profile.address, profile)


def check_page(words: Sequence[Word], address: Sequence[str], profile: WindowProfile, place: Place, id_: str) -> Sight:
    """Check the first page of a letter: all of the address seen, and nothing else.

    `place` is where the address comes from, for messages.
    """
    at = find(words, [word for line in address for word in line.split()])
    if at is None:
        hint = "it may be missing from the letter's frame; envelopes without a window can still be printed"
        return Sight(None, (), (Problem(place, "the address was not found on the first page", hint, recipient=id_),))
    view = address_view(profile)
    own, others = words[at[0] : at[1]], [*words[: at[0]], *words[at[1] :]]
    hidden = [word for word in own if not view.always.holds(word.box, _SLACK)]
    strange = [word for word in others if view.ever.touches(word.box)]
    problems = [*_hidden(hidden, bounds(own), view, profile, place, id_), *_strange(strange, profile, place, id_)]
    problems += _cut_sender(others, profile, place, id_)
    return Sight(bounds(own), (*hidden, *strange), tuple(problems))


def _hidden(
    words: Sequence[Word], address: Box, view: View, profile: WindowProfile, place: Place, id_: str
) -> Iterable[Problem]:
    if words:
        what = (
            f'"{_quote(words)}" would not always be seen through the window {profile.name}: the address lies '
            f"{_span(address)}, what is always seen is {_span(view.always)}"
        )
        hint = "shorten the address, use --cover-sheet, or choose another --window; letters mail check draws it"
        yield Problem(place, what, hint, recipient=id_)


def _strange(words: Sequence[Word], profile: WindowProfile, place: Place, id_: str) -> Iterable[Problem]:
    if words:
        what = f'"{_quote(words)}" may be seen through the window {profile.name} beside the address'
        hint = "move it in letterhead.css, use --cover-sheet, or choose another --window"
        yield Problem(place, what, hint, recipient=id_)


def _cut_sender(words: Sequence[Word], profile: WindowProfile, place: Place, id_: str) -> Iterable[Problem]:
    """Warn of words that the window for the return address may show only a part of."""
    if profile.sender is None:
        return
    view = look_through(profile.sender, profile)
    cut = [word for word in words if view.ever.touches(word.box) and not view.always.holds(word.box, _SLACK)]
    if cut:
        what = f'"{_quote(cut)}" may be seen in part through the window for the return address of {profile.name}'
        hint = "nothing private stands there, but look at the overlay"
        yield Problem(place, what, hint, Severity.WARNING, id_)


def _quote(words: Sequence[Word]) -> str:
    text = " ".join(word.text for word in words)
    return text if len(text) <= 60 else text[:57] + "…"


def _span(box: Box) -> str:
    if box.width <= 0 or box.height <= 0:
        return "nothing at all"
    return f"{box.left:.2f} to {box.right:.2f} in. from the left and {box.top:.2f} to {box.bottom:.2f} in. from the top"
