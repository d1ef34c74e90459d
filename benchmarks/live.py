"""Measures how soon the page follows the text at the desk: python -m benchmarks.live.

A word of the sample letter is changed again and again, as by somebody who types, over real HTTP: from the request to
the picture of the visible page. Beside it, in the same run: Typst, with one compiler that lives on, from the change
of the file to the same picture, and the whole letter laid out anew by WeasyPrint alone.
"""

from __future__ import annotations

import argparse
import http.client
import importlib.util
import json
import math
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.loops.values import read_values
from benchmarks.measure import DOCS, write_result
from benchmarks.typst_letter import VALUES_NAME, write_typst
from benchmarks.workload import CAMPAIGN, lay_out
from letters.campaign.load import load
from letters.desk.app import DeskServer, DeskSettings
from letters.desk.live import picture_of
from letters.formats import jinja
from letters.render.pdf.plain import PdfRenderer

FILE = "templates/guidance-letter.md"
WORDS = {1: "Five questions that we hear", 5: "remains so", 9: "on local agencies is real"}
"""Words of the pages for which it is measured: those before which something is typed."""
MOVED = "A line or so that was not there before, and moves what follows. "


class Caller:
    """Asks a desk over HTTP, as its page does."""

    def __init__(self, server: DeskServer) -> None:
        """Visit with the key."""
        self._port = server.port
        self._cookie = ""
        _, self._cookie = self._ask("GET", f"/?{urlsplit(server.url).query}")

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[bytes, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
        headers = {"cookie": self._cookie, "content-type": "application/x-www-form-urlencoded"}
        if form is not None:
            # The desk takes forms from its own pages only, and browsers say with this header where one comes from.
            headers["sec-fetch-site"] = "same-origin"
        connection.request(method, path, urlencode(form or {}) if form is not None else None, headers)
        answer = connection.getresponse()
        body, cookie = answer.read(), (answer.getheader("set-cookie") or "").partition(";")[0]
        connection.close()
        return body, cookie

    def page(self, text: str, to: str, number: int, *, quick: bool) -> None:
        """Have a text laid out, and fetch the picture of its visible page."""
        form = {"file": FILE, "to": to, "text": text, "page": str(number), "quick": "yes" if quick else ""}
        self.picture(self._ask("POST", "/letter/preview", form)[0])

    def saved(self, to: str) -> None:
        """Have the letter to a recipient shown as it is on disk."""
        self.picture(self._ask("GET", f"/letter/pages/{to}")[0])

    def picture(self, answer: bytes) -> None:
        """Fetch the picture that an answer names."""
        found = re.search(r'src="(/page/[^"]+)"', answer.decode())
        assert found, answer.decode()[:500]
        assert self._ask("GET", found[1])[0].startswith(b"\x89PNG")


def _timed(times: int, do: Callable[[int], Any]) -> dict[str, float]:
    """Return the median and the 95th percentile of the seconds that something takes, by the clock and of CPU."""
    walls, cpus = [], []
    for number in range(times):
        wall, cpu = time.perf_counter(), _cpu()
        do(number)
        walls.append(time.perf_counter() - wall)
        cpus.append(_cpu() - cpu)
    return {"p50": _at(walls, 0.5), "p95": _at(walls, 0.95), "cpu_p50": _at(cpus, 0.5), "cpu_p95": _at(cpus, 0.95)}


def _cpu() -> float:
    """Return the CPU that this process and the programs that it ran, or that still run, have used."""
    spent = os.times()
    running = [pid for tasks in Path("/proc/self/task").glob("*/children") for pid in tasks.read_text("ascii").split()]
    # The name of a program, in brackets, may hold spaces; 12 and 13 behind it are its times (proc(5)).
    fields = [Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split() for pid in running]
    ticks = sum(int(each[11]) + int(each[12]) for each in fields)
    return spent.user + spent.system + spent.children_user + spent.children_system + ticks / os.sysconf("SC_CLK_TCK")


def _at(values: Sequence[float], share: float) -> float:
    """Return the smallest value that so large a share of all does not exceed."""
    return round(sorted(values)[max(0, math.ceil(share * len(values)) - 1)], 3)


def measured(folder: Path, times: int) -> dict[str, dict[str, float]]:
    """Return what each thing takes that somebody waits for at the desk."""
    server = DeskServer(DeskSettings(campaign=folder))
    # In this process, whose CPU is that of the desk.
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        caller = Caller(server)
        text = (folder / FILE).read_text("utf-8")
        assert all(words in text for words in WORDS.values()), "the letter was rewritten: choose other words of it"
        ids = [letter.recipient.id for letter in _project(folder).letters]
        rows = {}
        rows["first picture of the page"] = _timed(1, lambda _: caller.page(text, ids[0], 1, quick=False))
        for number in WORDS:
            rows[f"key to the picture of page {number}"] = _timed(
                times, lambda n, page=number: caller.page(_typed(text, n, page), ids[0], page, quick=True)
            )
        rows["key on page 1 to the picture of page 9"] = _timed(
            times, lambda n: caller.page(_typed(text, n, 1), ids[0], 9, quick=True)
        )
        rows["up to five lines more on page 1, to the picture of page 9"] = _timed(
            times, lambda n: caller.page(text.replace(WORDS[1], n % 5 * MOVED + WORDS[1]), ids[0], 9, quick=True)
        )
        rows["whole letter settled"] = _timed(
            max(2, times // 4), lambda n: caller.page(_typed(text, n, 1), ids[0], 1, quick=False)
        )
        # Shown once before: what is measured is the change from one to the other.
        for each in ids[:2]:
            caller.saved(each)
        rows["another recipient, letter unchanged"] = _timed(times, lambda n: caller.saved(ids[n % 2]))
    finally:
        server.end()
        thread.join()
    if importlib.util.find_spec("typst"):
        rows |= _typst(folder, times)
    rows["the same letter with its enclosures, WeasyPrint alone"] = _timed(max(2, times // 4), _plain(folder))
    return rows


def _typed(text: str, number: int, page: int) -> str:
    """Return a text with a word before the words of a page, longer each time."""
    return text.replace(WORDS[page], f"{'x' * (number + 1)} {WORDS[page]}")


def _typst(folder: Path, times: int) -> dict[str, dict[str, float]]:
    """Return what Typst takes from a changed word to the picture of a page, the PDF of all pages made on the way."""
    import typst

    write_typst(folder)
    path = folder / "letter.typ"
    text = path.read_text("utf-8")
    assert all(words in text for words in WORDS.values())
    compiler = typst.Compiler(path, root=folder, font_paths=[folder / "templates" / "fonts"], ignore_system_fonts=True)
    expressions = json.loads((folder / VALUES_NAME).read_text("utf-8"))
    letter = read_values(folder)["letters"][0]
    values = [jinja.environment().compile_expression(expression)(**letter) for expression in expressions]
    inputs = {"values": json.dumps(values), "recipient": json.dumps(letter["recipient"])}

    def draw(number: int, page: int) -> None:
        path.write_text(_typed(text, number, page), "utf-8")
        content = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards="ua-1")
        assert picture_of(content, page)

    # The first run compiles all that the others know already.
    draw(0, 1)
    return {
        f"Typst: key to the picture of page {page}": _timed(times, lambda n, page=page: draw(n, page)) for page in WORDS
    }


def _project(folder: Path) -> Any:
    project, _ = load(folder / "campaign.toml")
    assert project is not None
    return project


def _plain(folder: Path) -> Callable[[int], Any]:
    project = _project(folder)
    roots = {"campaign": project.folder, "templates": project.templates}
    renderer = PdfRenderer(project.template.parts, roots, project.campaign.date)
    letter = project.letters[0]
    return lambda _: renderer.render(letter.context, letter.notes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write docs/benchmarks/live.json and the rows of a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how often each thing is done")
    parser.add_argument("--letters", type=int, default=40, help="recipients of the list")
    parser.add_argument("--out", type=Path, default=DOCS)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="letters-live-") as folder:
        lay_out(Path(folder, "campaign"), asked.letters, CAMPAIGN)
        rows = measured(Path(folder, "campaign"), asked.times)
    write_result(asked.out, "live", {"times": asked.times, "rows": rows})
    for name, row in rows.items():
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in row.values()) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
