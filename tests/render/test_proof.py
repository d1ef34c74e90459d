"""The proof sees every kind of difference between two letters, and none where there is none."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from letters.build.build import Options, Report, build
from letters.build.executors import InProcess
from letters.build.jobs import RenderedDocument
from letters.campaign.load import load
from letters.model.records import PDF
from letters.render.pdf.plain import PdfRenderer
from letters.render.proof import choose, docx_differences, pdf_differences
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF, set_up
from tests.sample import DOZEN, recipients

LETTER = """
# A heading

We write to the {{ recipient.agency }}, see [the list](https://example.org/list).[^one]

| Agency | Year |
|--------|------|
| All    | 2025 |

[^one]: A note.
"""


@pytest.fixture(scope="module")
def two_letters(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = set_up(folder=tmp_path_factory.mktemp("desk") / "campaign", letter=LETTER).folder
    project, problems = load(folder / "campaign.toml")
    assert project is not None, problems
    roots = {"campaign": project.folder, "templates": project.templates}
    way = PdfRenderer(project.template.parts, roots, project.campaign.date)
    return [way.render(each.context, each.notes).content for each in project.letters]


def changed(content: bytes, change: Callable[[Any], object]) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out, fix_metadata_version=False)
    return out.getvalue()


def paragraphs(pdf: Any) -> list[Any]:
    return [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/P"]


def test_a_letter_does_not_differ_from_itself_written_anew(two_letters: list[bytes]) -> None:
    assert pdf_differences(two_letters[0], changed(two_letters[0], lambda _: None)) == ()


def test_another_recipient_is_seen_on_the_page_and_in_its_text(two_letters: list[bytes]) -> None:
    found = set(pdf_differences(*two_letters))
    assert {"page 1 looks different", "page 1 has other text", "properties differ"} <= found


def test_a_line_that_lies_a_point_too_low_is_seen(two_letters: list[bytes]) -> None:
    def lower(pdf: Any) -> None:
        content = pdf.pages[0].Contents.read_bytes()
        lower = re.sub(rb"(\S+) Tm", lambda match: b"%f Tm" % (float(match[1]) + 1), content, count=1)
        pdf.pages[0].Contents.write(lower)

    assert "page 1 looks different" in pdf_differences(two_letters[0], changed(two_letters[0], lower))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda pdf: paragraphs(pdf)[0].__setattr__("S", pikepdf.Name("/H1")), "tags differ"),
        (lambda pdf: pdf.Root.StructTreeRoot.ParentTree.Nums[1].append(pikepdf.Dictionary()), ""),
        (lambda pdf: pdf.Root.StructTreeRoot.ParentTree.Nums[1].__setitem__(3, paragraphs(pdf)[0]), "tags differ"),
        (lambda pdf: pdf.Root.Outlines.First.__setattr__("Title", "Another"), "bookmarks differ"),
        (lambda pdf: pdf.pages[0].Annots[0].A.__setattr__("URI", "https://example.org/"), "page 1 has other links"),
        (lambda pdf: pdf.Root.__setattr__("Lang", "fr"), "properties differ"),
    ],
)
def test_what_is_not_seen_on_paper_is_compared_too(
    two_letters: list[bytes], change: Callable[[Any], object], said: str
) -> None:
    assert pdf_differences(two_letters[0], changed(two_letters[0], change)) == (said,) * bool(said)


def test_three_letters_are_proved_at_least_and_the_same_ones_each_time() -> None:
    ids = [f"letter-{number}" for number in range(400)]
    assert len(choose(ids, 0.1, "template")) == 3
    assert choose(ids, 2, "template") == choose(reversed(ids), 2, "template")
    assert len(choose(ids, 2, "template")) == 8
    assert choose(ids, 2, "template") != choose(ids, 2, "another template")


def test_a_member_of_a_draft_that_differs_is_named(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("build", "--no-pdf")
    one, other = (desk.out(f"docx/{row['id']}.docx").read_bytes() for row in (SHERIFF, CHIEF))
    assert docx_differences(one, one) == ()
    assert "word/document.xml differs" in docx_differences(one, other)


class Doubtful(InProcess):
    """An executor whose proofs find a difference."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(fn, *args, **kwargs)
        proved = any(job.prove for job in args[1])
        made: list[RenderedDocument] = [
            each._replace(differences=("page 1 looks different",)) for each in future.result()
        ]
        if proved:
            future = Future()
            future.set_result(made)
        return future


def built(folder: Path, **options: Any) -> tuple[Report, dict[str, bytes]]:
    project, problems = load(folder / "campaign.toml")
    assert project is not None, problems
    out = folder / options.pop("name")
    report = build(
        project, problems, Options(out=out, media=(PDF,), now="2025-09-17T00:00:00+00:00", **options), Quiet()
    )
    return report, {path.name: path.read_bytes() for path in (out / PDF).iterdir()}


class Quiet:
    """A reporter that says nothing."""

    def start(self, steps: object) -> None:
        """Hear nothing."""

    def made(self, made: object) -> None:
        """Hear nothing."""


def test_after_a_difference_all_other_letters_are_made_the_plain_way(tmp_path: Path) -> None:
    rows = [recipients()[identifier] for identifier in DOZEN[:5]]
    folder = set_up(folder=tmp_path / "campaign", rows=rows).folder
    report, doubted = built(folder, name="doubted", prove=1, new_executor=Doubtful)
    assert len(report.differences) == 3
    assert report.differences[0].startswith("pdf/")
    assert report.differences[0].endswith(".pdf: page 1 looks different")
    _, plain = built(folder, name="plain", plain=True, new_executor=InProcess)
    named = {each.split("/")[1].split(":")[0] for each in report.differences}
    assert {name for name in plain if plain[name] == doubted[name]} == set(plain) - named


def test_a_build_says_what_it_proved(make_desk: MakeDesk) -> None:
    assert "4  documents made both ways, and no difference found" in make_desk().run("build", "--prove").stderr


def test_nothing_is_left_to_prove_in_the_plain_way(make_desk: MakeDesk) -> None:
    assert "--plain leaves nothing to prove" in make_desk().run("build", "--plain", "--prove", code=2).stderr
