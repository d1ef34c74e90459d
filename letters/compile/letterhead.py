"""Writes the letterhead for the PDF: the organizations in the places that were measured for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from letters.model.letterhead import LetterheadBlock, LetterheadFit
from letters.model.records import Organization

RUNNING_NAME = "{{ recipient.running_name }}"
"""What the head of the further pages prints where the letter does not say otherwise."""
_SHORT_END = re.compile(r" (?=\S{1,5}$)")
"""The space before a ZIP code or the number of a suite, which do not stand on a line by themselves."""
COLUMNS, PAIRS, ROWS = "columns", "pairs", "rows"
"""How organizations stand: side by side, two in a row, or one below the other with its address in a line."""


def organization_texts(organization: Organization, arrangement: str, *, apart: bool = False) -> list[list[str]]:
    """List the texts under an organization's name, each as the pieces that stand in it; see LetterheadBlock.apart."""
    phone = organization.phone.replace(" ", "\u00a0")
    contact = [each for each in (phone, organization.email, organization.web) if each]
    address = [_SHORT_END.sub("\u00a0", line) for line in organization.address if line]
    if arrangement == COLUMNS:
        texts = [*([line] for line in address), *([each] for each in contact if apart), [] if apart else contact]
    else:
        texts = [address, contact] if apart else [[*address, *contact]]
    return [text for text in texts if text]


def write_html(organizations: Sequence[Organization], fit: LetterheadFit) -> str:
    """Write the letterhead as HTML; plain text, no Jinja tags are meant."""
    blocks = "".join(
        _write_block(organization, block, fit) for organization, block in zip(organizations, fit.blocks, strict=True)
    )
    centred = " centred" * fit.centred
    return f'<header class="letterhead {fit.arrangement}{centred}">\n{blocks}</header>\n'.replace("{", '{{ "{" }}')


def _write_block(organization: Organization, block: LetterheadBlock, fit: LetterheadFit) -> str:
    logo, room = "", 0.0
    if organization.logo and block.logo:
        source = escape("../campaign/" + organization.logo.as_posix(), quote=True)
        width, height = block.logo
        size = f"width: {width:.2f}pt; height: {height:.2f}pt"
        logo = f'<img class="logo" style="{size}" src="{source}" alt="{escape(organization.name, quote=True)}">\n'
        room = width + LOGO_GAP
    texts = organization_texts(organization, fit.arrangement, apart=block.apart)
    lines = "".join(f'<p class="letterhead-line">{_write_pieces(pieces)}</p>\n' for pieces in texts)
    name = f'<p class="letterhead-name">{escape(organization.name)}</p>\n'
    sides = f"margin-left: {room:.2f}pt" + (f"; margin-right: {room:.2f}pt" if fit.centred and room else "")
    text = f'<div class="letterhead-text" style="{sides}">\n{name}{lines}</div>\n'
    return f'<div class="organization" style="width: {block.width:.2f}pt">\n{logo}{text}</div>\n'


ABOVE_RULE = 4.0
"""Points between the text and the rule below it: the padding of .letterhead in the style sheet."""
LOGO_GAP = 8.0
"""Points between a logo and the text beside it."""


def _write_pieces(pieces: Sequence[str]) -> str:
    """Write pieces with a dot between them, which never begins a line."""
    return "\u00a0· ".join(map(escape, pieces))


def write_style(fit: LetterheadFit) -> str:
    """Write what the letterhead of a campaign has other than the style sheet says."""
    sizes = (("name", fit.name), ("line", fit.line))
    rules = [
        f".letterhead-{part} {{ font-size: {type_.size:g}pt; line-height: {type_.leading:g}pt }}"
        for part, type_ in sizes
        if type_
    ]
    if fit.growth:
        moves = {"growth": fit.growth, "closer": fit.closer, "lift": fit.lift, "rise": fit.rise}
        written = "; ".join(f"--letterhead-{name}: {points:.2f}pt" for name, points in moves.items())
        rules.append(f":root {{ {written} }}")
    return "\n".join(rules)
