"""Finds the stationer's products of a campaign: envelopes, sheets of labels, windows, and what fits into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from letters.campaign.load import Project
from letters.mail.addresses import Ruler
from letters.model.postal import Box, Envelope, LabelSheet, Postage, Products, WindowProfile
from letters.model.problems import CannotGoOn, Exit, Problem, did_you_mean
from letters.model.records import Paper
from letters.read.products import read_postage, read_products

_Product = TypeVar("_Product", Envelope, LabelSheet, WindowProfile)
_PAPERS = {Paper.LETTER: (8.5, 11.0), Paper.A4: (210 / 25.4, 297 / 25.4)}
_ROUNDED = 0.02
BY_SHEETS = {Paper.LETTER: ("10", "9x12"), Paper.A4: ("DL", "C4")}
"""The envelopes for folded and for flat pieces."""
_FOLDED = 6
"""Sheets that can be folded in three and still lie flat in an envelope, as makers of #10 envelopes give it."""


def products_of(project: Project) -> Products:
    """Read the stationer's products; raises CannotGoOn with every mistake in their files."""
    products, problems = read_products(project.templates, project.campaign.templates.as_posix())
    stop_at(problems)
    return products


def stop_at(problems: Iterable[Problem]) -> None:
    """Raise CannotGoOn with all problems that stop something; nothing is raised where there is none."""
    if found := [problem for problem in problems if problem.stops]:
        raise CannotGoOn(Exit.PROBLEMS, "nothing was written\n" + "\n".join(map(str, found)))


def choose(products: Mapping[str, _Product], name: str, kind: str) -> _Product:
    """Find a product by name; raises CannotGoOn where there is none."""
    if name not in products:
        message = f'there is no {kind} "{name}" in templates/postal/'
        raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(name, products))
    return products[name]


def choose_window(project: Project, name: str) -> WindowProfile:
    """Find a window profile by name; raises CannotGoOn where there is none, or it is for pages of another size."""
    profile = choose(products_of(project).windows, name, "window")
    paper = project.campaign.paper
    width, height = _PAPERS[paper]
    if abs(profile.page_width - width) > _ROUNDED or abs(profile.page_height - height) > _ROUNDED:
        size = f"{profile.page_width:g} x {profile.page_height:g} in."
        message = f"the window {name} is for pages of {size}, and the letters are on {paper.value}"
        hint = f"add a profile with page_width = {width:.4g} and page_height = {height:.4g} to templates/postal/"
        raise CannotGoOn(Exit.WRONG_CALL, message, hint)
    return profile


def folded_envelope(project: Project) -> Envelope:
    """Return the envelope for folded letters that suits the paper."""
    return choose(products_of(project).envelopes, BY_SHEETS[project.campaign.paper][0], "envelope")


def postage_of(project: Project) -> Postage | None:
    """Read the prices that the user filled in; None where there are none. Raises CannotGoOn with every mistake."""
    postage, problems = read_postage(project.templates, project.campaign.templates.as_posix())
    stop_at(problems)
    return postage


def most_sheets(goods: Envelope | WindowProfile, paper: Paper) -> int:
    """Return how many sheets an envelope takes; 0 where they need not be folded in three, and nothing bounds them."""
    panel = _PAPERS[paper][1] / 2
    return goods.most_sheets or (_FOLDED if min(goods.width, goods.height) < panel else 0)


def ruler_of(project: Project) -> Ruler:
    """Return the widths of characters in the faces of addresses."""
    return Ruler(project.templates / "fonts")


def room_of(label: Box, padding: float) -> Box:
    """Return where on a label text may stand; above and below half as much stays free as at the sides."""
    return Box(label.left + padding, label.top + padding / 2, label.right - padding, label.bottom - padding / 2)
