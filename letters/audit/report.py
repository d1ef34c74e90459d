"""Writes the outcome of an audit as a page of HTML that needs nothing else, and as plain data."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from letters.audit.audit import AuditReport
from letters.audit.findings import Finding
from letters.formats.pdf_text import PdfText
from letters.model.records import PDF

_DOTS, _MOST_PICTURES = 60, 40
"""Dots per inch of a page, and pages that are shown."""
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:60rem;color:#222}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;"
    "border-bottom:1px solid #ccc}.fail{color:#a3261b}img{border:1px solid #999;margin:.5rem 1rem 1rem 0}"
    "figure{display:inline-block;margin:0}"
)


def as_data(report: AuditReport) -> dict[str, Any]:
    """Return a report as plain data, for JSON."""
    return {
        "letters": report.letters,
        "files": report.files,
        "pages": report.pages,
        "findings": [
            {**finding._asdict(), "box": None if finding.box is None else [round(edge, 1) for edge in finding.box]}
            for finding in report.findings
        ],
        "not_checked": report.not_checked,
    }


def write_html(report: AuditReport, title: str, out: Path) -> str:
    """Return a page of HTML with all findings, and the pages that have any, marked at the spot."""
    passed = f"{report.passed:,} of {report.letters:,} letters passed"
    kinds = Counter(finding.kind for finding in report.findings).most_common()
    counted = "".join(f"<tr><td>{escape(kind)}</td><td>{number:,}</td></tr>" for kind, number in kinds)
    rows = "".join(
        f"<tr><td>{escape(each.id)}</td><td>{escape(each.file or each.medium.upper())}"
        f"{f', page {each.page}' if each.page else ''}</td>"
        f"<td>{escape(each.kind)}</td><td>{escape(each.what)}</td></tr>"
        for each in report.findings
    )
    skipped = "".join(f"<li>{escape(path)}: {escape(why)}</li>" for path, why in report.not_checked.items())
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Audit of {escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>Audit of {escape(title)}</h1>"
        f'<p class="{"fail" if report.findings else ""}">{passed}; {report.files:,} files with {report.pages:,} pages '
        f"were read, {len(report.findings):,} faults found.</p>"
        + (f"<h2>Kinds of faults</h2><table>{counted}</table>" if counted else "")
        + (f"<h2>Not compared word by word</h2><ul>{skipped}</ul>" if skipped else "")
        + (f"<h2>Pages with faults</h2>{_pictures(report.findings, out)}" if rows else "")
        + (f"<h2>All faults</h2><table><tr><th>Letter<th>File<th>Kind<th>What</tr>{rows}</table>" if rows else "")
        + "</body></html>\n"
    )


def _pictures(findings: Sequence[Finding], out: Path) -> str:
    """Return pictures of the pages that have faults with a place, as many as can be looked at."""
    pages: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        if finding.medium == PDF and finding.page:
            pages.setdefault((finding.path, finding.page), []).append(finding)
    shown = list(pages.items())[:_MOST_PICTURES]
    more = f"<p>and {len(pages) - len(shown):,} more pages</p>" if len(pages) > len(shown) else ""
    return "".join(_figure(path, page, found, out) for (path, page), found in shown) + more


def _figure(path: str, page: int, findings: Sequence[Finding], out: Path) -> str:
    from PIL import ImageDraw

    with PdfText((out / path).read_bytes()) as pdf:
        picture = pdf.picture(page - 1, _DOTS).convert("RGB")
    draw, scale = ImageDraw.Draw(picture), _DOTS / 72
    for finding in findings:
        if finding.box is not None:
            left, bottom, right, top = (edge * scale for edge in finding.box)
            height = picture.height
            draw.rectangle((left - 2, height - top - 2, right + 2, height - bottom + 2), outline=(220, 0, 0), width=2)
    file = io.BytesIO()
    picture.quantize(32).save(file, "PNG", optimize=True)
    source = base64.b64encode(file.getvalue()).decode()
    name = ", ".join(dict.fromkeys(finding.id for finding in findings))
    words = f"{name}, page {page}: {'; '.join(finding.what for finding in findings)}"
    return (
        f'<figure><img alt="{escape(words, quote=True)}" src="data:image/png;base64,{source}">'
        f"<figcaption>{escape(name)}: {escape(path)}, page {page}</figcaption></figure>"
    )
