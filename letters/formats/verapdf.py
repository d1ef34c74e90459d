"""Asks veraPDF, where it is on the PATH, what it finds wrong with PDFs: a second opinion to our own checks."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from letters.model.problems import CannotGoOn, Exit

UA, ARCHIVE = "ua1", "3a"
"""What veraPDF calls PDF/UA-1 and PDF/A-3a."""
_AT_ONCE = 50
"""Files of one call."""


def program() -> str | None:
    """Return the path of veraPDF; None where it is not on the PATH."""
    return shutil.which("verapdf")


def faults(paths: Sequence[Path], standard: str) -> Iterator[tuple[Path, str]]:
    """Yield what veraPDF finds wrong with files by a standard, each rule once: "ISO 14289-1:2014 7.1-9: …".

    Nothing where veraPDF is not there. Raises CannotGoOn where it gives no report.
    """
    verapdf = program()
    if verapdf is None:
        return
    for start in range(0, len(paths), _AT_ONCE):
        some = [str(path.resolve()) for path in paths[start : start + _AT_ONCE]]
        command = [verapdf, "--format", "xml", "--flavour", standard, *some]
        done = subprocess.run(command, capture_output=True, check=False)
        try:
            report = etree.fromstring(done.stdout, etree.XMLParser(resolve_entities=False, huge_tree=True))
        except etree.XMLSyntaxError:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            hint = said[-1] if said else f"it stopped with code {done.returncode}"
            raise CannotGoOn(Exit.MISSING_ON_MACHINE, "veraPDF gave no report", hint) from None
        for job in report.iter("job"):
            path = Path(job.findtext("item/name") or "")
            yield from ((path, what) for what in _of_job(job))


def _of_job(job: etree._Element) -> Iterator[str]:
    for rule in job.iter("rule"):
        if rule.get("status") == "failed" or int(rule.get("failedChecks") or 0):
            said = " ".join((rule.findtext("description") or "").split())
            yield f"{rule.get('specification')} {rule.get('clause')}-{rule.get('testNumber')}: {said}"
    if (report := job.find("validationReport")) is None:
        reason = job.findtext(".//exceptionMessage") or "it could not be read"
        yield f"no verdict: {reason}"
    elif report.get("isCompliant") != "true" and job.find(".//rule") is None:
        yield "not as the standard asks, without a rule that says why"
